// What happened to a customer, in the form of the Segment spec.
//
// An Event is what is left after decoding: identities, a kind, a name, times and the properties
// as values. It says nothing of how it came (HTTP, file); `decode.h` reads the wire form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace winback::event {

enum class EventKind : std::uint8_t {
    Identify,
    Track,
    Page,
    Screen,
    Group,
    Alias,
};
std::string_view event_kind_name(EventKind kind);  // "identify", "track", …
std::optional<EventKind> event_kind_from_name(std::string_view name);
// The name under which events of a kind are kept, "Page Viewed"; empty for track.
std::string_view kept_name(EventKind kind);

// Where the customer was: decides which "last seen" the event moves.
enum class Surface : std::uint8_t {
    Web,
    App,
    Shop,     // A till, a call centre, an import of orders.
    Unknown,  // A server that did not say.
};
std::string_view surface_name(Surface surface);
constexpr int surface_count = 4;

struct Event {
    EventKind kind = EventKind::Track;
    Surface surface = Surface::Unknown;
    // True when derived from content, as imports do: then the same event at the same time is the
    // same event however late it comes. Else ids are remembered for at least 24 hours.
    bool content_id = false;
    std::string message_id;  // Never empty after decoding.
    std::string user_id;     // At least one of user_id and anonymous_id is not empty.
    std::string anonymous_id;
    std::string previous_id;  // alias only.
    std::string group_id;     // group only.
    // The name under which the event is kept and conditions find it: a track event's own name;
    // else "Page Viewed", "Screen Viewed", "Identified", "Group Joined", "Aliased".
    std::string name;
    Timestamp time;       // When it happened, after correction of the client's clock; UTC.
    ValueMap properties;  // track, page, screen: properties; identify and group: traits.
    ValueMap context;     // Only what we use: locale, timezone, campaign, page, app, traits.

    bool operator==(const Event&) const = default;
};

// The customer that the event is about: user_id, else anonymous_id.
inline const std::string& customer_key(const Event& event) {
    return event.user_id.empty() ? event.anonymous_id : event.user_id;
}

// The binary form of the log and of histories on disk; docs/design/events.md. `decode` fails with
// Corrupt.
std::string encode(const Event& event);
Result<Event> decode(std::string_view bytes);

}  // namespace winback::event
