// A seeded stream of pseudo-random numbers for tests and simulations: the same on every machine.
//
// SplitMix64 (Steele, Lea, Flood 2014): 64 bits of state, passes BigCrush, every seed is good.
// Never for decisions about customers (those are hashes) and never for secrets. One draw per
// statement: the order of evaluation of arguments is not fixed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winback {

class Prng {
public:
    explicit Prng(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
        return z ^ (z >> 31U);
    }
    // In [0, bound). Pre: bound > 0. Biased by less than bound / 2^64.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    // In [low, high].
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    // In [0, 1), 53 bits.
    double unit() { return static_cast<double>(next() >> 11U) * 0x1p-53; }
    bool chance(double probability) { return unit() < probability; }
    template <class Container>
    const auto& pick(const Container& items) {
        return items[static_cast<std::size_t>(below(items.size()))];
    }

private:
    std::uint64_t state_;
};

}  // namespace winback
