#include "api/behind.h"

#include <utility>

namespace winback::api {

Behind::Behind(Desk& desk) : waiting_max_(desk.options().waiting_max) {
    if (desk.options().threads > 0) {
        thread_ = std::thread([this] { run(); });
    }
}

Behind::~Behind() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool Behind::post(std::function<void()> work) {
    if (!thread_.joinable()) {
        work();
        return true;
    }
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() >= waiting_max_) {
            return false;
        }
        waiting_.push_back(std::move(work));
    }
    arrived_.notify_one();
    return true;
}

void Behind::run() {
    give_way();
    for (;;) {
        std::function<void()> work;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (stopping_) {
                return;
            }
            work = std::move(waiting_.front());
            waiting_.pop_front();
        }
        work();
    }
}

}  // namespace winback::api
