// One person under several ids: links, hand-overs, and events that follow.
//
// docs/design/identity.md states the rules; in short: an anonymous id's history becomes the
// user's, once; identify never merges two known users, alias does; events for an id that was
// merged are forwarded; facts that come round in a circle stop where they were taken out.
#include <algorithm>

#include "engine/past.h"
#include "engine/row_parts.h"
#include "engine/shard_state.h"

namespace winback::engine {
namespace {

// Ids that a handover remembers having passed.
constexpr std::size_t path_length_max = 32;

bool contains(const std::vector<std::string>& ids, std::string_view id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// The ids whose facts an Absorb holds, but for that of the customer who was taken out.
std::vector<std::string> read_held(ByteReader& in) {
    std::vector<std::string> held;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        held.emplace_back(in.text());
    }
    return held;
}

// Of all whose facts an Absorb holds.
std::vector<std::string> ids_of(const Handover& absorb) {
    ByteReader in(absorb.payload);
    in.text();
    in.text();
    std::vector<std::string> ids = read_held(in);
    ids.push_back(absorb.other);
    return ids;
}

// True when the facts of a customer came back to where they were taken out, round a circle of
// links that crossed, and shall stay there. Nobody else on the circle may stand for it: their
// facts, with the histories on disk that belong to these, are somewhere else. Others whose facts
// go round by themselves come first when their ids are smaller, so that these find them standing.
bool stays_at_home(const Handover& absorb) {
    if (absorb.customer != absorb.other) {
        return false;
    }
    const std::vector<std::string> held = ids_of(absorb);
    return absorb.path.size() >= path_length_max ||
           std::none_of(absorb.path.begin(), absorb.path.end(), [&](const std::string& id) {
               return id < absorb.customer && !contains(held, id);
           });
}

}  // namespace

void Shard::Impl::emit(Handover handover, Effects& effects) const {
    const ShardId to = shard_of(handover.customer, shard_count);
    effects.handovers.push_back({.to = to, .handover = std::move(handover)});
}

void Shard::Impl::link_identities(const event::Event& event, CustomerIndex user, Effects& effects) {
    const std::string_view user_id = customers.id(user);
    if (event.kind == event::EventKind::Alias && !event.previous_id.empty() &&
        event.previous_id != user_id) {
        // Who others become never changes hands as a device does: so no address on a circle moves.
        customers.set_identified(user);
        emit({.kind = Handover::Kind::Link,
              .customer = event.previous_id,
              .other = std::string(user_id),
              .alias = true},
             effects);
        return;
    }
    const bool both = !event.user_id.empty() && !event.anonymous_id.empty() &&
                      event.anonymous_id != event.user_id;
    if (!both) {
        return;
    }
    const bool known = contains(customers.absorbed_ids(user), event.anonymous_id);
    if (!known || event.kind == event::EventKind::Identify) {
        emit({.kind = Handover::Kind::Link,
              .customer = event.anonymous_id,
              .other = std::string(user_id)},
             effects);
    }
}

void Shard::Impl::go_on(const Handover& handover, std::string_view into, Effects& effects) const {
    Handover onward = handover;
    if (onward.path.size() < path_length_max) {
        onward.path.push_back(handover.customer);
    }
    onward.customer = into;
    emit(std::move(onward), effects);
}

void Shard::Impl::hand_over(const Handover& handover, const Input& input, Effects& effects) {
    switch (handover.kind) {
        case Handover::Kind::Link:
            link(handover, input, effects);
            return;
        case Handover::Kind::Absorb:
            absorb(handover, input, effects);
            return;
        case Handover::Kind::Forward:
        case Handover::Kind::Order:
        case Handover::Kind::Outcome:
            follow(handover, input, effects);
            return;
    }
}

void Shard::Impl::link(const Handover& handover, const Input& input, Effects& effects) {
    const CustomerIndex customer = find_or_add(handover.customer);
    if (!begin(customer, input, effects) || customers.erased(customer)) {
        return;
    }
    const std::string_view into = customers.merged_into(customer);
    if (into == handover.other || handover.customer == handover.other) {
        return;
    }
    if (!handover.alias && customers.identified(customer)) {
        return;  // Both are known users: identify says nothing about their being one.
    }
    if (!into.empty() && handover.alias) {
        // The root of the earlier identity is what the alias is about.
        // Round a circle it goes until someone stands.
        if (handover.path.size() < path_length_max) {
            go_on(handover, into, effects);
        }
        return;
    }
    if (!into.empty()) {
        customers.repoint(customer, handover.other);  // A shared device: its history stays.
        return;
    }
    const bool was_identified = customers.identified(customer);
    std::string payload;
    ByteWriter out(payload);
    std::string engine_part;
    leave_for(customer, handover.other, input.at, effects);
    take_engine_part(customer, engine_part, effects, input);
    out.text(engine_part);
    const std::vector<std::string> held = customers.absorbed_ids(customer);
    out.text(customers.take_out(customer, handover.other));
    out.u64(held.size());
    for (const std::string& other : held) {
        out.text(other);
    }
    if (was_identified) {
        customers.set_identified(customer);  // Stays a known user: no device takes it elsewhere.
    }
    set_wake(customer, timestamp_max);
    emit({.kind = Handover::Kind::Absorb,
          .customer = handover.other,
          .other = handover.customer,
          .payload = std::move(payload),
          .path = {handover.customer}},
         effects);
}

void Shard::Impl::absorb(const Handover& handover, const Input& input, Effects& effects) {
    const CustomerIndex customer = find_or_add(handover.customer);
    if (!begin(customer, input, effects)) {
        return;
    }
    if (customers.erased(customer)) {
        effects.orphaned = ids_of(handover);
        return;
    }
    const bool home = handover.customer == handover.other;
    if (const std::string into(customers.merged_into(customer)); !into.empty()) {
        if (!stays_at_home(handover)) {
            go_on(handover, into, effects);
            return;
        }
        customers.repoint(customer, "");
    }
    catch_up(customer, input, effects);
    ByteReader in(handover.payload);
    const std::string_view engine_part = in.text();
    const std::string_view facts = in.text();
    read_held(in);
    const bool read = in.finished() && customers.absorb(customer, facts).has_value() &&
                      absorb_engine_part(customer, engine_part);
    WINBACK_CHECK(read);  // Our own bytes, written by link(); the store checks what it reads.
    if (!home) {
        Fact fact{.customer = handover.customer, .at = input.at, .name = std::string(merged_fact)};
        fact.details.set("other", handover.other);
        effects.facts.push_back(std::move(fact));
    }
    if (current != nullptr) {
        look_at_all(customer, Cause::Late, input, effects);
    }
}

void Shard::Impl::follow(const Handover& handover, const Input& input, Effects& effects) {
    const CustomerIndex customer = find_or_add(handover.customer);
    if (!begin(customer, input, effects) || customers.erased(customer)) {
        return;
    }
    if (const std::string into(customers.merged_into(customer)); !into.empty()) {
        go_on(handover, into, effects);  // Round a circle until its facts are home again.
        return;
    }
    if (handover.kind == Handover::Kind::Order) {
        const auto command = decode_command(handover.payload);
        WINBACK_CHECK(command.has_value());
        obey(customer, *command, input, effects);
        return;
    }
    if (handover.kind == Handover::Kind::Outcome) {
        const auto ended = decode_send_ended(handover.payload);
        WINBACK_CHECK(ended.has_value());
        learn_outcome(customer, *ended, input, effects);
        return;
    }
    const auto event = event::decode(handover.payload);
    WINBACK_CHECK(event.has_value());
    take_event(customer, *event, input, effects);
}

void Shard::Impl::take_engine_part(CustomerIndex customer,
                                   std::string& payload,
                                   Effects& effects,
                                   const Input& input) {
    ByteWriter out(payload);
    std::vector<MessageRecord> moving;
    std::vector<MessageRecord> staying;
    if (const auto found = messages.find(customer); found != messages.end()) {
        for (MessageRecord& record : found->second) {
            // What is on its way is answered for under the id that it was sent to, and counts
            // for caps under the other: end_sending tells it the outcome.
            if (record.state == message::MessageState::Sending) {
                staying.push_back(record);
            }
            if (record.state == message::MessageState::Queued ||
                record.state == message::MessageState::Held) {
                record.state = message::MessageState::Refused;
                record.reason = message::RefusalReason::Suppressed;
                record.changed_at = input.at;
                effects.changed.push_back({.key = record.key,
                                           .customer = std::string(customers.id(customer)),
                                           .state = record.state,
                                           .reason = record.reason,
                                           .at = input.at,
                                           .detail = "merged into another customer"});
            }
            moving.push_back(std::move(record));
        }
        messages.erase(found);
    }
    if (!staying.empty()) {
        messages.emplace(customer, std::move(staying));
    }
    write_messages(out, moving);
    std::vector<journey::Enrollment> entries;
    if (const auto found = enrollments.find(customer); found != enrollments.end()) {
        entries = std::move(found->second);
        enrollments.erase(found);
    }
    for (journey::Enrollment& entry : entries) {
        // One passage at a time per journey: the one that is there goes on.
        if (entry.state == journey::EnrollmentState::Running) {
            entry.state = journey::EnrollmentState::Exited;
            entry.wake_at = timestamp_max;
            effects.facts.push_back(
                journey_fact(customers.id(customer), input.at, "Journey Exited", entry));
        }
        entry.definitions = definitions_elsewhere;
    }
    write_enrollments(out, entries);
}

bool Shard::Impl::absorb_engine_part(CustomerIndex customer, std::string_view payload) {
    ByteReader in(payload);
    std::vector<MessageRecord> records = read_messages(in);
    std::vector<journey::Enrollment> entries = read_enrollments(in);
    if (!in.finished()) {
        return false;
    }
    const auto own = enrollments.find(customer);
    const auto own_entries = [&](const std::string& journey) {
        return own == enrollments.end() ? 0U
                                        : static_cast<std::uint32_t>(std::count_if(
                                              own->second.begin(), own->second.end(),
                                              [&](const auto& e) { return e.journey == journey; }));
    };
    // Entries are numbered 1, 2, … per journey: the absorbed ones go on where the own ones end.
    for (MessageRecord& record : records) {
        record.entry += own_entries(record.journey);
    }
    for (journey::Enrollment& entry : entries) {
        entry.entry += own_entries(entry.journey);
    }
    if (!entries.empty()) {
        std::vector<journey::Enrollment>& mine = enrollments[customer];
        std::move(entries.begin(), entries.end(), std::back_inserter(mine));
    }
    std::erase_if(records, [&](const MessageRecord& record) {
        return find_message(customer, record.key) != nullptr;  // Its own, come round in a circle.
    });
    if (!records.empty()) {
        std::vector<MessageRecord>& mine = messages[customer];
        std::move(records.begin(), records.end(), std::back_inserter(mine));
        put_in_order(mine);
    }
    return true;
}

}  // namespace winback::engine
