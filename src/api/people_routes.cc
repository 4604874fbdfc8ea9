// Users and keys over HTTP: JSON on one side, people.h on the other.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/people.h"
#include "api/routes.h"
#include "base/hash.h"
#include "host/host.h"

namespace winback::api {
namespace {

using nlohmann::json;

std::string text_at(const json& body, const char* name, const char* absent = "") {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : absent;
}

bool flag_at(const json& body, const char* name, bool absent) {
    const auto found = body.find(name);
    return found != body.end() && found->is_boolean() ? found->get<bool>() : absent;
}

// The body and who sent it; both were looked at before the route is asked.
struct Asked {
    json body;
    host::Key who;
};
Result<Asked> asked_of(Desk& desk, const http::Request& request) {
    const std::optional<host::Key> who = key_of(request, desk.host().keys());
    json body = request.body.empty() ? json::object() : json::parse(request.body, nullptr, false);
    if (!who || !body.is_object()) {
        return Error{ErrorCode::InvalidArgument, "the body is a JSON object"};
    }
    return Asked{std::move(body), *who};
}

using Act = Result<ValueMap> (*)(Desk&, const http::Request&, const Asked&);
Desk::Answer acting(Act act) {
    return [act](Desk& desk, const http::Request& request) {
        const Result<Asked> asked = asked_of(desk, request);
        if (!asked) {
            return http::error(asked.error());
        }
        Result<ValueMap> tree = act(desk, request, *asked);
        return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
    };
}

ValueMap with_link(const UserWithLink& made) {
    ValueMap tree = user_value(made.user);
    tree.set("link", "/sign-in?token=" + made.secret);
    tree.set("link_expires", made.expires);
    return tree;
}

Result<host::Role> role_of(const json& body, host::Role absent) {
    if (!body.contains("role")) {
        return absent;
    }
    const std::optional<host::Role> role = host::parse_role(text_at(body, "role"));
    if (!role) {
        return Error{ErrorCode::InvalidArgument, "'role' is viewer, marketer, approver or admin"};
    }
    return *role;
}

Result<ValueMap> create_user(Desk& desk, const http::Request& /*request*/, const Asked& asked) {
    host::User wanted;
    wanted.email = text_at(asked.body, "email");
    wanted.name = text_at(asked.body, "name");
    WINBACK_TRY(wanted.role, role_of(asked.body, host::Role::Viewer));
    wanted.personal = flag_at(asked.body, "personal", false);
    wanted.language = text_at(asked.body, "language", "en");
    wanted.calendar = text_at(asked.body, "calendar", "gregorian");
    WINBACK_TRY(const UserWithLink made, invite_user(desk, asked.who, wanted));
    return with_link(made);
}

http::Response user_answer(const host::User& user) {
    http::Response response = json_answer(user_value(user));
    set_version(response, print_of(user));
    return response;
}

http::Response find_user(Desk& desk, const http::Request& request) {
    const std::optional<host::User> user = desk.host().users().find(request.param("id"));
    return user ? user_answer(*user)
                : http::error(Error{ErrorCode::NotFound, "there is no such user"});
}

Result<host::User> changed_user(Desk& desk, const host::User& before, const Asked& asked) {
    WINBACK_TRY(const host::Role role, role_of(asked.body, before.role));
    return change_user_rights(desk, asked.who, before.id, role,
                              flag_at(asked.body, "personal", before.personal),
                              flag_at(asked.body, "active", before.active));
}

http::Response change_user(Desk& desk, const http::Request& request) {
    const Result<Asked> asked = asked_of(desk, request);
    const auto version = version_in_if_match(request);
    if (!asked || !version) {
        return http::error(asked ? version.error() : asked.error());
    }
    // Of two who have seen the same, one is told that it has changed.
    const auto lock = desk.lock_settings();
    const std::optional<host::User> user = desk.host().users().find(request.param("id"));
    if (!user) {
        return http::error(Error{ErrorCode::NotFound, "there is no such user"});
    }
    if (*version && **version != print_of(*user)) {
        return http::error(412, "precondition_failed",
                           "this user was changed since; read them again");
    }
    const Result<host::User> changed = changed_user(desk, *user, *asked);
    return changed ? user_answer(*changed) : http::error(changed.error());
}

Result<ValueMap> link_user(Desk& desk, const http::Request& request, const Asked& asked) {
    WINBACK_TRY(const UserWithLink made, make_user_link(desk, asked.who, request.param("id")));
    return with_link(made);
}

// For somebody who lost their telephone and the recovery codes: a password is enough again.
Result<ValueMap> end_totp(Desk& desk, const http::Request& request, const Asked& asked) {
    WINBACK_TRY([[maybe_unused]] const Ok ended, end_totp_of(desk, asked.who, request.param("id")));
    const std::optional<host::User> user = desk.host().users().find(request.param("id"));
    return user ? Result<ValueMap>(user_value(*user))
                : Result<ValueMap>(Error{ErrorCode::NotFound, "there is no such user"});
}

Result<ValueMap> make_key(Desk& desk, const http::Request& /*request*/, const Asked& asked) {
    const std::optional<host::KeyKind> kind = host::parse_key_kind(text_at(asked.body, "kind"));
    if (kind != host::KeyKind::Write && kind != host::KeyKind::Api) {
        return Error{ErrorCode::InvalidArgument, "'kind' is write or api"};
    }
    std::vector<std::string> allowed;
    if (const auto found = asked.body.find("scopes");
        found != asked.body.end() && found->is_array()) {
        for (const json& scope : *found) {
            allowed.push_back(scope.is_string() ? scope.get<std::string>() : std::string());
        }
    }
    const auto days = asked.body.find("days");
    const bool counted = days != asked.body.end() && days->is_number_integer();
    WINBACK_TRY(const host::CreatedKey created,
                create_key(desk, asked.who, *kind, text_at(asked.body, "name"), allowed,
                           counted ? days->get<std::int64_t>() : 0));
    ValueMap tree = key_value(created.key, desk.host().users());
    tree.set("key", created.secret);
    return tree;
}

Result<ValueMap> drop_key(Desk& desk, const http::Request& request, const Asked& asked) {
    WINBACK_TRY(const Ok revoked, revoke_key(desk, asked.who, request.param("id")));
    static_cast<void>(revoked);
    ValueMap tree;
    tree.set("success", true);
    return tree;
}

}  // namespace

void add_people_routes(http::Router& router, const DeskPtr& desk) {
    add_guarded(router, desk, "/api/v1/users", "admin",
                [](Desk& at, const http::Request&) { return json_answer(users_value(at)); });
    add_change(router, desk, "POST", "/api/v1/users", "admin", acting(create_user));
    add_change(router, desk, "PATCH", "/api/v1/users/:id", "admin", change_user);
    add_guarded(router, desk, "/api/v1/users/:id", "admin", find_user);
    add_change(router, desk, "POST", "/api/v1/users/:id/link", "admin", acting(link_user));
    add_change(router, desk, "DELETE", "/api/v1/users/:id/totp", "admin", acting(end_totp));
    add_guarded(router, desk, "/api/v1/keys", "admin",
                [](Desk& at, const http::Request&) { return json_answer(keys_value(at)); });
    add_change(router, desk, "POST", "/api/v1/keys", "admin", acting(make_key));
    add_change(router, desk, "DELETE", "/api/v1/keys/:id", "admin", acting(drop_key));
}

}  // namespace winback::api
