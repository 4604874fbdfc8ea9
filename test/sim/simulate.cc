#include "sim/simulate.h"

#include <algorithm>
#include <memory>

#include "sim/auditor.h"
#include "sim/cluster.h"

namespace winback::sim {
namespace {

constexpr std::uint32_t shards_many = 8;
constexpr int runs_to_shorten_max = 400;

std::string area(const std::string& problem) {
    return problem.substr(0, problem.find(':'));
}

std::string run_on(Cluster& cluster, const Options& options, const std::vector<Action>& script) {
    std::unique_ptr<Auditor> auditor;
    if (!options.late_handovers) {
        auditor = std::make_unique<Auditor>(cluster);
        cluster.watch([&](const engine::Input& input, const engine::Effects& effects) {
            auditor->see(input, effects);
        });
    }
    for (std::size_t i = 0; i < script.size(); ++i) {
        cluster.perform(script[i]);
        if (auditor != nullptr && cluster.problem().empty()) {
            auditor->audit();
        }
        if (!cluster.problem().empty()) {
            return cluster.problem() + " (action " + std::to_string(i) + ")";
        }
    }
    cluster.settle();
    cluster.watch(nullptr);
    cluster.check_replay();
    cluster.perform({.kind = Action::Kind::Crash});
    return cluster.problem();
}

}  // namespace

std::string run(const Options& options, const std::vector<Action>& script) {
    Cluster many(options, shards_many);
    std::string problem = run_on(many, options, script);
    if (!problem.empty() || options.late_handovers) {
        return problem;
    }
    Cluster one(options, 1);
    problem = run_on(one, options, script);
    if (!problem.empty()) {
        return "one shard, " + problem;
    }
    const auto a = many.story_of_each();
    const auto b = one.story_of_each();
    for (const auto& [id, story] : a) {
        const auto twin = b.find(id);
        if (twin == b.end() || twin->second != story) {
            return "shards: one and eight disagree about " + id + "\n" + story + "---\n" +
                   (twin == b.end() ? "" : twin->second);
        }
    }
    return a.size() == b.size() ? "" : "shards: another number of customers";
}

std::vector<Action> shortened(const Options& options,
                              std::vector<Action> script,
                              const std::string& problem) {
    int runs = 0;
    for (std::size_t chunk = script.size() / 2; chunk > 0; chunk /= 2) {
        for (std::size_t at = 0; at < script.size() && runs < runs_to_shorten_max;) {
            std::vector<Action> shorter = script;
            const std::size_t end = std::min(at + chunk, shorter.size());
            shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at),
                          shorter.begin() + static_cast<std::ptrdiff_t>(end));
            ++runs;
            if (area(run(options, shorter)) == area(problem)) {
                script = std::move(shorter);
            } else {
                at += chunk;
            }
        }
    }
    return script;
}

std::string simulate(const Options& options) {
    const std::vector<Action> script = script_of(options);
    const std::string problem = run(options, script);
    if (problem.empty()) {
        return {};
    }
    const std::vector<Action> shorter = shortened(options, script, problem);
    std::string text = "seed " + std::to_string(options.seed) + ": " + problem + "\n";
    text += options.late_handovers ? "handovers are late\n" : "";
    text += "shortened to " + std::to_string(shorter.size()) +
            " actions: " + run(options, shorter) + "\n";
    std::uint64_t playbook = 0;
    for (const Action& action : shorter) {
        text += "  " + to_text(action) + "\n";
        playbook = action.kind == Action::Kind::Playbook ? action.number : playbook;
    }
    for (const auto& [path, content] : playbook_files(playbook)) {
        if (!path.starts_with("templates") && !path.starts_with("offers")) {
            text += "== " + path + "\n" + content;
        }
    }
    return text;
}

}  // namespace winback::sim
