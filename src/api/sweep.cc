#include "api/sweep.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/audit.h"
#include "api/walk.h"
#include "base/civil.h"
#include "customer/silence.h"
#include "host/host.h"
#include "host/setting.h"

namespace winback::api {
namespace {

constexpr std::string_view sweep_setting = "sweep";
constexpr Duration look_pause = seconds(5);
constexpr std::int64_t noted_every = 500;  // Erasures after which the state is written.
constexpr std::int64_t ms_per_day = 86'400'000;

ValueMap read_state(const store::Store& store) {
    const Result<Value> value = host::read_setting(store, sweep_setting);
    return value && value->as_map() != nullptr ? *value->as_map() : ValueMap();
}

std::int64_t number_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_int() == nullptr ? 0 : *value->as_int();
}

std::optional<Timestamp> moment_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_time() == nullptr ? std::nullopt
                                                           : std::optional(*value->as_time());
}

std::string clock_text(int minutes) {
    return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

std::string text_of(const std::optional<CalendarStep>& silent) {
    return silent ? format_calendar_step(*silent) : "off";
}

// What a run goes by: when it changes, the next run is set anew.
std::string rule_of(const engine::Workspace& workspace) {
    return text_of(workspace.keep.silent_customers) + " " + clock_text(workspace.keep.at_min) +
           " " + std::string(zone_name(*workspace.zone));
}

bool is_replay(host::Host& host) {
    return !host.origin().replay_of.empty();
}

}  // namespace

Timestamp next_sweep(const Zone& zone, Timestamp after, int at_min) {
    const CivilTime today = local_time(zone, after).civil;
    const std::int64_t first = days_from_civil(today.year, today.month, today.day);
    for (std::int64_t day = first;; ++day) {
        CivilTime local = civil_from_timestamp({day * ms_per_day});
        local.hour = at_min / 60;
        local.minute = at_min % 60;
        if (const Timestamp moment = from_local(zone, local); moment > after) {
            return moment;
        }
    }
}

std::int64_t silent_count(Desk& desk, Timestamp since) {
    std::int64_t count = 0;
    Walk(desk.host())
        .run([&](const host::ShardView& view, customer::CustomerIndex from,
                 customer::CustomerIndex to) {
            const customer::Silence silence(view.shard.customers());
            for (customer::CustomerIndex c = from; c < to; ++c) {
                count += silence.holds(c, since) ? 1 : 0;
            }
        });
    return count;
}

ValueMap describe_keep(Desk& desk, const std::optional<std::string>& silent) {
    ValueMap map;
    host::Host& host = desk.host();
    const engine::DefinitionsPtr definitions = host.definitions();
    if (definitions == nullptr) {
        return map;
    }
    const engine::Workspace& workspace = definitions->workspace;
    std::optional<CalendarStep> step = workspace.keep.silent_customers;
    if (silent) {
        const Result<CalendarStep> wanted = parse_calendar_step(*silent);
        step = wanted && engine::may_keep(*wanted) ? std::optional(*wanted) : std::nullopt;
    }
    const ValueMap state = read_state(host.store());
    const Value* rule = state.find("rule");
    const bool known = rule != nullptr && *rule == Value(rule_of(workspace));
    const bool runs = step.has_value() && !is_replay(host);
    const Timestamp next = known && !silent
                               ? moment_at(state, "next").value_or(host.now())
                               : next_sweep(*workspace.zone, host.now(), workspace.keep.at_min);
    const Value* last = state.find("last");
    map.set("silent_customers", text_of(step));
    map.set("months", std::int64_t{step ? step->months : 0});
    map.set("days", std::int64_t{step ? step->days : 0});
    map.set("at", clock_text(workspace.keep.at_min));
    map.set(
        "would_erase",
        step ? Value(silent_count(desk, subtract(*workspace.zone, host.now(), *step))) : Value());
    map.set("next_run", runs ? Value(next) : Value());
    map.set("last_run", last == nullptr ? Value() : *last);
    map.set("run_max", static_cast<std::int64_t>(sweep_erased_max));
    map.set("replay", is_replay(host));
    return map;
}

// One run under way.
struct Sweep::Run {
    Timestamp since;      // Who was heard of then or later stays.
    std::string why;      // As the command says it.
    ValueMap state;       // Of the setting.
    std::int64_t erased;  // Also before the server ended, if this goes on.
};

Sweep::Sweep(Desk& desk, SweepOptions options) : desk_(desk), options_(std::move(options)) {
    if (options_.threads) {
        thread_ = std::thread([this] { watch(); });
    }
}

Sweep::~Sweep() {
    stop();
}

