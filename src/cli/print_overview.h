// The overview as text: the printed report of `winback report` and `winback replay`.
#pragma once

#include <string>

#include "base/value.h"

namespace winback::cli {

// `overview` is report::overview_value; `calibration` is model::to_value of a calibration, or
// null. `replay` says that nothing was delivered.
std::string print_overview(const ValueMap& overview, const Value& calibration, bool replay);

}  // namespace winback::cli
