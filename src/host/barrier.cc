// Inputs before which everything is written: new definitions, new models, erasure.
#include "base/check.h"
#include "host/outbound.h"
#include "host/reading.h"
#include "host/segment_days.h"
#include "host/worker.h"

namespace winback::host {

using store::Family;

void Worker::take_barrier(Resident& resident, Body body) {
    // All rows as they are under the old definitions: the watermark is then the barrier's own
    // sequence, so that a replay begins with it and never steps older inputs under newer
    // definitions.
    commit();
    join_batch(resident);
    resident.flush_all(batch_);
    commit();
    if (shared_.failed) {
        return;
    }
    if (const auto* loaded = std::get_if<engine::DefinitionsLoaded>(&body)) {
        reload_histories(resident, *loaded->definitions);
    }
    const std::uint64_t sequence = resident.next_sequence;
    take(resident, std::move(body));
    slice_ = 1;                        // Looks may cost far more, or less, than before.
    resident.day_end = timestamp_min;  // The zone may be another one; or it is the first playbook.
    end_days(resident, resident.mark.last_at, batch_);
    // It changes when each customer is looked at next, which stands in their rows.
    resident.make_all_dirty(sequence, steady_ms());
    resident.tell_again = true;
    std::string state;
    resident.shard.encode_shard(state);
    batch_.put(Family::Meta, store::meta_key(resident.id, "shard"), state);
    commit();
}

void Worker::reload_histories(Resident& resident, const engine::Definitions& definitions) {
    customer::Customers& customers = resident.shard.customers_for_reload();
    if (customer::covers(customers.fields(), definitions.fields)) {
        return;
    }
    customers.plan_fields(customer::merge(customers.fields(), definitions.fields));
    customers.clear_histories();
    WINBACK_CHECK(resident.pending_events.empty());
    const Status loaded = load_histories(*shared_.store, resident);
    if (!loaded.has_value()) {
        shared_.fatal(loaded.error());
    }
}

void Worker::take_erase(Resident& resident, Body body, const std::string& id) {
    std::vector<std::string> ids{id};
    const customer::Customers& customers = resident.shard.customers();
    const auto known = customers.find(id);
    if (known.has_value()) {
        const std::vector<std::string>& absorbed = customers.absorbed_ids(*known);
        ids.insert(ids.end(), absorbed.begin(), absorbed.end());
    }
    take(resident, std::move(body));
    const auto customer = resident.shard.customers().find(id);
    if (!customer.has_value() || !resident.shard.customers().erased(*customer)) {
        commit();
        return;
    }
    batch_.erase(Family::Customer, store::customer_key(resident.id, id));
    resident.erased_ids[*customer] = hash64(id);
    resident.pending_events.erase(*customer);
    erase_rows(resident, ids);
    // The log still holds what it did: write all rows, so that the log can go.
    resident.flush_all(batch_);
    resident.put_log(batch_);
    resident.truncate_log(batch_, 1);
    commit();
}

void Worker::take_note_deletion(Resident& resident, Body body, const engine::NoteDeletion& note) {
    commit();  // So that the store holds the note.
    take(resident, std::move(body));
    const customer::Customers& customers = resident.shard.customers();
    if (const auto known = customers.find(note.customer)) {
        erase_note(note.customer, note.note);
        for (const std::string& absorbed : customers.absorbed_ids(*known)) {
            erase_note(absorbed, note.note);
        }
    }
    // The log still holds the text: write all rows, so that the log can go.
    resident.flush_all(batch_);
    resident.put_log(batch_);
    resident.truncate_log(batch_, 1);
    commit();
}

void Worker::erase_note(const std::string& id, const std::string& note) {
    const ShardId shard = engine::shard_of(id, shared_.store->shard_count());
    store::Cursor rows = shared_.store->scan(Family::Fact, store::customer_begin(shard, id),
                                             store::customer_end(shard, id));
    for (; rows.valid(); rows.next()) {
        const Result<engine::Fact> fact = store::decode_fact(rows.value());
        const Value* named =
            fact && fact->name == engine::note_fact ? fact->details.find("note") : nullptr;
        if (named != nullptr && *named == Value(note)) {
            batch_.erase(Family::Fact, rows.key());
        }
    }
    if (const Status read = rows.status(); !read.has_value()) {
        shared_.fatal(read.error());
    }
}

void Worker::erase_rows(Resident& resident, const std::vector<std::string>& ids) {
    if (Outbound* outbound = shared_.options.outbound.get(); outbound != nullptr && !ids.empty()) {
        outbound->forget(ids, batch_);
    }
    for (const std::string& id : ids) {
        const ShardId shard = engine::shard_of(id, shared_.store->shard_count());
        const std::string from = store::customer_begin(shard, id);
        const std::string to = store::customer_end(shard, id);
        store::Cursor rows = shared_.store->scan(Family::MessageOf, from, to);
        for (; rows.valid(); rows.next()) {
            Hash128 key;
            if (!store::parse_message_of_key(rows.key(), key)) {
                continue;
            }
            unlist(resident, key);
            batch_.erase_range(Family::Message, store::message_key(key), store::message_end(key));
            if (const auto open = resident.outbox_of.find(key); open != resident.outbox_of.end()) {
                const store::OutboxKey row = open->second;
                batch_.erase(Family::Outbox, store::outbox_key(row.shard, row.sequence, row.n));
                resident.outbox.erase(row);
                resident.outbox_of.erase(open);
                after_.sends.push_back({.key = key, .customer = id, .nothing = true});
            }
        }
        if (const Status read = rows.status(); !read.has_value()) {
            shared_.fatal(read.error());
            return;
        }
        batch_.erase_range(Family::MessageOf, from, to);
        batch_.erase_range(Family::History, from, to);
        batch_.erase_range(Family::Fact, from, to);
    }
}

}  // namespace winback::host
