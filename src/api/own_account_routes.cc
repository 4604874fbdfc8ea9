// One's own password and authenticator under /api/v1/me, with what the page /settings/me asks for:
// a session, and the present password at the entrance, whose guesses are throttled. A token changes
// neither: whoever got hold of one must not get an account with it.
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/entrance.h"
#include "api/own_account.h"
#include "api/people.h"
#include "api/routes.h"
#include "host/host.h"
#include "host/totp.h"

namespace winback::api {
namespace {

using nlohmann::json;
using EntrancePtr = std::shared_ptr<Entrance>;

struct Own {
    Entrance& entrance;
    const http::Request& request;
    const json& body;  // Keeps its schema.
    const host::Key& who;
    const host::User& user;

    std::string text(const char* name) const { return body.value(name, std::string()); }
};
using Act = http::Response (*)(const Own& own);

http::Response success() {
    ValueMap tree;
    tree.set("success", true);
    return json_answer(std::move(tree));
}

std::optional<http::Response> refuse_password(const Own& own) {
    const Entry entry = own.entrance.confirm(own.request, own.user, own.text("present"));
    switch (entry.kind) {
        case Entry::Kind::SignedIn:
            return std::nullopt;
        case Entry::Kind::Wait: {
            const std::int64_t seconds = (entry.wait.ms + 999) / 1000;
            http::Response wait = http::error(
                429, "too_many_requests",
                "too many attempts; try again in " + std::to_string(seconds) + " seconds");
            wait.set("Retry-After", std::to_string(seconds));
            return wait;
        }
        case Entry::Kind::Failed:
            return http::error(Error{ErrorCode::Unavailable, entry.problem});
        case Entry::Kind::NeedsCode:
        case Entry::Kind::Wrong:
        case Entry::Kind::Expired:
            break;
    }
    return http::error(Error{ErrorCode::PermissionDenied, "'present' is not the present password"});
}

http::Response change_password(const Own& own) {
    if (auto refusal = refuse_password(own)) {
        return *std::move(refusal);
    }
    Desk& desk = own.entrance.desk();
    if (const Status set = change_own_password(desk, own.who, own.user, own.text("password"));
        !set) {
        return http::error(set.error());
    }
    http::Response response = success();
    static_cast<void>(renew_session(desk, own.request, own.user, response));
    return response;
}

http::Response begin_totp(const Own& own) {
    host::Host& host = own.entrance.desk().host();
    const Result<std::string> secret = host.users().begin_totp(own.user.id);
    if (!secret) {
        return http::error(secret.error());
    }
    const engine::DefinitionsPtr definitions = host.definitions();
    const std::string issuer =
        "winback " + (definitions == nullptr ? std::string() : definitions->workspace.name);
    ValueMap tree;
    tree.set("secret", host::to_base32(*secret));
    tree.set("uri", host::totp_uri(*secret, issuer, own.user.email));
    return json_answer(std::move(tree));
}

http::Response confirm_totp(const Own& own) {
    if (auto refusal = refuse_password(own)) {
        return *std::move(refusal);
    }
    const auto codes = confirm_own_totp(own.entrance.desk(), own.who, own.user, own.text("code"));
    if (!codes) {
        return http::error(codes.error());
    }
    ValueMap tree;
    tree.set("recovery_codes", ValueList(codes->begin(), codes->end()));
    return json_answer(std::move(tree));
}

http::Response end_totp(const Own& own) {
    if (auto refusal = refuse_password(own)) {
        return *std::move(refusal);
    }
    const Status ended = end_totp_of(own.entrance.desk(), own.who, own.user.id);
    return ended ? success() : http::error(ended.error());
}

// Of a session; a browser that came by a link of the command line has no user.
Desk::Answer of_session(const EntrancePtr& entrance, Act act) {
    return [entrance, act](Desk& desk, const http::Request& request) {
        const std::optional<host::Key> who = key_of(request, desk.host().keys());
        const std::optional<host::User> user = who && who->kind == host::KeyKind::Session
                                                   ? desk.host().users().find(who->user)
                                                   : std::nullopt;
        if (!user) {
            return http::error(
                Error{ErrorCode::PermissionDenied,
                      "only people who are signed in change how they sign in, and no token does; "
                      "send the cookie of a session"});
        }
        json body = json::parse(request.body, nullptr, false);
        if (!body.is_object()) {
            body = json::object();
        }
        return act({*entrance, request, body, *who, *user});
    };
}

}  // namespace

void add_own_account_routes(http::Router& router, const EntrancePtr& entrance) {
    const auto add = [&](const char* method, const std::string& pattern, Act act) {
        // In the entrance's own thread, where guesses wait for each other.
        add_change(router, entrance->room(), method, "/api/v1/me/" + pattern, "read",
                   of_session(entrance, act));
    };
    add("PUT", "password", change_password);
    add("POST", "totp", begin_totp);
    add("POST", "totp/confirm", confirm_totp);
    add("POST", "totp/end", end_totp);
}

}  // namespace winback::api
