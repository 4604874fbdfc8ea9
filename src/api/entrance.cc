#include "api/entrance.h"

#include <algorithm>

#include "api/access.h"
#include "api/audit.h"
#include "api/people.h"
#include "api/visitor.h"
#include "base/strings.h"
#include "host/host.h"

namespace winback::api {
namespace {

// Many people may sit behind one address.
constexpr host::ThrottleOptions account_options{.free_failures = 5};
constexpr host::ThrottleOptions address_options{.free_failures = 30, .longest_wait = minutes(15)};

Entry failed(const Error& error) {
    return {.kind = Entry::Kind::Failed, .secret = {}, .wait = {}, .problem = error.message};
}

host::Actor actor_of(const host::User& user) {
    return {host::ActorKind::User, user.id, user.name};
}

std::string account_of(std::string_view email) {
    return "account " + to_lower_ascii(trim(email));
}

}  // namespace

Entrance::Entrance(Desk& desk, int threads)
    : desk_(desk),
      room_(std::make_shared<Desk>(
          desk.host(), DeskOptions{.threads = threads, .waiting_max = entrance_waiting_max})),
      accounts_(account_options),
      addresses_(address_options) {}

Duration Entrance::wait_of(const http::Request& request, std::string_view account) const {
    const Timestamp now = wall_clock();
    return std::max(accounts_.wait_of(account, now),
                    addresses_.wait_of(visitor_address(request), now));
}

host::Throttle::Attempt Entrance::count(const http::Request& request, std::string_view account) {
    const Timestamp now = wall_clock();
    accounts_.attempt(account, now);
    return addresses_.attempt(visitor_address(request), now);
}

void Entrance::was_right(const http::Request& request,
                         std::string_view account,
                         const host::Throttle::Attempt& of_address) {
    accounts_.succeeded(account);
    addresses_.take_back(visitor_address(request), of_address);
}

Entry Entrance::refused(Entry entry, Refusal why) {
    desk_.part<Refusals>().count(why);
    return entry;
}

std::optional<host::User> Entrance::check(const http::Request& request,
                                          std::string_view email,
                                          std::string_view password,
                                          Entry& problem) {
    const std::string account = account_of(email);
    if (const Duration wait = wait_of(request, account); wait > Duration{}) {
        problem = refused({.kind = Entry::Kind::Wait, .secret = {}, .wait = wait, .problem = {}},
                          Refusal::Throttled);
        return std::nullopt;
    }
    const host::Throttle::Attempt of_address = count(request, account);
    auto user = desk_.host().users().check_password(trim(email), password);
    if (!user) {
        problem = failed(user.error());
        return std::nullopt;
    }
    if (!*user) {
        problem = refused({}, Refusal::Password);
        return std::nullopt;
    }
    was_right(request, account, of_address);
    return *std::move(user);
}

Entry Entrance::by_password(const http::Request& request,
                            std::string_view email,
                            std::string_view password) {
    Entry problem;
    const std::optional<host::User> user = check(request, email, password, problem);
    return user ? enter(request, *user) : problem;
}

Entry Entrance::confirm(const http::Request& request,
                        const host::User& user,
                        std::string_view password) {
    Entry answer;
    if (check(request, user.email, password, answer)) {
        answer.kind = Entry::Kind::SignedIn;
    }
    return answer;
}

Entry Entrance::enter(const http::Request& request, const host::User& user) {
    return user.has_totp ? ask_for_code(user) : start_session(request, user);
}

Entry Entrance::ask_for_code(const host::User& user) {
    const Timestamp now = wall_clock();
    const auto half =
        desk_.host().keys().create(host::Key{.id = {},
                                             .kind = host::KeyKind::SignIn,
                                             .name = {},
                                             .scopes = {},
                                             .created = now,
                                             .expires = now + host::code_lifetime,
                                             .user = user.id,
                                             .purpose = std::string(host::purpose_code),
                                             .agent = {}},
                                   now);
    if (!half) {
        return failed(half.error());
    }
    return {.kind = Entry::Kind::NeedsCode, .secret = half->secret, .wait = {}, .problem = {}};
}

Entry Entrance::by_code(const http::Request& request, std::string_view code) {
    host::Host& host = desk_.host();
    const Timestamp now = wall_clock();
    const std::string secret = request.cookie(code_cookie).value_or("");
    const auto half = link(secret);
    if (!half || half->purpose != host::purpose_code) {
        return refused({.kind = Entry::Kind::Expired, .secret = {}, .wait = {}, .problem = {}},
                       Refusal::Link);
    }
    // Of the person, not of this attempt: a right password starts no new count.
    const std::string account = "code " + half->user;
    if (const Duration wait = wait_of(request, account); wait > Duration{}) {
        return refused({.kind = Entry::Kind::Wait, .secret = {}, .wait = wait, .problem = {}},
                       Refusal::Throttled);
    }
    const host::Throttle::Attempt of_address = count(request, account);
    const Result<bool> right = host.users().take_code(half->user, code, now);
    if (!right) {
        return failed(right.error());
    }
    if (!*right) {
        return refused({}, Refusal::Code);
    }
    was_right(request, account, of_address);
    const std::optional<host::User> user = host.users().find(half->user);
    if (!user || !host.keys().take(secret, host::purpose_code, now)) {
        return {.kind = Entry::Kind::Expired, .secret = {}, .wait = {}, .problem = {}};
    }
    return start_session(request, *user);
}

Entry Entrance::start_session(const http::Request& request, const host::User& user) {
    host::Host& host = desk_.host();
    const Timestamp now = wall_clock();
    // What this browser was signed in as before ends here.
    if (const auto before = key_of(request, host.keys());
        before && before->kind == host::KeyKind::Session) {
        static_cast<void>(end_session(desk_, *before, before->id));
    }
    auto session = host.keys().start_session(user.id, browser_of(request), now);
    if (!session) {
        return failed(session.error());
    }
    host.users().signed_in(user.id, now);
    ValueMap after;
    after.set("browser", session->key.agent);
    record_change(desk_, actor_of(user),
                  {.what = "session.start",
                   .target = session->key.id,
                   .before = {},
                   .after = std::move(after)});
    return {.kind = Entry::Kind::SignedIn,
            .secret = std::move(session->secret),
            .wait = {},
            .problem = {},
            .language = user.language};
}

std::optional<host::Key> Entrance::link(std::string_view secret) const {
    return desk_.host().keys().find(host::KeyKind::SignIn, secret, wall_clock());
}

Entry Entrance::by_link(const http::Request& request, std::string_view secret) {
    host::Host& host = desk_.host();
    auto session = host.keys().sign_in(secret, wall_clock(), browser_of(request));
    if (!session) {
        return {.kind = Entry::Kind::Expired, .secret = {}, .wait = {}, .problem = {}};
    }
    record_change(desk_, session->key,
                  {.what = "session.start", .target = session->key.id, .before = {}, .after = {}});
    return {.kind = Entry::Kind::SignedIn,
            .secret = std::move(session->secret),
            .wait = {},
            .problem = {}};
}

Entry Entrance::first_user(const http::Request& request,
                           std::string_view secret,
                           const host::User& wanted,
                           std::string_view password) {
    host::Host& host = desk_.host();
    const auto key = link(secret);
    if (!key || key->purpose != host::purpose_first || !host.users().empty()) {
        return {.kind = Entry::Kind::Expired, .secret = {}, .wait = {}, .problem = {}};
    }
    // Before anybody is made: an address that is taken without a password would lock the door.
    const host::PasswordProblem problem =
        host::problem_of_password(password, wanted.email, wanted.name);
    if (problem != host::PasswordProblem::None) {
        return failed({ErrorCode::InvalidArgument, std::string(password_problem_name(problem))});
    }
    host::User admin = wanted;
    admin.role = host::Role::Admin;
    const auto user = host.users().create(admin, wall_clock(), true);
    if (!user) {
        return failed(user.error());
    }
    if (const Status set = host.users().set_password(user->id, password); !set) {
        return failed(set.error());
    }
    static_cast<void>(host.keys().take(secret, host::purpose_first, wall_clock()));
    ValueMap after;
    after.set("role", host::role_name(user->role));
    record_change(
        desk_, actor_of(*user),
        {.what = "user.create", .target = user->id, .before = {}, .after = std::move(after)});
    return start_session(request, *user);
}

Entry Entrance::choose_password(const http::Request& request,
                                std::string_view secret,
                                std::string_view password) {
    host::Host& host = desk_.host();
    const auto key = link(secret);
    const bool meant =
        key && (key->purpose == host::purpose_invitation || key->purpose == host::purpose_recovery);
    const std::optional<host::User> user =
        meant ? host.users().find(key->user) : std::optional<host::User>();
    if (!user) {
        return {.kind = Entry::Kind::Expired, .secret = {}, .wait = {}, .problem = {}};
    }
    const host::PasswordProblem problem =
        host::problem_of_password(password, user->email, user->name);
    if (problem != host::PasswordProblem::None) {
        return failed({ErrorCode::InvalidArgument, std::string(password_problem_name(problem))});
    }
    if (!host.keys().take(secret, key->purpose, wall_clock())) {
        return {.kind = Entry::Kind::Expired, .secret = {}, .wait = {}, .problem = {}};
    }
    if (const Status set = host.users().set_password(user->id, password); !set) {
        return failed(set.error());
    }
    // Whoever knew the old password, or has another link, is out.
    static_cast<void>(host.keys().revoke_of(user->id));
    record_change(desk_, actor_of(*user),
                  {.what = "user.password",
                   .target = user->id,
                   .before = {},
                   .after = std::string(key->purpose)});
    return enter(request, *user);
}

}  // namespace winback::api
