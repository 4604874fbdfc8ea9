// Replays the end of a data folder through a playbook on a virtual clock, into a new folder.
#include <algorithm>

#include <fmt/format.h>

#include "api/desk.h"
#include "cli/commands.h"
#include "cli/fitting.h"
#include "cli/folder.h"
#include "cli/print_overview.h"
#include "cli/terminal.h"
#include "host/setting.h"
#include "sender/preview.h"

namespace winback::cli {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;
constexpr int refit_days = 30;
// All events are held in memory to be put in order of time.
constexpr std::size_t events_max = 20'000'000;

struct Source {
    std::vector<event::Event> events;  // By time; those of one moment in order of arrival.
    Timestamp end;                     // The last moment of the data.
};

Result<Source> read_source(const std::string& data) {
    store::StoreOptions options;
    options.folder = data;
    options.create = false;
    options.read_only = true;
    WINBACK_TRY(const auto store, store::Store::open(options));
    Source source;
    bool too_many = false;
    const Status read = host::for_each_event(*store, [&](const event::Event& event) {
        too_many = source.events.size() >= events_max;
        if (!too_many) {
            source.events.push_back(event);
        }
        return !too_many;
    });
    if (!read.has_value()) {
        return read.error();
    }
    if (too_many) {
        return Error{ErrorCode::LimitExceeded, "a replay takes at most 20,000,000 events"};
    }
    if (source.events.empty()) {
        return Error{ErrorCode::NotFound,
                     "'" + data + "' holds no events; import some first (winback import --help)"};
    }
    std::stable_sort(source.events.begin(), source.events.end(),
                     [](const event::Event& a, const event::Event& b) { return a.time < b.time; });
    source.end = source.events.back().time;
    return source;
}

class Replay {
public:
    Replay(host::Host& host, host::VirtualClock& clock, bool quiet)
        : host_(host), clock_(clock), quiet_(quiet) {}

    // The time before: nobody is contacted, there is no playbook yet.
    void feed_history(const std::vector<event::Event>& events, std::size_t count) {
        Progress progress("history", quiet_);
        for (std::size_t i = 0; i < count; ++i) {
            feed(events[i]);
            progress.update(i + 1, count, i + 1, "events");
        }
        host_.run_until_idle();
    }

    // Fits on what is known at the clock's now, as a shop would have done then.
    Status fit() {
        const std::int32_t yesterday = static_cast<std::int32_t>(clock_.now().ms / ms_per_day) - 1;
        return host::refit(host_, host::orders_of(host_), yesterday, "replay");
    }

    Status run(const std::vector<event::Event>& events, std::size_t from, Timestamp end) {
        Progress progress("replay", quiet_);
        const Timestamp start = clock_.now();
        Timestamp refit_at = start + days(refit_days);
        for (std::size_t i = from; i <= events.size(); ++i) {
            const Timestamp next = i < events.size() ? events[i].time : end;
            while (refit_at <= next) {
                advance(refit_at);
                if (const Status fitted = fit(); !fitted.has_value()) {
                    return fitted;
                }
                refit_at = refit_at + days(refit_days);
            }
            advance(next);
            if (i < events.size()) {
                feed(events[i]);
            }
            progress.update(static_cast<std::uint64_t>((next - start).ms),
                            static_cast<std::uint64_t>((end - start).ms), i - from, "events");
        }
        return Ok{};
    }

private:
    void feed(const event::Event& event) {
        clock_.set(event.time);
        host_.submit(event, [](const Status&) {});
    }

    // Stops at every moment at which something is due.
    void advance(Timestamp to) {
        for (Timestamp due = host_.next_due(); due <= to; due = host_.next_due()) {
            clock_.set(due);
            host_.run_until_idle();
        }
        clock_.set(to);
        host_.run_until_idle();
    }

    host::Host& host_;
    host::VirtualClock& clock_;
    bool quiet_;
};

Status replay_into(host::Host& host,
                   host::VirtualClock& clock,
                   const ReplayArguments& arguments,
                   ReadPlaybook playbook,
                   const Source& source) {
    const Timestamp cutoff =
        Timestamp{source.end.ms / ms_per_day * ms_per_day} - days(arguments.days - 1);
    const auto first = std::lower_bound(
        source.events.begin(), source.events.end(), cutoff,
        [](const event::Event& event, Timestamp time) { return event.time < time; });
    const auto history = static_cast<std::size_t>(first - source.events.begin());
    Replay replay(host, clock, arguments.json);
    replay.feed_history(source.events, history);
    clock.set(cutoff);
    if (const Status fitted = replay.fit(); !fitted.has_value()) {
        return Error{fitted.error().code,
                     "the models cannot be fitted at the start of the replay (" +
                         fitted.error().message + ")"};
    }
    WINBACK_TRY(const std::uint64_t version,
                host.load_playbook(std::move(playbook.definitions), playbook.files));
    (void)version;
    host.run_until_idle();
    if (const Status run = replay.run(source.events, history, source.end); !run.has_value()) {
        return run;
    }
    // What the shop would know today.
    if (const Status fitted = replay.fit(); !fitted.has_value()) {
        return fitted;
    }
    host.run_until_idle();
    const host::OrderList orders = host::orders_of(host);
    const auto before = static_cast<std::int32_t>(cutoff.ms / ms_per_day) - 1;
    WINBACK_TRY(const model::Calibration calibration,
                host::calibrate(orders.orders, before, arguments.days));
    const Status kept =
        host::write_setting(host.store(), host::calibration_setting, model::to_value(calibration));
    if (!kept.has_value()) {
        return kept;
    }
    return host.set_origin(
        {.replay_of = arguments.data, .clock_offset = source.end - host::SystemClock().now()});
}

}  // namespace

int run_replay(const ReplayArguments& arguments) {
    auto playbook = read_playbook(arguments.playbook);
    if (!playbook.has_value()) {
        return fail(playbook.error());
    }
    auto source = read_source(arguments.data);
    if (!source.has_value()) {
        return fail(source.error());
    }
    const auto clock = std::make_shared<host::VirtualClock>(source->events.front().time);
    host::HostOptions options = folder_options(arguments.out, true);
    options.mode = host::Mode::Inline;
    options.sync = false;  // A replay can be made again.
    options.clock = clock;
    options.send.email = sender::make_preview_sender();
    auto opened = host::Host::open(std::move(options));
    if (!opened.has_value()) {
        return fail(opened.error());
    }
    host::Host& host = **opened;
    if (!host.created()) {
        return fail({ErrorCode::Conflict,
                     "'" + arguments.out + "' holds data already; name a new folder by --out"});
    }
    const Status replayed = replay_into(host, *clock, arguments, *std::move(playbook), *source);
    if (!replayed.has_value()) {
        return fail(replayed.error());
    }
    api::Desk desk(host, {.threads = 0});
    const ValueMap overview = desk.overview()->tree;
    const auto calibration = host::read_setting(host.store(), host::calibration_setting);
    if (const Status closed = host.close(); !closed.has_value()) {
        return fail(closed.error());
    }
    if (arguments.json) {
        fmt::print("{}\n", to_json(overview));
    } else {
        fmt::print(
            "{}", print_overview(overview, calibration.has_value() ? *calibration : Value{}, true));
    }
    return exit_ok;
}

}  // namespace winback::cli
