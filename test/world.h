// A small world for scenarios: shards, handovers between them, a clock that a story moves, and a
// channel that takes every message. What happened is told in lines.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "engine/shard.h"

namespace winback::test {

class World {
public:
    explicit World(std::uint32_t shard_count);

    void load_definitions(engine::Definitions definitions);
    void load_models(const model::FittedModels& models);
    void submit(event::Event event);
    void command(engine::Command command);
    // Moves the clock to `to`, stopping at each moment at which something is due.
    void advance(Timestamp to);
    // Sends nothing from now on: messages stay queued.
    void hold_channel() { channel_open_ = false; }
    void release_channel();

    // Handovers stay on their way until one is picked out.
    void hold_handovers() { handovers_held_ = true; }
    void deliver(std::size_t position);  // From 0, of those on their way.
    void release_handovers();
    std::string handovers_on_their_way() const;  // One line each, oldest first.

    // Writes every customer down, forgets everything, reads it back. True when nothing changed.
    bool restart();
    // Order and number of shards do not matter to it.
    std::string fingerprint() const;

    Timestamp now() const { return now_; }
    engine::Shard& shard_of(std::string_view customer_id);
    const std::vector<engine::Shard>& shards() const { return shards_; }
    std::vector<std::string> members(std::string_view segment) const;
    // Lines told since the last call.
    std::string tell();
    // The last decision about a message by its step id, for "why".
    const engine::MessageDecided* last_decision(std::string_view step) const;

private:
    void step(engine::ShardId shard, decltype(engine::Input::body) body);
    void work_off();
    void reload(engine::Shard& shard) const;
    std::vector<std::uint64_t> histories() const;
    void record(const engine::Input& input, const engine::Effects& effects);
    void tell_effects(const engine::Effects& effects);

    std::uint32_t shard_count_;
    std::vector<engine::Shard> shards_;
    std::vector<std::uint64_t> sequences_;
    std::deque<engine::HandoverOut> handovers_;
    std::deque<engine::MessageDecided> outbox_;
    std::vector<engine::MessageDecided> decisions_;
    std::map<std::uint64_t, engine::DefinitionsPtr> versions_;
    // Events in the histories, as a store would keep them: id at the time, event.
    std::vector<std::pair<std::string, event::Event>> recorded_;
    std::vector<std::string> lines_;
    Timestamp now_{};
    bool channel_open_ = true;
    bool handovers_held_ = false;
};

}  // namespace winback::test
