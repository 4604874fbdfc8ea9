// The parts of the Overview page: from the tree of the report to what its template reads.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"
#include "ui/pages.h"

namespace winback::ui {

// What the address chooses; anything unknown counts as the first of its kind.
struct OverviewChoice {
    std::string period = "month";  // week, month, quarter
    std::string cohort = "month";  // week, month
    std::string show = "share";    // share, count, revenue
};

// States, the most valuable customers, segments, journeys, messages.
ValueMap overview_data(const ValueMap& tree);
// `flow_chart`, `states` as rows with the change, `moves` as a table.
void add_flows(const Pages& pages,
               const Frame& frame,
               const ValueMap& tree,
               std::string_view period,
               ValueMap& data);
// `measure_list` with changes, `worth`.
void add_measures(const ValueMap& tree, std::string_view period, ValueMap& data);
// `cohort_rows`, `cohort_columns`.
void add_cohorts(const ValueMap& tree,
                 const OverviewChoice& choice,
                 const Zone& zone,
                 ValueMap& data);

}  // namespace winback::ui
