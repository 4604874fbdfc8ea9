// One case of CEL's suite: an expression, values for its names, and what must come of it.
//
// Cases are lines of JSON made from the files of google/cel-spec tests/simple: `file`, `section`,
// `name`, `expr`, `container`, `bindings` (names to values), and `expect` (a value) or
// `expect_error`; with neither, true is expected. A value is an object of one key: null, bool, int,
// uint and double (as texts), string, bytes_hex, list, map (a list of pairs), type, and
// timestamp and duration (a text, or {"seconds", "nanos"}). `type_env` and `disable_check` are for
// checkers of types, which strict CEL has none of.
#pragma once

#include <string_view>

#include "base/result.h"
#include "conformance/case_result.h"

namespace winback::conformance {

// Fails with InvalidArgument when the line is no case; the message says why.
Result<CaseResult> run_cel_case(std::string_view line);

}  // namespace winback::conformance
