// Where a customer says no: a page with one button, and the one click of RFC 8058.
//
// No cookies, no sign-in, no redirect: mail programs post here on their own. Looking at the page
// changes nothing, since scanners of mail open every link.
#include "message/unsubscribe.h"

#include "host/host.h"
#include "ui/routes.h"
#include "ui/visit.h"

namespace winback::ui {
namespace {

struct Request {
    Visit visit;
    std::optional<message::Unsubscribe> unsubscribe;
};

Request read(host::Host& host, const http::Request& request) {
    std::optional<message::Unsubscribe> unsubscribe;
    if (const engine::DefinitionsPtr definitions = host.definitions()) {
        Result<message::Unsubscribe> token =
            message::read_token(definitions->link_secret, request.param("token"));
        if (token) {
            unsubscribe = *std::move(token);
        }
    }
    return {visit_of(host, request, unsubscribe ? unsubscribe->customer : ""), unsubscribe};
}

http::Response shown(const Pages& pages, Visit visit, int status, std::string_view stage) {
    visit.data.set("stage", stage);
    return show_visit(pages, status, "unsubscribe", visit);
}

http::Response show(const Pages& pages, host::Host& host, const http::Request& request) {
    Request asked = read(host, request);
    const bool valid = asked.unsubscribe.has_value();
    return shown(pages, std::move(asked.visit), valid ? 200 : 404, valid ? "ask" : "broken");
}

void take(const Pages& pages,
          host::Host& host,
          const http::Request& request,
          const http::Reply& reply) {
    Request asked = read(host, request);
    if (!asked.unsubscribe) {
        reply(shown(pages, std::move(asked.visit), 404, "broken"));
        return;
    }
    engine::Command command;
    command.kind = engine::Command::Kind::SetConsent;
    command.customer = asked.unsubscribe->customer;
    command.channel =
        customer::parse_channel(asked.unsubscribe->channel).value_or(customer::Channel::Email);
    command.consent = expr::ConsentState::Denied;
    command.reason = "unsubscribe link";
    // Both pages beforehand: the answer comes on a worker's thread, which must not be held up.
    http::Response done = shown(pages, asked.visit, 200, "done");
    http::Response failed = shown(pages, std::move(asked.visit), 503, "failed");
    host.command(std::move(command), [reply, done = std::move(done), failed = std::move(failed)](
                                         const Status& status) { reply(status ? done : failed); });
}

}  // namespace

void add_unsubscribe_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    // Whatever the body says or lacks: who posts here wants to be left alone.
    add_form_routes(router, desk, pages, "/u/:token", show, take);
}

}  // namespace winback::ui
