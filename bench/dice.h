// Random numbers for made-up shops, the same everywhere for the same seed.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/prng.h"

namespace winback {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    std::uint64_t next() { return random_.next(); }
    // In (0, 1].
    double share() { return (static_cast<double>(next() >> 11U) + 1) / 9007199254740992.0; }
    std::size_t below(std::size_t n) { return next() % n; }
    double exponential(double mean) { return -mean * std::log(share()); }
    double normal() {
        const double radius = std::sqrt(-2 * std::log(share()));
        return radius * std::cos(6.283185307179586 * share());
    }
    // Of shape 1/2, as half a squared normal number; `mean` is that of the outcome. Heavy at zero
    // and with a long tail: what purchase rates look like.
    double skewed(double mean) {
        const double n = normal();
        return mean * n * n;
    }

private:
    Prng random_;
};

}  // namespace winback
