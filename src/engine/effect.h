// What the engine wants done. Data only: the host writes effects down in the same batch as the
// input that caused them, and only then carries them out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "engine/input.h"
#include "message/render.h"
#include "message/state.h"

namespace winback::engine {

// A message was decided: rendered and queued, or held back with its reason. Kept either way.
struct MessageDecided {
    Hash128 key;
    std::string customer;
    std::string journey;
    std::string step;
    std::string template_id;
    customer::Channel channel = customer::Channel::Email;
    message::MessageState state = message::MessageState::Queued;  // or Held, Refused
    std::optional<message::RefusalReason> reason;
    Timestamp at;
    message::RenderedMessage rendered;  // Empty parts when rendering failed.
    ValueMap explanation;               // docs/design/explain.md
};

// A known message changed its state.
struct MessageChanged {
    Hash128 key;
    std::string customer;
    message::MessageState state = message::MessageState::Queued;
    std::optional<message::RefusalReason> reason;
    Timestamp at;
    std::string detail;
    Timestamp retry_at;  // Queued: not before this moment (quiet hours began meanwhile).
};

// Hand the message to the sender of its channel, now that it is marked `sending`.
struct Deliver {
    Hash128 key;
    std::string customer;
};

// To another shard (or this one): delivered exactly once, in order per pair of shards.
struct HandoverOut {
    ShardId to = 0;
    Handover handover;
};

// Something worth knowing in a customer's timeline: "Segment Entered", "Journey Entered", …
struct Fact {
    std::string customer;
    Timestamp at;
    std::string name;
    ValueMap details;
};

// The fact of Command::Note: {note, text, by}.
inline constexpr std::string_view note_fact = "Note Added";

struct Effects {
    std::vector<MessageDecided> decided;
    std::vector<MessageChanged> changed;
    std::vector<Deliver> deliver;
    std::vector<HandoverOut> handovers;
    std::vector<Fact> facts;
    std::vector<customer::TypeConflict> conflicts;
    std::vector<customer::CustomerIndex> touched;  // Rows to write; may repeat.
    bool duplicate = false;                        // The event was known already.
    std::string recorded_for;  // EventArrived/Forward: id of the customer in whose history it now
                               // stands; empty when it was a duplicate or was forwarded.
    // Absorb: their facts were for somebody who was erased, so what is on disk under them goes too.
    std::vector<std::string> orphaned;

    void clear();
};

}  // namespace winback::engine
