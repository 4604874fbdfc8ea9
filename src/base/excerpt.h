// The beginning of a text that somebody else wrote, for messages and logs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace winback {

// At most `bytes` of it, without a character that is cut; empty when it is no UTF-8.
std::string excerpt(std::string_view text, std::size_t bytes = 100);

}  // namespace winback
