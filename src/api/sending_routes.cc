// Whether messages leave, for programs: what the guide's page /start shows and switches.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/approvals.h"
#include "api/guide.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

using nlohmann::json;

http::Response no_switch() {
    return http::error(Error{ErrorCode::NotFound, "this folder has no such switch: sending is on"});
}

http::Response change(Guide& guide, Desk& desk, const http::Request& request) {
    const std::optional<host::Key> who = key_of(request, desk.host().keys());
    const json body = json::parse(request.body, nullptr, false);
    if (!who || !body.is_object() || !body.contains("on") || !body["on"].is_boolean()) {
        return http::error(Error{ErrorCode::InvalidArgument, "'on' is true or false"});
    }
    const Result<std::uint64_t> waits = guide.switch_sending(
        body["on"].get<bool>(), {.who = *who, .note = body.value("note", std::string())});
    if (!waits) {
        return http::error(waits.error());
    }
    return *waits != 0 ? waits_answer(*waits) : json_answer(guide.describe_sending());
}

}  // namespace

void add_sending_routes(http::Router& router,
                        const DeskPtr& desk,
                        const std::shared_ptr<Guide>& guide) {
    add_guarded(router, desk, "/api/v1/sending", "read", [guide](Desk&, const http::Request&) {
        return guide == nullptr ? no_switch() : json_answer(guide->describe_sending());
    });
    add_change(router, desk, "PUT", "/api/v1/sending", "send",
               [guide](Desk& at, const http::Request& request) {
                   return guide == nullptr ? no_switch() : change(*guide, at, request);
               });
}

}  // namespace winback::api
