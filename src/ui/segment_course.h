// A segment's course as pages draw it: a line over 30 days, with words beside it.
#pragma once

#include "base/value.h"
#include "base/zone.h"

namespace winback::ui {

// From the `series` and `trend` of the API: {line, area, marks, first, last, low, high: {at,
// customers}, changed: at, trend: {since, customers, change, share}}, its paths in a box of 1000 by
// 160 with time from left to right. Days are moments of the zone; what there is not is null.
ValueMap course_data(const ValueMap& segment, const Zone& zone);

}  // namespace winback::ui
