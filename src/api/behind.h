// One thread of a desk for work that nobody waits for, such as a pass over the base: one after the
// other, so that no page stands behind it. A part of the desk (Desk::part).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "api/desk.h"

namespace winback::api {

class Behind {
public:
    explicit Behind(Desk& desk);
    ~Behind();  // Waits for the work that has begun; what has not begun is dropped.
    Behind(const Behind&) = delete;
    Behind& operator=(const Behind&) = delete;

    // False when too much waits; the work was not taken. A desk without threads does it inside the
    // call.
    bool post(std::function<void()> work);

private:
    void run();

    const std::size_t waiting_max_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace winback::api
