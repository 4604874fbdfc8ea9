// An answer that takes a pass over the base, kept for a while: who asks gets the last one at once,
// and when it is old a new one is computed on the desk behind their back.
//
// Only the first caller waits. One computation is under way at a time. With an age of zero (tests)
// every call computes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "api/access.h"
#include "api/desk.h"
#include "base/time.h"

namespace winback::api {

template <class T>
class Cached {
public:
    using Pointer = std::shared_ptr<const T>;

    Cached(Desk& desk, Duration age_max, std::function<T(Desk&)> compute)
        : desk_(desk), age_max_(age_max), compute_(std::move(compute)) {}

    // Blocks for the first answer.
    Pointer get() {
        std::unique_lock lock(mutex_);
        if (value_ == nullptr || age_max_ <= Duration{}) {
            renew(lock);
            return value_;
        }
        const Timestamp now = wall_clock();
        const bool fresh = now >= computed_ && now - computed_ < age_max_;
        const Pointer value = value_;
        if (fresh || under_way_) {
            return value;
        }
        under_way_ = true;
        lock.unlock();  // A desk without threads does the work inside the call.
        const bool taken = desk_.post([this] {
            std::unique_lock own(mutex_);
            renew(own);
            under_way_ = false;
        });
        if (!taken) {
            lock.lock();
            under_way_ = false;
        }
        return value;
    }

private:
    // The lock is given back meanwhile, unless there is nothing to show yet.
    void renew(std::unique_lock<std::mutex>& lock) {
        const bool others_wait = value_ == nullptr;
        if (!others_wait) {
            lock.unlock();
        }
        auto next = std::make_shared<const T>(compute_(desk_));
        if (!others_wait) {
            lock.lock();
        }
        value_ = std::move(next);
        computed_ = wall_clock();
    }

    Desk& desk_;
    Duration age_max_;
    std::function<T(Desk&)> compute_;
    std::mutex mutex_;
    Pointer value_;
    Timestamp computed_;
    bool under_way_ = false;
};

}  // namespace winback::api
