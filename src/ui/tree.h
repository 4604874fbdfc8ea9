// Looking into the trees of the API: what is not there is 0 or empty.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/value.h"

namespace winback::ui {

double number_at(const ValueMap& map, std::string_view key);
std::string text_at(const ValueMap& map, std::string_view key);
const ValueMap& map_at(const ValueMap& map, std::string_view key);
const ValueList& list_at(const ValueMap& map, std::string_view key);
// A count, rounded.
std::int64_t whole(double number);
// 0 of nothing.
double share_of(double part, double whole);

}  // namespace winback::ui
