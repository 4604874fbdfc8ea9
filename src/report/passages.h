// Passages through journeys: who stands where, what became of those who entered lately, what was
// sent at each step, and how the proof grew month by month.
//
// What a page shows as a number of customers counts each customer once, however many passages
// they had; `has_passage` finds the same customers. The arms of the proof count passages.
//
// Collected some customers at a time, in any order. Customers in the
// control group of the workspace walk through no journey and are left out, as the lift leaves them
// out. docs/design/report.md "Passages".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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
    void add(const MessageCounts& other);
};

struct MonthArms {
    std::uint64_t customers = 0;
    experiment::Arm assigned;
    experiment::Arm holdout;
};

// A step: the version of the playbook under which the customer entered, and the index there.
using StepPlace = std::pair<std::uint64_t, std::uint32_t>;

struct JourneyPassages {
    std::uint64_t customers = 0;           // Who ever entered.
    std::uint64_t customers_held_out = 0;  // Of those.
    std::uint64_t inside = 0;              // Running, held out or not.
    std::uint64_t inside_held_out = 0;     // Of those.
    // Of those who entered within the last passages_days.
    std::uint64_t entered = 0;
    std::uint64_t goals = 0;
    std::uint64_t exited = 0;  // An exit condition held.
    std::uint64_t finished = 0;
    std::map<StepPlace, std::uint64_t> standing;  // Running ones.
    std::map<std::string, MessageCounts> steps;   // By id of the step.
    // Both arms by the month of entry: year * 12 + month - 1, in the workspace's zone.
    std::map<int, MonthArms> months;
};

struct Passages {
    Timestamp as_of;  // Set by who collects.
    std::map<std::string, JourneyPassages> journeys;
    MessageCounts messages;  // Of all journeys.
};

// Adds the customers [from, to).
void collect(Passages& passages,
             const engine::Shard& shard,
             Timestamp now,
             customer::CustomerIndex from,
             customer::CustomerIndex to);
// What became of those who entered.
enum class PassageEnd : std::uint8_t {
    Inside,     // Nothing yet: on the way.
    Converted,  // The goal was reached, whatever else.
    Left,       // An exit condition held.
    Finished,   // Went to the end.
};
std::optional<PassageEnd> parse_passage_end(std::string_view name);  // "no", "converted", …

// One passage must fulfil all of it.
struct PassageFilter {
    std::string journey;
    std::optional<bool> held_out;
    std::optional<PassageEnd> end;
    std::optional<std::set<StepPlace>> standing;  // Runs, and stands at one of these.
    bool elsewhere = false;                       // Rather at none of these.
    std::string clicked;  // Step whose message was clicked (MessageCounts::clicked); empty: any.
    std::optional<std::uint64_t> version;  // Runs, and entered under this one.
    Timestamp from = timestamp_min;        // Entered in [from, to).
    Timestamp to = timestamp_max;
};
bool has_passage(const engine::Shard& shard,
                 customer::CustomerIndex customer,
                 const PassageFilter& filter);

}  // namespace winback::report
