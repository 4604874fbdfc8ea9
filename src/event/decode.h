// Reads the bodies of the Segment HTTP API and what real clients make of it.
//
// One body holds one call (`/v1/track`, `/v1/t`) or a batch of them (`/v1/batch`, `/v1/b`). The
// content type says nothing (browsers send text/plain, RudderStack sends a form's), so only the
// bytes count: strict JSON in UTF-8, already unpacked. Decoding is pure: the moment of arrival
// is an input, and an event without a message id gets one derived from the body.
//
// The wire form, the correction of clocks and every rejection code: docs/design/events.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "event/event.h"
#include "event/limits.h"

namespace winback::event {

// What the path of a request says of its body.
struct Call {
    bool batch = false;                 // The body is {"batch": [..]}, each item with a type.
    EventKind kind = EventKind::Track;  // When not a batch: rules over a "type" in the body.
    bool operator==(const Call&) const = default;
};

// "/v1/track", "/v1/t", "/v1/batch", "/v1/b", "/v1/import", …; nothing for other paths.
std::optional<Call> call_from_path(std::string_view path);

struct DecodeOptions {
    Timestamp received;  // When the body arrived, by the server's clock.
    Call call;
    // For files of past events: `timestamp` counts as it stands, an event without one is
    // rejected, and missing message ids are derived from the event's content alone, so that
    // the same file gives the same events whenever it is read.
    bool stored = false;
};

// An event that was not taken; the others of its batch were.
struct Rejection {
    std::size_t index = 0;  // Place in the batch; 0 for a single call or a whole body.
    std::string code;       // snake_case, stable: "no_user_anon_id"
    std::string message;    // For people.
    bool operator==(const Rejection&) const = default;
};

struct Decoded {
    std::vector<Event> events;  // In the order of the body.
    std::string write_key;      // From the body, else from the first event with one; or empty.
    std::vector<Rejection> rejected;
};

// Keeps its buffers between bodies; use one per thread.
class Decoder {
public:
    Decoder();
    ~Decoder();
    Decoder(Decoder&&) noexcept;
    Decoder& operator=(Decoder&&) noexcept;

    // Fails with InvalidArgument when the body is not JSON and with LimitExceeded when it, or an
    // event in it, is too large: both mean status 400. Well-formed JSON that is no event
    // succeeds, with a Rejection.
    Result<Decoded> decode(std::string_view body, const DecodeOptions& options);

private:
    struct Buffers;
    std::unique_ptr<Buffers> buffers_;
};

}  // namespace winback::event
