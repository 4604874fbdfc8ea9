// What admins do with users and keys. Each change is in the audit trail under `who`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "host/keys.h"
#include "host/users.h"

namespace winback::api {

constexpr std::int64_t key_days_max = 3650;

struct UserWithLink {
    host::User user;
    std::string secret;  // Of the one-time link; shown once.
    Timestamp expires;
};
// A user without a password, and the link by which they choose one.
Result<UserWithLink> invite_user(Desk& desk, const host::Key& who, const host::User& wanted);
// A link by which somebody chooses a password: an invitation when they never had one. It ends the
// links that they had before.
Result<UserWithLink> make_user_link(Desk& desk, const host::Key& who, std::string_view id);
// A change of rights ends their sessions: the next one has the new rights under a new secret.
Result<host::User> change_user_rights(Desk& desk,
                                      const host::Key& who,
                                      std::string_view id,
                                      host::Role role,
                                      bool personal,
                                      bool active);
// For somebody who lost their telephone and the recovery codes.
Status end_totp_of(Desk& desk, const host::Key& who, std::string_view id);

// `days` 0: does not expire. Write keys have no scopes, tokens at least one of all_scopes.
Result<host::CreatedKey> create_key(Desk& desk,
                                    const host::Key& who,
                                    host::KeyKind kind,
                                    std::string_view name,
                                    const std::vector<std::string>& scopes,
                                    std::int64_t days);
// Ends a browser's session. Fails with NotFound.
Status end_session(Desk& desk, const host::Key& who, std::string_view id);
// Of a write key or token. Fails with NotFound.
Status revoke_key(Desk& desk, const host::Key& who, std::string_view id);

// What people say of themselves. Fails as host::Users::set_profile.
Result<host::User> change_profile(Desk& desk,
                                  const host::Key& who,
                                  const host::User& before,
                                  const host::User& wanted);
// One of sessions_value, whichever id is given. Fails with NotFound.
Status end_own_session(Desk& desk, const host::Key& who, std::string_view id);
// All sessions and links of a user, `who` among them.
Status end_sessions_of(Desk& desk, const host::Key& who, std::string_view user);

ValueMap user_value(const host::User& user);
// What others see of a user, as a number: the version that If-Match asks for. A sign-in changes
// nothing of it.
std::uint64_t print_of(const host::User& user);
// With its maker {id, name, active}; null when it is not known.
ValueMap key_value(const host::Key& key, const host::Users& users);
ValueMap users_value(Desk& desk);  // {users: [...]}
ValueMap keys_value(Desk& desk);   // {keys: [...]}: write keys and tokens
// Of the user of this session, or of who made this token.
ValueList sessions_value(Desk& desk, const host::Key& own);

}  // namespace winback::api
