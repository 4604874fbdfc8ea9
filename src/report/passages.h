// Passages through journeys: who stands where, what became of those who entered lately, what was
// sent at each step, and how the proof grew month by month.
//
// Collected some customers at a time, in any order; parts can be merged. Customers in the
// control group of the workspace walk through no journey and are left out, as the lift leaves them
// out. docs/design/report.md "Passages".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/time.h"
#include "engine/shard.h"
#include "experiment/lift.h"
#include "message/state.h"

namespace winback::report {

constexpr int passages_days = 30;  // What counts as lately.

// By state, and by reason where a gate gave one.
struct MessageCounts {
    std::array<std::uint64_t, message::message_state_count> states{};
    std::array<std::uint64_t, message::refusal_reason_count> refused{};
    std::array<std::uint64_t, message::refusal_reason_count> held{};
    // Messages after which their customer followed one of our counted links before the next one.
    std::uint64_t clicked = 0;

    std::uint64_t all() const;
};

struct MonthArms {
    experiment::Arm assigned;
    experiment::Arm holdout;
};

struct JourneyPassages {
    std::uint64_t inside = 0;           // Running, held out or not.
    std::uint64_t inside_held_out = 0;  // Of those.
    // Of those who entered within the last passages_days.
    std::uint64_t entered = 0;
    std::uint64_t goals = 0;
    std::uint64_t exited = 0;  // An exit condition held.
    std::uint64_t finished = 0;
    // Running ones, by the version they entered under and the index of their step there.
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> standing;
    std::map<std::string, MessageCounts> steps;  // By id of the step.
    // Both arms by the month of entry: year * 12 + month - 1, in the workspace's zone.
    std::map<int, MonthArms> months;
};

struct Passages {
    std::map<std::string, JourneyPassages> journeys;
    MessageCounts messages;  // Of all journeys.
};

// Adds the customers [from, to).
void collect(Passages& passages,
             const engine::Shard& shard,
             Timestamp now,
             customer::CustomerIndex from,
             customer::CustomerIndex to);
void merge(Passages& into, const Passages& from);

}  // namespace winback::report
