// Who moved from which state to which since one period ago.
#pragma once

#include <array>
#include <cstdint>

#include "base/money.h"
#include "base/value.h"
#include "report/person.h"

namespace winback::report {

struct FlowCell {
    std::uint64_t customers = 0;
    Micros revenue;        // Of their orders so far.
    Micros value_at_risk;  // Now.
    bool operator==(const FlowCell&) const = default;
};

// Of those who could be kept at the start of a period, how many were at its end.
struct Kept {
    std::uint64_t base = 0;
    std::uint64_t kept = 0;
    bool operator==(const Kept&) const = default;
};

struct Flow {
    // By the state one period ago, then by the state now.
    std::array<std::array<FlowCell, customer_state_count>, past_state_count> cells{};
    Kept now;
    Kept before;  // Of the period before that one.
    bool operator==(const Flow&) const = default;
};
using Flows = std::array<Flow, period_count>;

void collect(Flows& flows, const Person& person, const PassOptions& options);
void merge(Flows& into, const Flows& from);

// {week: {since, cells: [{from, to, customers, revenue, value_at_risk}]}, …}; empty cells are
// left out.
ValueMap to_value(const Flows& flows, Timestamp now);

}  // namespace winback::report
