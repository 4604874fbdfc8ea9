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

// A click belongs to the last message that had left before it.
void count_clicks(Passages& passages,
                  const engine::Shard& shard,
                  customer::CustomerIndex customer) {
    const std::vector<Timestamp> clicks =
        shard.customers().event_times(customer, event::link_clicked);
    if (clicks.empty()) {
        return;
    }
    std::vector<const engine::MessageRecord*> sent;
    for (const engine::MessageRecord& record : shard.messages(customer)) {
        if (left_us(record)) {
            sent.push_back(&record);
        }
    }
    std::sort(sent.begin(), sent.end(),
              [](const auto* a, const auto* b) { return a->changed_at < b->changed_at; });
    for (std::size_t i = 0; i < sent.size(); ++i) {
        const Timestamp end = i + 1 < sent.size() ? sent[i + 1]->changed_at : timestamp_max;
        const auto click = std::lower_bound(clicks.begin(), clicks.end(), sent[i]->changed_at);
        if (click != clicks.end() && *click < end) {
            passages.messages.clicked += 1;
            passages.journeys[sent[i]->journey].steps[sent[i]->step].clicked += 1;
        }
    }
}

void count_passage(JourneyPassages& journey,
                   const journey::Enrollment& entry,
                   int month,
                   Timestamp now) {
    MonthArms& arms = journey.months[month];
    experiment::Arm& arm = entry.held_out ? arms.holdout : arms.assigned;
    arm.customers += 1;
    arm.returned += entry.goal_at.has_value() ? 1U : 0U;
    if (entry.state == EnrollmentState::Running) {
        journey.inside += 1;
        journey.inside_held_out += entry.held_out ? 1U : 0U;
        journey.standing[{entry.definitions, entry.step}] += 1;
    }
    if (now - entry.entered_at <= days(passages_days)) {
        journey.entered += 1;
        journey.goals += entry.goal_at.has_value() ? 1U : 0U;
        journey.exited += entry.state == EnrollmentState::Exited ? 1U : 0U;
        journey.finished += entry.state == EnrollmentState::Finished ? 1U : 0U;
    }
}

void merge_counts(MessageCounts& into, const MessageCounts& from) {
    const auto add = [](auto& a, const auto& b) {
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] += b[i];
        }
    };
    add(into.states, from.states);
    add(into.refused, from.refused);
    add(into.held, from.held);
    into.clicked += from.clicked;
}

void merge_arm(experiment::Arm& into, const experiment::Arm& from) {
    into.customers += from.customers;
    into.returned += from.returned;
}

}  // namespace

std::uint64_t MessageCounts::all() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t state : states) {
        sum += state;
    }
    return sum;
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
            count_clicks(passages, shard, c);
        }
        const bool in_control =
            definitions != nullptr &&
            experiment::bucket("control", definitions->policies.control_salt, customers.id(c)) <
                definitions->policies.control_group;
        if (in_control) {
            continue;
        }
        for (const journey::Enrollment& entry : entries) {
            const CivilTime civil = local_time(zone, entry.entered_at).civil;
            count_passage(passages.journeys[entry.journey], entry,
                          civil.year * 12 + civil.month - 1, now);
        }
    }
}

void merge(Passages& into, const Passages& from) {
    merge_counts(into.messages, from.messages);
    for (const auto& [id, theirs] : from.journeys) {
        JourneyPassages& ours = into.journeys[id];
        ours.inside += theirs.inside;
        ours.inside_held_out += theirs.inside_held_out;
        ours.entered += theirs.entered;
        ours.goals += theirs.goals;
        ours.exited += theirs.exited;
        ours.finished += theirs.finished;
        for (const auto& [step, count] : theirs.standing) {
            ours.standing[step] += count;
        }
        for (const auto& [step, counts] : theirs.steps) {
            merge_counts(ours.steps[step], counts);
        }
        for (const auto& [month, arms] : theirs.months) {
            merge_arm(ours.months[month].assigned, arms.assigned);
            merge_arm(ours.months[month].holdout, arms.holdout);
        }
    }
}

}  // namespace winback::report
