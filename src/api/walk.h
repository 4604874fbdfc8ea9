// One pass over the whole base that nobody has to wait for: worker by worker and shard by shard, in
// slices of a few milliseconds, between which inputs and other questions get their turn. A slice
// may end one shard and begin the next: a worker that is busy lets each slice wait for a batch.
//
// Who evaluates conditions asks with the interrupt that is given: a slice that takes too long is
// given up and begun anew with an eighth of its customers, and one customer who takes too long is
// copied and asked here, so that nothing that arrives waits for them.
//
// A customer who changes during the pass is seen as they were when their slice was read; nobody is
// seen twice. What must be of one moment is read in one Host::query.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "customer/customers.h"
#include "host/host.h"

namespace winback::api {

// A slice adapts to take about so long, and is given up when it takes longer than that.
constexpr Duration slice_target = milliseconds(4);
constexpr Duration slice_end = milliseconds(8);

class Walk {
public:
    // [from, to) of the shard's customers. Whatever was made of the view ends with the call.
    using Read = std::function<void(
        const host::ShardView&, customer::CustomerIndex from, customer::CustomerIndex to)>;

    // The same, of what may take long. When the interrupt has given up at its end, nothing that it
    // read may count, and it is called again with fewer of them. The shard may be a copy of one
    // customer (take_copy), whose index is 0.
    using Ask = std::function<void(const host::ShardView&,
                                   customer::CustomerIndex from,
                                   customer::CustomerIndex to,
                                   expr::Interrupt& interrupt)>;

    explicit Walk(host::Host& host);

    // From the beginning, each time. False when `stopping` (may be null) became true; then the pass
    // is not whole.
    bool run(const Read& read, const std::atomic<bool>* stopping = nullptr);
    bool run(const Ask& ask, const std::atomic<bool>* stopping = nullptr);

    static constexpr std::chrono::hours no_end{24 * 365};
    // A pass in several calls, each of one slice at least, and of no other once `time` is over.
    enum class End { Whole, Stopped, Paused };
    End run_for(std::chrono::milliseconds time,
                const Ask& ask,
                const std::atomic<bool>* stopping = nullptr);

private:
    // The shards of a worker, and how far the pass has come.
    struct Way {
        std::vector<engine::ShardId> shards;
        std::size_t next = 0;  // Of `shards`.
        std::size_t from = 0;  // The next customer of that shard.
        bool is_whole() const { return next == shards.size(); }
    };
    Way way_of(std::size_t worker) const;
    void begin();
    // False when it was stopped in between: then the pass cannot go on.
    bool ask_slice(const Ask& ask, const std::atomic<bool>* stopping, Way& way);
    bool ask_copy(const Ask& ask,
                  const std::atomic<bool>* stopping,
                  engine::ShardId shard,
                  customer::CustomerIndex customer);
    void adapt(std::int64_t took_micros, bool was_full);

    host::Host& host_;
    std::size_t slice_;
    std::size_t worker_ = 0;
    Way way_;  // Of that worker.
};

// A shard with a copy of that customer alone (engine/customer_copy.h), taken in slices. Blocks.
std::unique_ptr<engine::Shard> take_copy(host::Host& host,
                                         engine::ShardId shard,
                                         customer::CustomerIndex customer);

}  // namespace winback::api
