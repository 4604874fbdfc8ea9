// Where the shell takes the time from. The engine never asks: it is told (engine/input.h).
#pragma once

#include <atomic>

#include "base/time.h"

namespace winback::host {

class Clock {
public:
    virtual ~Clock() = default;
    virtual Timestamp now() const = 0;  // Any thread.
};

// The wall clock plus a fixed offset, which a data folder keeps: the folder of a replay lives on
// from the last moment of its data, not in a present in which everybody has left.
class SystemClock final : public Clock {
public:
    explicit SystemClock(Duration offset = {}) : offset_(offset) {}
    Timestamp now() const override;

private:
    Duration offset_;
};

// Stands still until it is moved: replays and tests.
class VirtualClock final : public Clock {
public:
    explicit VirtualClock(Timestamp start) : now_ms_(start.ms) {}
    Timestamp now() const override { return {now_ms_.load(std::memory_order_acquire)}; }
    // Going back is ignored.
    void set(Timestamp time);
    void advance(Duration by) { set(now() + by); }

private:
    std::atomic<std::int64_t> now_ms_;
};

}  // namespace winback::host
