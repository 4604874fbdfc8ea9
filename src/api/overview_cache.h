// The overview of the base: computed in the background, shown from memory.
//
// Who asks gets the last one at once, and an old one is computed anew meanwhile. The pass over the
// base goes shard by shard in slices of a few milliseconds, so that inputs never wait long for it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "api/desk.h"

namespace winback::api {

class OverviewCache {
public:
    // The thread starts with the first question. Without a thread everything is computed inside the
    // calls. The host must outlive the cache.
    OverviewCache(host::Host& host, Duration age_max, bool with_thread);
    ~OverviewCache();
    OverviewCache(const OverviewCache&) = delete;
    OverviewCache& operator=(const OverviewCache&) = delete;

    // At most overview_patience long: until then a small base is computed. What is not ready has
    // `ready` false and an empty tree.
    OverviewPtr latest();
    // Ends the thread, also in the middle of a pass; `latest` then gives what there is.
    void stop();

private:
    using Clock = std::chrono::steady_clock;

    void run();
    bool is_empty() const;
    bool is_old() const;
    OverviewPtr compute();

    host::Host& host_;
    const Duration age_max_;
    const bool with_thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    OverviewPtr latest_;
    Clock::time_point computed_;
    Clock::duration took_{};
    bool wanted_ = false;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

constexpr Duration overview_patience = milliseconds(30);
// The base is passed over at most for this share of the time, however often somebody looks.
constexpr int rest_factor = 10;

}  // namespace winback::api
