#include "webhook/endpoint.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/diagnostic.h"
#include "base/excerpt.h"
#include "base/strings.h"
#include "webhook/event.h"

namespace winback::webhook {
namespace {

constexpr std::uint8_t row_form = 1;

Error wrong(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

Status check_events(const std::vector<std::string>& events) {
    if (events.empty()) {
        return wrong("'events' names at least one event");
    }
    for (const std::string& type : events) {
        if (!is_event_type(type)) {
            const std::string_view near = nearest(type, {event_types.begin(), event_types.end()});
            return wrong("there is no event '" + excerpt(type) + "'" +
                         (near.empty() ? std::string("; the page /api lists them")
                                       : "; did you mean '" + std::string(near) + "'?"));
        }
    }
    return Ok{};
}

}  // namespace

bool Endpoint::wants(std::string_view type) const {
    return enabled && std::binary_search(events.begin(), events.end(), type);
}

std::string encode(const Endpoint& endpoint) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(row_form);
    for (const std::string* text :
         {&endpoint.id, &endpoint.url, &endpoint.description, &endpoint.disabled_because,
          &endpoint.secret, &endpoint.former_secret}) {
        out.text(*text);
    }
    out.boolean(endpoint.enabled);
    for (const Timestamp at :
         {endpoint.created, endpoint.former_until, endpoint.last_success, endpoint.failing_since}) {
        out.time(at);
    }
    out.u64(endpoint.version);
    out.u64(endpoint.lost);
    out.u64(endpoint.events.size());
    for (const std::string& type : endpoint.events) {
        out.text(type);
    }
    return bytes;
}

Result<Endpoint> decode_endpoint(std::string_view bytes) {
    ByteReader in(bytes);
    Endpoint endpoint;
    const bool known = in.u8() == row_form;
    for (std::string* text :
         {&endpoint.id, &endpoint.url, &endpoint.description, &endpoint.disabled_because,
          &endpoint.secret, &endpoint.former_secret}) {
        *text = in.text();
    }
    endpoint.enabled = in.boolean();
    for (Timestamp* at : {&endpoint.created, &endpoint.former_until, &endpoint.last_success,
                          &endpoint.failing_since}) {
        *at = in.time();
    }
    endpoint.version = in.u64();
    endpoint.lost = in.u64();
    const std::size_t count = in.count();
    for (std::size_t i = 0; i < count; ++i) {
        endpoint.events.emplace_back(in.text());
    }
    if (!known || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a row (webhook endpoint) cannot be read"};
    }
    return endpoint;
}

Status apply(const EndpointDraft& draft, sender::Reach reach, Endpoint& endpoint) {
    Endpoint changed = endpoint;
    if (draft.url) {
        changed.url = trim(*draft.url);
        WINBACK_TRY(const Ok reachable, sender::check_web_address(changed.url, reach));
        static_cast<void>(reachable);
    }
    if (draft.description) {
        changed.description = trim(*draft.description);
        if (changed.description.size() > description_bytes_max ||
            !is_valid_utf8(changed.description)) {
            return wrong("'description' is text of at most 200 bytes");
        }
    }
    if (draft.events) {
        changed.events = *draft.events;
        WINBACK_TRY(const Ok known, check_events(changed.events));
        static_cast<void>(known);
        std::sort(changed.events.begin(), changed.events.end());
        changed.events.erase(std::unique(changed.events.begin(), changed.events.end()),
                             changed.events.end());
    }
    if (draft.enabled) {
        changed.enabled = *draft.enabled;
        changed.disabled_because = changed.enabled ? "" : "manual";
        changed.failing_since = changed.enabled ? timestamp_max : changed.failing_since;
    }
    endpoint = std::move(changed);
    return Ok{};
}

}  // namespace winback::webhook
