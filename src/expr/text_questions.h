// Questions about texts that conditions and strict CEL ask alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace winback::expr {

// Code points, not bytes. Pre: valid UTF-8.
std::int64_t length_of(std::string_view text);

// Nanoseconds that the search of `part` in the text may take: every place of the text may be
// compared with most of the part.
std::size_t search_work(std::string_view text, std::string_view part);

// "true", "True", "TRUE", "t", "1" and their opposites, as CEL's bool(..) reads them.
std::optional<bool> read_bool(std::string_view text);

}  // namespace winback::expr
