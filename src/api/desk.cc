#include "api/desk.h"

#include <limits>
#include <utility>

#include "api/access.h"
#include "api/idempotency.h"
#include "host/host.h"
#include "host/setting.h"
#include "report/overview.h"
#include "report/rhythm.h"

namespace winback::api {
namespace {

Overview compute(host::Host& host) {
    const std::size_t shards = host.shard_count();
    std::vector<report::GapCounts> gaps(shards);
    host.query([&](host::ShardView view) { gaps[view.id] = report::count_gaps(view.shard); });
    for (std::size_t i = 1; i < shards; ++i) {
        report::merge(gaps[0], gaps[i]);
    }
    const Duration shop_gap = report::median_gap(gaps[0]);
    // One moment for all shards: the sum must not depend on which worker was slow.
    const Timestamp now = host.now();
    std::vector<report::Totals> totals(shards);
    host.query(
        [&](host::ShardView view) { report::collect(totals[view.id], view.shard, shop_gap, now); });
    for (std::size_t i = 1; i < shards; ++i) {
        report::merge(totals[0], totals[i]);
    }
    const engine::DefinitionsPtr definitions = host.definitions();
    Overview overview{
        .tree = report::overview_value(totals[0], definitions.get(), host.models(), shop_gap, now),
        .shop_gap = shop_gap};
    const host::Host::Origin origin = host.origin();
    overview.tree.set("replay_of", origin.replay_of.empty() ? Value() : Value(origin.replay_of));
    // What the last replay left; a folder whose row cannot be read shows none.
    const Result<Value> calibration = host::read_setting(host.store(), host::calibration_setting);
    overview.tree.set("calibration", calibration ? *calibration : Value());
    return overview;
}

}  // namespace

Desk::Desk(host::Host& host, DeskOptions options)
    : host_(host), options_(options), idempotency_(std::make_shared<Idempotency>(host.store())) {
    for (int i = 0; i < options_.threads; ++i) {
        threads_.emplace_back([this] { run(); });
    }
}

Desk::~Desk() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool Desk::post(std::function<void()> work) {
    return put(std::move(work), options_.waiting_max);
}

bool Desk::put(std::function<void()> work, std::size_t waiting_max) {
    if (threads_.empty()) {
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

http::Response Desk::stream(const std::shared_ptr<Desk>& desk,
                            http::Response head,
                            Produce produce) {
    const auto shared = std::make_shared<Produce>(std::move(produce));
    head.stream = http::pull_stream([desk, shared](const http::GivePiece& give) {
        Desk& at = *desk;
        // A body that has begun must go on; the server bounds how many there are.
        constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
        at.put([&at, shared, give] { give((*shared)(at)); }, no_limit);
    });
    return head;
}

OverviewPtr Desk::overview() {
    const std::lock_guard lock(overview_mutex_);
    const Timestamp now = wall_clock();
    const bool fresh = overview_ != nullptr && now >= overview_computed_ &&
                       now - overview_computed_ < options_.overview_age_max;
    if (!fresh) {
        overview_ = std::make_shared<const Overview>(compute(host_));
        overview_computed_ = wall_clock();
    }
    return overview_;
}

}  // namespace winback::api
