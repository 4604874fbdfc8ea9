#include "api/desk.h"

#include <limits>
#include <utility>

#include <sys/resource.h>

#include "api/access.h"
#include "api/directory.h"
#include "api/idempotency.h"
#include "api/overview_cache.h"
#include "host/host.h"

namespace winback::api {

void give_way() {
    constexpr int niceness = 5;  // A third of the share of a thread at 0.
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, niceness));
}

Desk::Desk(host::Host& host, DeskOptions options)
    : host_(host),
      options_(options),
      idempotency_(std::make_shared<Idempotency>(host.store())),
      overviews_(
          std::make_unique<OverviewCache>(host, options.overview_age_max, options.threads > 0)) {
    for (int i = 0; i < options_.threads; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

Desk::~Desk() {
    stop();
}

void Desk::stop() {
    overviews_->stop();
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
    threads_.clear();
    {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
    }
    // They may have threads that ask the host, and this desk for other parts.
    std::map<std::type_index, std::shared_ptr<void>> parts;
    {
        const std::lock_guard lock(parts_mutex_);
        parts = std::exchange(parts_, {});
    }
}

bool Desk::post(std::function<void()> work) {
    return put(std::move(work), options_.waiting_max);
}

bool Desk::put(std::function<void()> work, std::size_t waiting_max) {
    if (options_.threads == 0) {
        work();
        return true;
    }
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || waiting_.size() >= waiting_max) {
            return false;
        }
        waiting_.push_back(std::move(work));
    }
    arrived_.notify_one();
    return true;
}

std::size_t Desk::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void Desk::run() {
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

http::Handler Desk::handler(const std::shared_ptr<Desk>& desk, Answer answer) {
    return [desk, answer = std::move(answer)](const http::RequestPtr& request, http::Reply reply) {
        Desk& at = *desk;
        const bool taken = at.post([&at, answer, request, reply] { reply(answer(at, *request)); });
        if (!taken) {
            http::Response busy = http::error(
                503, "unavailable", "too many questions are waiting; ask again in a second");
            busy.set("Retry-After", "1");
            reply(std::move(busy));
        }
    };
}

Directory& Desk::directory() {
    std::call_once(directory_made_, [this] {
        directory_ = std::make_shared<Directory>(host_.shard_count());
        host_.watch(directory_);
    });
    return *directory_;
}

http::Response Desk::stream(const std::shared_ptr<Desk>& desk,
                            http::Response head,
                            Produce produce) {
    return stream(desk, desk, std::move(head), std::move(produce));
}

http::Response Desk::stream(const std::shared_ptr<Desk>& desk,
                            const std::shared_ptr<Desk>& room,
                            http::Response head,
                            Produce produce) {
    const auto shared = std::make_shared<Produce>(std::move(produce));
    head.stream = http::pull_stream([desk, room, shared](const http::GivePiece& give) {
        Desk& at = *desk;
        // A body that has begun must go on; the server bounds how many there are.
        constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
        room->put([&at, shared, give] { give((*shared)(at)); }, no_limit);
    });
    return head;
}

OverviewPtr Desk::overview() {
    return overviews_->latest();
}

}  // namespace winback::api
