// When an outcome next flips by the passing of time alone.
//
// `valid_until` is never later than the next flip, but may be earlier: a sum that changes without
// crossing its bound ends it, too. A FlipSearch asks again at each such moment until the outcome
// is another, or never changes, or it asked often enough. Who searches brings the facts of each
// moment, and may stop between two questions.
#pragma once

#include <cstddef>

#include "expr/condition.h"

namespace winback::expr {

// Questions of one search. An event that leaves a window is one, a local day of a score another.
constexpr std::size_t flip_steps_max = 10'000;

struct Flip {
    enum class Kind : std::uint8_t {
        At,         // It flips at `at` if nothing else happens.
        Never,      // Time alone changes nothing.
        NotBefore,  // It holds until `at`; nobody looked further.
    };
    Kind kind = Kind::Never;
    Timestamp at;
};

class FlipSearch {
public:
    // `now`: as it was found at the moment from which on one looks.
    explicit FlipSearch(const Outcome& now) : held_(now.holds), until_(now.valid_until) {}

    bool done() const { return flipped_ || until_ == timestamp_max || steps_ >= flip_steps_max; }
    Timestamp ask_at() const { return until_; }  // Pre: !done().
    void answer(const Outcome& then);            // The outcome at ask_at().
    // Also before it is done: NotBefore the moment that was to be asked about next.
    Flip found() const;

private:
    bool held_;
    bool flipped_ = false;
    Timestamp until_;
    std::size_t steps_ = 0;
};

// One atom of the condition. Pre: atom < program.atoms.size().
Outcome evaluate_atom(const Condition& condition, std::size_t atom, const Facts& facts);

}  // namespace winback::expr
