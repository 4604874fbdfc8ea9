// One input after the other: numbered, logged, stepped, and its effects put into the batch.
#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "base/check.h"
#include "host/outbound.h"
#include "host/segment_days.h"
#include "host/worker.h"

namespace winback::host {
namespace {

using store::Family;

constexpr std::int64_t dedupe_days = 2;

// The event within an encoded EventArrived: engine::encode puts it last, as a text.
std::string_view event_bytes(std::string_view input) {
    ByteReader in(input);
    in.u8();
    in.u8();
    in.u64();
    in.time();
    const std::string_view event = in.text();
    WINBACK_CHECK(in.finished());
    return event;
}

}  // namespace

void Worker::process(Item& item) {
    if (auto* input = std::get_if<InputItem>(&item)) {
        process_input(*input);
    } else if (auto* handover = std::get_if<HandoverItem>(&item)) {
        process_handover(*handover);
    } else if (auto* call = std::get_if<CallItem>(&item)) {
        // Taken out first, so that a failure later does not run it again.
        const std::function<void()> run = std::exchange(call->call, nullptr);
        run();
    } else if (auto* flush = std::get_if<FlushItem>(&item)) {
        flush_everything();
        after_.tickets.push_back(std::move(flush->ticket));
    }
    after_.items += 1;
}

void Worker::process_input(InputItem& item) {
    Resident& resident = *this->resident(item.shard);
    if (item.ticket != nullptr) {
        after_.tickets.push_back(std::move(item.ticket));
    }
    if (std::holds_alternative<engine::DefinitionsLoaded>(item.body) ||
        std::holds_alternative<engine::ModelsFitted>(item.body)) {
        take_barrier(resident, std::move(item.body));
        return;
    }
    if (const auto id = engine::erasure(item.body)) {
        commit();  // So that the store holds all that is to go.
        take_erase(resident, std::move(item.body), *id);
        return;
    }
    if (const auto note = engine::note_deletion(item.body)) {
        take_note_deletion(resident, std::move(item.body), *note);
        return;
    }
    take(resident, std::move(item.body));
}

void Worker::process_handover(HandoverItem& item) {
    Resident& resident = *this->resident(item.shard);
    Body body = engine::HandoverArrived{std::move(item.handover)};
    const std::optional<std::string> erased = engine::erasure(body);
    const auto note = engine::note_deletion(body);
    if (erased.has_value() || note.has_value()) {
        commit();  // So that the store holds all that is to go.
    }
    join_batch(resident);
    batch_.erase(Family::Handover, store::handover_key(item.from, item.shard, item.n));
    std::uint64_t& applied = resident.applied_from[item.from];
    if (item.n <= applied) {
        return;  // Came twice: after a crash, from the row that it left behind.
    }
    WINBACK_CHECK(item.n == applied + 1);
    applied = item.n;
    std::string number;
    append_big_endian(number, item.n, 8);
    batch_.put(Family::Meta, store::applied_key(item.shard, item.from), number);
    if (erased.has_value()) {
        take_erase(resident, std::move(body), *erased);
    } else if (note.has_value()) {
        take_note_deletion(resident, std::move(body), *note);
    } else {
        take(resident, std::move(body));
    }
}

bool Worker::take(Resident& resident, Body body) {
    join_batch(resident);
    engine::Input input{.sequence = resident.next_sequence++,
                        .at = std::max(shared_.clock->now(), resident.mark.last_at),
                        .body = std::move(body)};
    end_days(resident, input.at, batch_);
    resident.mark.last_at = input.at;
    const std::string bytes = engine::encode(input);
    const std::uint64_t identity = identity_of(input, resident.id);
    const bool skipped = shared_.applying->in_quarantine(identity);
    if (resident.log.empty()) {
        resident.log_first = input.sequence;
    }
    resident.log.add(bytes, skipped);
    inputs_in_batch_ += 1;
    if (skipped) {
        return false;
    }
    shared_.applying->enter(index_, resident.id, input.sequence, identity);
    resident.shard.step(input, effects_);
    shared_.applying->leave(index_);
    collect(resident, input, bytes);
    effects_.clear();
    return true;
}

void Worker::collect(Resident& resident, const engine::Input& input, std::string_view bytes) {
    const std::int64_t steady = steady_ms();
    for (const CustomerIndex customer : effects_.touched) {
        resident.make_dirty(customer, input.sequence, steady);
        resident.note_changed(customer);
    }
    collect_events(resident, input, bytes);
    collect_messages(resident, input);
    collect_handovers(resident);
    erase_rows(resident, effects_.orphaned);
    std::uint32_t n = 0;
    for (const engine::Fact& fact : effects_.facts) {
        batch_.put(Family::Fact,
                   store::fact_key(resident.id, fact.customer, fact.at, input.sequence, n++),
                   store::encode(fact));
    }
    if (Outbound* outbound = shared_.options.outbound.get()) {
        if (auto tell = outbound->gather(input, effects_, resident.shard, batch_)) {
            after_.told.push_back(std::move(tell));
        }
    }
    for (const CustomerIndex customer : flush_now_) {
        resident.flush(customer, batch_);
    }
    flush_now_.clear();
}

void Worker::collect_events(Resident& resident,
                            const engine::Input& input,
                            std::string_view bytes) {
    if (const auto* arrived = std::get_if<engine::EventArrived>(&input.body)) {
        shared_.counters.duplicates += effects_.duplicate ? 1 : 0;
        // An id that was new touches a customer, also when the event turns out to be known.
        if (!effects_.touched.empty() && !arrived->event.content_id) {
            const std::int64_t day = utc_day_of(input.at);
            if (day != resident.dedupe_day) {
                resident.put_log(batch_);
                batch_.erase_range(Family::Dedupe, store::shard_begin(resident.id),
                                   store::dedupe_key(resident.id, day + 1 - dedupe_days, 0));
            }
            if (resident.dedupe.empty()) {
                resident.dedupe_day = day;
                resident.dedupe_first = input.sequence;
            }
            resident.dedupe.add(hash64(arrived->event.message_id), input.sequence);
        }
    }
    if (effects_.recorded_for.empty()) {
        return;
    }
    const auto customer = resident.shard.customers().find(effects_.recorded_for);
    WINBACK_CHECK(customer.has_value());
    const auto* handover = std::get_if<engine::HandoverArrived>(&input.body);
    resident.pending_events[*customer].add(
        input.at,
        handover == nullptr ? event_bytes(bytes) : std::string_view(handover->handover.payload));
}

void Worker::collect_messages(Resident& resident, const engine::Input& input) {
    std::uint32_t n = 0;
    for (const engine::MessageDecided& decided : effects_.decided) {
        shared_.counters.count_message(decided.state);
        batch_.put(Family::Message, store::message_key(decided.key), store::encode(decided));
        batch_.put(Family::MessageOf,
                   store::message_of_key(resident.id, decided.customer, decided.key), {});
        batch_.put(Family::Message, store::message_step_key(decided.key, input.sequence, n),
                   store::encode(store::MessageStepRow{
                       .state = decided.state, .reason = decided.reason, .at = decided.at}));
        list(resident, decided);
        track(resident, {.key = decided.key, .customer = decided.customer, .state = decided.state},
              input.sequence, n++);
    }
    for (const engine::MessageChanged& changed : effects_.changed) {
        shared_.counters.count_message(changed.state);
        batch_.put(Family::Message, store::message_step_key(changed.key, input.sequence, n),
                   store::encode(store::MessageStepRow{.state = changed.state,
                                                       .reason = changed.reason,
                                                       .at = changed.at,
                                                       .detail = changed.detail}));
        relist(resident, changed);
        const Timestamp retry_at =
            changed.retry_at == Timestamp{} ? timestamp_min : changed.retry_at;
        track(resident,
              {.key = changed.key,
               .customer = changed.customer,
               .state = changed.state,
               .retry_at = retry_at},
              input.sequence, n++);
    }
    std::move(effects_.deliver.begin(), effects_.deliver.end(),
              std::back_inserter(after_.deliveries));
    if (!effects_.changed.empty()) {
        return;
    }
    if (const auto* started = std::get_if<engine::SendStarted>(&input.body)) {
        settle(resident, started->customer, started->key);
    } else if (const auto* ended = std::get_if<engine::SendEnded>(&input.body)) {
        settle(resident, ended->customer, ended->key);
    }
}

// Its start or end changed nothing here: the message went to another shard with its customer, or
// was erased. It is under way no longer.
void Worker::settle(Resident& resident, const std::string& customer, const Hash128& key) {
    after_.sends.push_back({.key = key, .customer = customer, .nothing = true});
    const auto known = resident.outbox_of.find(key);
    if (known == resident.outbox_of.end()) {
        return;
    }
    if (const auto index = resident.shard.customers().find(customer)) {
        for (const engine::MessageRecord& record : resident.shard.messages(*index)) {
            if (record.key == key && (record.state == message::MessageState::Queued ||
                                      record.state == message::MessageState::Sending)) {
                return;
            }
        }
    }
    const store::OutboxKey row = known->second;
    batch_.erase(Family::Outbox, store::outbox_key(row.shard, row.sequence, row.n));
    resident.outbox.erase(row);
    resident.outbox_of.erase(known);
}

void Worker::track(Resident& resident,
                   const SendNews& news,
                   std::uint64_t sequence,
                   std::uint32_t n) {
    const bool open =
        news.state == message::MessageState::Queued || news.state == message::MessageState::Sending;
    const auto known = resident.outbox_of.find(news.key);
    if (open) {
        const store::OutboxKey key = known != resident.outbox_of.end()
                                         ? known->second
                                         : store::OutboxKey{resident.id, sequence, n};
        batch_.put(Family::Outbox, store::outbox_key(key.shard, key.sequence, key.n),
                   store::encode(store::OutboxRow{
                       .key = news.key, .customer = news.customer, .state = news.state}));
        resident.outbox[key] = news.key;
        resident.outbox_of[news.key] = key;
    } else if (known != resident.outbox_of.end()) {
        const store::OutboxKey key = known->second;
        batch_.erase(Family::Outbox, store::outbox_key(key.shard, key.sequence, key.n));
        resident.outbox.erase(key);
        resident.outbox_of.erase(known);
    } else if (news.state == message::MessageState::Held ||
               news.state == message::MessageState::Refused) {
        return;  // Never was on its way.
    }
    after_.sends.push_back(news);
}

void Worker::collect_handovers(Resident& resident) {
    for (engine::HandoverOut& out : effects_.handovers) {
        if (out.handover.kind == engine::Handover::Kind::Absorb) {
            // Its events must be in its history before another shard counts on them.
            if (const auto customer = resident.shard.customers().find(out.handover.other)) {
                flush_now_.push_back(*customer);
            }
        }
        const std::uint64_t n = ++resident.sent_to[out.to];
        batch_.put(Family::Handover, store::handover_key(resident.id, out.to, n),
                   engine::encode(out.handover));
        after_.handovers.push_back(
            {.shard = out.to, .from = resident.id, .n = n, .handover = std::move(out.handover)});
    }
}

}  // namespace winback::host
