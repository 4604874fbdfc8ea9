#include "expr/flip.h"

namespace winback::expr {

void FlipSearch::answer(const Outcome& then) {
    steps_ += 1;
    flipped_ = then.holds != held_;
    if (!flipped_) {
        until_ = then.valid_until;
    }
}

Flip FlipSearch::found() const {
    if (flipped_) {
        return {Flip::Kind::At, until_};
    }
    return until_ == timestamp_max ? Flip{} : Flip{Flip::Kind::NotBefore, until_};
}

}  // namespace winback::expr
