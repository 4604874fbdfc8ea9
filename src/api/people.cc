#include "api/people.h"

#include <algorithm>

#include "api/access.h"
#include "api/audit.h"
#include "base/hash.h"
#include "base/strings.h"
#include "host/host.h"

namespace winback::api {
namespace {

ValueMap rights_value(const host::User& user) {
    ValueMap map;
    map.set("role", host::role_name(user.role));
    map.set("personal", user.personal);
    map.set("active", user.active);
    return map;
}

ValueMap profile_value(const host::User& user) {
    ValueMap map;
    map.set("name", user.name);
    map.set("language", user.language);
    map.set("calendar", user.calendar);
    return map;
}

Error invalid(std::string message) {
    return {ErrorCode::InvalidArgument, std::move(message)};
}

Result<UserWithLink> link_for(Desk& desk, const host::User& user) {
    const Timestamp now = wall_clock();
    const bool invited = !user.has_password;
    const Timestamp expires = now + (invited ? host::invitation_lifetime : host::recovery_lifetime);
    const std::string_view purpose = invited ? host::purpose_invitation : host::purpose_recovery;
    auto link = desk.host().keys().create(host::Key{.id = {},
                                                    .kind = host::KeyKind::SignIn,
                                                    .name = user.name,
                                                    .scopes = {},
                                                    .created = now,
                                                    .expires = expires,
                                                    .user = user.id,
                                                    .purpose = std::string(purpose),
                                                    .agent = {}},
                                          now);
    if (!link) {
        return link.error();
    }
    // One that went to a wrong address, or lies in an old mail, must not stay open beside it.
    for (const host::Key& before : desk.host().keys().list(host::KeyKind::SignIn)) {
        if (before.user == user.id && before.id != link->key.id) {
            static_cast<void>(
                desk.host().keys().revoke(before.id));  // Used up meanwhile is as good.
        }
    }
    return UserWithLink{user, std::move(link->secret), expires};
}

Value maker_value(const host::Key& key, const host::Users& users) {
    if (key.maker.empty()) {
        return {};
    }
    const std::optional<host::User> user = users.find(key.maker);
    ValueMap map;
    map.set("id", key.maker);
    map.set("name", user ? user->name : std::string());
    map.set("active", user && user->active);
    return map;
}

bool is_for_programs(const host::Key& key) {
    return key.kind == host::KeyKind::Write || key.kind == host::KeyKind::Api;
}

}  // namespace

Result<UserWithLink> invite_user(Desk& desk, const host::Key& who, const host::User& wanted) {
    WINBACK_TRY(const host::User user, desk.host().users().create(wanted, wall_clock()));
    record_change(
        desk, who,
        {.what = "user.create", .target = user.id, .before = {}, .after = rights_value(user)});
    return link_for(desk, user);
}

Result<UserWithLink> make_user_link(Desk& desk, const host::Key& who, std::string_view id) {
    const std::optional<host::User> user = desk.host().users().find(id);
    if (!user || !user->active) {
        return Error{ErrorCode::NotFound, "there is no such user, or they may not sign in"};
    }
    record_change(desk, who, {.what = "user.link", .target = user->id, .before = {}, .after = {}});
    return link_for(desk, *user);
}

Result<host::User> change_user_rights(Desk& desk,
                                      const host::Key& who,
                                      std::string_view id,
                                      host::Role role,
                                      bool personal,
                                      bool active) {
    const std::optional<host::User> before = desk.host().users().find(id);
    if (!before) {
        return Error{ErrorCode::NotFound, "there is no such user"};
    }
    if (before->role == role && before->personal == personal && before->active == active) {
        return *before;
    }
    WINBACK_TRY(host::User user, desk.host().users().set_rights(id, role, personal, active));
    WINBACK_TRY(const Ok ended, desk.host().keys().revoke_of(user.id));
    static_cast<void>(ended);
    record_change(desk, who,
                  {.what = "user.rights",
                   .target = user.id,
                   .before = rights_value(*before),
                   .after = rights_value(user)});
    return user;
}

Status end_totp_of(Desk& desk, const host::Key& who, std::string_view id) {
    WINBACK_TRY(const Ok ended, desk.host().users().end_totp(id));
    static_cast<void>(ended);
    record_change(desk, who,
                  {.what = "user.totp", .target = std::string(id), .before = true, .after = false});
    return Ok{};
}

Result<host::CreatedKey> create_key(Desk& desk,
                                    const host::Key& who,
                                    host::KeyKind kind,
                                    std::string_view name,
                                    const std::vector<std::string>& allowed,
                                    std::int64_t days_good) {
    const bool api = kind == host::KeyKind::Api;
    if (trim(name).empty()) {
        return invalid("a key has a name, by which it is found again");
    }
    if (api == allowed.empty()) {
        return invalid(api ? "a token allows at least one thing" : "write keys have no scopes");
    }
    for (const std::string& scope : allowed) {
        if (std::find(host::all_scopes.begin(), host::all_scopes.end(), scope) ==
            host::all_scopes.end()) {
            return invalid("'" + scope + "' is not read, personal, write, send or admin");
        }
    }
    if (days_good < 0 || days_good > key_days_max) {
        return invalid("a key is good for at most ten years, or until it is revoked");
    }
    const Timestamp now = wall_clock();
    WINBACK_TRY(host::CreatedKey created,
                desk.host().keys().create(
                    host::Key{.id = {},
                              .kind = kind,
                              .name = std::string(name),
                              .scopes = allowed,
                              .created = now,
                              .expires = days_good == 0 ? timestamp_max : now + days(days_good),
                              .maker = person_of(who)},
                    now));
    record_change(desk, who,
                  {.what = "key.create",
                   .target = created.key.id,
                   .before = {},
                   .after = key_value(created.key, desk.host().users())});
    return created;
}

Status end_session(Desk& desk, const host::Key& who, std::string_view id) {
    WINBACK_TRY(const Ok revoked, desk.host().keys().revoke(id));
    static_cast<void>(revoked);
    record_change(desk, who,
                  {.what = "session.end", .target = std::string(id), .before = {}, .after = {}});
    return Ok{};
}

Result<host::User> change_profile(Desk& desk,
                                  const host::Key& who,
                                  const host::User& before,
                                  const host::User& wanted) {
    WINBACK_TRY(host::User saved, desk.host().users().set_profile(
                                      before.id, wanted.name, wanted.language, wanted.calendar));
    ValueMap was = profile_value(before);
    ValueMap is = profile_value(saved);
    if (was != is) {
        record_change(desk, who,
                      {.what = "user.profile",
                       .target = before.id,
                       .before = std::move(was),
                       .after = std::move(is)});
    }
    return saved;
}

Status end_own_session(Desk& desk, const host::Key& who, std::string_view id) {
    for (const Value& session : sessions_value(desk, who)) {
        if (*session.as_map()->find("id")->as_string() == id) {
            return end_session(desk, who, id);
        }
    }
    return Error{ErrorCode::NotFound, "there is no such session of yours, or it has ended"};
}

Status end_sessions_of(Desk& desk, const host::Key& who, std::string_view user) {
    record_change(
        desk, who,
        {.what = "session.end_all", .target = std::string(user), .before = {}, .after = {}});
    return desk.host().keys().revoke_of(user);
}

Status revoke_key(Desk& desk, const host::Key& who, std::string_view id) {
    for (const host::KeyKind kind : {host::KeyKind::Write, host::KeyKind::Api}) {
        for (const host::Key& key : desk.host().keys().list(kind)) {
            if (key.id != id) {
                continue;
            }
            WINBACK_TRY(const Ok revoked, desk.host().keys().revoke(id));
            static_cast<void>(revoked);
            record_change(desk, who,
                          {.what = "key.revoke",
                           .target = key.id,
                           .before = key_value(key, desk.host().users()),
                           .after = {}});
            return Ok{};
        }
    }
    return Error{ErrorCode::NotFound, "there is no such key"};
}

ValueMap user_value(const host::User& user) {
    ValueMap map;
    map.set("id", user.id);
    map.set("email", user.email);
    map.set("name", user.name);
    map.set("role", host::role_name(user.role));
    map.set("personal", user.personal || user.role != host::Role::Viewer);
    map.set("language", user.language);
    map.set("calendar", user.calendar);
    map.set("active", user.active);
    map.set("invited", !user.has_password);
    map.set("totp", user.has_totp);
    map.set("created", user.created);
    map.set("last_sign_in", user.last_sign_in == timestamp_min ? Value() : user.last_sign_in);
    return map;
}

std::uint64_t print_of(const host::User& user) {
    ValueMap map = user_value(user);
    map.set("last_sign_in", Value());
    return hash64(to_json(std::move(map)));
}

ValueMap key_value(const host::Key& key, const host::Users& users) {
    ValueMap map;
    map.set("id", key.id);
    map.set("kind", host::key_kind_name(key.kind));
    map.set("name", key.name);
    ValueList allowed;
    for (const std::string& scope : key.scopes) {
        allowed.emplace_back(scope);
    }
    map.set("scopes", std::move(allowed));
    map.set("created", key.created);
    map.set("maker", maker_value(key, users));
    map.set("expires", key.expires == timestamp_max ? Value() : Value(key.expires));
    map.set("last_used", key.last_used == timestamp_min ? Value() : Value(key.last_used));
    return map;
}

ValueMap users_value(Desk& desk) {
    ValueList list;
    for (const host::User& user : desk.host().users().list()) {
        list.emplace_back(user_value(user));
    }
    ValueMap tree;
    tree.set("users", std::move(list));
    return tree;
}

ValueMap keys_value(Desk& desk) {
    ValueList list;
    const Timestamp now = wall_clock();
    for (const host::KeyKind kind : {host::KeyKind::Write, host::KeyKind::Api}) {
        for (const host::Key& key : desk.host().keys().list(kind)) {
            if (is_for_programs(key) && key.expires > now) {
                list.emplace_back(key_value(key, desk.host().users()));
            }
        }
    }
    ValueMap tree;
    tree.set("keys", std::move(list));
    return tree;
}

ValueList sessions_value(Desk& desk, const host::Key& own) {
    ValueList list;
    const Timestamp now = wall_clock();
    const std::string& person = person_of(own);
    for (const host::Key& key : desk.host().keys().list(host::KeyKind::Session)) {
        const bool ended = key.expires <= now || now - key.last_used > host::session_idle_max;
        if (ended || (key.id != own.id && (person.empty() || key.user != person))) {
            continue;
        }
        ValueMap map;
        map.set("id", key.id);
        map.set("browser", key.agent);
        map.set("created", key.created);
        map.set("last_used", key.last_used == timestamp_min ? Value() : Value(key.last_used));
        map.set("expires", key.expires);
        map.set("own", key.id == own.id);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace winback::api
