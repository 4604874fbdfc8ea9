#include "ui/ui.h"

#include "api/access.h"
#include "api/entrance.h"
#include "api/guide.h"
#include "api/templates.h"
#include "api/visitor.h"
#include "host/host.h"
#include "http/problem.h"
#include "ui/customer_page.h"
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
    if (!is_for_programs(request.path)) {
        return problem(pages, visitor_frame(request), 404);
    }
    http::Response response = http::error(404, "not_found", "there is no such path");
    if (http::answers_with_problems(request.path)) {
        http::make_problem(response, request.path);
    }
    return response;
}

// /language/fa?back=/customers: the pages speak Persian from here on.
http::Response choose_language(const http::Request& request) {
    const std::string* back = request.query_value("back");
    http::Response response = see_other(back == nullptr ? "/" : api::own_path(*back));
    set_language(response, request.param("code"));
    return response;
}

// A new workspace without data begins with the guide.
Show led_by_guide(std::shared_ptr<api::Guide> guide, Show show) {
    return [guide = std::move(guide), show = std::move(show)](api::Desk& desk, const Pages& pages,
                                                              const http::Request& request) {
        const bool leads = guide != nullptr && guide->is_open() && !guide->has_customers();
        return leads ? see_other("/start") : show(desk, pages, request);
    };
}

}  // namespace

void add_ui_routes(http::Router& router, host::Host& host, UiOptions options) {
    const DeskPtr desk = options.desk != nullptr ? options.desk : std::make_shared<api::Desk>(host);
    const auto own_pages = std::make_shared<Pages>();
    const PagesPtr pages = own_pages;
    const TemplateDeskPtr templates =
        options.templates != nullptr
            ? options.templates
            : std::make_shared<api::TemplateDesk>(*desk, api::TemplateDeskOptions{});
    for (const PageRoute& page : page_routes()) {
        const bool is_first = page.pattern == "/";
        add_page(router, desk, pages, page.pattern, page.scope,
                 is_first ? led_by_guide(options.guide, page.show) : Show(page.show));
    }
    add_template_routes(router, desk, pages, templates);
    add_import_pages(router, desk, pages, options.imports);
    add_list_pages(router, desk, pages);
    add_segment_editor_routes(router, desk, pages, templates);
    add_playbook_routes(router, desk, pages, templates);
    add_approval_forms(router, desk, pages, templates);
    add_model_forms(router, desk, pages);
    add_webhook_pages(router, desk, pages, options.webhooks);
    add_customer_forms(router, desk, pages);
    const EntrancePtr entrance = options.entrance != nullptr ? options.entrance
                                                             : std::make_shared<api::Entrance>(
                                                                   *desk, options.entrance_threads);
    add_sign_in_routes(router, desk, pages, entrance);
    add_user_forms(router, desk, pages);
    add_key_forms(router, desk, pages);
    add_own_forms(router, desk, pages, entrance);
    add_unsubscribe_routes(router, desk, pages);
    add_sample_link_routes(router, desk, pages);
    add_preferences_routes(router, desk, pages);
    add_sent_routes(router, desk, pages);
    add_start_pages(router, desk, pages, templates, options.guide);
    add_event_routes(router, desk, pages);
    router.add("GET", "/language/:code", http::sync(choose_language));
    router.add("GET", "/assets/*file", http::sync(asset));
    router.add("GET", "/*path", http::sync([pages](const http::Request& request) {
                   return not_found(*pages, request);
               }));
    own_pages->set_navigation(navigation_of(router));
}

}  // namespace winback::ui
