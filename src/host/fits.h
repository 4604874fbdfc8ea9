// The history of fits in a data folder: one row for each, so that people see how the models change
// and how well each of them knew what came next. Decisions do not read it.
#pragma once

#include "base/time.h"
#include "base/value.h"
#include "store/store.h"

namespace winback::host {

constexpr std::size_t fits_max = 200;  // The newest; older rows go.

// `fit` is a map; docs/design/models.md names its keys. `at` becomes one of them.
Status append_fit(store::Store& store, Timestamp at, ValueMap fit);
// Oldest first. Fails with Corrupt.
Result<ValueList> read_fits(const store::Store& store);

}  // namespace winback::host
