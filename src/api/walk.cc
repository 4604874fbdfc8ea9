#include "api/walk.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "engine/customer_copy.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using SteadyClock = std::chrono::steady_clock;

// Customers of a slice.
constexpr std::size_t slice_min = 1;
constexpr std::size_t slice_max = 1'000'000;
constexpr std::size_t slice_begin = 4;   // A condition may cost milliseconds a customer.
constexpr std::size_t slice_small = 64;  // Of fewer, most of the time may go into preparing.
constexpr std::size_t shards_of_a_slice_max = 64;

std::chrono::milliseconds milliseconds_of(Duration duration) {
    return std::chrono::milliseconds(duration.ms);
}

class UntilThen : public expr::Interrupt {
public:
    explicit UntilThen(SteadyClock::time_point end) : Interrupt(piece_max), end_(end) {}

private:
    bool is_due() override { return SteadyClock::now() >= end_; }

    static constexpr std::uint64_t piece_max = 4'000'000;
    SteadyClock::time_point end_;
};

class UntilStopped : public expr::Interrupt {
public:
    explicit UntilStopped(const std::atomic<bool>* stopping)  // May be null.
        : Interrupt(std::numeric_limits<std::uint64_t>::max()), stopping_(stopping) {}

private:
    bool is_due() override { return stopping_ != nullptr && *stopping_; }

    const std::atomic<bool>* stopping_;
};

}  // namespace

Walk::Walk(host::Host& host) : host_(host), slice_(slice_begin) {
    begin();
}

void Walk::begin() {
    worker_ = 0;
    way_ = way_of(0);
}

Walk::Way Walk::way_of(std::size_t worker) const {
    Way way;
    const std::size_t workers = host_.worker_count();
    for (std::size_t shard = worker; shard < host_.shard_count(); shard += workers) {
        way.shards.push_back(static_cast<engine::ShardId>(shard));
    }
    return way;
}

bool Walk::run(const Read& read, const std::atomic<bool>* stopping) {
    return run(Ask([&read](const host::ShardView& view, CustomerIndex from, CustomerIndex to,
                           expr::Interrupt&) { read(view, from, to); }),
               stopping);
}

bool Walk::run(const Ask& ask, const std::atomic<bool>* stopping) {
    begin();
    return run_for(no_end, ask, stopping) == End::Whole;
}

Walk::End Walk::run_for(std::chrono::milliseconds time,
                        const Ask& ask,
                        const std::atomic<bool>* stopping) {
    const SteadyClock::time_point over = SteadyClock::now() + time;
    bool has_read = false;
    for (; worker_ < host_.worker_count(); way_ = way_of(++worker_)) {
        while (!way_.is_whole()) {
            if (stopping != nullptr && *stopping) {
                return End::Stopped;
            }
            if (has_read && SteadyClock::now() >= over) {
                return End::Paused;
            }
            if (!ask_slice(ask, stopping, way_)) {
                return End::Stopped;
            }
            has_read = true;
        }
    }
    return End::Whole;
}

bool Walk::ask_slice(const Ask& ask, const std::atomic<bool>* stopping, Way& way) {
    const std::size_t count = std::min(way.shards.size() - way.next, shards_of_a_slice_max);
    const auto first = way.shards.begin() + static_cast<std::ptrdiff_t>(way.next);
    std::size_t left = slice_;
    std::size_t given_up = 0;  // So many customers at once.
    std::optional<std::pair<engine::ShardId, CustomerIndex>> dear;
    SteadyClock::duration took{};
    host_.query_shards({first, first + static_cast<std::ptrdiff_t>(count)},
                       [&](const host::ShardView& view) {
                           if (left == 0 || (stopping != nullptr && *stopping)) {
                               return;  // Of the next slice.
                           }
                           const SteadyClock::time_point begun = SteadyClock::now();
                           const std::size_t size = view.shard.customers().size();
                           const std::size_t to = std::min(size, way.from + left);
                           if (way.from < to) {
                               UntilThen until(begun + milliseconds_of(slice_end) - took);
                               const auto from = static_cast<CustomerIndex>(way.from);
                               ask(view, from, static_cast<CustomerIndex>(to), until);
                               if (until.given_up()) {
                                   given_up = to - way.from;
                                   left = 0;
                                   if (given_up > 1) {
                                       return;
                                   }
                                   dear = {view.id, from};
                               }
                           }
                           left -= std::min(left, to - std::min(way.from, to));
                           way.from = to;
                           if (to == size) {
                               way.next += 1;
                               way.from = 0;
                           }
                           took += SteadyClock::now() - begun;
                       });
    if (given_up > 0) {
        slice_ = std::max(given_up / 8, slice_min);
        return !dear || ask_copy(ask, stopping, dear->first, dear->second);
    }
    adapt(std::chrono::duration_cast<std::chrono::microseconds>(took).count(), left == 0);
    return true;
}

bool Walk::ask_copy(const Ask& ask,
                    const std::atomic<bool>* stopping,
                    engine::ShardId id,
                    CustomerIndex customer) {
    const std::unique_ptr<engine::Shard> alone = take_copy(host_, id, customer);
    UntilStopped until(stopping);
    ask({*alone, id, host_.now()}, 0, 1, until);
    return !until.given_up();
}

std::unique_ptr<engine::Shard> take_copy(host::Host& host,
                                         engine::ShardId id,
                                         CustomerIndex customer) {
    engine::CustomerCopy copy(customer);
    bool whole = false;
    while (!whole) {
        host.query_shard(id, [&](const host::ShardView& view) {
            UntilThen until(SteadyClock::now() + milliseconds_of(slice_target));
            whole = copy.take(view.shard, until);
        });
    }
    return copy.open();
}

void Walk::adapt(std::int64_t took_micros, bool was_full) {
    const std::int64_t target = slice_target.ms * 1000;
    if (took_micros > target && slice_ > slice_small) {
        slice_ = slice_ / 2;
    } else if (took_micros < (slice_ < slice_small ? target * 3 / 2 : target / 2) && was_full) {
        // In a few steps from the first few customers to a whole base.
        const std::int64_t times = target / (2 * std::max<std::int64_t>(took_micros, 1));
        slice_ = std::min(slice_ * static_cast<std::size_t>(std::clamp<std::int64_t>(times, 2, 16)),
                          slice_max);
    }
}

}  // namespace winback::api
