#include "api/live_routes.h"

#include <charconv>

#include "api/access.h"
#include "api/live_events.h"
#include "api/routes.h"
#include "api/still_may.h"
#include "host/host.h"

namespace winback::api {
namespace {

constexpr std::size_t recent_default = 50;
constexpr std::string_view live_scope = "personal";

http::Response recent(Desk& desk, const http::Request& request) {
    const Result<LiveFilter> filter = LiveFilter::of(request);
    if (!filter) {
        return http::error(filter.error());
    }
    const Result<std::size_t> limit = limit_of(request, recent_default, live_events_kept);
    if (!limit) {
        return http::error(limit.error());
    }
    LiveEvents::Page page = desk.part<LiveEvents>().recent(*filter, *limit);
    ValueMap tree;
    tree.set("events", std::move(page.events));
    tree.set("last", static_cast<std::int64_t>(page.last));
    tree.set("missed", static_cast<std::int64_t>(page.missed));
    return json_answer(std::move(tree));
}

// Where a browser that lost its connection left off, else where its page did.
std::uint64_t last_seen(const http::Request& request) {
    const std::string* text = request.header("last-event-id");
    if (text == nullptr) {
        text = request.query_value("since");
    }
    std::uint64_t id = 0;
    if (text != nullptr) {
        std::from_chars(text->data(), text->data() + text->size(), id);
    }
    return id;
}

http::Response watch(Desk& desk, const http::Request& request) {
    const Result<LiveFilter> filter = LiveFilter::of(request);
    if (!filter) {
        return http::error(filter.error());
    }
    const auto key = key_of(request, desk.host().keys());
    auto stream =
        desk.part<LiveEvents>().watch(*filter, last_seen(request), key ? key->id : std::string(),
                                      still_may(desk, request, live_scope));
    return stream ? http::event_stream(*std::move(stream)) : http::error(stream.error());
}

}  // namespace

void add_live_event_routes(http::Router& router, const std::shared_ptr<Desk>& desk) {
    add_guarded(router, desk, "/api/v1/events/live", live_scope, watch);
    add_guarded(router, desk, "/api/v1/events/recent", live_scope, recent);
}

}  // namespace winback::api
