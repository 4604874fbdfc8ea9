// The state of the whole base on one page: who is leaving, what it costs, what was done.
//
// Each shard is collected by itself, the parts are merged, and the page is finished from the sum:
// so it is the same for any number of shards. Definitions: docs/design/report.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "base/value.h"
#include "engine/shard.h"
#include "experiment/lift.h"
#include "message/state.h"
#include "report/state.h"

namespace winback::report {

constexpr std::size_t top_customers_max = 20;
constexpr int cohort_months_max = 13;

struct StateTotals {
    std::uint64_t customers = 0;
    Micros revenue;            // All of their orders so far.
    double value_at_risk = 0;  // In the workspace's currency; 0 without fitted models.
};

struct JourneyTotals {
    experiment::Arm assigned;
    experiment::Arm holdout;
    std::uint64_t control = 0;  // Qualified, but in the control group of the workspace.
    std::uint64_t waiting = 0;  // Goal window not over yet.
    Micros assigned_revenue;    // Of goal events within the window.
    Micros holdout_revenue;
    std::map<std::string, std::uint64_t> messages;  // By state, or "refused: reason".
};

// Customers by month of their first order, and how many of them ordered in each month since.
struct Cohort {
    std::uint64_t customers = 0;
    std::vector<std::uint64_t> active;  // [0] is the first month itself.
};

struct TopCustomer {
    std::string id;
    Duration silent;
    Duration usual_gap;
    double p_order = 0;
    double value_at_risk = 0;
    std::uint32_t orders = 0;
    Micros revenue;
    std::vector<std::string> segments;
};

struct Totals {
    std::array<StateTotals, customer_state_count> states;
    std::string currency;  // Of the first order found; for folders without a playbook.
    std::uint64_t orders = 0;
    std::uint64_t repeat_customers = 0;  // Ordered on two days or more.
    Micros revenue;
    std::map<int, Cohort> cohorts;  // By year * 12 + month - 1.
    std::map<std::string, JourneyTotals> journeys;
    std::map<std::string, std::uint64_t> messages;  // As in JourneyTotals.
    std::map<std::string, std::uint64_t> segments;
    std::vector<TopCustomer> top;  // By value at risk, falling; ties by id. Not lapsed ones who
                                   // are beyond hope: at risk and lapsed with p_order > 0.01.
};

// Adds one shard. `shop_gap` is the median of the whole shop (rhythm.h).
void collect(Totals& totals, const engine::Shard& shard, Duration shop_gap, Timestamp now);
void merge(Totals& into, const Totals& from);

// For pages, the API and the printed report: docs/design/report.md names every key.
ValueMap overview_value(const Totals& totals,
                        const engine::Definitions* definitions,
                        const std::optional<model::FittedModels>& models,
                        Duration shop_gap,
                        Timestamp now);

}  // namespace winback::report
