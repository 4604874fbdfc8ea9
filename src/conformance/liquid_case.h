// One case of a Liquid suite: a template, its data, and what must come of them.
//
// Cases are lines of JSON in the form of Shopify/liquid-spec: `template`, `environment`,
// `filesystem`, `parse_mode` (strict2, strict, lax), `render_errors` (errors are printed instead
// of raised), `resource_limits`, and one of `expected`, `expected_pattern` and `errors`.
#pragma once

#include <string_view>

#include "base/time.h"
#include "conformance/case_result.h"

namespace winback::conformance {

// Escaping is off, the zone is UTC, and `now` is what the template takes for now. A line that is no
// case does not pass.
CaseResult run_liquid_case(std::string_view line, Timestamp now);

}  // namespace winback::conformance
