#include "ui/ui.h"

#include "api/access.h"
#include "host/host.h"
#include "ui/events.h"
#include "ui/navigation.h"
#include "ui/page_data.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

bool is_for_programs(std::string_view path) {
    return path.starts_with("/api/") || path.starts_with("/v1/") || path == "/metrics";
}

http::Response not_found(const Pages& pages, const http::Request& request) {
    return is_for_programs(request.path) ? http::error(404, "not_found", "there is no such path")
                                         : problem(pages, visitor_frame(request), 404);
}

// /language/fa?back=/customers: the pages speak Persian from here on.
http::Response choose_language(const http::Request& request) {
    const std::string* back = request.query_value("back");
    // A path of ours: "//host" and "/\\host" are addresses of others.
    const bool ours = back != nullptr && back->starts_with('/') && !back->starts_with("//") &&
                      back->find('\\') == std::string::npos;
    http::Response response = see_other(ours ? *back : "/");
    set_language(response, request.param("code"));
    return response;
}

}  // namespace

void add_ui_routes(http::Router& router, host::Host& host, UiOptions options) {
    const DeskPtr desk = options.desk != nullptr ? options.desk : std::make_shared<api::Desk>(host);
    const auto own_pages = std::make_shared<Pages>();
    const PagesPtr pages = own_pages;
    for (const PageRoute& page : page_routes()) {
        add_page(router, desk, pages, page.pattern, page.scope, page.show);
    }
    const TemplateDeskPtr templates =
        options.templates != nullptr
            ? options.templates
            : std::make_shared<api::TemplateDesk>(*desk, api::TemplateDeskOptions{});
    add_template_routes(router, desk, pages, templates);
    add_playbook_routes(router, desk, pages, templates);
    add_model_forms(router, desk, pages);
    add_webhook_pages(router, desk, pages, options.webhooks);
    add_sign_in_routes(router, desk, pages, options.entrance_threads);
    add_user_forms(router, desk, pages);
    add_key_forms(router, desk, pages);
    add_own_forms(router, desk, pages);
    add_unsubscribe_routes(router, desk, pages);
    add_sample_link_routes(router, desk, pages);
    add_preferences_routes(router, desk, pages);
    add_sent_routes(router, desk, pages);
    add_event_routes(router, desk, pages);
    router.add("GET", "/language/:code", http::sync(choose_language));
    router.add("GET", "/assets/*file", http::sync(asset));
    router.add("GET", "/*path", http::sync([pages](const http::Request& request) {
                   return not_found(*pages, request);
               }));
    own_pages->set_navigation(navigation_of(router));
}

}  // namespace winback::ui
