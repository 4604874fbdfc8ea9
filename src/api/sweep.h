// Erases once a day of whom nothing was heard for as long as the workspace keeps customers.
//
// The same erasure as by hand, through the log, each with the condition that it still holds
// (engine::Command). The rule, when it runs next and what the last run did stand in the setting
// `sweep`: a run that the end of the server cut off goes on at the next start, and so does one
// whose moment passed meanwhile. A folder that replays the past is never swept. Each run is one
// entry of the audit trail, without ids. See docs/design/keeping.md.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/desk.h"
#include "base/time.h"
#include "base/value.h"
#include "base/zone.h"
#include "engine/definitions.h"

namespace winback::api {

constexpr std::size_t sweep_erased_max = 10'000;     // In one run; the rest on the next days.
constexpr std::size_t sweep_slice_customers = 8;     // Erased before other inputs have their turn.
constexpr std::size_t sweep_looked_at_max = 20'000;  // Customers of one look at a shard.

struct SweepOptions {
    bool threads = true;  // False: look() is called by hand (tests).
    std::size_t erased_max = sweep_erased_max;
    std::function<void(std::string_view)> log;  // One line for each run; may be empty.
};

// The first moment after `after` at which the wall clock shows `at_min` minutes after midnight.
Timestamp next_sweep(const Zone& zone, Timestamp after, int at_min);
// Of how many customers nothing was heard at `since` or later. A pass over the base.
std::int64_t silent_count(Desk& desk, Timestamp since);

// {silent_customers ("36mo", "off"), months, days, at ("03:00"), would_erase, next_run, last_run:
// {at, silent_customers, erased, left}, run_max, replay}. With `silent` as if that were the rule;
// it is null where there is nothing to tell. Empty without a playbook.
ValueMap describe_keep(Desk& desk, const std::optional<std::string>& silent = std::nullopt);

class Sweep {
public:
    // The desk must outlive this.
    explicit Sweep(Desk& desk, SweepOptions options = {});
    ~Sweep();  // As stop().
    Sweep(const Sweep&) = delete;
    Sweep& operator=(const Sweep&) = delete;

    // Runs when it is time. Blocks for the whole run.
    void look();
    // Ends a run after the slice that is under way. Before the host is closed.
    void stop();

private:
    struct Run;
    void watch();
    void run(const engine::Workspace& workspace, ValueMap state);
    bool sweep_shard(std::uint16_t shard, Run& run);
    void erase(std::uint16_t shard, const std::vector<std::string>& ids, Run& run);
    void keep_state(const ValueMap& state);
    bool stopping();

    Desk& desk_;
    SweepOptions options_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace winback::api
