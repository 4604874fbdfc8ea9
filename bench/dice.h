// Random numbers for made-up shops, the same everywhere for the same seed: splitmix64.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace winback {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t x = state_;
        x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
        x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
        return x ^ (x >> 31U);
    }
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
    std::uint64_t state_;
};

}  // namespace winback
