// Users on the command line, for the first one and for those who lost their way in.
#include "host/users.h"

#include <iostream>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"

namespace winback::cli {
namespace {

// From standard input: other users of the machine can read command lines.
Result<std::string> read_password() {
    std::string line;
    if (!std::getline(std::cin, line) || line.empty()) {
        return Error{ErrorCode::InvalidArgument,
                     "type the password on standard input, in one line"};
    }
    if (line.back() == '\r') {
        line.pop_back();
    }
    return line;
}

Status set_password(host::Host& host, const host::User& user) {
    WINBACK_TRY(const std::string password, read_password());
    if (const Status set = host.users().set_password(user.id, password); !set.has_value()) {
        return Error{set.error().code, "this cannot be the password (" + set.error().message + ")"};
    }
    return Ok{};
}

Status note(host::Host& host, std::string what, const std::string& user, Value after) {
    WINBACK_TRY(const std::uint64_t recorded, host.audit().record({.at = host::SystemClock().now(),
                                                                   .who = command_line,
                                                                   .what = std::move(what),
                                                                   .target = user,
                                                                   .before = {},
                                                                   .after = std::move(after)}));
    static_cast<void>(recorded);
    return Ok{};
}

int finish(const Status& done, const std::string& said) {
    if (!done.has_value()) {
        return fail(done.error());
    }
    fmt::print("{}\n", said);
    return exit_ok;
}

Result<host::User> find(host::Host& host, const std::string& email) {
    std::optional<host::User> user = host.users().find_by_email(email);
    if (!user.has_value()) {
        return Error{ErrorCode::NotFound, "nobody has the address '" + email + "'"};
    }
    return *std::move(user);
}

Status create(host::Host& host, const UserArguments& arguments) {
    host::User wanted;
    wanted.email = arguments.email;
    wanted.name = arguments.name.empty() ? arguments.email : arguments.name;
    wanted.role = host::parse_role(arguments.role).value_or(host::Role::Viewer);
    wanted.personal = arguments.personal;
    wanted.language = arguments.language;
    wanted.calendar = arguments.language == "fa" ? "persian" : "gregorian";
    WINBACK_TRY(const host::User user, host.users().create(wanted, host::SystemClock().now()));
    WINBACK_TRY(const Ok noted,
                note(host, "user.create", user.id, std::string(host::role_name(user.role))));
    static_cast<void>(noted);
    return set_password(host, user);
}

Status change_password(host::Host& host, const std::string& email) {
    WINBACK_TRY(const host::User user, find(host, email));
    WINBACK_TRY(const Ok set, set_password(host, user));
    WINBACK_TRY(const Ok ended, host.keys().revoke_of(user.id));
    static_cast<void>(set);
    static_cast<void>(ended);
    return note(host, "user.password", user.id, "command line");
}

Status disable(host::Host& host, const std::string& email) {
    WINBACK_TRY(const host::User user, find(host, email));
    WINBACK_TRY(const host::User closed,
                host.users().set_rights(user.id, user.role, user.personal, false));
    WINBACK_TRY(const Ok ended, host.keys().revoke_of(closed.id));
    static_cast<void>(ended);
    return note(host, "user.rights", user.id, "not active");
}

}  // namespace

int run_user_create(const UserArguments& arguments) {
    auto host = open_folder(arguments.data, true, "the page /settings/users");
    return host.has_value() ? finish(create(**host, arguments), arguments.email + " can sign in")
                            : fail(host.error());
}

int run_user_password(const UserArguments& arguments) {
    auto host = open_folder(arguments.data, false, "the page /settings/users");
    return host.has_value() ? finish(change_password(**host, arguments.email),
                                     "the password was changed; all browsers are signed out")
                            : fail(host.error());
}

int run_user_disable(const UserArguments& arguments) {
    auto host = open_folder(arguments.data, false, "the page /settings/users");
    return host.has_value() ? finish(disable(**host, arguments.email),
                                     arguments.email + " may not sign in any more")
                            : fail(host.error());
}

int run_user_list(const UserArguments& arguments) {
    const auto host = open_folder(arguments.data, false, "GET /api/v1/users");
    if (!host.has_value()) {
        return fail(host.error());
    }
    std::vector<std::vector<std::string>> rows{{"e-mail", "name", "role", "", "last sign-in"}};
    for (const host::User& user : (*host)->users().list()) {
        rows.push_back(
            {user.email, user.name, std::string(host::role_name(user.role)),
             user.active ? "" : "may not sign in",
             user.last_sign_in == timestamp_min ? "never" : format_iso8601(user.last_sign_in)});
    }
    fmt::print("{}", table(rows, ""));
    return exit_ok;
}

}  // namespace winback::cli
