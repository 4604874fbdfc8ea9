// JSON from a program, read strictly: one value, no name twice in an object, bounded depth.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/value.h"
#include "expr/limits.h"

namespace winback::api {

// The tree of the deepest condition fits, as the member of an object: each of its levels is at most
// an object and a list.
constexpr int json_depth_max = 2 * expr::depth_max + 1;

// Fails with InvalidArgument; the message says what and at which byte.
Result<nlohmann::json> parse_strict(std::string_view text);

// The same as a value, whose names stand in the order of the text (in `json` they are sorted).
// Refused are whole numbers beyond 64 bits with a sign, too: no value holds them.
Result<Value> read_strict(std::string_view text);

}  // namespace winback::api
