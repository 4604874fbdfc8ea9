// Who stands behind a number of the heat map of cohorts, as an address of the list of customers.
#pragma once

#include <string>
#include <string_view>

#include "base/zone.h"

namespace winback::ui {

// Which row of the heat map, as report/cohorts.h counts it.
struct CohortRow {
    std::string_view by;    // What they began with: "first_order", "first_seen".
    std::string_view unit;  // "week", "month"
    std::string_view from;  // The first day: "2026-07-01", of the workspace's zone.
};

// Those who began then; with `period`, 0 or more, those of them who came back in that week or month
// after. Empty for a `from` that is no day. An order that was sent twice under one number, in two
// periods, is counted once in the heat map and found in both here.
std::string cohort_address(const CohortRow& row, int period, const Zone& zone);
constexpr int whole_cohort = -1;

}  // namespace winback::ui
