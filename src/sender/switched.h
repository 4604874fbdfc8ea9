// A sender that a person turns on: until then messages are kept as previews and nothing leaves.
#pragma once

#include <atomic>
#include <memory>

#include "sender/sender.h"

namespace winback::sender {

class SwitchedSender final : public Sender {
public:
    // `off` takes the messages while the switch is off. Undecided at first: no message is taken,
    // so that what waits at the start waits until the folder has said which it is.
    SwitchedSender(std::shared_ptr<Sender> on, std::shared_ptr<Sender> off)
        : on_(std::move(on)), off_(std::move(off)) {}

    void turn(bool on) { state_ = on ? State::On : State::Off; }
    bool is_on() const { return state_ == State::On; }

    bool try_submit(Outgoing& outgoing, OutcomeCallback& callback) override;
    bool submit(Outgoing outgoing, OutcomeCallback callback) override;
    void drain() override;
    void stop() override;

private:
    enum class State { Undecided, On, Off };

    std::shared_ptr<Sender> on_;
    std::shared_ptr<Sender> off_;
    std::atomic<State> state_{State::Undecided};
};

}  // namespace winback::sender
