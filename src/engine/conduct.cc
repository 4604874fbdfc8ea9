// Journeys: who enters, who is held out, how each customer moves on, who reached the goal.
#include <algorithm>

#include "customer/order_book.h"
#include "engine/shard_state.h"
#include "event/names.h"
#include "experiment/assignment.h"
#include "journey/advance.h"

namespace winback::engine {
namespace {

using journey::Enrollment;
using journey::EnrollmentState;

class EnginePassage : public journey::Passage {
public:
    EnginePassage(Shard::Impl& shard,
                  Loaded& loaded,
                  const journey::Journey& journey,
                  CustomerIndex customer,
                  Enrollment& enrollment,
                  const Input& input,
                  Effects& effects)
        : shard_(shard),
          loaded_(loaded),
          journey_(journey),
          customer_(customer),
          enrollment_(enrollment),
          input_(input),
          effects_(effects) {}

    Timestamp now() const override { return input_.at; }
    const Zone& zone() const override { return *loaded_.definitions->workspace.zone; }
    expr::Outcome evaluate(const expr::Condition& condition) override {
        return expr::evaluate(condition, EngineFacts(shard_, loaded_, customer_, input_.at));
    }
    std::optional<Timestamp> decide(const journey::Step& step) override {
        return shard_.decide_message(customer_, enrollment_, journey_, step, input_, effects_);
    }

private:
    Shard::Impl& shard_;
    Loaded& loaded_;
    const journey::Journey& journey_;
    CustomerIndex customer_;
    Enrollment& enrollment_;
    const Input& input_;
    Effects& effects_;
};

bool may_enter(const journey::Journey& journey,
               const std::vector<Enrollment>& entries,
               const Zone& zone,
               Timestamp now) {
    // Entries of an absorbed customer stand behind the own ones: the order is not that of time.
    return std::all_of(entries.begin(), entries.end(), [&](const Enrollment& e) {
        return e.journey != journey.id ||
               (e.state != EnrollmentState::Running && journey.reentry.allowed &&
                now >= add(zone, e.entered_at, journey.reentry.after));
    });
}

}  // namespace

Fact journey_fact(std::string_view customer,
                  Timestamp at,
                  std::string name,
                  const Enrollment& enrollment) {
    Fact fact{.customer = std::string(customer), .at = at, .name = std::move(name)};
    fact.details.set("journey", enrollment.journey);
    fact.details.set("entry", std::int64_t{enrollment.entry});
    fact.details.set("held_out", enrollment.held_out);
    return fact;
}

Loaded* Shard::Impl::loaded_for(const Enrollment& enrollment) {
    const auto found = versions.find(enrollment.definitions);
    return found == versions.end() ? nullptr : found->second.get();
}

bool Shard::Impl::keeps_version(CustomerIndex customer,
                                const Enrollment& enrollment,
                                Timestamp at) const {
    if (enrollment.state == EnrollmentState::Running) {
        return true;
    }
    if (enrollment.definitions == definitions_elsewhere) {
        return false;
    }
    if (at < enrollment.goal_until) {
        return true;
    }
    const auto found = messages.find(customer);
    return found != messages.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](const MessageRecord& m) {
               return m.journey == enrollment.journey && m.entry == enrollment.entry &&
                      (m.state == message::MessageState::Queued ||
                       m.state == message::MessageState::Sending);
           });
}

void Shard::Impl::enter_journeys(CustomerIndex customer,
                                 std::string_view segment,
                                 Look look,
                                 const Input& input,
                                 Effects& effects) {
    const Zone& zone = *current->definitions->workspace.zone;
    const std::vector<journey::Journey>& journeys = current->definitions->journeys;
    for (std::size_t j = 0; j < journeys.size(); ++j) {
        const journey::Journey& journey = journeys[j];
        const bool at_start = look.cause == Cause::Started && journey.enter_members_at_start &&
                              current->journey_since[j] > look.seen;
        // Who was never looked at under the journey came with it, not with the segment's change.
        const bool as_newcomer = look.newcomer && current->journey_since[j] <= look.seen;
        const bool timely = look.cause == Cause::Live || at_start || as_newcomer;
        if (journey.segment != segment || !timely) {
            continue;
        }
        std::vector<Enrollment>& entries = enrollments[customer];
        if (!may_enter(journey, entries, zone, input.at)) {
            continue;
        }
        Enrollment enrollment;
        enrollment.journey = journey.id;
        enrollment.definitions = current->definitions->version;
        enrollment.entry = 1 + static_cast<std::uint32_t>(std::count_if(
                                   entries.begin(), entries.end(),
                                   [&](const Enrollment& e) { return e.journey == journey.id; }));
        enrollment.held_out = experiment::is_held_out(journey.id, journey.salt,
                                                      customers.id(customer), journey.holdout);
        enrollment.entered_at = input.at;
        enrollment.goal_until = add(zone, input.at, journey.goal.within);
        effects.facts.push_back(
            journey_fact(customers.id(customer), input.at, "Journey Entered", enrollment));
        entries.push_back(std::move(enrollment));
    }
}

