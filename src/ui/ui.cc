#include "ui/ui.h"

#include "api/access.h"
#include "host/host.h"
#include "ui/page_data.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

http::Response overview(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.title = "Overview";
    frame.active = "overview";
    return pages.render(200, "overview", frame, overview_data(desk));
}

using Build = Result<ValueMap> (*)(api::Desk&, const http::Request&);

http::Response page_or_problem(api::Desk& desk,
                               const Pages& pages,
                               const http::Request& request,
                               std::string_view name,
                               Build build) {
    Frame frame = frame_of(desk, request);
    frame.active = "customers";
    const Result<ValueMap> data = build(desk, request);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    const Value* id = data->find("id");
    const Value* subject = data->find("subject");
    const Value* title = id != nullptr ? id : subject;
    frame.title = title == nullptr || title->as_string() == nullptr ? std::string("Customers")
                                                                    : *title->as_string();
    http::Response response = pages.render(200, name, frame, *data);
    if (name == "message") {
        allow_frames(response);
    }
    return response;
}

http::Response message_body(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Hash128 key;
    const bool is_key = parse_hex(request.param("key"), key);
    Result<host::StoredMessage> message =
        is_key ? desk.host().message(key)
               : Result<host::StoredMessage>(Error{ErrorCode::NotFound, ""});
    if (!message || message->decided.rendered.html.empty()) {
        return problem(pages, frame_of(desk, request), 404);
    }
    http::Response response = http::html(200, std::move(message->decided.rendered.html));
    show_as_message(response, "sandbox", "'self'");
    return response;
}

bool is_for_programs(std::string_view path) {
    return path.starts_with("/api/") || path.starts_with("/v1/") || path == "/metrics";
}

}  // namespace

bool signed_in(api::Desk& desk, const http::Request& request) {
    const auto key = api::key_of(request, desk.host().keys());
    return key && key->kind == host::KeyKind::Session;
}

http::Response ask_to_sign_in(const Pages& pages) {
    ValueMap data;
    data.set("failed", false);
    return pages.render(401, "sign_in", {.title = "Sign in", .bare = true}, data);
}

// The session is looked up on the I/O thread: it costs a hash.
void add_page(http::Router& router,
              const DeskPtr& desk,
              const PagesPtr& pages,
              std::string_view pattern,
              Show show) {
    const http::Handler guarded = api::Desk::handler(
        desk, [pages, show = std::move(show)](api::Desk& at, const http::Request& request) {
            return show(at, *pages, request);
        });
    router.add("GET", pattern,
               [desk, pages, guarded](const http::RequestPtr& request, http::Reply reply) {
                   if (signed_in(*desk, *request)) {
                       guarded(request, std::move(reply));
                   } else {
                       reply(ask_to_sign_in(*pages));
                   }
               });
}

void show_as_message(http::Response& response,
                     std::string_view sandbox,
                     std::string_view framed_by) {
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; " +
                     std::string(sandbox) + "; frame-ancestors " + std::string(framed_by) +
                     "; base-uri 'none'; form-action 'none'");
    response.set("X-Frame-Options", framed_by == "'self'" ? "SAMEORIGIN" : "DENY");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-store");
}

void allow_frames(http::Response& response) {
    const std::string* policy = http::find_field(response.headers, "content-security-policy");
    response.set("Content-Security-Policy", *policy + "; frame-src 'self'");
}

Frame frame_of(api::Desk& desk, const http::Request& request) {
    Frame frame;
    frame.now = desk.host().now();
    ValueMap& workspace = frame.workspace;
    workspace.set("signed_in", true);
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        frame.zone = definitions->workspace.zone;
        workspace.set("name", definitions->workspace.name);
        workspace.set("currency", definitions->workspace.currency);
    } else {
        workspace.set("name", "");
        const Value* currency = desk.overview()->tree.find("currency");
        const bool known = currency != nullptr && currency->as_string() != nullptr &&
                           !currency->as_string()->empty();
        workspace.set("currency", known ? *currency->as_string() : std::string("USD"));
    }
    workspace.set("replay_of", desk.host().origin().replay_of);
    workspace.set("now", frame.now);
    // The pages speak English so far; their layout is ready for the other direction.
    const std::string* direction = request.query_value("dir");
    frame.direction = direction != nullptr && *direction == "rtl" ? "rtl" : "ltr";
    return frame;
}

http::Response problem(const Pages& pages, const Frame& frame, int status) {
    Frame own = frame;
    own.title = std::string(http::reason_phrase(status));
    own.bare = frame.workspace.empty();
    ValueMap data;
    data.set("status", status);
    return pages.render(status, "problem", own, data);
}

void add_ui_routes(http::Router& router, host::Host& host, UiOptions options) {
    const DeskPtr desk = options.desk != nullptr ? options.desk : std::make_shared<api::Desk>(host);
    const PagesPtr pages = std::make_shared<const Pages>();
    const auto add = [&](std::string_view pattern, std::string_view name, Build build) {
        add_page(router, desk, pages, pattern,
                 [name, build](api::Desk& at, const Pages& all, const http::Request& request) {
                     return page_or_problem(at, all, request, name, build);
                 });
    };
    add_page(router, desk, pages, "/", overview);
    add("/customers", "customers", customers_data);
    add("/customers/:id", "customer", customer_data);
    add("/messages/:key", "message", message_data);
    add_page(router, desk, pages, "/messages/:key/body", message_body);
    add_template_routes(router, desk, pages,
                        options.templates != nullptr ? options.templates
                                                     : std::make_shared<api::TemplateDesk>(
                                                           *desk, api::TemplateDeskOptions{}));
    add_sign_in_routes(router, desk, pages);
    add_unsubscribe_routes(router, desk, pages);
    add_sample_link_routes(router, desk, pages);
    add_preferences_routes(router, desk, pages);
    add_sent_routes(router, desk, pages);
    router.add("GET", "/assets/*file", http::sync(asset));
    router.add("GET", "/*path", http::sync([pages](const http::Request& request) {
                   return is_for_programs(request.path)
                              ? http::error(404, "not_found", "there is no such path")
                              : problem(*pages, {}, 404);
               }));
}

}  // namespace winback::ui
