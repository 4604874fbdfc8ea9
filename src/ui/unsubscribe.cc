// Where a customer says no: a page with one button, and the one click of RFC 8058.
//
// No cookies, no sign-in, no redirect: mail programs post here on their own. Looking at the page
// changes nothing, since scanners of mail open every link.
#include "message/unsubscribe.h"

#include "host/host.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

constexpr std::size_t body_bytes_max = 16 * 1024;

bool right_to_left(std::string_view language) {
    return language == "ar" || language == "fa";
}

std::string_view supported(std::string_view language) {
    for (const std::string_view known : {"tr", "ar", "fa"}) {
        if (language == known) {
            return known;
        }
    }
    return "en";
}

std::string language_of(host::Host& host, const std::string& customer) {
    std::string language;
    host.query_customer(customer, [&](host::ShardView view) {
        const auto found = view.shard.customers().find(customer);
        const Value value = found ? view.shard.customers().trait(*found, "language") : Value();
        language = value.as_string() == nullptr ? "" : *value.as_string();
    });
    return language;
}

struct Visit {
    Frame frame;
    ValueMap data;
    std::optional<message::Unsubscribe> unsubscribe;
};

Visit visit_of(host::Host& host, const http::Request& request) {
    Visit visit;
    const engine::DefinitionsPtr definitions = host.definitions();
    std::string language;
    if (definitions != nullptr) {
        visit.frame.workspace.set("name", definitions->workspace.name);
        visit.data.set("shop_url", definitions->workspace.brand_url);
        language = definitions->workspace.language;
        Result<message::Unsubscribe> read =
            message::read_token(definitions->link_secret, request.param("token"));
        if (read) {
            visit.unsubscribe = *std::move(read);
            const std::string own = language_of(host, visit.unsubscribe->customer);
            language = own.empty() ? language : own;
        }
    }
    if (const std::string* asked = request.query_value("lang")) {
        language = *asked;
    }
    visit.frame.language = supported(language);
    visit.frame.direction = right_to_left(visit.frame.language) ? "rtl" : "ltr";
    visit.frame.bare = true;
    visit.data.set("language", visit.frame.language);
    return visit;
}

http::Response shown(const Pages& pages, Visit visit, int status, std::string_view stage) {
    visit.data.set("stage", stage);
    http::Response response = pages.render(status, "unsubscribe", visit.frame, visit.data);
    response.set("Referrer-Policy", "no-referrer");  // The address is a capability.
    response.set("X-Robots-Tag", "noindex");
    return response;
}

http::Response show(const Pages& pages, host::Host& host, const http::Request& request) {
    Visit visit = visit_of(host, request);
    const bool valid = visit.unsubscribe.has_value();
    return shown(pages, std::move(visit), valid ? 200 : 404, valid ? "ask" : "broken");
}

void take(const Pages& pages,
          host::Host& host,
          const http::Request& request,
          const http::Reply& reply) {
    Visit visit = visit_of(host, request);
    if (!visit.unsubscribe) {
        reply(shown(pages, std::move(visit), 404, "broken"));
        return;
    }
    engine::Command command;
    command.kind = engine::Command::Kind::SetConsent;
    command.customer = visit.unsubscribe->customer;
    command.channel =
        customer::parse_channel(visit.unsubscribe->channel).value_or(customer::Channel::Email);
    command.consent = expr::ConsentState::Denied;
    command.reason = "unsubscribe link";
    // Both pages beforehand: the answer comes on a worker's thread, which must not be held up.
    http::Response done = shown(pages, visit, 200, "done");
    http::Response failed = shown(pages, std::move(visit), 503, "failed");
    host.command(std::move(command), [reply, done = std::move(done), failed = std::move(failed)](
                                         const Status& status) { reply(status ? done : failed); });
}

}  // namespace

void add_unsubscribe_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    router.add("GET", "/u/:token",
               api::Desk::handler(desk, [pages](api::Desk& at, const http::Request& request) {
                   return show(*pages, at.host(), request);
               }));
    // Whatever the body says or lacks: who posts here wants to be left alone.
    router.add("POST", "/u/:token",
               [desk, pages](const http::RequestPtr& request, const http::Reply& reply) {
                   api::Desk& at = *desk;
                   const bool taken = at.post(
                       [&at, pages, request, reply] { take(*pages, at.host(), *request, reply); });
                   if (!taken) {
                       reply(http::error(503, "unavailable", "please try again in a moment"));
                   }
               },
               {.body_bytes_max = body_bytes_max});
}

}  // namespace winback::ui
