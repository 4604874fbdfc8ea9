// Customers by the week or month in which they began, and how many came back in each one since.
//
// They begin with their first order. In a base without any order they begin with being first
// seen, and every event counts as coming back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/money.h"
#include "base/value.h"
#include "base/zone.h"
#include "report/person.h"

namespace winback::report {

constexpr int cohorts_max = 13;  // Of weeks and of months: the newest.

struct CohortCell {
    std::uint64_t customers = 0;  // Active in that week or month.
    Micros revenue;               // Of their orders in it.
    bool operator==(const CohortCell&) const = default;
};
struct Cohort {
    std::uint64_t customers = 0;
    std::vector<CohortCell> cells;  // [0] is the week or month itself; trailing empty ones lack.
    bool operator==(const Cohort&) const = default;
};

struct Cohorts {
    std::map<int, Cohort> weeks;   // By weeks since the one of 1 January 1970.
    std::map<int, Cohort> months;  // By year * 12 + month - 1.
    bool operator==(const Cohorts&) const = default;
};

// Which week and month a moment is in, in a zone; weeks begin with `first_weekday` (0 = Sunday).
struct CalendarPlace {
    int week = 0;
    int month = 0;
};
CalendarPlace place_of(const Zone& zone, Timestamp time, int first_weekday);

void collect(Cohorts& cohorts,
             const Person& person,
             const PassOptions& options,
             const Zone& zone,
             const std::vector<std::string>& event_names);
void merge(Cohorts& into, const Cohorts& from);

// The first month, counted from 0 for the month of the first order, at whose end customers have
// brought `cost` each; over cohorts for which that month is over. Nothing when none did yet.
std::optional<int> payback_month(const Cohorts& cohorts, int current_month, Micros cost);

// Oldest first: {from: "2026-06-01", customers, cells: [{customers, revenue}]}; the cells go up to
// the week or month of `current`, which is not over.
ValueList weeks_value(const Cohorts& cohorts, const CalendarPlace& current, int first_weekday);
ValueList months_value(const Cohorts& cohorts, const CalendarPlace& current);

}  // namespace winback::report
