// One shard in memory, with what of it is not in the rows yet.
//
// Every input that changed a customer makes that customer dirty since its sequence; events of
// dirty customers wait here until the customer's row is written (then they become a chunk of its
// history). The watermark is the oldest such sequence: below it the log is not needed.
// Used by one thread at a time. docs/design/durability.md "the fuzzy checkpoint".
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "engine/shard.h"
#include "host/watcher.h"
#include "store/message_list.h"
#include "store/row_key.h"
#include "store/rows.h"
#include "store/store.h"

namespace winback::host {

using customer::CustomerIndex;
using engine::ShardId;

struct Resident;

// The shard of a resident: whoever got a ShardView finds what waits for its rows.
struct ResidentShard : engine::Shard {
    ResidentShard(ShardId id, std::uint32_t shard_count, const Resident& owner)
        : engine::Shard(id, shard_count), resident(owner) {}
    const Resident& resident;
};
// Pre: a Host gave it.
inline const Resident& resident_of(const engine::Shard& shard) {
    return static_cast<const ResidentShard&>(shard).resident;
}

struct Resident {
    Resident(ShardId shard_id, std::uint32_t shard_count);
    Resident(const Resident&) = delete;
    Resident& operator=(const Resident&) = delete;

    ResidentShard shard;
    ShardId id;
    std::uint64_t next_sequence = 1;
    store::Mark mark;         // As it was last written.
    bool mark_known = false;  // It was written at least once.

    // Customers whose rows are behind, oldest first; entries of customers that were written
    // since are stale and passed over.
    struct Dirty {
        CustomerIndex customer;
        std::uint64_t since;
        std::int64_t steady_ms;
    };
    std::deque<Dirty> dirty;
    std::vector<std::uint64_t> dirty_since;  // By customer; 0 means not dirty.
    absl::flat_hash_map<CustomerIndex, store::HistoryChunkWriter> pending_events;
    absl::flat_hash_map<CustomerIndex, std::uint64_t> erased_ids;  // Hash of the id.

    std::deque<std::uint64_t> log_chunks;  // First sequences of the chunks in the log.
    std::map<store::OutboxKey, Hash128> outbox;
    absl::flat_hash_map<Hash128, store::OutboxKey> outbox_of;
    // Messages that may still change, where they stand in the list of all messages.
    absl::flat_hash_map<Hash128, store::MessagePlace> listed;
    absl::flat_hash_map<ShardId, std::uint64_t> applied_from;  // Handovers, by sender.
    absl::flat_hash_map<ShardId, std::uint64_t> sent_to;       // Handovers, by receiver.
    Timestamp tick_not_before = timestamp_min;
    // segment_days.h: the last day of which a row stands, and when the day after it may be over.
    std::optional<std::int64_t> ended_day;
    Timestamp day_end = timestamp_min;

    // Customers that watchers have not been told of.
    std::vector<std::weak_ptr<Watcher>> watchers;
    std::vector<CustomerIndex> changed;
    std::vector<bool> is_changed;
    bool tell_again = false;
    std::int64_t told_ms = 0;

    // Of the batch that is being made.
    store::LogChunkWriter log;
    std::uint64_t log_first = 0;
    store::DedupeWriter dedupe;
    std::int64_t dedupe_day = 0;
    std::uint64_t dedupe_first = 0;
    bool in_batch = false;

    // After the load: `listed` as the shard's own messages have it.
    void find_listed();
    void make_dirty(CustomerIndex customer, std::uint64_t since, std::int64_t steady_ms);
    void make_all_dirty(std::uint64_t since, std::int64_t steady_ms);
    void note_changed(CustomerIndex customer);
    // Drops stale entries; the oldest dirty one, or null.
    const Dirty* oldest();
    std::uint64_t watermark();

    // Puts the customer's row and waiting events into the batch; no longer dirty.
    void flush(CustomerIndex customer, store::Batch& batch);
    void flush_all(store::Batch& batch);
    // Puts what the batch holds of the log and message ids, and where the shard stands.
    void put_log(store::Batch& batch);
    void put_mark(store::Batch& batch);
    // Deletes log chunks below the watermark, when there are enough of them.
    void truncate_log(store::Batch& batch, std::uint64_t at_least);
};

std::int64_t utc_day_of(Timestamp at);

}  // namespace winback::host
