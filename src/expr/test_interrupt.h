// For tests: an interrupt that goes by the number of its questions instead of a clock.
#pragma once

#include <cstdint>

#include "expr/interrupt.h"

namespace winback::expr {

class TestInterrupt : public Interrupt {
public:
    static constexpr std::uint64_t any_piece = ~std::uint64_t{0};

    // Gives up at the question behind so many, and before a piece of more work than that.
    explicit TestInterrupt(std::uint64_t questions, std::uint64_t piece_max = any_piece)
        : Interrupt(piece_max), left_(questions) {}
    static TestInterrupt never() { return TestInterrupt(any_piece); }

private:
    bool is_due() override { return left_-- == 0; }

    std::uint64_t left_;
};

}  // namespace winback::expr
