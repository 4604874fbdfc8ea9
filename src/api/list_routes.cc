// Static lists over HTTP.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/lists.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

constexpr std::size_t members_bytes_max = std::size_t{2} * 1024 * 1024;

using Change = Result<ValueMap> (*)(Desk& desk,
                                    const http::Request& request,
                                    const host::Key& who,
                                    const nlohmann::json& body);

Result<ValueMap> create(Desk& desk,
                        const http::Request&,
                        const host::Key& who,
                        const nlohmann::json& body) {
    WINBACK_TRY(const std::string id, create_list(desk, who, body.value("name", std::string())));
    return describe_list(desk, id);
}

Result<ValueMap> remove(Desk& desk,
                        const http::Request& request,
                        const host::Key& who,
                        const nlohmann::json&) {
    WINBACK_TRY([[maybe_unused]] const Ok gone, delete_list(desk, who, request.param("id")));
    return ValueMap();
}

// {mode, members: [id or e-mail address]}
Result<ValueMap> change(Desk& desk,
                        const http::Request& request,
                        const host::Key& who,
                        const nlohmann::json& body) {
    // What does not match says who is no customer.
    if (!may(who, "personal")) {
        return Error{ErrorCode::PermissionDenied,
                     "naming customers needs the scope 'personal', too"};
    }
    WINBACK_TRY(const ListMode mode, parse_list_mode(body.value("mode", std::string())));
    std::vector<ListLine> lines;
    const auto members = body.find("members");
    for (const nlohmann::json& member :
         members == body.end() ? nlohmann::json::array() : *members) {
        const std::string text = member.get<std::string>();
        lines.push_back({.line = lines.size() + 1, .customer = text, .email = text, .text = text});
    }
    if (lines.empty()) {
        return Error{ErrorCode::InvalidArgument,
                     "'members' has an id or an e-mail address of each customer"};
    }
    return change_members(desk, who, request.param("id"), {.mode = mode}, lines);
}

http::Response answer_of(Result<ValueMap> tree, int status) {
    if (!tree) {
        return http::error(tree.error());
    }
    if (status == 204) {
        http::Response response;
        response.status = 204;
        return response;
    }
    http::Response response = json_answer(*std::move(tree));
    response.status = status;
    return response;
}

}  // namespace

void add_list_routes(http::Router& router, const DeskPtr& desk) {
    add_guarded(router, desk, "/api/v1/lists", "read",
                [](Desk& at, const http::Request&) { return answer_of(describe_lists(at), 200); });
    add_guarded(router, desk, "/api/v1/lists/:id", "read",
                [](Desk& at, const http::Request& request) {
                    return answer_of(describe_list(at, request.param("id")), 200);
                });
    struct Route {
        std::string_view method;
        std::string_view pattern;
        int status;
        Change change;
    };
    for (const Route& one : {Route{"POST", "/api/v1/lists", 201, create},
                             Route{"DELETE", "/api/v1/lists/:id", 204, remove},
                             Route{"POST", "/api/v1/lists/:id/members", 200, change}}) {
        add_route(router, desk,
                  {.method = std::string(one.method),
                   .pattern = std::string(one.pattern),
                   .scope = "write",
                   .body_bytes_max = members_bytes_max},
                  [one](Desk& at, const http::RequestPtr& request, const http::Reply& reply) {
                      const auto who = key_of(*request, at.host().keys());
                      nlohmann::json body = nlohmann::json::parse(request->body, nullptr, false);
                      body = body.is_object() ? body : nlohmann::json::object();
                      reply(who ? answer_of(one.change(at, *request, *who, body), one.status)
                                : http::error(401, "unauthorized", "sign in again"));
                  });
    }
}

}  // namespace winback::api
