// Runs one seed with every check that its options allow, and shortens the script when one fails.
#pragma once

#include <string>
#include <vector>

#include "sim/script.h"

namespace winback::sim {

// Empty when all checks hold, else what went wrong: "area: detail".
std::string run(const Options& options, const std::vector<Action>& script);

// The shortest script found by leaving actions out that still fails in the same area.
std::vector<Action> shortened(const Options& options,
                              std::vector<Action> script,
                              const std::string& problem);

// Runs, and when it fails tells the seed, the problem and the shortened script.
std::string simulate(const Options& options);

}  // namespace winback::sim
