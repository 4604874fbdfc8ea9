// Questions to a host: pages, lists, timelines, health.
#include <algorithm>
#include <condition_variable>
#include <set>

#include "host/host_impl.h"
#include "host/reading.h"

namespace winback::host {

void Host::Impl::query(const std::vector<ShardId>& shards,
                       const std::function<void(ShardView)>& read) {
    const auto look = [&](ShardId shard) {
        read({worker_of(shard).resident(shard)->shard, shard, shared.clock->now()});
    };
    if (is_inline() || closed || shared.failed) {
        std::for_each(shards.begin(), shards.end(), look);
        return;
    }
    std::mutex mutex;
    std::condition_variable finished;
    std::size_t left = shards.size();
    for (const ShardId shard : shards) {
        push(shard, CallItem{[&, shard] {
                 look(shard);
                 // Notified under the lock: the waiter owns all of this and may go at once.
                 const std::lock_guard lock(mutex);
                 left -= 1;
                 finished.notify_one();
             }});
    }
    std::unique_lock lock(mutex);
    finished.wait(lock, [&] { return left == 0; });
}

void Host::query(const std::function<void(ShardView)>& read) {
    std::vector<ShardId> shards(impl_->shared.store->shard_count());
    for (std::size_t s = 0; s < shards.size(); ++s) {
        shards[s] = static_cast<ShardId>(s);
    }
    impl_->query(shards, read);
}

void Host::query_shard(engine::ShardId shard, const std::function<void(ShardView)>& read) {
    impl_->query({shard}, read);
}

void Host::query_shards(const std::vector<engine::ShardId>& shards,
                        const std::function<void(ShardView)>& read) {
    impl_->query(shards, read);
}

std::size_t Host::worker_count() const {
    return impl_->workers.size();
}

void Host::query_customer(std::string_view customer_id,
                          const std::function<void(ShardView)>& read) {
    impl_->query({engine::shard_of(customer_id, impl_->shared.store->shard_count())}, read);
}

void Host::watch(const std::shared_ptr<Watcher>& watcher) {
    query([&](ShardView view) {
        impl_->worker_of(view.id).watch(*impl_->worker_of(view.id).resident(view.id), watcher);
    });
}

Result<std::vector<TimelineEntry>> Host::timeline(std::string_view customer_id, std::size_t limit) {
    return impl_->read_timeline(customer_id, TimelinePart(limit));
}

Result<std::vector<TimelineEntry>> Host::timeline_from(std::string_view customer_id,
                                                       Timestamp from,
                                                       std::size_t skip,
                                                       std::size_t limit) {
    return impl_->read_timeline(customer_id, TimelinePart(from, skip, limit));
}

Result<std::vector<TimelineEntry>> Host::Impl::read_timeline(std::string_view customer_id,
                                                             TimelinePart part) {
    constexpr int merges_max = 32;
    const store::Store& store = *shared.store;
    std::string id(customer_id);
    std::vector<TimelineRows> rows;  // Of this id and of those that it absorbed.
    std::string waiting;  // A chunk of history that has no row yet; empty when there is none.
    for (int hop = 0; hop < merges_max && rows.empty(); ++hop) {
        std::string into;
        const ShardId shard = engine::shard_of(id, store.shard_count());
        Resident& resident = *worker_of(shard).resident(shard);
        // Rows and waiting events are of one moment, so that a flush cannot come between. The rows
        // are read after the visit: nothing that arrives waits for the disk.
        query({shard}, [&](ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto customer = customers.find(id);
            if (!customer.has_value()) {
                return;
            }
            into = customers.merged_into(*customer);
            if (!into.empty()) {
                return;
            }
            rows.push_back(open_timeline(store, id));
            for (const std::string& absorbed : customers.absorbed_ids(*customer)) {
                rows.push_back(open_timeline(store, absorbed));
            }
            const auto events = resident.pending_events.find(*customer);
            if (events != resident.pending_events.end()) {
                waiting = events->second.bytes();
            }
        });
        if (into.empty()) {
            break;
        }
        id = into;
    }
    if (rows.empty()) {
        return Error{ErrorCode::NotFound, "there is no customer '" + id + "'"};
    }
    for (TimelineRows& one : rows) {
        WINBACK_TRY([[maybe_unused]] const Ok read, host::read_timeline(store, one, part));
    }
    if (!waiting.empty()) {
        WINBACK_TRY([[maybe_unused]] const Ok read, read_chunk(waiting, [&](event::Event event) {
                        const Timestamp at = event.time;
                        part.add({.at = at, .what = std::move(event)});
                    }));
    }
    return part.take();
}

Result<StoredMessage> Host::message(const Hash128& key) const {
    return read_message(*impl_->shared.store, key);
}

std::vector<Hash128> Host::in_doubt() {
    std::mutex mutex;
    std::set<Hash128> keys;
    query([&](ShardView view) {
        for (std::size_t c = 0; c < view.shard.customers().size(); ++c) {
            for (const engine::MessageRecord& record :
                 view.shard.messages(static_cast<CustomerIndex>(c))) {
                if (record.state == message::MessageState::InDoubt) {
                    const std::lock_guard lock(mutex);
                    keys.insert(record.key);
                }
            }
        }
    });
    return {keys.begin(), keys.end()};
}

bool Host::takes_inputs() const {
    return !impl_->shared.failed && !impl_->closed;
}

Health Host::health() const {
    const Counters& counters = impl_->shared.counters;
    const store::StoreStats stats = impl_->shared.store->stats();
    Health health;
    health.failed = impl_->shared.failed || impl_->closed;
    std::copy(counters.message_states.begin(), counters.message_states.end(),
              health.message_states.begin());
    std::copy(counters.latency.begin(), counters.latency.end(),
              health.batch_latency.counts.begin());
    health.batch_latency.sum_micros = counters.latency_micros;
    health.inputs = counters.inputs;
    health.duplicates = counters.duplicates;
    health.batches = counters.batches;
    health.bytes_written = stats.bytes_written;
    health.disk_bytes = stats.disk_bytes;
    health.batch_micros_mean =
        stats.writes == 0 ? 0 : static_cast<std::int64_t>(stats.write_micros / stats.writes);
    for (const auto& worker : impl_->workers) {
        const std::uint64_t queued = worker->queued();
        health.queued += queued;
        health.queue_max = std::max(health.queue_max, queued);
    }
    std::mutex mutex;
    std::vector<ShardId> shards(impl_->shared.store->shard_count());
    for (std::size_t s = 0; s < shards.size(); ++s) {
        shards[s] = static_cast<ShardId>(s);
    }
    impl_->query(shards, [&](ShardView view) {
        Resident& resident = *impl_->worker_of(view.id).resident(view.id);
        const std::lock_guard lock(mutex);
        health.customers += view.shard.customers().size();
        const std::vector<customer::MemoryPart> parts = view.shard.customers().memory_parts();
        health.memory_parts.resize(parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i) {
            health.memory_parts[i].name = parts[i].name;
            health.memory_parts[i].bytes += parts[i].bytes;
            health.memory_bytes += parts[i].bytes;
        }
        health.lag_inputs += resident.next_sequence - resident.watermark();
    });
    health.in_flight = impl_->dispatcher->in_flight();
    health.waiting_to_send = impl_->dispatcher->waiting();
    health.start_duration = impl_->start_duration;
    health.replayed_at_start = counters.replayed;
    health.quarantined = impl_->shared.applying->quarantined();
    return health;
}

}  // namespace winback::host
