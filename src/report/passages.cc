#include "report/passages.h"

#include <algorithm>
#include <vector>

#include "base/civil.h"
#include "event/names.h"
#include "experiment/assignment.h"

namespace winback::report {
namespace {

using journey::EnrollmentState;

void count(MessageCounts& counts, const engine::MessageRecord& record) {
    counts.states[static_cast<std::size_t>(record.state)] += 1;
    if (record.reason.has_value()) {
        const auto reason = static_cast<std::size_t>(*record.reason);
        counts.refused[reason] += record.state == message::MessageState::Refused ? 1U : 0U;
        counts.held[reason] += record.state == message::MessageState::Held ? 1U : 0U;
    }
}

bool left_us(const engine::MessageRecord& record) {
    return record.state == message::MessageState::Sent ||
           record.state == message::MessageState::InDoubt;
}

// A click belongs to the last message that had left before it. Those that have one.
std::vector<const engine::MessageRecord*> clicked_messages(const engine::Shard& shard,
                                                           customer::CustomerIndex customer) {
    std::vector<const engine::MessageRecord*> sent;
    const std::vector<Timestamp> clicks =
        shard.customers().event_times(customer, event::link_clicked);
    if (clicks.empty()) {
        return sent;
    }
    for (const engine::MessageRecord& record : shard.messages(customer)) {
        if (left_us(record)) {
            sent.push_back(&record);
        }
    }
    std::sort(sent.begin(), sent.end(),
              [](const auto* a, const auto* b) { return a->changed_at < b->changed_at; });
    std::vector<const engine::MessageRecord*> clicked;
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const Timestamp end = i + 1 < sent.size() ? sent[i + 1]->changed_at : timestamp_max;
        const auto click = std::lower_bound(clicks.begin(), clicks.end(), sent[i]->changed_at);
        if (click != clicks.end() && *click < end) {
            clicked.push_back(sent[i]);
        }
    }
    return clicked;
}

// `one` is what this customer was counted as before: each figure 0 or 1.
void count_passage(JourneyPassages& journey,
                   JourneyPassages& one,
                   const journey::Enrollment& entry,
                   int month,
                   Timestamp now) {
    const auto once = [](std::uint64_t& sum, std::uint64_t& counted, bool holds) {
        sum += holds ? 1 - counted : 0;
        counted = holds ? 1 : counted;
    };
    const auto count = [&](std::uint64_t JourneyPassages::*figure, bool holds) {
        once(journey.*figure, one.*figure, holds);
    };
    MonthArms& arms = journey.months[month];
    experiment::Arm& arm = entry.held_out ? arms.holdout : arms.assigned;
    arm.customers += 1;
    arm.returned += entry.goal_at.has_value() ? 1U : 0U;
    once(arms.customers, one.months[month].customers, true);
    count(&JourneyPassages::customers, true);
    count(&JourneyPassages::customers_held_out, entry.held_out);
    if (entry.state == EnrollmentState::Running) {
        const StepPlace place{entry.definitions, entry.step};
        count(&JourneyPassages::inside, true);
        count(&JourneyPassages::inside_held_out, entry.held_out);
        once(journey.standing[place], one.standing[place], true);
    }
    if (now - entry.entered_at <= days(passages_days)) {
        count(&JourneyPassages::entered, true);
        count(&JourneyPassages::goals, entry.goal_at.has_value());
        count(&JourneyPassages::exited, entry.state == EnrollmentState::Exited);
        count(&JourneyPassages::finished, entry.state == EnrollmentState::Finished);
    }
}

// Whom no journey is for now: its passages count for nobody.
bool is_in_control(const engine::Shard& shard,
                   const engine::Definitions* definitions,
                   customer::CustomerIndex customer) {
    return definitions != nullptr &&
           experiment::bucket("control", definitions->policies.control_salt,
                              shard.customers().id(customer)) < definitions->policies.control_group;
}

bool fits(const journey::Enrollment& entry, const PassageFilter& filter) {
    const bool running = entry.state == EnrollmentState::Running;
    const auto ended = [&](PassageEnd end) {
        return end == PassageEnd::Inside      ? running
               : end == PassageEnd::Converted ? entry.goal_at.has_value()
               : end == PassageEnd::Left      ? entry.state == EnrollmentState::Exited
                                              : entry.state == EnrollmentState::Finished;
    };
    return entry.journey == filter.journey && entry.entered_at >= filter.from &&
           entry.entered_at < filter.to &&
           entry.held_out == filter.held_out.value_or(entry.held_out) &&
           (!filter.end || ended(*filter.end)) &&
           (!filter.version || (running && entry.definitions == *filter.version)) &&
           (!filter.standing ||
            (running &&
             filter.standing->contains({entry.definitions, entry.step}) != filter.elsewhere));
}

}  // namespace

