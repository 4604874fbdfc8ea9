// One-time links become sessions; sessions end.
#include "api/access.h"
#include "base/strings.h"
#include "host/host.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

// Behind a proxy that speaks TLS the browser must not show the cookie without it.
bool over_tls(const http::Request& request) {
    const std::string* protocol = request.header("x-forwarded-proto");
    return protocol != nullptr && equals_ignoring_case(*protocol, "https");
}

http::Response sign_in_page(const Pages& pages,
                            const http::Request& request,
                            int status,
                            bool failed) {
    Frame frame = visitor_frame(request);
    frame.title = pages.text(frame, "sign_in.title");
    ValueMap data;
    data.set("failed", failed);
    return pages.render(status, "sign_in", frame, data);
}

http::Response sign_in(api::Desk& desk, const Pages& pages, const http::Request& request) {
    const std::string* token = request.query_value("token");
    // A look with HEAD must not use the link up.
    if (token == nullptr || request.method != "GET") {
        return sign_in_page(pages, request, 200, false);
    }
    const Result<host::CreatedKey> session = desk.host().keys().sign_in(*token, api::wall_clock());
    if (!session) {
        return sign_in_page(pages, request, 403, true);
    }
    http::Response response = http::redirect("/");
    http::set_cookie(response, {.name = std::string(api::session_cookie),
                                .value = session->secret,
                                .max_age_seconds = host::session_lifetime.ms / 1000,
                                .secure = over_tls(request)});
    response.set("Cache-Control", "no-store");
    response.set("Referrer-Policy", "no-referrer");
    return response;
}

http::Response sign_out(api::Desk& desk, const http::Request& request) {
    const std::optional<host::Key> key = api::key_of(request, desk.host().keys());
    if (key && key->kind == host::KeyKind::Session) {
        // Gone already is as good.
        static_cast<void>(desk.host().keys().revoke(key->id));
    }
    http::Response response = http::redirect("/sign-in");
    http::set_cookie(response, {.name = std::string(api::session_cookie),
                                .value = "",
                                .max_age_seconds = -1,
                                .secure = over_tls(request)});
    return response;
}

}  // namespace

void add_sign_in_routes(http::Router& router, const DeskPtr& desk, const PagesPtr& pages) {
    router.add("GET", "/sign-in",
               api::Desk::handler(desk, [pages](api::Desk& at, const http::Request& request) {
                   return sign_in(at, *pages, request);
               }));
    router.add("POST", "/sign-out", api::Desk::handler(desk, sign_out));
}

}  // namespace winback::ui
