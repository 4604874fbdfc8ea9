// What waits for a second person, for programs: lists, decisions, and the rule.
#include <charconv>

#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/approvals.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

using nlohmann::json;

// 0 for what is no id: no request has it.
std::uint64_t id_of(std::string_view text) {
    std::uint64_t id = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, id);
    return fault == std::errc() && stopped == end ? id : 0;
}

http::Response answer_of(Result<ValueMap> tree) {
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

// Which key came was looked at before; it may have ended since.
using Act = Result<ValueMap> (*)(Desk&, const http::Request&, const host::Key&);
Desk::Answer by_key(Act act) {
    return [act](Desk& desk, const http::Request& request) {
        const std::optional<host::Key> who = key_of(request, desk.host().keys());
        return who ? answer_of(act(desk, request, *who))
                   : http::error(401, "unauthorized", "the key ended meanwhile");
    };
}

Result<ValueMap> list(Desk& desk, const http::Request& request, const host::Key& who) {
    WINBACK_TRY(const std::size_t limit,
                limit_of(request, approvals_limit_default, approvals_limit_max));
    std::optional<host::ApprovalState> state;
    if (const std::string* name = request.query_value("state")) {
        for (const host::ApprovalState one : host::all_approval_states) {
            state = host::approval_state_name(one) == *name ? std::optional(one) : state;
        }
    }
    const std::string* after = request.query_value("after");
    return list_approvals(desk, who, state, after == nullptr ? 0 : id_of(*after), limit);
}

Result<ValueMap> one(Desk& desk, const http::Request& request, const host::Key& who) {
    return describe_approval(desk, who, id_of(request.param("id")));
}

std::string text_at(const http::Request& request, const char* name) {
    const json body = json::parse(request.body, nullptr, false);
    const bool there = body.is_object() && body.contains(name) && body[name].is_string();
    return there ? body[name].get<std::string>() : std::string();
}

Result<ValueMap> value_of(Desk& desk, const host::Key& who, const Result<host::Approval>& ended) {
    if (!ended) {
        return ended.error();
    }
    return approval_value(desk, *ended, who);
}

Result<ValueMap> decline_one(Desk& desk, const http::Request& request, const host::Key& who) {
    return value_of(desk, who,
                    decline(desk, who, id_of(request.param("id")), text_at(request, "reason")));
}

Result<ValueMap> withdraw_one(Desk& desk, const http::Request& request, const host::Key& who) {
    return value_of(desk, who, withdraw(desk, who, id_of(request.param("id"))));
}

Result<ValueMap> rule(Desk& desk, const http::Request& /*request*/, const host::Key& /*who*/) {
    WINBACK_TRY(const std::optional<std::uint64_t> above, approval_rule(desk.host()));
    ValueMap tree;
    tree.set("above", above ? Value(static_cast<std::int64_t>(*above)) : Value());
    return tree;
}

http::Response change_rule(Desk& desk, const http::Request& request) {
    const std::optional<host::Key> who = key_of(request, desk.host().keys());
    if (!who) {
        return http::error(401, "unauthorized", "the key ended meanwhile");
    }
    const json body = json::parse(request.body, nullptr, false);
    std::optional<std::uint64_t> above;
    if (body.is_object() && body.contains("above") && body["above"].is_number_unsigned()) {
        above = body["above"].get<std::uint64_t>();
    } else if (!body.is_object() || !body.contains("above") || !body["above"].is_null()) {
        return http::error(
            Error{ErrorCode::InvalidArgument,
                  "'above' is a whole number from 0 to 100000000, or null to turn the rule off"});
    }
    const Result<std::uint64_t> waits = set_approval_rule(desk, *who, above);
    if (!waits) {
        return http::error(waits.error());
    }
    return *waits != 0 ? waits_answer(*waits) : answer_of(rule(desk, request, *who));
}

}  // namespace

http::Response waits_answer(std::uint64_t approval) {
    const std::string address = "/api/v1/approvals/" + std::to_string(approval);
    ValueMap tree;
    tree.set("approval", std::to_string(approval));
    tree.set("state", "waiting");
    tree.set("address", address);
    http::Response response = http::json(202, to_json(std::move(tree)));
    response.set("Cache-Control", "no-store");
    response.set("Location", address);
    return response;
}

void add_approval_routes(http::Router& router,
                         const DeskPtr& desk,
                         const std::shared_ptr<TemplateDesk>& templates) {
    add_guarded(router, desk, "/api/v1/approvals", "read", by_key(list));
    add_guarded(router, desk, "/api/v1/approvals/:id", "read", by_key(one));
    add_guarded(router, desk, "/api/v1/approvals/rule", "read", by_key(rule));
    add_change(router, desk, "PUT", "/api/v1/approvals/rule", "admin", change_rule);
    add_change(
        router, desk, "POST", "/api/v1/approvals/:id/approve", "send",
        [templates](Desk& at, const http::Request& request) {
            const std::optional<host::Key> who = key_of(request, at.host().keys());
            return who ? answer_of(value_of(at, *who,
                                            approve(*templates, *who, id_of(request.param("id")))))
                       : http::error(401, "unauthorized", "the key ended meanwhile");
        });
    add_change(router, desk, "POST", "/api/v1/approvals/:id/decline", "send", by_key(decline_one));
    add_change(router, desk, "POST", "/api/v1/approvals/:id/withdraw", "write",
               by_key(withdraw_one));
}

}  // namespace winback::api
