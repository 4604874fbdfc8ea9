#include "ui/routes.h"

#include "api/access.h"
#include "api/form_token.h"
#include "host/host.h"
#include "http/url.h"

namespace winback::ui {
namespace {

constexpr PageRoute table[] = {
    {"/", "read", overview_page},
    {"/customers", "personal", customers_page},
    {"/customers/:id", "personal", customer_page},
    {"/health", "read", health_page},
    {"/journeys", "read", journeys_page},
    {"/journeys/:id", "read", journey_page},
    {"/messages", "personal", messages_page},
    {"/messages/:key", "personal", message_page},
    {"/messages/:key/body", "personal", message_body},
    {"/approvals", "read", approvals_page},
    {"/approvals/:id", "read", approval_page},
    {"/api", "read", api_page},
    {"/models", "read", models_page},
    {"/segments", "read", segments_page},
    {"/segments/:id", "read", segment_page},
    {"/overlap", "read", overlap_page},
    {"/ui", "read", style_page},
    {"/audit", "admin", audit_page},
    {"/audit/customer/:hash", "admin", audit_customer},
    {"/settings", "read", settings_page},
    {"/settings/me", "read", me_page},
    {"/settings/users", "admin", users_page},
    {"/settings/keys", "admin", keys_page},
};

// `why` chooses among the texts of a status: "personal", "role"; empty for the usual one.
http::Response problem_because(const Pages& pages,
                               const Frame& frame,
                               int status,
                               std::string_view why) {
    Frame own = frame;
    const std::string key = "problem.title_" + std::to_string(status);
    own.title = pages.text(frame, key);
    own.bare = frame.workspace.empty();
    ValueMap data;
    data.set("status", status);
    data.set("why", why);
    return pages.render(status, "problem", own, data);
}

// Nothing when the reader of this session may do it.
std::optional<http::Response> refuse(api::Desk& desk,
                                     const Pages& pages,
                                     const http::Request& request,
                                     const std::optional<host::Key>& key,
                                     std::string_view scope) {
    if (!key || key->kind != host::KeyKind::Session) {
        return ask_to_sign_in(desk, pages, request);
    }
    if (!api::may(*key, scope)) {
        // Whoever sent a form may also have had the page open for too long.
        const std::string_view why = request.method != "GET" ? ""
                                     : scope == "personal"   ? "personal"
                                                             : "role";
        return problem_because(pages, visitor_frame(request), 403, why);
    }
    return std::nullopt;
}

http::Response take_form(api::Desk& desk,
                         const Pages& pages,
                         const http::Request& request,
                         const host::Key& who,
                         const Take& take) {
    const Result<http::Pairs> form = http::parse_query(request.body);
    if (!form) {
        return problem(pages, frame_of(desk, request), 400);
    }
    if (!api::is_form_token(request, field_of(*form, "token"))) {
        return problem(pages, frame_of(desk, request), 403);
    }
    return take(desk, pages, request, *form, who);
}

void set_message_policy(http::Response& response,
                        std::string_view images,
                        std::string_view sandbox,
                        std::string_view framed_by) {
    response.set("Content-Security-Policy",
                 "default-src 'none'; style-src 'unsafe-inline'; img-src " + std::string(images) +
                     "; " + std::string(sandbox) + "; frame-ancestors " + std::string(framed_by) +
                     "; base-uri 'none'; form-action 'none'");
    response.set("X-Frame-Options", framed_by == "'self'" ? "SAMEORIGIN" : "DENY");
    response.set("Referrer-Policy", "no-referrer");
    response.set("Cache-Control", "no-store");
}

}  // namespace

std::span<const PageRoute> page_routes() {
    return table;
}

// The session is looked up on the I/O thread: it costs a hash.
void add_page(http::Router& router,
              const DeskPtr& desk,
              const PagesPtr& pages,
              std::string_view pattern,
              std::string_view scope,
              Show show) {
    const http::Handler guarded = api::Desk::handler(
        desk, [pages, show = std::move(show)](api::Desk& at, const http::Request& request) {
            return show(at, *pages, request);
        });
    router.add("GET", pattern,
               [desk, pages, guarded, scope = std::string(scope)](const http::RequestPtr& request,
                                                                  http::Reply reply) {
                   const auto key = api::key_of(*request, desk->host().keys());
                   if (auto refusal = refuse(*desk, *pages, *request, key, scope)) {
                       reply(*std::move(refusal));
                   } else {
                       guarded(request, std::move(reply));
                   }
               });
}

void add_form(http::Router& router,
              const DeskPtr& desk,
              const PagesPtr& pages,
              std::string_view pattern,
              std::string_view scope,
              Take take,
              FormOptions options) {
    const DeskPtr room = options.room != nullptr ? options.room : desk;
    router.add(
        "POST", pattern,
        [desk, room, pages, scope = std::string(scope), take = std::move(take)](
            const http::RequestPtr& request, const http::Reply& reply) {
            const auto key = api::key_of(*request, desk->host().keys());
            if (auto refusal = refuse(*desk, *pages, *request, key, scope)) {
                reply(*std::move(refusal));
                return;
            }
            api::Desk& at = *desk;
            const bool taken = room->post([&at, pages, request, reply, take, who = *key] {
                reply(take_form(at, *pages, *request, who, take));
            });
            if (!taken) {
                reply(problem(*pages, visitor_frame(*request), 503));
            }
        },
        {.body_bytes_max = options.body_bytes_max, .inflated_bytes_max = options.body_bytes_max});
}

std::optional<http::Response> refuse_reader(api::Desk& desk,
                                            const Pages& pages,
                                            const http::Request& request,
                                            std::string_view scope) {
    return refuse(desk, pages, request, api::key_of(request, desk.host().keys()), scope);
}

http::Response see_other(std::string_view path) {
    http::Response response = http::redirect(path);
    response.set("Cache-Control", "no-store");
    return response;
}

std::string field_of(const http::Pairs& pairs, std::string_view name) {
    const std::string* value = http::find_pair(pairs, name);
    return value == nullptr ? std::string() : *value;
}

bool signed_in(api::Desk& desk, const http::Request& request) {
    const auto key = api::key_of(request, desk.host().keys());
    return key && key->kind == host::KeyKind::Session;
}

void show_as_message(http::Response& response, std::string_view sandbox) {
    set_message_policy(response, "data: https: http:", sandbox, "'none'");
}

void show_in_frame(http::Response& response,
                   const http::Request& request,
                   std::string_view sandbox) {
    const std::string* pictures = request.query_value("pictures");
    const bool shown = pictures != nullptr && *pictures == "shown";
    set_message_policy(response, shown ? "data: https: http:" : "data:", sandbox, "'self'");
}

void allow_frames(http::Response& response) {
    const std::string* policy = http::find_field(response.headers, "content-security-policy");
    response.set("Content-Security-Policy", *policy + "; frame-src 'self'");
}

http::Response problem(const Pages& pages, const Frame& frame, int status) {
    return problem_because(pages, frame, status, "");
}

}  // namespace winback::ui
