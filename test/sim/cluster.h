// Shards at work as the host runs them, in one thread and in memory: numbered inputs through the
// log's form, handovers in order per pair of shards, rows written now and then, and a start from
// those rows and the log at any moment (docs/design/engine.md "Fuzzy checkpoint").
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/shard.h"
#include "sim/script.h"

namespace winback::sim {

using engine::ShardId;

// Events on disk: by the id of the customer in whose history they were recorded.
using Histories = std::map<std::string, std::vector<event::Event>>;

// What one shard has written down.
struct Disk {
    std::string shard_row;
    std::map<std::string, std::string> rows;  // By id; erased ones keep theirs here.
    std::map<std::string, std::uint64_t> dirty_since;
    std::map<std::string, std::vector<event::Event>> pending;
    std::uint64_t watermark(std::uint64_t next_sequence) const;
};

struct LogEntry {
    ShardId shard = 0;
    std::string bytes;
    std::vector<std::string> effects;  // As lines.
};

// Lines that say all that effects say, and whose customer each is about.
std::vector<std::string> lines_of(const engine::Effects& effects);

class Cluster {
public:
    Cluster(const Options& options, std::uint32_t shard_count);

    // Called after each step with what was stepped and what came of it.
    using Watch = std::function<void(const engine::Input&, const engine::Effects&)>;
    void watch(Watch watch) { watch_ = std::move(watch); }

    void perform(const Action& action);
    // Everything on its way arrives, the channel answers.
    void settle();

    // The first thing that went wrong; empty when nothing did.
    const std::string& problem() const { return problem_; }
    void report(std::string problem);

    Timestamp now() const { return now_; }
    const std::vector<engine::Shard>& shards() const { return shards_; }
    engine::Shard& shard_of(std::string_view id);
    engine::DefinitionsPtr definitions() const { return current_; }
    const std::vector<LogEntry>& log() const { return log_; }
    bool busy() const { return !handovers_.empty(); }

    // Feeds the whole log to fresh shards: state and effects must be the same.
    void check_replay();
    // All about each customer that does not depend on shards; what was decided, in order.
    std::map<std::string, std::string> story_of_each() const;

private:
    struct OnItsWay {
        ShardId from = 0;
        engine::HandoverOut out;
    };
    struct Outgoing {
        std::string customer;
        bool handed_out = false;
        Timestamp retry_at = timestamp_min;
        int attempts = 0;
    };

    void step(ShardId shard, decltype(engine::Input::body) body);
    void collect(const engine::Input& input, const engine::Effects& effects, ShardId shard);
    void load_playbook(std::uint64_t number);
    void load_everywhere(const decltype(engine::Input::body)& body);
    void advance(Timestamp to);
    engine::Tick next_tick(const engine::Shard& shard);
    void deliver_handovers(bool all);
    void work_outbox();
    void answer(const Hash128& key);
    Timestamp next_due() const;

    // Disk
    std::string name_of(const engine::Shard& shard, customer::CustomerIndex customer) const;
    void touch(ShardId shard, const engine::Effects& effects, std::uint64_t sequence);
    void flush(ShardId shard, const std::string& id);
    void flush_all(ShardId shard);
    void flush_some(ShardId shard);
    static bool is_erased(const engine::Shard& shard, const std::string& id);
    void erase_history(const std::string& id);
    void crash();
    engine::Shard restored(ShardId shard);
    void replay_tail(ShardId shard, engine::Shard& fresh);
    void compare(const engine::Shard& live, const engine::Shard& other, std::string_view what);
    void reload(engine::Shard& shard, const Histories& histories) const;
    void reload_if_wider(engine::Shard& shard,
                         const engine::Input& input,
                         const Histories& histories) const;
    Result<engine::Input> decoded(std::string_view bytes) const;

    Options options_;
    std::uint32_t shard_count_;
    Prng random_;
    std::vector<engine::Shard> shards_;
    std::vector<std::uint64_t> sequences_;
    std::vector<Disk> disks_;
    Histories histories_;
    std::set<std::string> erased_;
    struct Remembered {
        std::uint64_t hash;
        std::int64_t day;
        std::uint64_t sequence;
    };
    std::vector<std::vector<Remembered>> remembered_;
    std::map<std::uint64_t, engine::DefinitionsPtr> versions_;
    engine::DefinitionsPtr current_;
    std::vector<LogEntry> log_;
    std::deque<OnItsWay> handovers_;
    std::vector<Hash128> outbox_order_;
    std::map<Hash128, Outgoing> outbox_;
    std::set<Hash128> delivered_;
    std::map<std::string, event::Event> submitted_;
    std::set<Timestamp> moments_;
    Channel channel_ = Channel::Open;
    Timestamp now_;
    Watch watch_;
    std::string problem_;
};

}  // namespace winback::sim
