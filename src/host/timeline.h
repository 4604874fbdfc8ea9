// What happened to one customer, read back from the store for a page.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "engine/effect.h"
#include "event/event.h"

namespace winback::host {

struct MessageStep {
    message::MessageState state = message::MessageState::Queued;
    std::optional<message::RefusalReason> reason;
    Timestamp at;
    std::string detail;
};

// A message with its text, its explanation and all that became of it, oldest first; never empty.
struct StoredMessage {
    engine::MessageDecided decided;
    std::vector<MessageStep> steps;

    const MessageStep& last() const { return steps.back(); }
};

struct TimelineEntry {
    Timestamp at;  // Events: when it happened. Facts and messages: when it was decided.
    std::variant<event::Event, engine::Fact, StoredMessage> what;
};

}  // namespace winback::host
