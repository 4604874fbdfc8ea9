// The routes through which events come in, compatible with the Segment HTTP API.
//
// POST /v1/identify, track, page, screen, group, alias, batch, import and the browser's one-letter
// paths. The answer is exactly 200 {"success":true}, given only when every event of the body is
// durable; events that were well-formed JSON but no event are listed beside it, since clients
// never send such a body again. See docs/design/http.md for the statuses.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "event/decode.h"
#include "event/event.h"
#include "http/router.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::api {

class LiveEvents;

// Bodies are taken a little beyond what the decoder takes, so that an oversized batch is refused
// with the status and code that clients know, and the decoder decides.
constexpr std::size_t ingest_body_bytes_max = 2 * event::batch_bytes_max;

// What the routes need of the rest of the server. All are called on I/O threads and must not
// block.
struct IngestPorts {
    // Whether this write key may send events.
    std::function<bool(std::string_view write_key)> is_write_key;
    // `done` is called once, on any thread: when all events are durable, with Unavailable when
    // nothing was taken because queues are full, or with another error.
    std::function<void(std::vector<event::Event> events, std::function<void(Status)> done)> submit;
    std::function<Duration()> retry_after;  // After Unavailable.
    std::function<Timestamp()> now;         // The moment of arrival.
    // An event that was not taken. May be empty.
    std::function<void(const event::Rejection&)> on_rejected;
    // Shows what arrives to people who connect a shop. May be null.
    std::shared_ptr<LiveEvents> live;
};

// Of a running host, which must outlive the router.
IngestPorts ingest_ports(host::Host& host);

void add_ingest_routes(http::Router& router, IngestPorts ports);

}  // namespace winback::api
