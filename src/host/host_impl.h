// The inside of a Host, shared by the files that each carry a part of it: opening.cc (start and
// resume), host.cc (inputs), asking.cc (reading). Not for use outside this folder.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "host/approvals.h"
#include "host/audit.h"
#include "host/dispatcher.h"
#include "host/host.h"
#include "host/reading.h"
#include "host/shared.h"
#include "host/users.h"
#include "host/worker.h"

namespace winback::host {

inline constexpr std::string_view origin_key = "origin";
inline constexpr std::string_view models_key = "models";

inline Error stopped() {
    return {ErrorCode::Unavailable, "the server is stopping; send it again"};
}

struct Host::Impl : Outlet {
    Shared shared;
    std::unique_ptr<Dispatcher> dispatcher;
    std::vector<std::unique_ptr<Worker>> workers;
    std::unique_ptr<Users> users;
    std::unique_ptr<Keys> keys;
    std::unique_ptr<Audit> audit;
    std::unique_ptr<Approvals> approvals;
    Origin origin;
    std::mutex origin_mutex;
    std::mutex load_mutex;  // One playbook or fit at a time.
    Duration start_duration;
    bool working = false;  // Inline: inside run_until_idle.
    std::atomic<bool> closed{false};

    bool is_inline() const { return shared.options.mode == Mode::Inline; }
    Worker& worker_of(ShardId shard) { return *workers[shard % workers.size()]; }

    void push(ShardId shard, Item item) override {
        std::vector<Item> items;
        items.push_back(std::move(item));
        worker_of(shard).push(items);
    }

    Status open_parts(HostOptions options);
    Status load_shards();
    Status resume();
    Status resume_definitions();
    void submit(std::vector<InputItem> inputs, Acknowledge done);
    Status apply_to_all(const std::function<Body()>& make_body);
    void run_inline();
    void query(const std::vector<ShardId>& shards, const std::function<void(ShardView)>& read);
    Result<std::vector<TimelineEntry>> read_timeline(std::string_view customer_id,
                                                     TimelinePart part);
};

}  // namespace winback::host