std::uint64_t MessageCounts::all() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t state : states) {
        sum += state;
    }
    return sum;
}

void MessageCounts::add(const MessageCounts& other) {
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i] += other.states[i];
    }
    for (std::size_t i = 0; i < refused.size(); ++i) {
        refused[i] += other.refused[i];
        held[i] += other.held[i];
    }
    clicked += other.clicked;
}

void collect(Passages& passages,
             const engine::Shard& shard,
             Timestamp now,
             customer::CustomerIndex from,
             customer::CustomerIndex to) {
    const customer::Customers& customers = shard.customers();
    const engine::DefinitionsPtr definitions = shard.definitions();
    const Zone& zone = definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
    for (customer::CustomerIndex c = from; c < to; ++c) {
        const auto& entries = shard.enrollments(c);
        const auto& records = shard.messages(c);
        if ((entries.empty() && records.empty()) || !customers.merged_into(c).empty() ||
            customers.erased(c)) {
            continue;
        }
        for (const engine::MessageRecord& record : records) {
            count(passages.messages, record);
            count(passages.journeys[record.journey].steps[record.step], record);
        }
        if (!records.empty()) {
            for (const engine::MessageRecord* record : clicked_messages(shard, c)) {
                passages.messages.clicked += 1;
                passages.journeys[record->journey].steps[record->step].clicked += 1;
            }
        }
        if (is_in_control(shard, definitions.get(), c)) {
            continue;
        }
        std::map<std::string_view, JourneyPassages> one;
        for (const journey::Enrollment& entry : entries) {
            const CivilTime civil = local_time(zone, entry.entered_at).civil;
            count_passage(passages.journeys[entry.journey], one[entry.journey], entry,
                          civil.year * 12 + civil.month - 1, now);
        }
    }
}

std::optional<PassageEnd> parse_passage_end(std::string_view name) {
    using enum PassageEnd;
    return name == "no"          ? std::optional(Inside)
           : name == "converted" ? std::optional(Converted)
           : name == "left"      ? std::optional(Left)
           : name == "finished"  ? std::optional(Finished)
                                 : std::nullopt;
}

bool has_passage(const engine::Shard& shard,
                 customer::CustomerIndex customer,
                 const PassageFilter& filter) {
    std::vector<const engine::MessageRecord*> clicked;
    if (!filter.clicked.empty()) {
        clicked = clicked_messages(shard, customer);
    }
    const auto clicked_in = [&](const journey::Enrollment& entry) {
        return filter.clicked.empty() ||
               std::any_of(clicked.begin(), clicked.end(), [&](const auto* record) {
                   return record->journey == entry.journey && record->entry == entry.entry &&
                          record->step == filter.clicked;
               });
    };
    const auto& entries = shard.enrollments(customer);
    return std::any_of(entries.begin(), entries.end(),
                       [&](const journey::Enrollment& entry) {
                           return fits(entry, filter) && clicked_in(entry);
                       }) &&
           shard.customers().merged_into(customer).empty() && !shard.customers().erased(customer) &&
           !is_in_control(shard, shard.definitions().get(), customer);
}

}  // namespace winback::report
