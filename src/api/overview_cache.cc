#include "api/overview_cache.h"

#include <algorithm>
#include <filesystem>

#include "api/first_weekday.h"
#include "api/walk.h"
#include "host/fits.h"
#include "host/host.h"
#include "host/setting.h"
#include "report/attention.h"
#include "report/overview.h"
#include "report/rhythm.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

std::optional<double> disk_free_share(const std::string& folder) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    if (error || space.capacity == 0) {
        return std::nullopt;
    }
    return static_cast<double>(space.available) / static_cast<double>(space.capacity);
}

double number_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? 0 : value->number_or(0);
}

// What the last fit and the last comparison with later orders say.
void add_fits(host::Host& host, const Value& calibration, report::AttentionInputs& inputs) {
    const ValueMap* checked = calibration.as_map();
    const Result<ValueList> fits = host::read_fits(host.store());
    if (fits.has_value() && !fits->empty()) {
        const ValueMap& last = *fits->back().as_map();
        inputs.fit_failed = last.find("error") != nullptr;
        const Value* check = last.find("check");
        checked = check != nullptr && check->as_map() != nullptr ? check->as_map() : checked;
    }
    if (checked != nullptr) {
        inputs.calibration = {number_at(*checked, "predicted_orders"),
                              number_at(*checked, "actual_orders")};
    }
}

ValueMap tree_of(host::Host& host,
                 const report::Totals& totals,
                 const report::PassOptions& options) {
    const engine::DefinitionsPtr definitions = host.definitions();
    const std::optional<model::FittedModels> models = host.models();
    ValueMap tree = report::overview_value(totals, definitions.get(), models, options);
    const host::Host::Origin origin = host.origin();
    tree.set("replay_of", origin.replay_of.empty() ? Value() : Value(origin.replay_of));
    // What the last replay left; a folder whose row cannot be read shows none.
    const Result<Value> calibration = host::read_setting(host.store(), host::calibration_setting);
    report::AttentionInputs inputs{.totals = &totals,
                                   .definitions = definitions.get(),
                                   .models = &models,
                                   .now = options.now,
                                   .replay = !origin.replay_of.empty(),
                                   .disk_free_share = disk_free_share(host.store().folder()),
                                   .calibration = {},
                                   .fit_failed = false};
    add_fits(host, calibration ? *calibration : Value(), inputs);
    tree.set("attention", report::to_value(report::attention(inputs)));
    tree.set("calibration", calibration ? *calibration : Value());
    return tree;
}

}  // namespace

OverviewCache::OverviewCache(host::Host& host, Duration age_max, bool with_thread)
    : host_(host), age_max_(age_max), with_thread_(with_thread) {}

OverviewCache::~OverviewCache() {
    stop();
}

void OverviewCache::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

// Nobody was there: the first import must show at once, and to look again costs next to nothing.
bool OverviewCache::is_empty() const {
    return latest_ != nullptr && number_at(latest_->tree, "customers") == 0;
}

bool OverviewCache::is_old() const {
    if (is_empty()) {
        return true;
    }
    const auto age_max = std::max<Clock::duration>(std::chrono::milliseconds(age_max_.ms),
                                                   took_ * (with_thread_ ? rest_factor : 0));
    return latest_ == nullptr || Clock::now() - computed_ >= age_max;
}

OverviewPtr OverviewCache::latest() {
    static const auto not_ready = std::make_shared<const Overview>();
    std::unique_lock lock(mutex_);
    if (!is_old() || stopping_) {
        return latest_ == nullptr ? not_ready : latest_;
    }
    if (!with_thread_) {
        latest_ = compute();
        computed_ = Clock::now();
        return latest_;
    }
    wanted_ = true;
    if (!thread_.joinable()) {
        thread_ = std::thread([this] { run(); });
    }
    changed_.notify_all();
    constexpr int patience_with_nothing = 20;
    const std::chrono::milliseconds patience(overview_patience.ms *
                                             (is_empty() ? patience_with_nothing : 1));
    if (latest_ == nullptr || took_ < patience) {
        changed_.wait_for(lock, patience, [this] { return !wanted_ || stopping_; });
    }
    return latest_ == nullptr ? not_ready : latest_;
}

void OverviewCache::run() {
    give_way();
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return wanted_ || stopping_; });
        if (stopping_) {
            return;
        }
        lock.unlock();
        const Clock::time_point begun = Clock::now();
        OverviewPtr computed = compute();
        lock.lock();
        wanted_ = false;
        if (computed != nullptr) {
            latest_ = std::move(computed);
            computed_ = Clock::now();
            took_ = computed_ - begun;
        }
        changed_.notify_all();
    }
}

// Null when it was stopped.
OverviewPtr OverviewCache::compute() {
    Walk walk(host_);
    report::GapCounts gaps;
    const bool counted =
        walk.run([&](const host::ShardView& view, CustomerIndex from,
                     CustomerIndex to) { report::count_gaps(gaps, view.shard, from, to); },
                 &stopping_);
    // One moment for all shards: the sum must not depend on which worker was slow.
    const engine::DefinitionsPtr definitions = host_.definitions();
    const report::PassOptions options{
        .now = host_.now(),
        .shop_gap = report::median_gap(gaps),
        .by_seen = !gaps.any_order,
        .first_weekday = first_weekday(definitions ? definitions->workspace.country : "")};
    report::Totals totals;
    const bool whole =
        counted &&
        walk.run([&](const host::ShardView& view, CustomerIndex from,
                     CustomerIndex to) { report::collect(totals, view.shard, options, from, to); },
                 &stopping_);
    if (!whole) {
        return nullptr;
    }
    return std::make_shared<const Overview>(Overview{
        .tree = tree_of(host_, totals, options), .shop_gap = options.shop_gap, .ready = true});
}

}  // namespace winback::api
