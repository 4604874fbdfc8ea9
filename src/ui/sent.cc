// What a message leads to: the message itself as a page, and its counted links.
//
// Whoever has the address may look; nothing here needs a session. A counted link answers at once:
// the click is written down afterwards, and a click that cannot be written is only not counted.
#include <algorithm>
#include <array>

#include "api/access.h"
#include "base/strings.h"
#include "event/names.h"
#include "host/host.h"
#include "message/own_links.h"
#include "ui/routes.h"
#include "ui/visit.h"

namespace winback::ui {
namespace {

// Clicks of one link within the same span of the clock count once: browsers ask twice.
constexpr Duration click_span = seconds(10);

// True for messages that left us or may have.
bool went_out(const host::StoredMessage& message) {
    using message::MessageState;
    switch (message.last().state) {
        case MessageState::Sending:
        case MessageState::Sent:
        case MessageState::Previewed:
        case MessageState::InDoubt:
            return true;
        case MessageState::Queued:
        case MessageState::Held:
        case MessageState::Refused:
        case MessageState::Failed:
            return false;
    }
    return false;
}

http::Response view(api::Desk& desk, const Pages& pages, const http::Request& request) {
    host::Host& host = desk.host();
    const engine::DefinitionsPtr definitions = host.definitions();
    if (definitions == nullptr) {
        return broken_link(pages, host, request);
    }
    const Result<Hash128> key =
        message::read_view_token(definitions->link_secret, request.param("token"));
    Result<host::StoredMessage> message =
        key ? host.message(*key) : Result<host::StoredMessage>(key.error());
    if (!message || message->decided.rendered.html.empty() || !went_out(*message)) {
        return broken_link(pages, host, request);
    }
    http::Response response = http::html(200, std::move(message->decided.rendered.html));
    // Links open; what they open is not bound by this sandbox.
    show_as_message(response, "sandbox allow-popups allow-popups-to-escape-sandbox");
    keep_private(response);
    return response;
}

// Programs that look at links on behalf of nobody, as far as they say so.
bool is_automatic(const http::Request& request) {
    constexpr std::array<std::string_view, 17> names{
        "bot",      "crawl",   "spider",     "scan",      "preview",  "prefetch",
        "headless", "curl/",   "wget/",      "python",    "java/",    "go-http",
        "okhttp",   "monitor", "proofpoint", "barracuda", "safelinks"};
    for (const char* name : {"purpose", "sec-purpose", "x-purpose", "x-moz"}) {
        const std::string* value = request.header(name);
        const std::string purpose = value == nullptr ? "" : to_lower_ascii(*value);
        if (purpose.starts_with("prefetch") || purpose.starts_with("preview")) {
            return true;
        }
    }
    const std::string* place = request.header("sec-fetch-dest");
    if (place != nullptr && *place != "document") {
        return true;  // Part of another page, such as a preview of the message.
    }
    const std::string* agent = request.header("user-agent");
    const std::string lower = agent == nullptr ? "" : to_lower_ascii(*agent);
    return lower.empty() || std::any_of(names.begin(), names.end(), [&](std::string_view name) {
               return lower.find(name) != std::string::npos;
           });
}

bool is_a_click(const http::Request& request, host::Host& host) {
    // A browser that is signed in is one of ours, looking.
    return request.method == "GET" && !is_automatic(request) &&
           !api::key_of(request, host.keys()).has_value();
}

// Whether customers of this id are named by a user id; nothing for who is not known.
std::optional<bool> is_identified(host::Host& host, const std::string& customer) {
    std::optional<bool> identified;
    host.query_customer(customer, [&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        const auto found = customers.find(customer);
        if (found && !customers.erased(*found)) {
            identified = customers.identified(*found);
        }
    });
    return identified;
}

void record(host::Host& host, const message::FollowedLink& link) {
    const Result<host::StoredMessage> message = host.message(link.key);
    if (!message || !went_out(*message)) {
        return;
    }
    const engine::MessageDecided& decided = message->decided;
    const std::optional<bool> identified = is_identified(host, decided.customer);
    if (!identified) {
        return;
    }
    event::Event event;
    event.kind = event::EventKind::Track;
    event.surface = event::Surface::Web;
    event.name = event::link_clicked;
    event.time = host.now();
    (*identified ? event.user_id : event.anonymous_id) = decided.customer;
    event.message_id = "click-" + to_hex(hash128(to_hex(link.key) + link.target + " " +
                                                 std::to_string(event.time.ms / click_span.ms)));
    event.properties.set("message_key", to_hex(link.key));
    event.properties.set("url", link.target);
    event.properties.set("journey", decided.journey);
    event.properties.set("template", decided.template_id);
    host.submit(std::move(event), [](const Status&) {});
}

void follow(const DeskPtr& desk,
            const PagesPtr& pages,
            const http::RequestPtr& request,
            const http::Reply& reply) {
    api::Desk& at = *desk;
    const engine::DefinitionsPtr definitions = at.host().definitions();
    Result<message::FollowedLink> link =
        definitions == nullptr
            ? Result<message::FollowedLink>(Error{ErrorCode::NotFound, ""})
            : message::read_link_token(definitions->link_secret, request->param("token"));
    if (!link) {
        reply(broken_link(*pages, at.host(), *request));
        return;
    }
    http::Response response = http::redirect(link->target);
    response.status = 302;
    keep_private(response);
    reply(std::move(response));
    if (is_a_click(*request, at.host())) {
        (void)at.post([&at, link = *std::move(link)] { record(at.host(), link); });
    }
}

}  // namespace

void add_sent_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    router.add("GET", "/v/:token",
               api::Desk::handler(desk, [pages](api::Desk& at, const http::Request& request) {
                   return view(at, *pages, request);
               }));
    router.add("GET", "/l/:token",
               [desk, pages](const http::RequestPtr& request, const http::Reply& reply) {
                   follow(desk, pages, request, reply);
               });
}

}  // namespace winback::ui