void Sweep::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    stopped_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool Sweep::stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void Sweep::watch() {
    give_way();
    for (;;) {
        look();
        std::unique_lock lock(mutex_);
        if (stopped_.wait_for(lock, std::chrono::milliseconds(look_pause.ms),
                              [this] { return stopping_; })) {
            return;
        }
    }
}

void Sweep::keep_state(const ValueMap& state) {
    static_cast<void>(host::write_setting(desk_.host().store(), sweep_setting, Value(state)));
}

void Sweep::look() {
    host::Host& host = desk_.host();
    const engine::DefinitionsPtr definitions = host.definitions();
    if (definitions == nullptr || is_replay(host) || !host.takes_inputs()) {
        return;
    }
    const engine::Workspace& workspace = definitions->workspace;
    ValueMap state = read_state(host.store());
    const Value* known = state.find("rule");
    const std::string rule = rule_of(workspace);
    if (known == nullptr || !(*known == Value(rule))) {
        state.set("rule", rule);
        state.set("next", next_sweep(*workspace.zone, host.now(), workspace.keep.at_min));
        state.erase("under_way");
        keep_state(state);
        return;
    }
    const std::optional<Timestamp> next = moment_at(state, "next");
    if (workspace.keep.silent_customers && next && host.now() >= *next) {
        run(workspace, std::move(state));
    }
}

void Sweep::run(const engine::Workspace& workspace, ValueMap state) {
    host::Host& host = desk_.host();
    const Timestamp begun = host.now();
    const CalendarStep& keep = *workspace.keep.silent_customers;
    Run run{.since = subtract(*workspace.zone, begun, keep),
            .why = "silent for " + format_calendar_step(keep),
            .state = std::move(state),
            .erased = 0};
    run.erased = number_at(run.state, "under_way");
    for (std::uint32_t shard = 0; shard < host.shard_count(); ++shard) {
        if (!sweep_shard(static_cast<std::uint16_t>(shard), run)) {
            break;
        }
    }
    if (stopping()) {
        run.state.set("under_way", run.erased);
        keep_state(run.state);
        return;
    }
    const bool full = run.erased >= static_cast<std::int64_t>(options_.erased_max);
    ValueMap last;
    last.set("silent_customers", format_calendar_step(keep));
    last.set("erased", run.erased);
    last.set("left", full ? silent_count(desk_, run.since) : 0);
    record_change(desk_, host::Actor{host::ActorKind::Rule, {}, "keep.silent_customers"},
                  {.what = "workspace.sweep", .target = "workspace", .before = {}, .after = last});
    if (options_.log) {
        options_.log(fmt::format("erased {} customers who were {}", run.erased, run.why));
    }
    last.set("at", begun);
    run.state.set("last", std::move(last));
    run.state.set("next", next_sweep(*workspace.zone, host.now(), workspace.keep.at_min));
    run.state.erase("under_way");
    keep_state(run.state);
}

// False when the run is over: it has erased enough, or the server ends.
bool Sweep::sweep_shard(std::uint16_t shard, Run& run) {
    bool more = true;
    for (customer::CustomerIndex from = 0; more;) {
        const auto left = options_.erased_max - static_cast<std::size_t>(run.erased);
        const std::size_t wanted = std::min(left, sweep_slice_customers);
        if (stopping() || left == 0 ||
            run.erased >= static_cast<std::int64_t>(options_.erased_max)) {
            return false;
        }
        std::vector<std::string> ids;
        desk_.host().query_shard(shard, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const customer::Silence silence(customers);
            const std::size_t end = std::min(customers.size(), from + sweep_looked_at_max);
            for (; from < end && ids.size() < wanted; ++from) {
                if (silence.holds(from, run.since)) {
                    ids.emplace_back(customers.id(from));
                }
            }
            more = from < customers.size();
        });
        if (!ids.empty()) {
            erase(shard, ids, run);
        }
    }
    return true;
}

void Sweep::erase(std::uint16_t shard, const std::vector<std::string>& ids, Run& run) {
    std::vector<std::future<void>> answers;
    for (const std::string& id : ids) {
        const auto done = std::make_shared<std::promise<void>>();
        answers.push_back(done->get_future());
        desk_.host().command({.kind = engine::Command::Kind::Erase,
                              .customer = id,
                              .reason = run.why,
                              .by = "rule",
                              .text = format_iso8601(run.since)},
                             [done](const Status& /*durable*/) { done->set_value(); });
    }
    for (std::future<void>& answer : answers) {
        answer.wait();
    }
    const std::int64_t before = run.erased;
    desk_.host().query_shard(shard, [&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        for (const std::string& id : ids) {
            const auto found = customers.find(id);
            run.erased += found && customers.erased(*found) ? 1 : 0;
        }
    });
    if (before / noted_every != run.erased / noted_every) {
        run.state.set("under_way", run.erased);
        keep_state(run.state);
    }
}

}  // namespace winback::api
