#include "api/api.h"

#include <charconv>

#include "api/access.h"
#include "api/embedded.h"
#include "api/routes.h"
#include "api/templates.h"
#include "base/check.h"
#include "host/host.h"

namespace winback::api {
namespace {

http::Response openapi(const http::Request&) {
    const std::span<const EmbeddedFile> files = embedded_api_files();
    WINBACK_CHECK(files.size() == 1);
    return http::json(200, std::string(files[0].content));
}

}  // namespace

void add_guarded(http::Router& router,
                 const DeskPtr& desk,
                 std::string_view pattern,
                 Desk::Answer answer) {
    const http::Handler guarded = Desk::handler(desk, std::move(answer));
    router.add("GET", pattern, [desk, guarded](const http::RequestPtr& request, http::Reply reply) {
        if (auto refusal = refuse(*request, desk->host().keys(), "read")) {
            reply(*std::move(refusal));
        } else {
            guarded(request, std::move(reply));
        }
    });
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
    add_consent_route(router, desk);
    add_template_routes(router, desk,
                        options.templates != nullptr
                            ? options.templates
                            : std::make_shared<TemplateDesk>(*desk, TemplateDeskOptions{}));
    router.add("GET", "/api/v1/openapi.json",
               [desk](const http::RequestPtr& request, const http::Reply& reply) {
                   auto refusal = refuse(*request, desk->host().keys(), "read");
                   reply(refusal ? *std::move(refusal) : openapi(*request));
               });
}

}  // namespace winback::api
