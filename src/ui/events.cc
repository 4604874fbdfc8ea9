#include "ui/events.h"

#include "api/event_problems.h"
#include "api/live_events.h"
#include "api/people.h"
#include "event/decode.h"
#include "host/host.h"
#include "ui/connect.h"

namespace winback::ui {
namespace {

constexpr std::size_t events_shown = 50;

ValueMap chosen_of(const api::LiveFilter& filter) {
    ValueMap chosen;
    chosen.set("key", filter.key);
    chosen.set("name", filter.name);
    chosen.set("customer", filter.customer);
    chosen.set("problems", filter.problems);
    return chosen;
}

// What the row in the page's <template> is made of; the script fills it.
ValueMap sample_event() {
    ValueMap event;
    event.set("taken", true);
    event.set("problems", ValueList());
    return event;
}

std::size_t count_problems(const ValueList& events) {
    std::size_t count = 0;
    for (const Value& event : events) {
        count += *event.as_map()->find("needs_look") == Value(true) ? 1U : 0U;
    }
    return count;
}

ValueList codes() {
    ValueList list;
    for (const std::string_view code : api::event_problem_codes()) {
        list.emplace_back(std::string(code));
    }
    return list;
}

ValueMap events_data(api::Desk& desk, const http::Request& request, const Frame& frame) {
    Result<api::LiveFilter> asked = api::LiveFilter::of(request);
    const api::LiveFilter filter = asked ? *asked : api::LiveFilter{};
    api::LiveEvents::Page page = desk.part<api::LiveEvents>().recent(filter, events_shown);
    ValueMap data;
    data.set("shown", static_cast<std::int64_t>(page.events.size()));
    data.set("bad", static_cast<std::int64_t>(count_problems(page.events)));
    data.set("missed", static_cast<std::int64_t>(page.missed));
    data.set("last", static_cast<std::int64_t>(page.last));
    data.set("events", std::move(page.events));
    data.set("chosen", chosen_of(filter));
    data.set("query", filter.query());
    ValueList keys;
    for (const host::Key& key : desk.host().keys().list(host::KeyKind::Write)) {
        keys.emplace_back(key.name);
    }
    data.set("keys", std::move(keys));
    data.set("codes", codes());
    data.set("sample", sample_event());
    data.set("address", server_address(request));
    data.set("write_key", "");
    data.set("zone", frame.zone == nullptr ? "" : std::string(zone_name(*frame.zone)));
    return data;
}

http::Response show(api::Desk& desk,
                    const Pages& pages,
                    const http::Request& request,
                    int status,
                    const ValueMap& more) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "events.title");
    frame.active = "events";
    frame.scripts = {"live_events_js"};
    frame.styles = {"events_css"};
    frame.path = "/events";
    ValueMap data = events_data(desk, request, frame);
    for (const Field& field : more) {
        data.set(field.first, field.second);
    }
    return pages.render(status, "events", frame, data);
}

// The key stands in this one answer and nowhere else, so there is no address to be sent on to.
http::Response make_key(api::Desk& desk,
                        const Pages& pages,
                        const http::Request& request,
                        const http::Pairs& form,
                        const host::Key& who) {
    ValueMap more;
    const auto made =
        api::create_key(desk, who, host::KeyKind::Write, field_of(form, "name"), {}, 0);
    if (made) {
        more.set("write_key", made->secret);
    } else {
        more.set("key_failed", true);
    }
    http::Response response = show(desk, pages, request, made ? 200 : 400, more);
    response.compressible = false;  // It may hold a secret.
    return response;
}

}  // namespace

void add_event_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    add_page(router, desk, pages, "/events", "personal",
             [](api::Desk& at, const Pages& all, const http::Request& request) {
                 return show(at, all, request, 200, {});
             });
    add_form(router, desk, pages, "/events/key", "admin", make_key);
}

}  // namespace winback::ui
