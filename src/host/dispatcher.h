// Takes messages from the outbox to the sender and brings the outcome back as inputs.
//
// queued -> SendStarted input -> (durable: `sending`) -> sender -> SendEnded input. A message is
// handed over only after its `sending` is durable, so that a crash leaves it in doubt, never
// forgotten and never sent twice. What the sender could not do now is queued again with a growing
// pause; how often it was tried is remembered in memory only. docs/design/durability.md.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include <absl/container/flat_hash_map.h>

#include "base/hash.h"
#include "engine/effect.h"
#include "host/shared.h"
#include "sender/sender.h"

namespace winback::host {

// What a durable batch says about a message on its way.
struct SendNews {
    Hash128 key;
    std::string customer;
    message::MessageState state = message::MessageState::Queued;
    Timestamp retry_at = timestamp_min;  // Queued: not before.
    bool nothing = false;  // A SendStarted or SendEnded changed nothing: the message is gone.
};

class Dispatcher {
public:
    explicit Dispatcher(Shared& shared);

    void news(const SendNews& news);
    // The message is durably `sending`: hand it over.
    void deliver(const engine::Deliver& deliver);
    // Starts what is due while there is room. False when nothing was.
    bool pump(Timestamp now);
    // When pump will have something to do; timestamp_max when nothing waits or there is no room.
    Timestamp next_due() const;
    std::size_t in_flight() const;  // Between SendStarted and SendEnded.
    std::size_t waiting() const;
    // Waits until the sender has answered for all that it took.
    void drain();
    // Starts nothing more and stops the sender; all outcomes have been posted when it returns.
    void stop();

private:
    struct Waiting {
        Hash128 key;
        std::string customer;
    };

    void ended(const Hash128& key, const std::string& customer, const sender::Outcome& outcome);
    void post(const std::string& customer, Body body);

    Shared& shared_;
    bool stopped_ = false;
    mutable std::mutex mutex_;
    std::multimap<Timestamp, Waiting> waiting_;     // By the moment it may go.
    absl::flat_hash_map<Hash128, int> attempts_;    // Of messages that are not done.
    absl::flat_hash_map<Hash128, bool> in_flight_;  // True once the sender has it.
};

}  // namespace winback::host
