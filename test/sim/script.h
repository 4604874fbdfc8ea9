// What happens in one simulated world, as a list that is made before anything runs: so the same
// script can be run on any number of shards, and shortened when it shows a mistake.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/prng.h"
#include "engine/input.h"

namespace winback::sim {

// What the sender's channel does with messages.
enum class Channel : std::uint8_t {
    Open,    // Takes each at once.
    Closed,  // Nothing is handed out.
    Slow,    // Hands out; the answers come with the next change of the channel.
    Flaky,   // Answers sent, failed, in doubt or "later", by the message's key.
};

struct Action {
    enum class Kind : std::uint8_t {
        Submit,    // `event`, dated `offset` from now.
        Repeat,    // The event with the same message id again, as it was.
        Command,   // `command`
        Advance,   // The clock by `offset`.
        Playbook,  // `number` seeds a new one.
        Models,    // `number` seeds their parameters.
        SetChannel,
        Crash,  // Start again from the rows and the log.
    };
    Kind kind = Kind::Submit;
    event::Event event;
    Duration offset;
    engine::Command command;
    std::uint64_t number = 0;
    Channel channel = Channel::Open;
};

// The swarm: each seed switches some of these on.
struct Options {
    std::uint64_t seed = 0;
    int actions = 300;
    int users = 6;
    int devices = 4;
    bool identities = false;      // anonymous ids, links, aliases
    bool late_handovers = false;  // Handovers stay on the way while other things happen.
    bool erasures = false;
    bool reloads = false;
    bool models = false;
    bool crashes = false;
    bool repeats = false;
    bool odd_times = false;  // Late and future-dated events.
    bool long_sleeps = false;
    bool channel_trouble = false;
    bool slices = false;       // Who is due is looked at in several ticks.
    double flush_share = 0.2;  // Rows written after each step, of those that changed.
};
Options options_of(std::uint64_t seed);
std::vector<Action> script_of(const Options& options);

// The files of a playbook, by path.
std::map<std::string, std::string> playbook_files(std::uint64_t seed);
model::FittedModels models_of(std::uint64_t seed);

// One line, close to the scenario language of test/scenario_test.cc.
std::string to_text(const Action& action);

}  // namespace winback::sim
