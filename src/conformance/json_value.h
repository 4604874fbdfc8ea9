// JSON to values, for the suites that bring their data as JSON.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/value.h"

namespace winback::conformance {

using Json = nlohmann::ordered_json;

constexpr int json_depth_max = 500;  // Lists and objects inside one another.

// Whole numbers that 64 bits do not hold become texts of their digits, so that none is lost. Fails
// with InvalidArgument and the column of the mistake.
Result<Json> read_json(std::string_view text);

// `object[name]`, or null when it is not there or `object` is none.
const Json& member(const Json& object, const char* name);

// Pre: from read_json, so the recursion is bounded.
Value to_value(const Json& json);
ValueMap to_map(const Json& json);  // Empty when `json` is no object.
// JSON of any text; bytes that are no UTF-8 become the replacement character.
std::string to_text(const Json& json);

}  // namespace winback::conformance
