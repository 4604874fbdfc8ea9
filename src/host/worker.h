// Works a set of shards: queue -> step -> one batch -> acknowledge -> effects.
//
// In a server each worker has a thread; inline its `work` is called by the Host. See host.h for
// the contract and docs/design/durability.md for what a batch holds.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "engine/effect.h"
#include "host/dispatcher.h"
#include "host/resident.h"
#include "host/shared.h"

namespace winback::host {

class Worker {
public:
    Worker(Shared& shared, Dispatcher& dispatcher, int index);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Before start: the shards that this worker serves, in order: shard % workers == index.
    std::vector<std::unique_ptr<Resident>>& residents() { return residents_; }
    Resident* resident(ShardId shard);

    void start();
    // Ends the thread after the batch under way; what waits fails with Unavailable.
    void stop();

    // Any thread.
    void push(std::vector<Item>& items);
    std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }
    void wake();

    // Inline, or on the worker's own thread: works off what is queued and what is due. False
    // when there was nothing to do.
    bool work();
    Timestamp next_due();
    void flush_everything();
    std::uint64_t lag();
    // On the worker: tells it of all customers now, and of changes from now on.
    void watch(Resident& resident, const std::shared_ptr<Watcher>& watcher);

private:
    // What is carried out once the batch is durable.
    struct After {
        std::vector<TicketPtr> tickets;
        std::vector<HandoverItem> handovers;
        std::vector<SendNews> sends;
        std::vector<engine::Deliver> deliveries;
        std::vector<std::function<void()>> told;  // What Outbound::gather returned.
        std::int64_t items = 0;
    };

    void run();
    void take_items(bool wait);
    void answer_questions();
    std::int64_t wait_ms();
    void process(Item& item);
    void process_input(InputItem& item);
    void process_handover(HandoverItem& item);
    bool take(Resident& resident, Body body);  // False when it is in quarantine.
    void take_barrier(Resident& resident, Body body);
    void take_erase(Resident& resident, Body body, const std::string& id);
    void take_note_deletion(Resident& resident, Body body, const engine::NoteDeletion& note);
    void erase_note(const std::string& id, const std::string& note);
    void erase_rows(Resident& resident, const std::vector<std::string>& ids);
    void reload_histories(Resident& resident, const engine::Definitions& definitions);
    void collect(Resident& resident, const engine::Input& input, std::string_view bytes);
    void collect_messages(Resident& resident, const engine::Input& input);
    void collect_handovers(Resident& resident);
    void collect_events(Resident& resident, const engine::Input& input, std::string_view bytes);
    // The list of all messages (listing.cc): a place for a decision, another after a change.
    void list(Resident& resident, const engine::MessageDecided& decided);
    void relist(Resident& resident, const engine::MessageChanged& changed);
    void place(Resident& resident, const store::MessagePlace& place, std::string digest);
    void unlist(Resident& resident, const Hash128& key);
    void track(Resident& resident, const SendNews& news, std::uint64_t sequence, std::uint32_t n);
    void settle(Resident& resident, const std::string& customer, const Hash128& key);
    void join_batch(Resident& resident);
    bool tick_due();
    void tick(Resident& resident, Timestamp now);
    void tell_watchers();
    void tell_watchers_of(Resident& resident);
    void flush_due(Resident& resident);
    void commit();
    void carry_out();
    void fail_everything(const Error& error);

    Shared& shared_;
    Dispatcher& dispatcher_;
    int index_;
    std::vector<std::unique_ptr<Resident>> residents_;

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Item> queue_;
    std::deque<Item> questions_;  // They overtake what waits in the queue.
    std::atomic<bool> asked_{false};
    std::atomic<std::size_t> queued_{0};
    bool stopping_ = false;
    bool woken_ = false;
    std::thread thread_;

    // Used by the working thread alone.
    std::vector<Item> taken_;
    store::Batch batch_;
    std::vector<Resident*> in_batch_;
    std::size_t inputs_in_batch_ = 0;
    engine::Effects effects_;
    std::size_t told_next_ = 0;  // The resident whose watchers are told next.
    std::size_t tick_next_ = 0;  // The resident whose customers are looked at next.
    std::size_t slice_ = 1;      // So many customers that are due are looked at in one input.
    std::vector<CustomerIndex> flush_now_;
    After after_;
    // What the batch puts into the list of all messages.
    struct Placed {
        store::MessagePlace place;
        std::string digest;
    };
    absl::flat_hash_map<Hash128, Placed> placed_;
};

// Puts all events that the store has of a shard's customers back into their histories.
Status load_histories(const store::Store& store, Resident& resident);

}  // namespace winback::host
