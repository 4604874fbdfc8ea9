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
#include "report/cohorts.h"
#include "report/flows.h"
#include "report/measures.h"
#include "report/person.h"
#include "report/signals.h"
#include "report/state.h"

namespace winback::report {

constexpr std::size_t top_customers_max = 20;

struct StateTotals {
    std::uint64_t customers = 0;
    Micros revenue;        // All of their orders so far.
    Micros value_at_risk;  // In the workspace's currency; 0 without fitted models.
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

struct TopCustomer {
    std::string id;
    Duration silent;
    Duration usual_gap;
    bool own_gap = false;  // Else the usual gap is the shop's.
    double p_order = 0;
    double value_at_risk = 0;
    std::uint32_t orders = 0;
    Micros revenue;
    std::vector<std::string> segments;
};

struct Totals {
    std::array<StateTotals, customer_state_count> states;
    std::string currency;              // Of the first order found; for folders without a playbook.
    std::uint64_t other_currency = 0;  // Customers whose amounts are in no sum.
    std::uint64_t orders = 0;
    std::uint64_t repeat_customers = 0;  // Ordered on two days or more.
    Micros revenue;
    Flows flows;
    Cohorts cohorts;
    Measures measures;
    Signals signals;
    std::map<std::string, JourneyTotals> journeys;
    std::map<std::string, std::uint64_t> messages;  // As in JourneyTotals.
    std::map<std::string, std::uint64_t> segments;
    std::vector<TopCustomer> top;  // By value at risk, falling; ties by id. Not lapsed ones who
                                   // are beyond hope: at risk and lapsed with p_order > 0.01.
};

// Adds the customers [from, to) of one shard; with the first of them, what the shard keeps of all.
// A pass may be cut into as many slices as its reader likes: customers do not influence each other.
void collect(Totals& totals,
             const engine::Shard& shard,
             const PassOptions& options,
             customer::CustomerIndex from,
             customer::CustomerIndex to);
void collect(Totals& totals, const engine::Shard& shard, const PassOptions& options);
void merge(Totals& into, const Totals& from);

// For pages, the API and the printed report: docs/design/report.md names every key.
ValueMap overview_value(const Totals& totals,
                        const engine::Definitions* definitions,
                        const std::optional<model::FittedModels>& models,
                        const PassOptions& options);

}  // namespace winback::report
