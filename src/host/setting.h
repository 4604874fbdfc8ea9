// Small facts that a data folder keeps beside its customers: values by name, in the control
// family. For what commands leave for pages, such as the calibration of the last replay.
#pragma once

#include <string_view>

#include "base/value.h"
#include "store/store.h"

namespace winback::host {

inline constexpr std::string_view calibration_setting = "calibration";

// Null when there is none. Fails with Corrupt.
Result<Value> read_setting(const store::Store& store, std::string_view name);
Status write_setting(store::Store& store, std::string_view name, const Value& value);

}  // namespace winback::host
