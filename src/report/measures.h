// The measures of retention, each now and one period before. Formulas, denominators and sources:
// docs/design/report.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/value.h"
#include "report/cohorts.h"
#include "report/flows.h"
#include "report/person.h"

namespace winback::report {

constexpr std::array<int, 4> retention_days{1, 7, 30, 90};
constexpr double retention_gain = 0.05;  // "Five per cent more retention".

// What is known of the base at one moment.
struct MomentTotals {
    std::uint64_t buyers = 0;  // Ordered by then.
    Micros revenue;            // Of all of their orders until then.
    Micros next_year;          // Expected of them within 365 days.
    Micros value_at_risk;
    // Within the 365 days before: who ordered, who did on two days or more, order days.
    std::uint64_t year_buyers = 0;
    std::uint64_t year_repeaters = 0;
    std::uint64_t year_orders = 0;
    // Of those first seen in the year that ended so many days before, who was seen again that
    // many days later or after.
    std::array<Kept, retention_days.size()> by_day{};
    bool operator==(const MomentTotals&) const = default;
};

struct WindowTotals {
    std::uint64_t orders = 0;  // Order days of customers.
    Micros revenue;
    std::uint64_t first_orders = 0;  // Customers whose first order it was.
    bool operator==(const WindowTotals&) const = default;
};

// Expected revenue of the next 365 days of a group, with what its spread needs.
struct Expectation {
    std::uint64_t customers = 0;
    Micros sum;
    double squares = 0;
};

struct Measures {
    std::array<MomentTotals, moment_count> moments{};
    std::array<std::array<WindowTotals, 2>, period_count> windows{};  // This one, the one before.
    Expectation kept;                                                 // Customers who can be kept.
    Expectation lapsed;                                               // Who could not.
};

void collect(Measures& measures,
             const Person& person,
             const PassOptions& options,
             const std::vector<std::string>& event_names);
void merge(Measures& into, const Measures& from);

// What a retention rate higher by a twentieth would be worth; nothing without models or without
// both groups. `low` and `high` hold 95 %.
struct Worth {
    double customers = 0;  // More of them kept in one period.
    double amount = 0;     // Revenue within the next 365 days.
    double low = 0;
    double high = 0;
};
std::optional<Worth> worth_of_retention(const Kept& kept, const Measures& measures);

struct MeasureContext {
    bool has_models = false;
    std::optional<Micros> acquisition_cost;
    std::optional<int> payback_month;
};

// {week: {list: [{id, kind, value, before, of}], worth, …}, …}: kind is share, number, money or
// months; value and before are null when there is nothing to divide by.
ValueMap to_value(const Measures& measures, const Flows& flows, const MeasureContext& context);

}  // namespace winback::report
