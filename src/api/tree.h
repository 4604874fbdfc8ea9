// Looking into the trees of settings and answers, and numbers for them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.h"

namespace winback::api {

// Empty when there is no such text.
std::string text_at(const ValueMap& map, std::string_view key);
// 0 when there is no such whole number.
std::int64_t whole_at(const ValueMap& map, std::string_view key);
Value number(std::uint64_t value);

// The number of a request, version or entry as an address has it, from 1; 0 for what is none.
std::uint64_t number_of(std::string_view text);

}  // namespace winback::api
