#include "host/resident.h"

#include <utility>

#include "base/check.h"

namespace winback::host {

using store::Family;

std::int64_t utc_day_of(Timestamp at) {
    constexpr std::int64_t day_ms = 86'400'000;
    const std::int64_t day = at.ms / day_ms;
    return at.ms % day_ms < 0 ? day - 1 : day;
}

Resident::Resident(ShardId shard_id, std::uint32_t shard_count)
    : shard(shard_id, shard_count, *this), id(shard_id) {}

void Resident::make_dirty(CustomerIndex customer, std::uint64_t since, std::int64_t steady_ms) {
    if (customer >= dirty_since.size()) {
        dirty_since.resize(shard.customers().size());
    }
    if (dirty_since[customer] != 0) {
        return;
    }
    dirty_since[customer] = since;
    dirty.push_back({customer, since, steady_ms});
}

void Resident::note_changed(CustomerIndex customer) {
    if (watchers.empty()) {
        return;
    }
    if (customer >= is_changed.size()) {
        is_changed.resize(shard.customers().size());
    }
    if (!is_changed[customer]) {
        is_changed[customer] = true;
        changed.push_back(customer);
    }
}

void Resident::make_all_dirty(std::uint64_t since, std::int64_t steady_ms) {
    const std::size_t count = shard.customers().size();
    for (std::size_t customer = 0; customer < count; ++customer) {
        make_dirty(static_cast<CustomerIndex>(customer), since, steady_ms);
    }
}

const Resident::Dirty* Resident::oldest() {
    while (!dirty.empty() && dirty_since[dirty.front().customer] != dirty.front().since) {
        dirty.pop_front();
    }
    return dirty.empty() ? nullptr : &dirty.front();
}

std::uint64_t Resident::watermark() {
    const Dirty* first = oldest();
    return first == nullptr ? next_sequence : first->since;
}

void Resident::flush(CustomerIndex customer, store::Batch& batch) {
    std::string row;
    shard.encode_customer(customer, row);
    const std::string_view customer_id = shard.customers().id(customer);
    if (const auto erased = erased_ids.find(customer); erased != erased_ids.end()) {
        batch.put(Family::Customer, store::erased_customer_key(id, erased->second), row);
        pending_events.erase(customer);
    } else {
        batch.put(Family::Customer, store::customer_key(id, customer_id), row);
    }
    if (const auto waiting = pending_events.find(customer); waiting != pending_events.end()) {
        batch.put(Family::History, store::history_key(id, customer_id, next_sequence - 1),
                  waiting->second.bytes());
        pending_events.erase(waiting);
    }
    if (customer < dirty_since.size()) {
        dirty_since[customer] = 0;
    }
}

void Resident::flush_all(store::Batch& batch) {
    while (const Dirty* first = oldest()) {
        flush(first->customer, batch);
    }
}

void Resident::put_log(store::Batch& batch) {
    if (!log.empty()) {
        batch.put(Family::Log, store::log_key(id, log_first), log.take());
        log_chunks.push_back(log_first);
    }
    if (!dedupe.empty()) {
        batch.put(Family::Dedupe, store::dedupe_key(id, dedupe_day, dedupe_first), dedupe.take());
    }
}

void Resident::put_mark(store::Batch& batch) {
    const std::uint64_t reached = watermark();
    const std::uint64_t outbox_from =
        outbox.empty() ? next_sequence : outbox.begin()->first.sequence;
    if (mark_known && mark.watermark == reached && mark.outbox_from == outbox_from) {
        return;
    }
    WINBACK_CHECK(reached >= mark.watermark);
    mark.watermark = reached;
    mark.outbox_from = outbox_from;
    mark_known = true;
    batch.put(Family::Meta, store::meta_key(id, "mark"), encode(mark));
}

void Resident::truncate_log(store::Batch& batch, std::uint64_t at_least) {
    const std::uint64_t reached = watermark();
    if (reached < mark.log_from + at_least) {
        return;
    }
    // A chunk is needed as long as the next one begins above the watermark.
    while (log_chunks.size() > 1 && log_chunks[1] <= reached) {
        log_chunks.pop_front();
    }
    if (reached == next_sequence && log.empty()) {
        log_chunks.clear();
    }
    const std::uint64_t keep_from = log_chunks.empty() ? next_sequence : log_chunks.front();
    if (keep_from <= mark.log_from) {
        return;
    }
    batch.erase_range(Family::Log, store::log_key(id, mark.log_from),
                      store::log_key(id, keep_from));
    mark.log_from = keep_from;
    mark_known = false;  // To be written with the new bound.
}

}  // namespace winback::host
