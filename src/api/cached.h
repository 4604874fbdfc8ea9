// An answer that takes a pass over the base, kept for a while: who asks gets the last one at once,
// and when it is old a new one is computed behind their back.
//
// Only the first caller waits. One computation is under way at a time; it may outlive the cache,
// so `compute` must hold nothing but what lives as long as the desk. With an age of zero (tests)
// every call computes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "api/access.h"
#include "api/behind.h"
#include "api/desk.h"
#include "base/time.h"

namespace winback::api {

template <class T>
class Cached {
public:
    using Pointer = std::shared_ptr<const T>;

    Cached(Desk& desk, Duration age_max, std::function<T(Desk&)> compute)
        : state_(std::make_shared<State>(desk, age_max, std::move(compute))) {}

    // Blocks for the first answer.
    Pointer get() {
        const std::shared_ptr<State> state = state_;
        std::unique_lock lock(state->mutex);
        if (state->value == nullptr || state->age_max <= Duration{}) {
            state->renew(lock);
            return state->value;
        }
        const Timestamp now = wall_clock();
        const bool fresh = now >= state->computed && now - state->computed < state->age_max;
        const Pointer value = state->value;
        if (fresh || state->under_way) {
            return value;
        }
        state->under_way = true;
        lock.unlock();  // A desk without threads does the work inside the call.
        const bool taken = state->desk.template part<Behind>().post([state] {
            std::unique_lock own(state->mutex);
            state->renew(own);
            state->under_way = false;
        });
        if (!taken) {
            lock.lock();
            state->under_way = false;
        }
        return value;
    }

private:
    struct State {
        State(Desk& at, Duration age, std::function<T(Desk&)> how)
            : desk(at), age_max(age), compute(std::move(how)) {}

        // The lock is given back meanwhile, unless there is nothing to show yet.
        void renew(std::unique_lock<std::mutex>& lock) {
            const bool others_wait = value == nullptr;
            if (!others_wait) {
                lock.unlock();
            }
            auto next = std::make_shared<const T>(compute(desk));
            if (!others_wait) {
                lock.lock();
            }
            value = std::move(next);
            computed = wall_clock();
        }

        Desk& desk;
        Duration age_max;
        std::function<T(Desk&)> compute;
        std::mutex mutex;
        Pointer value;
        Timestamp computed;
        bool under_way = false;
    };

    std::shared_ptr<State> state_;
};

}  // namespace winback::api
