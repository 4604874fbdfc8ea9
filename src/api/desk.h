// Where requests that read the base wait: a few threads, a bounded queue, and the overview that
// was computed last.
//
// Host::query blocks until every shard's worker has answered. The I/O threads must not wait, so
// they hand such requests to the desk. When its queue is full the answer is 503 at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <typeindex>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "http/router.h"
#include "http/stream.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::api {

struct DeskOptions {
    int threads = 2;  // 0: the work is done inside the call (tests, Inline hosts).
    std::size_t waiting_max = 256;
    // An overview older than this is computed anew behind the next look at it.
    Duration overview_age_max = seconds(5);
};

// The overview of the base with the moment at which it was computed.
struct Overview {
    ValueMap tree;                 // report::overview_value
    Duration shop_gap = days(30);  // As for a shop without repeat orders, until it is known.
    bool ready = false;            // False: the first one is being computed; the tree is empty.
};
using OverviewPtr = std::shared_ptr<const Overview>;
class OverviewCache;

class Directory;
class Idempotency;

// For a thread whose work nobody waits for: events and pages go before it when all cores are busy.
// Of the calling thread alone, as Linux counts it (setpriority(2)).
void give_way();

class Desk {
public:
    // The host must outlive the desk.
    explicit Desk(host::Host& host, DeskOptions options = {});
    ~Desk();  // Waits for the work that has begun; what has not begun is dropped.
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    host::Host& host() { return host_; }
    // The search tables. The first call fills them with all customers, and returns then.
    Directory& directory();
    // Held while a setting of the folder is read, changed and written back.
    std::unique_lock<std::mutex> lock_settings() { return std::unique_lock(settings_mutex_); }

    // A handler that runs on a thread of the desk. The handler keeps the desk alive; `answer` must
    // not, or the desk would have to end on one of its own threads.
    using Answer = std::function<http::Response(Desk& desk, const http::Request& request)>;
    static http::Handler handler(const std::shared_ptr<Desk>& desk, Answer answer);
    // `head` with a long body that is made piece by piece on the desk's threads, each when the
    // client has taken the one before. `produce` must not keep the desk alive.
    using Produce = std::function<http::Piece(Desk& desk)>;
    static http::Response stream(const std::shared_ptr<Desk>& desk,
                                 http::Response head,
                                 Produce produce);
    // The same on the threads of another one, a room of the desk.
    static http::Response stream(const std::shared_ptr<Desk>& desk,
                                 const std::shared_ptr<Desk>& room,
                                 http::Response head,
                                 Produce produce);
    // False when the queue is full; the work was not taken.
    bool post(std::function<void()> work);

    std::size_t waiting() const;

    // What parts of the API keep as long as the desk lives, such as caches: made from the desk when
    // it is asked for first. Its constructor must not ask for another part.
    template <class T>
    T& part() {
        const std::lock_guard lock(parts_mutex_);
        std::shared_ptr<void>& slot = parts_[std::type_index(typeid(T))];
        if (slot == nullptr) {
            slot = std::make_shared<T>(*this);
        }
        return *static_cast<T*>(slot.get());
    }
    const DeskOptions& options() const { return options_; }

    // Answers that are kept for requests that are sent twice. Kept alive by who has it.
    const std::shared_ptr<Idempotency>& idempotency() const { return idempotency_; }

    // The last one, at once (overview_cache.h). Without threads: at most overview_age_max old.
    OverviewPtr overview();
    // Ends the threads, before the host is closed. What has not begun is dropped.
    void stop();

private:
    bool put(std::function<void()> work, std::size_t waiting_max);
    void run();

    host::Host& host_;
    DeskOptions options_;
    std::once_flag directory_made_;
    std::shared_ptr<Directory> directory_;
    std::mutex settings_mutex_;
    std::shared_ptr<Idempotency> idempotency_;

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::function<void()>> waiting_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;

    std::unique_ptr<OverviewCache> overviews_;

    std::mutex parts_mutex_;
    std::map<std::type_index, std::shared_ptr<void>> parts_;
};

}  // namespace winback::api
