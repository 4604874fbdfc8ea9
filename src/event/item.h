// One call of the Segment API, from JSON to an Event. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "event/decode.h"
#include "event/event.h"
#include "event/json.h"

namespace winback::event {

// Why an event was not taken. When several reasons hold, the first one is given.
enum class Refusal : std::uint8_t {
    NotAnObject,
    NoBatch,
    BatchTooLong,
    UnknownType,
    BadId,
    IdTooLong,
    NoUserAnonId,
    NoUserId,
    NoPreviousId,
    NoGroupId,
    NoEvent,
    EventNameTooLong,
    MessageIdTooLong,
    BadProperties,
    TooDeep,
    TooManyFields,
    BadTimestamp,
};
std::string_view refusal_code(Refusal refusal);     // "not_an_object"
std::string_view refusal_message(Refusal refusal);  // One sentence for people.

// When it happened: `received` less the time that passed at the client between the event and its
// sending, so that the client's clock may be wrong. Without `sent` the client's clock is
// believed; without `original` it happened when it came. Never after `received`.
Timestamp corrected_time(Timestamp received,
                         std::optional<Timestamp> sent,
                         std::optional<Timestamp> original);

// What a batch says for all of its events.
struct BatchDefaults {
    std::optional<JsonElement> sent_at;
    std::optional<JsonElement> context;
};

struct Item {
    Event event;            // message_id is empty when the client gave none.
    std::string write_key;  // Of this event; mostly empty.
};

// Returns nothing when `item` is complete.
std::optional<Refusal> read_item(const JsonElement& json,
                                 const BatchDefaults& defaults,
                                 const DecodeOptions& options,
                                 Item& item);

}  // namespace winback::event
