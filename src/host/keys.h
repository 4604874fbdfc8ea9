// What is shown to the server: write keys, API tokens, one-time links and sessions. Whose session
// it is, and what that person may do, is in users.h and asked each time.
//
// A secret is 32 random bytes in base64url behind a prefix that says what it is ("wk_", "at_").
// It is shown once; the folder keeps its BLAKE2b-256, which needs no salt and no stretching since
// the secret has 256 bits of its own. Look-up is by hash, comparison in constant time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace winback::host {

class Users;

enum class KeyKind : std::uint8_t {
    Write,    // "wk_": may send events, nothing else. Public in browsers.
    Api,      // "at_": may read, and change what its scopes allow.
    SignIn,   // "si_": a one-time link; becomes a Session.
    Session,  // "se_": a signed-in browser.
};
std::string_view key_kind_name(KeyKind kind);  // "write", "api", "sign_in", "session"
std::optional<KeyKind> parse_key_kind(std::string_view name);

constexpr std::size_t keys_max = 10'000;  // Of all kinds; expired ones are forgotten first.
constexpr std::size_t key_name_bytes_max = 200;
constexpr Duration sign_in_lifetime = minutes(30);
constexpr Duration session_lifetime = days(14);  // However busy.
constexpr Duration session_idle_max = days(2);   // Since it was last shown.
constexpr Duration invitation_lifetime = days(7);
constexpr Duration recovery_lifetime = hours(24);
constexpr Duration code_lifetime = minutes(5);  // Between a password and its one-time code.
// The last use is kept on disk at most so often.
constexpr Duration last_used_precision = minutes(10);
constexpr std::size_t key_agent_bytes_max = 100;

// What a one-time link is for; empty: to sign in whoever has the machine.
constexpr std::string_view purpose_first = "first";  // To make the first user.
constexpr std::string_view purpose_invitation = "invitation";
constexpr std::string_view purpose_recovery = "recovery";
constexpr std::string_view purpose_code = "code";

// What is kept of a key: everything but the key.
struct Key {
    std::string id;  // 16 hex digits, for lists and revoking.
    KeyKind kind = KeyKind::Write;
    std::string name;                 // "Online shop", "Till import"; of a session its user's.
    std::vector<std::string> scopes;  // Of all_scopes (users.h); empty for write keys.
    Timestamp created;
    Timestamp expires = timestamp_max;
    std::string user;  // Id: whose session or link it is; empty: nobody's in particular.
    std::string purpose;
    std::string agent;                    // The browser of a session: "Firefox, Linux".
    Timestamp last_used = timestamp_min;  // Never.
    // Of a token: the id of the user who made it; empty: the command line, or nobody knows. It
    // lives on when they leave, so it is not `user`.
    std::string maker = {};

    // "admin" allows everything, and every scope lets its bearer read numbers.
    bool allows(std::string_view scope) const;
};

struct CreatedKey {
    Key key;
    std::string secret;  // Shown once.
};

// Any thread. `now` is always wall-clock time (not a replay folder's).
class Keys {
public:
    // Reads the keys of the folder. Store and users must outlive this. Fails with Corrupt.
    static Result<std::unique_ptr<Keys>> open(store::Store& store, const Users& users);

    // `expires` timestamp_max means never. Fails with LimitExceeded, InvalidArgument (name) or
    // what the store says; durable when it returns.
    Result<CreatedKey> create(KeyKind kind,
                              std::string_view name,
                              std::vector<std::string> scopes,
                              Timestamp now,
                              Timestamp expires = timestamp_max);
    // The same with user, purpose and agent; `id`, `created` and `last_used` are given here.
    Result<CreatedKey> create(Key wanted, Timestamp now);
    // Empty when unknown, expired, idle for too long or of another kind; a session or link of a
    // user also when that user is not active. Scopes of a session are its user's of this moment.
    std::optional<Key> find(KeyKind kind, std::string_view secret, Timestamp now) const;
    // Uses up a link without a purpose and starts a session. Fails with PermissionDenied.
    Result<CreatedKey> sign_in(std::string_view secret, Timestamp now, std::string_view agent = "");
    // Uses up a link: of two that come with it together one gets it.
    std::optional<Key> take(std::string_view secret, std::string_view purpose, Timestamp now);
    Result<CreatedKey> start_session(std::string_view user, std::string_view agent, Timestamp now);
    // Fails with NotFound. Also ends sessions ("sign out").
    Status revoke(std::string_view id);
    // Ends what is a user's: sessions and links. `except` is the id of one that stays.
    Status revoke_of(std::string_view user, std::string_view except = "");
    // Oldest first, with those that ended and were not yet forgotten.
    std::vector<Key> list(KeyKind kind) const;

private:
    Keys(store::Store& store, const Users& users) : store_(store), users_(users) {}

    void touch(const std::string& hash, Key& key, Timestamp now) const;

    store::Store& store_;
    const Users& users_;
    mutable std::mutex mutex_;
    // By the 32 bytes of the hash. Looking a key up notes when.
    mutable std::map<std::string, Key, std::less<>> by_hash_;
    mutable std::map<std::string, Timestamp, std::less<>> kept_use_;  // What the disk says.
};

}  // namespace winback::host
