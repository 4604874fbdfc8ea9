#include "ui/visit.h"

#include "host/host.h"
#include "ui/frame.h"

namespace winback::ui {
namespace {

std::string language_of(host::Host& host, const std::string& customer) {
    std::string language;
    host.query_customer(customer, [&](host::ShardView view) {
        const auto found = view.shard.customers().find(customer);
        const Value value = found ? view.shard.customers().trait(*found, "language") : Value();
        language = value.as_string() == nullptr ? "" : *value.as_string();
    });
    return language;
}

}  // namespace

Visit visit_of(host::Host& host, const http::Request& request, const std::string& customer) {
    Visit visit;
    std::string language;
    if (const engine::DefinitionsPtr definitions = host.definitions()) {
        visit.frame.workspace.set("name", definitions->workspace.name);
        visit.data.set("shop_url", definitions->workspace.brand_url);
        language = definitions->workspace.language;
    }
    if (const std::string own = customer.empty() ? "" : language_of(host, customer); !own.empty()) {
        language = own;
    }
    if (const std::string* asked = request.query_value("lang")) {
        language = *asked;
    }
    const Language* known = find_language(language);
    speak(visit.frame, known != nullptr ? *known : languages[0], "");
    visit.frame.bare = true;
    visit.data.set("language", visit.frame.language);
    return visit;
}

void keep_private(http::Response& response) {
    response.set("Referrer-Policy", "no-referrer");
    response.set("X-Robots-Tag", "noindex");
    response.set("Cache-Control", "no-store");
}

http::Response show_visit(const Pages& pages,
                          int status,
                          std::string_view name,
                          const Visit& visit) {
    http::Response response = pages.render(status, name, visit.frame, visit.data);
    keep_private(response);
    return response;
}

http::Response broken_link(const Pages& pages, host::Host& host, const http::Request& request) {
    return show_visit(pages, 404, "broken_link", visit_of(host, request, ""));
}

void add_form_routes(http::Router& router,
                     const DeskPtr& desk,
                     const PagesPtr& pages,
                     std::string_view pattern,
                     ShowVisit show,
                     TakeVisit take) {
    constexpr std::size_t body_bytes_max = 16 * 1024;
    router.add("GET", pattern,
               api::Desk::handler(desk, [pages, show](api::Desk& at, const http::Request& request) {
                   return show(*pages, at.host(), request);
               }));
    router.add("POST", pattern,
               [desk, pages, take](const http::RequestPtr& request, const http::Reply& reply) {
                   api::Desk& at = *desk;
                   const bool taken = at.post([&at, pages, take, request, reply] {
                       take(*pages, at.host(), *request, reply);
                   });
                   if (!taken) {
                       reply(http::error(503, "unavailable", "please try again in a moment"));
                   }
               },
               {.body_bytes_max = body_bytes_max});
}

}  // namespace winback::ui
