// Gives an evaluation up in the middle, for those who evaluate between other work and must not be
// away from it for long.
//
// Evaluations tell it what they do and ask it whether they are to go on. Once it says no, what they
// answer counts for nothing: who asked throws the answer away and asks of fewer customers, or
// elsewhere. An answer that was not given up is the same with an interrupt and without.
#pragma once

#include <cstdint>

namespace winback::expr {

class Interrupt {
public:
    // Gives up before a piece of more work than that.
    explicit Interrupt(std::uint64_t piece_max) : piece_max_(piece_max) {}
    virtual ~Interrupt() = default;

    // After work of about so many nanoseconds. True when it is to be given up, from then on always.
    bool after(std::uint64_t work) {
        left_ -= static_cast<std::int64_t>(work);
        if (left_ < 0 && !given_up_) {
            left_ = pace;
            given_up_ = is_due();
        }
        return given_up_;
    }
    // After work of which nobody knows how much it was.
    bool look() { return after(pace); }
    // Before a piece of work that nothing can leave half done.
    bool before(std::uint64_t work) {
        given_up_ = given_up_ || work > piece_max_;
        return after(work);
    }
    bool given_up() const { return given_up_; }

private:
    // Asked once in a while.
    virtual bool is_due() = 0;

    static constexpr std::int64_t pace = 20'000;

    const std::uint64_t piece_max_;
    std::int64_t left_ = pace;
    bool given_up_ = false;
};

}  // namespace winback::expr
