// JSON to values, for the suites that bring their data as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/value.h"

namespace winback::conformance {

using Json = nlohmann::ordered_json;

Value to_value(const Json& json);
ValueMap to_map(const Json& json);  // Empty when `json` is no object.
// JSON of any text; bytes that are no UTF-8 become the replacement character.
std::string to_text(const Json& json);

}  // namespace winback::conformance
