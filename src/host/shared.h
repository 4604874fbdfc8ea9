// What the parts of a Host share. Not for use outside this folder.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/input.h"
#include "host/applying.h"
#include "host/host.h"
#include "host/shelf.h"
#include "store/store.h"

namespace winback::host {

using Body = decltype(engine::Input::body);

// Inputs that are acknowledged together: once, when the last is durable or the first has failed.
class Ticket {
public:
    Ticket(std::size_t inputs, Acknowledge done) : left_(inputs), done_(std::move(done)) {}
    void durable() {
        if (left_.fetch_sub(1) == 1 && !failed_.load()) {
            done_(Ok{});
        }
    }
    void fail(const Error& error) {
        if (!failed_.exchange(true)) {
            done_(error);
        }
    }

private:
    std::atomic<std::size_t> left_;
    std::atomic<bool> failed_{false};
    Acknowledge done_;
};
using TicketPtr = std::shared_ptr<Ticket>;

struct InputItem {
    engine::ShardId shard = 0;
    Body body;
    TicketPtr ticket;  // Null for inputs of our own.
};
struct HandoverItem {
    engine::ShardId shard = 0;  // The receiver.
    engine::ShardId from = 0;
    std::uint64_t n = 0;
    engine::Handover handover;
};
// Runs on the worker between batches.
struct CallItem {
    std::function<void()> call;
};
struct FlushItem {
    TicketPtr ticket;
};
using Item = std::variant<InputItem, HandoverItem, CallItem, FlushItem>;

struct Counters {
    std::atomic<std::uint64_t> inputs{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<std::uint64_t> batches{0};
    std::atomic<std::uint64_t> replayed{0};
    std::atomic<std::int64_t> open_items{0};  // Pushed and not yet fully worked off.
    std::array<std::atomic<std::uint64_t>, message::message_state_count> message_states{};
    std::array<std::atomic<std::uint64_t>, LatencyCounts::bounds_micros.size() + 1> latency{};
    std::atomic<std::uint64_t> latency_micros{0};

    void count_batch(std::int64_t micros) {
        const auto& bounds = LatencyCounts::bounds_micros;
        const auto place = std::lower_bound(bounds.begin(), bounds.end(), micros) - bounds.begin();
        latency.at(static_cast<std::size_t>(place)) += 1;
        latency_micros += static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
    }
    void count_message(message::MessageState state) {
        message_states.at(static_cast<std::size_t>(state)) += 1;
    }
};

// A part that carries effects out; implemented by Host.
class Outlet {
public:
    virtual ~Outlet() = default;
    virtual void push(engine::ShardId shard, Item item) = 0;
};

struct Shared {
    HostOptions options;
    std::unique_ptr<store::Store> store;
    std::shared_ptr<const Clock> clock;
    std::unique_ptr<Applying> applying;
    std::unique_ptr<Shelf> shelf;
    Counters counters;
    std::atomic<bool> failed{false};
    Outlet* outlet = nullptr;
    std::size_t workers = 1;

    // A write or read failed: nothing more is acknowledged. Calls on_fatal once, or ends the
    // process.
    void fatal(const Error& error);
};

inline std::int64_t steady_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace winback::host
