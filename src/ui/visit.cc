#include "ui/visit.h"

#include "host/host.h"

namespace winback::ui {
namespace {

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
    visit.frame.language = supported(language);
    visit.frame.direction = right_to_left(visit.frame.language) ? "rtl" : "ltr";
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

}  // namespace winback::ui