Timestamp Shard::Impl::conduct(CustomerIndex customer, const Input& input, Effects& effects) {
    const auto found = enrollments.find(customer);
    if (found == enrollments.end()) {
        return timestamp_max;
    }
    Timestamp next = timestamp_max;
    for (Enrollment& enrollment : found->second) {
        if (enrollment.state != EnrollmentState::Running) {
            continue;
        }
        Loaded* loaded = loaded_for(enrollment);
        const journey::Journey* journey =
            loaded == nullptr ? nullptr : loaded->definitions->journey(enrollment.journey);
        if (journey == nullptr) {
            // Its definition is gone: leave the customer alone.
            enrollment.state = EnrollmentState::Exited;
        } else {
            EnginePassage passage(*this, *loaded, *journey, customer, enrollment, input, effects);
            next = std::min(next, journey::advance(*journey, enrollment, passage));
        }
        if (enrollment.state != EnrollmentState::Running) {
            refuse_held(customer, enrollment, input, effects);
            effects.facts.push_back(journey_fact(
                customers.id(customer), input.at,
                enrollment.state == EnrollmentState::Exited ? "Journey Exited" : "Journey Finished",
                enrollment));
        }
    }
    return next;
}

void Shard::Impl::refuse_held(CustomerIndex customer,
                              const Enrollment& enrollment,
                              const Input& input,
                              Effects& effects) {
    const auto found = messages.find(customer);
    if (found == messages.end()) {
        return;
    }
    for (MessageRecord& record : found->second) {
        if (record.state != message::MessageState::Held || record.journey != enrollment.journey ||
            record.entry != enrollment.entry) {
            continue;
        }
        record.state = message::MessageState::Refused;
        if (enrollment.goal_at.has_value()) {
            record.reason = message::RefusalReason::GoalReached;
        }
        record.changed_at = input.at;
        effects.changed.push_back({.key = record.key,
                                   .customer = std::string(customers.id(customer)),
                                   .state = record.state,
                                   .reason = record.reason,
                                   .at = input.at,
                                   .detail = "left the journey while the message was held"});
    }
}

void Shard::Impl::count_goals(CustomerIndex customer,
                              const event::Event& event,
                              Micros before,
                              const Input& input,
                              Effects& effects) {
    const auto found = enrollments.find(customer);
    if (found == enrollments.end()) {
        return;
    }
    // An order that is told twice, or in another currency, adds nothing.
    const Micros revenue = event.name == event::order_completed
                               ? customers.orders(customer).revenue - before
                               : customer::revenue_of(event);
    for (Enrollment& enrollment : found->second) {
        // Whether another version is still loaded depends on other customers: it must not matter.
        Loaded* loaded =
            keeps_version(customer, enrollment, input.at) ? loaded_for(enrollment) : current;
        if (loaded == nullptr) {
            continue;
        }
        const journey::Journey* journey = loaded->definitions->journey(enrollment.journey);
        const bool in_time =
            event.time >= enrollment.entered_at && event.time < enrollment.goal_until;
        if (journey == nullptr || !in_time || journey->goal.event != event.name) {
            continue;
        }
        if (journey->goal.where.has_value() &&
            !expr::evaluate(*journey->goal.where, EngineFacts(*this, *loaded, customer, input.at))
                 .holds) {
            continue;
        }
        enrollment.goal_revenue = enrollment.goal_revenue + revenue;
        enrollment.goal_at = std::min(enrollment.goal_at.value_or(timestamp_max), event.time);
        if (enrollment.state == EnrollmentState::Running) {
            enrollment.state = EnrollmentState::GoalReached;
            enrollment.wake_at = timestamp_max;
            refuse_held(customer, enrollment, input, effects);
            effects.facts.push_back(
                journey_fact(customers.id(customer), input.at, "Goal Reached", enrollment));
        }
    }
}

}  // namespace winback::engine
