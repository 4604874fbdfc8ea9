// Runs the cases of a suite, one JSON object a line, and says which fail.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "conformance/case_result.h"

namespace winback::cli {

using RunCase = std::function<Result<conformance::CaseResult>(std::string_view line)>;

// Names each failing case and ends with "N passed, M failed" on stdout. exit_no when one failed or
// there was none; what `unreadable` says when the file or a line of it cannot be read.
int run_cases(const std::string& file, int unreadable, const RunCase& run);

}  // namespace winback::cli
