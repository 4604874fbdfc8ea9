// sim --seed N [--seeds COUNT] [--steps M]: long runs of the simulator, seed after seed.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "sim/simulate.h"

int main(int count, char** arguments) {
    std::uint64_t seed = 1;
    std::uint64_t seeds = 1;
    int steps = 0;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = arguments[i];
        const auto value = std::strtoull(arguments[i + 1], nullptr, 10);
        if (name == "--seed") {
            seed = value;
        } else if (name == "--seeds") {
            seeds = value;
        } else if (name == "--steps") {
            steps = static_cast<int>(value);
        } else {
            std::cerr << "usage: sim --seed N [--seeds COUNT] [--steps M]\n";
            return 2;
        }
    }
    int failures = 0;
    for (std::uint64_t i = 0; i < seeds; ++i) {
        winback::sim::Options options = winback::sim::options_of(seed + i);
        options.actions = steps > 0 ? steps : options.actions;
        std::cerr << "seed " << seed + i << "\r";
        const std::string problem = winback::sim::simulate(options);
        failures += problem.empty() ? 0 : 1;
        std::cout << problem;
    }
    std::cout << seeds << " seeds, " << failures << " failed\n";
    return failures == 0 ? 0 : 1;
}
