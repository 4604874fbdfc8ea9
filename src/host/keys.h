// Who may talk to the server: write keys, API tokens, one-time sign-in links and sessions.
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
constexpr Duration session_lifetime = days(14);

// What is kept of a key: everything but the key.
struct Key {
    std::string id;  // 16 hex digits, for lists and revoking.
    KeyKind kind = KeyKind::Write;
    std::string name;                 // "Online shop", "Till import"
    std::vector<std::string> scopes;  // "read", "write", "admin"; empty for write keys.
    Timestamp created;
    Timestamp expires = timestamp_max;

    bool allows(std::string_view scope) const;  // "admin" allows everything.
};

struct CreatedKey {
    Key key;
    std::string secret;  // Shown once.
};

// Any thread. `now` is always wall-clock time (not a replay folder's).
class Keys {
public:
    // Reads the keys of the folder. The store must outlive this. Fails with Corrupt.
    static Result<std::unique_ptr<Keys>> open(store::Store& store);

    // `expires` timestamp_max means never. Fails with LimitExceeded, InvalidArgument (name) or
    // what the store says; durable when it returns.
    Result<CreatedKey> create(KeyKind kind,
                              std::string_view name,
                              std::vector<std::string> scopes,
                              Timestamp now,
                              Timestamp expires = timestamp_max);
    // Empty when unknown, expired or of another kind.
    std::optional<Key> find(KeyKind kind, std::string_view secret, Timestamp now) const;
    // Uses up a sign-in link and starts a session. Fails with PermissionDenied.
    Result<CreatedKey> sign_in(std::string_view secret, Timestamp now);
    // Fails with NotFound. Also ends sessions ("sign out").
    Status revoke(std::string_view id);
    std::vector<Key> list(KeyKind kind) const;

private:
    explicit Keys(store::Store& store) : store_(store) {}

    store::Store& store_;
    mutable std::mutex mutex_;
    std::map<std::string, Key, std::less<>> by_hash_;  // By the 32 bytes of the hash.
};

}  // namespace winback::host
