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

// The end of the guide: nobody is led to /start any more.
http::Response dismiss(Guide& guide, Desk& desk, const http::Request& request) {
    const std::optional<host::Key> who = key_of(request, desk.host().keys());
    if (!who) {
        return http::error(401, "unauthorized", "the key ended meanwhile");
    }
    if (const Status done = guide.dismiss(*who); !done) {
        return http::error(done.error());
    }
    ValueMap tree;
    tree.set("open", guide.is_open());
    return json_answer(std::move(tree));
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
    add_change(router, desk, "POST", "/api/v1/guide/dismiss", "admin",
               [guide](Desk& at, const http::Request& request) {
                   return guide == nullptr
                              ? http::error(Error{ErrorCode::NotFound, "this server has no guide"})
                              : dismiss(*guide, at, request);
               });
}

}  // namespace winback::api
