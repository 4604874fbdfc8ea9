// What every channel adapter offers: hand over a message, hear later what became of it.
//
// The caller has marked the message `sending` in the send ledger, durably, before it is handed
// over. An adapter never sends a message a second time once it may have left; whether to try again
// after Deferred or NotSent is the caller's decision.
#pragma once

#include <functional>

#include "sender/mail.h"
#include "sender/outcome.h"

namespace winback::sender {

struct Outgoing {
    Mail mail;
};

// Called exactly once for each accepted message, on the sender's own thread. It must not block and
// must not call submit(), drain() or stop(); try_submit() is allowed.
using OutcomeCallback = std::function<void(const Outcome&)>;

class Sender {
public:
    Sender() = default;
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    virtual ~Sender() = default;

    // All of these may be called from any thread.

    // Takes the message, or returns false and leaves both untouched: the queue is full or the
    // sender was stopped.
    virtual bool try_submit(Outgoing& outgoing, OutcomeCallback& callback) = 0;
    // Waits for room in the queue. False only when the sender was stopped.
    virtual bool submit(Outgoing outgoing, OutcomeCallback callback) = 0;

    // Waits until everything that was taken has had its outcome.
    virtual void drain() = 0;
    // Ends: what waits becomes NotSent, what is under way may end in its own time, within a limit.
    // Everything has had its outcome when it returns.
    virtual void stop() = 0;
};

}  // namespace winback::sender
