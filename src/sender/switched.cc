#include "sender/switched.h"

#include <utility>

namespace winback::sender {

bool SwitchedSender::try_submit(Outgoing& outgoing, OutcomeCallback& callback) {
    const State state = state_;
    return state != State::Undecided &&
           (state == State::On ? *on_ : *off_).try_submit(outgoing, callback);
}

bool SwitchedSender::submit(Outgoing outgoing, OutcomeCallback callback) {
    const State state = state_;
    return state != State::Undecided &&
           (state == State::On ? *on_ : *off_).submit(std::move(outgoing), std::move(callback));
}

void SwitchedSender::drain() {
    on_->drain();
    off_->drain();
}

void SwitchedSender::stop() {
    on_->stop();
    off_->stop();
}

}  // namespace winback::sender
