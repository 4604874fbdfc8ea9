#include "api/api.h"

#include <charconv>

#include "api/description.h"
#include "api/health_watch.h"
#include "api/live_routes.h"
#include "api/routes.h"
#include "api/templates.h"
#include "host/host.h"

namespace winback::api {
namespace {

http::Response openapi(Desk&, const http::Request&) {
    return http::json(200, Description::own().text());
}

Later at_once(Desk::Answer answer) {
    return
        [answer = std::move(answer)](Desk& desk, const http::RequestPtr& request,
                                     const http::Reply& reply) { reply(answer(desk, *request)); };
}

}  // namespace

void add_guarded(http::Router& router,
                 const DeskPtr& desk,
                 std::string_view pattern,
                 std::string_view scope,
                 Desk::Answer answer) {
    add_route(router, desk, {.pattern = std::string(pattern), .scope = std::string(scope)},
              at_once(std::move(answer)));
}

void add_change(http::Router& router,
                const DeskPtr& desk,
                std::string_view method,
                std::string_view pattern,
                std::string_view scope,
                Desk::Answer answer) {
    add_route(router, desk,
              {.method = std::string(method),
               .pattern = std::string(pattern),
               .scope = std::string(scope)},
              at_once(std::move(answer)));
}

http::Response json_answer(ValueMap tree) {
    http::Response response = http::json(200, to_json(std::move(tree)));
    response.set("Cache-Control", "no-store");
    return response;
}

Result<std::size_t> limit_of(const http::Request& request, std::size_t fallback, std::size_t max) {
    const std::string* text = request.query_value("limit");
    if (text == nullptr) {
        return fallback;
    }
    std::size_t limit = 0;
    const char* end = text->data() + text->size();
    const auto [stopped, fault] = std::from_chars(text->data(), end, limit);
    if (fault != std::errc() || stopped != end || limit == 0 || limit > max) {
        return Error{ErrorCode::InvalidArgument,
                     "'limit' is a whole number from 1 to " + std::to_string(max)};
    }
    return limit;
}

void add_api_routes(http::Router& router, host::Host& host, ApiOptions options) {
    const DeskPtr desk = options.desk != nullptr ? options.desk : std::make_shared<Desk>(host);
    add_reading_routes(router, desk);
    add_health_routes(router, desk);
    add_import_routes(router, desk, options.imports);
    add_metrics_route(router, desk, options);
    add_probe_routes(router, desk, options);
    add_webhook_routes(router, desk, options.webhooks);
    add_model_routes(router, desk);
    add_audit_route(router, desk);
    add_people_routes(router, desk);
    add_me_routes(router, desk);
    add_customer_routes(router, desk);
    add_list_routes(router, desk);
    add_live_event_routes(router, desk);
    const std::shared_ptr<TemplateDesk> templates =
        options.templates != nullptr ? options.templates
                                     : std::make_shared<TemplateDesk>(*desk, TemplateDeskOptions{});
    add_template_routes(router, desk, templates);
    add_segment_routes(router, desk, templates);
    add_playbook_routes(router, desk, templates);
    add_approval_routes(router, desk, templates);
    add_workspace_routes(router, desk, templates);
    add_sending_routes(router, desk, options.guide);
    desk->part<HealthWatch>().watch_sender(templates->options().sender);
    add_guarded(router, desk, "/api/v1/openapi.json", "read", openapi);
}

}  // namespace winback::api
