// What people say of themselves and where they are signed in, for programs: the page /settings/me.
//
// Passwords and authenticators: own_account_routes.cc.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/people.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

using nlohmann::json;

// Whom a key acts for here: a session for its user, a token for its maker when it may do all that
// they may. A smaller one was made for something else: of its maker it learns the name alone.
std::optional<host::User> user_of(Desk& desk, const host::Key& key) {
    const bool acts = key.kind == host::KeyKind::Session || may(key, "admin");
    return acts ? desk.host().users().find(person_of(key)) : std::nullopt;
}

Value user_or_none(const std::optional<host::User>& user) {
    if (!user) {
        return {};
    }
    ValueMap map = user_value(*user);
    map.set("recovery_codes_left", static_cast<std::int64_t>(user->recovery_codes_left));
    return map;
}

http::Response answer_of(Desk& desk, const host::Key& key, const std::optional<host::User>& user) {
    const bool sees = user || key.kind == host::KeyKind::Session;
    ValueMap tree;
    tree.set("key", key_value(key, desk.host().users()));
    tree.set("user", user_or_none(user));
    tree.set("sessions", sees ? sessions_value(desk, key) : ValueList{});
    http::Response response = json_answer(std::move(tree));
    if (user) {
        set_version(response, print_of(*user));
    }
    return response;
}

http::Response nobody() {
    return http::error(
        Error{ErrorCode::PermissionDenied,
              "this key acts for no user: sign in as one, or send a token that a user made and "
              "that has the scope 'admin'"});
}

using Act = http::Response (*)(Desk&, const http::Request&, const host::Key&, const host::User&);
Desk::Answer own(Act act) {
    return [act](Desk& desk, const http::Request& request) {
        const std::optional<host::Key> key = key_of(request, desk.host().keys());
        const std::optional<host::User> user = key ? user_of(desk, *key) : std::nullopt;
        return user ? act(desk, request, *key, *user) : nobody();
    };
}

http::Response show(Desk& desk, const http::Request& request) {
    const std::optional<host::Key> key = key_of(request, desk.host().keys());
    return key ? answer_of(desk, *key, user_of(desk, *key)) : nobody();
}

http::Response change(Desk& desk,
                      const http::Request& request,
                      const host::Key& key,
                      const host::User& user) {
    const auto version = version_in_if_match(request);
    if (!version) {
        return http::error(version.error());
    }
    // Of two who have seen the same, one is told that it has changed.
    const auto lock = desk.lock_settings();
    const std::optional<host::User> before = desk.host().users().find(user.id);
    if (!before) {
        return nobody();
    }
    if (*version && **version != print_of(*before)) {
        return http::error(412, "precondition_failed",
                           "your profile was changed since; read it again");
    }
    const json body = json::parse(request.body, nullptr, false);
    host::User wanted = *before;
    wanted.name = body.value("name", before->name);
    wanted.language = body.value("language", before->language);
    wanted.calendar = body.value("calendar", before->calendar);
    const Result<host::User> saved = change_profile(desk, key, *before, wanted);
    return saved ? answer_of(desk, key, *saved) : http::error(saved.error());
}

http::Response done_or(const Status& ended) {
    if (!ended) {
        return http::error(ended.error());
    }
    ValueMap tree;
    tree.set("success", true);
    return json_answer(std::move(tree));
}

http::Response end_one(Desk& desk,
                       const http::Request& request,
                       const host::Key& key,
                       const host::User& /*user*/) {
    return done_or(end_own_session(desk, key, request.param("id")));
}

http::Response end_all(Desk& desk,
                       const http::Request& /*request*/,
                       const host::Key& key,
                       const host::User& user) {
    return done_or(end_sessions_of(desk, key, user.id));
}

}  // namespace

void add_me_routes(http::Router& router, const DeskPtr& desk) {
    add_guarded(router, desk, "/api/v1/me", "read", show);
    add_change(router, desk, "PATCH", "/api/v1/me", "read", own(change));
    add_change(router, desk, "DELETE", "/api/v1/me/sessions", "read", own(end_all));
    add_change(router, desk, "DELETE", "/api/v1/me/sessions/:id", "read", own(end_one));
}

}  // namespace winback::api
