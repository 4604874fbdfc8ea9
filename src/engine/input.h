// All that can change a decision. The engine learns of the world through these and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "customer/channel.h"
#include "engine/definitions.h"
#include "event/event.h"
#include "expr/facts.h"
#include "message/state.h"
#include "model/fitted_models.h"

namespace winback::engine {

using ShardId = std::uint16_t;

// The shard in which a customer lives: xxh3(id) % shards.
ShardId shard_of(std::string_view customer_id, std::uint32_t shard_count);

struct EventArrived {
    event::Event event;
};

// Where a due customer stands among those who are due: by the moment, then by a hash of the id. So
// it depends on the customer alone, and a replay finds on the same side of a bound who stood there.
struct WakePlace {
    Timestamp at = timestamp_max;
    std::uint32_t place = 0xffff'ffff;

    friend auto operator<=>(const WakePlace&, const WakePlace&) = default;
};

// Time has passed: customers whose time has come are looked at, up to a bound, so that whoever
// hands them out can let other inputs in between (Shard::due).
struct Tick {
    WakePlace until;  // Inclusive. As it begins: all.
};

// A new version of the playbook. In the log only the version stands.
struct DefinitionsLoaded {
    DefinitionsPtr definitions;
};

struct ModelsFitted {
    model::FittedModels models;
};

// What one shard tells another; each is applied exactly once (docs/design/identity.md).
struct Handover {
    enum class Kind : std::uint8_t {
        Link,     // `customer` is an earlier identity of `other`: hand it over.
        Absorb,   // `payload` holds all facts of `other`: take them over as `customer`.
        Forward,  // `payload` is an event for `other`, which was merged into `customer`.
        Order,    // `payload` is a command for `other`, which was merged into `customer`.
        Outcome,  // `payload` is what became of a message that was on its way to `other` when
                  // that was merged into `customer`.
    };
    Kind kind = Kind::Link;
    std::string customer;  // Lives in the receiving shard.
    std::string other;
    std::string payload;
    bool alias = false;  // Link by `alias`: merges known users too, not only anonymous ones.
    std::vector<std::string> path;  // Ids passed on the way: finds and breaks cycles.
};

struct HandoverArrived {
    Handover handover;
};

// The sender is about to hand the message out: check once more, then mark it.
struct SendStarted {
    std::string customer;
    Hash128 key;
};

struct SendEnded {
    std::string customer;
    Hash128 key;
    message::MessageState state = message::MessageState::Sent;  // Sent Previewed Failed InDoubt
                                                                // or Queued (try again later).
    std::string detail;                                         // The other side's words.
};

// An operator's or the customer's own order.
struct Command {
    enum class Kind : std::uint8_t {
        SetConsent,
        Suppress,
        Erase,       // `text`: a moment (ISO 8601); not if the customer was heard of since.
        Lift,        // Takes a suppression back; `reason` says why.
        Tag,         // `text` is the tag.
        Untag,       // `text` is the tag.
        Note,        // `text` is the note; the fact that it becomes is its only copy.
        DeleteNote,  // `text` is the note's id; the host deletes the row of its fact.
        Enlist,      // `text` is the id of a static list.
        Delist,      // `text` is the id of a static list.
    };
    Kind kind = Kind::SetConsent;
    std::string customer;
    customer::Channel channel = customer::Channel::Email;
    expr::ConsentState consent = expr::ConsentState::Unset;
    std::string reason;  // "unsubscribe link", "request by phone": kept as the source.
    std::string topic;   // SetConsent: of this topic alone; empty: the channel.
    std::string by;      // Who ordered it, as facts show it; empty: the customer or a program.
    std::string text;
};

std::string encode(const SendEnded& ended);
Result<SendEnded> decode_send_ended(std::string_view bytes);

std::string encode(const Command& command);
Result<Command> decode_command(std::string_view bytes);

struct Input {
    // Counts up by one per shard, from 1. A customer's row says which it includes, so that a
    // replay passes over what the row already knows.
    std::uint64_t sequence = 0;
    Timestamp at;  // Arrival: the clock of decisions. Never goes back within a shard.
    std::variant<EventArrived,
                 Tick,
                 DefinitionsLoaded,
                 ModelsFitted,
                 HandoverArrived,
                 SendStarted,
                 SendEnded,
                 Command>
        body;
};

// Shard-wide inputs change what holds for all customers of the shard; the host writes all
// changed rows before it steps one (docs/design/rows.md "barriers").
bool is_barrier(const Input& input);  // DefinitionsLoaded, ModelsFitted

// The id that the input asks to erase; nullopt for other inputs. When nobody is erased after the
// step, the id was merged and the order went on to who stands for it. The host deletes the rows.
std::optional<std::string> erasure(const decltype(Input::body)& body);

// The note that the input asks to delete; nullopt for other inputs.
struct NoteDeletion {
    std::string customer;
    std::string note;
};
std::optional<NoteDeletion> note_deletion(const decltype(Input::body)& body);

// The form in the log (docs/design/rows.md). Decoding fails with Corrupt; `find_definitions`
// gives the playbook of a version, null when unknown.
std::string encode(const Input& input);
Result<Input> decode_input(std::string_view bytes,
                           const std::function<DefinitionsPtr(std::uint64_t)>& find_definitions);

std::string encode(const Handover& handover);
Result<Handover> decode_handover(std::string_view bytes);

}  // namespace winback::engine
