// JSON from a program, read strictly: one value, no name twice in an object, bounded depth.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "base/value.h"

namespace winback::api {

constexpr int json_depth_max = 32;

// Fails with InvalidArgument; the message says what and at which byte.
Result<nlohmann::json> parse_strict(std::string_view text);

// The same as a value. Whole numbers beyond 64 bits with a sign become fractions.
// Pre: no deeper than json_depth_max.
Value value_of(const nlohmann::json& tree);

}  // namespace winback::api
