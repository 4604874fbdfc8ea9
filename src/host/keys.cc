#include "host/keys.h"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "base/bytes.h"
#include "base/strings.h"
#include "host/users.h"

namespace winback::host {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t hash_bytes = crypto_generichash_BYTES;  // 32: BLAKE2b-256.
constexpr std::size_t prefix_bytes = 3;
constexpr std::string_view row_prefix = "key/";
constexpr std::string_view row_end = "key0";  // '0' follows '/'.
constexpr std::uint8_t first_form = 1;        // Without user, purpose, browser and last use.
constexpr std::uint8_t form_without_maker = 2;
constexpr std::uint8_t form = 3;

struct Kind {
    std::string_view name;
    std::string_view prefix;
};
constexpr std::array<Kind, 4> kinds{Kind{"write", "wk_"}, Kind{"api", "at_"},
                                    Kind{"sign_in", "si_"}, Kind{"session", "se_"}};

const Kind& kind_of(KeyKind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

std::string hash_of(std::string_view secret) {
    std::string hash(hash_bytes, '\0');
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes bytes.
    crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                       reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
                       nullptr, 0);
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
    return hash;
}

std::string hex(std::string_view bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    sodium_bin2hex(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    text.pop_back();
    return text;
}

std::string new_secret(KeyKind kind) {
    std::array<unsigned char, secret_bytes> random{};
    randombytes_buf(random.data(), random.size());
    std::string text(
        sodium_base64_encoded_len(random.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), random.data(), random.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();
    return std::string(kind_of(kind).prefix) + text;
}

std::string encode(const Key& key) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.text(key.id);
    out.u8(static_cast<std::uint8_t>(key.kind));
    out.text(key.name);
    out.u64(key.scopes.size());
    for (const std::string& scope : key.scopes) {
        out.text(scope);
    }
    out.time(key.created);
    out.time(key.expires);
    out.text(key.user);
    out.text(key.purpose);
    out.text(key.agent);
    out.time(key.last_used);
    out.text(key.maker);
    return bytes;
}

// A scope of a key from before "personal" was a scope of its own: what read everything goes on
// doing so, and lists say it.
void name_personal(std::vector<std::string>& scopes) {
    const auto has = [&](std::string_view scope) {
        return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
    };
    if ((has("read") || has("write")) && !has("personal")) {
        scopes.emplace_back("personal");
    }
}

Result<Key> decode(std::string_view bytes) {
    ByteReader in(bytes);
    const std::uint8_t version = in.u8();
    const bool known = version == form || version == form_without_maker || version == first_form;
    Key key;
    key.id = in.text();
    const std::uint8_t kind = in.u8();
    key.name = in.text();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        key.scopes.emplace_back(in.text());
    }
    key.created = in.time();
    key.expires = in.time();
    if (version == first_form) {
        name_personal(key.scopes);
    } else {
        key.user = in.text();
        key.purpose = in.text();
        key.agent = in.text();
        key.last_used = in.time();
    }
    if (version == form) {
        key.maker = in.text();
    }
    if (!known || kind >= kinds.size() || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a row (key) cannot be read"};
    }
    key.kind = static_cast<KeyKind>(kind);
    return key;
}

std::string row_key(std::string_view hash) {
    return std::string(row_prefix).append(hash);
}

bool has_ended(const Key& key, Timestamp now) {
    const bool idle = key.kind == KeyKind::Session && key.last_used != timestamp_min &&
                      now - key.last_used > session_idle_max;
    return idle || key.expires <= now;
}

// What is left of a token's scopes when its maker may do no more than `theirs`.
std::vector<std::string> scopes_within(const Key& key, std::vector<std::string> theirs) {
    std::erase_if(theirs, [&](const std::string& scope) { return !key.allows(scope); });
    return theirs;
}

Status write(store::Store& store, const std::function<void(store::Batch&)>& fill) {
    store::Batch batch(store);
    fill(batch);
    return store.write(batch, true);
}

}  // namespace

std::string_view key_kind_name(KeyKind kind) {
    return kind_of(kind).name;
}

std::optional<KeyKind> parse_key_kind(std::string_view name) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (kinds.at(i).name == name) {
            return static_cast<KeyKind>(i);
        }
    }
    return std::nullopt;
}

bool Key::allows(std::string_view scope) const {
    return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& own) {
        return own == scope || own == "admin" || scope == "read";
    });
}

Result<std::unique_ptr<Keys>> Keys::open(store::Store& store, const Users& users) {
    if (sodium_init() < 0) {
        return Error{ErrorCode::Internal, "libsodium cannot find a source of random bytes"};
    }
    std::unique_ptr<Keys> keys(new Keys(store, users));
    store::Cursor rows = store.scan(store::Family::Control, row_prefix, row_end);
    for (; rows.valid(); rows.next()) {
        WINBACK_TRY(Key key, decode(rows.value()));
        keys->by_hash_.emplace(rows.key().substr(row_prefix.size()), std::move(key));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return keys;
}

Result<CreatedKey> Keys::create(KeyKind kind,
                                std::string_view name,
                                std::vector<std::string> scopes,
                                Timestamp now,
                                Timestamp expires) {
    return create(Key{.id = {},
                      .kind = kind,
                      .name = std::string(name),
                      .scopes = std::move(scopes),
                      .created = now,
                      .expires = expires},
                  now);
}

Result<CreatedKey> Keys::create(Key wanted, Timestamp now) {
    if (wanted.name.size() > key_name_bytes_max || !is_valid_utf8(wanted.name)) {
        return Error{ErrorCode::InvalidArgument, "a key's name is text of at most " +
                                                     std::to_string(key_name_bytes_max) + " bytes"};
    }
    CreatedKey created;
    created.secret = new_secret(wanted.kind);
    const std::string hash = hash_of(created.secret);
    wanted.id = hex(hash).substr(0, 16);
    wanted.created = now;
    wanted.last_used = wanted.kind == KeyKind::Session ? now : timestamp_min;
    wanted.agent = wanted.agent.substr(0, key_agent_bytes_max);
    created.key = std::move(wanted);
    const std::lock_guard lock(mutex_);
    std::vector<std::string> expired;
    for (const auto& [known, key] : by_hash_) {
        if (has_ended(key, now)) {
            expired.push_back(known);
        }
    }
    if (by_hash_.size() - expired.size() >= keys_max) {
        return Error{ErrorCode::LimitExceeded,
                     "there are " + std::to_string(keys_max) + " keys already; revoke some"};
    }
    WINBACK_TRY(const Ok written, write(store_, [&](store::Batch& batch) {
                    for (const std::string& old : expired) {
                        batch.erase(store::Family::Control, row_key(old));
                    }
                    batch.put(store::Family::Control, row_key(hash), encode(created.key));
                }));
    static_cast<void>(written);
    for (const std::string& old : expired) {
        by_hash_.erase(old);
        kept_use_.erase(old);
    }
    by_hash_.emplace(hash, created.key);
    return created;
}

std::optional<Key> Keys::find(KeyKind kind, std::string_view secret, Timestamp now) const {
    if (secret.substr(0, prefix_bytes) != kind_of(kind).prefix) {
        return std::nullopt;
    }
    const std::string hash = hash_of(secret);
    const std::lock_guard lock(mutex_);
    const auto found = by_hash_.find(hash);
    if (found == by_hash_.end() ||
        sodium_memcmp(found->first.data(), hash.data(), hash_bytes) != 0 ||
        found->second.kind != kind || has_ended(found->second, now)) {
        return std::nullopt;
    }
    Key key = found->second;
    if (!key.user.empty()) {
        const std::optional<User> user = users_.find(key.user);
        if (!user || !user->active) {
            return std::nullopt;
        }
        key.name = user->name;
        if (kind == KeyKind::Session) {
            key.scopes = scopes_of(user->role, user->personal);
        }
    }
    // A token opens nothing while its maker is not active, and no more than its maker may do now.
    if (kind == KeyKind::Api && !key.maker.empty()) {
        const std::optional<User> maker = users_.find(key.maker);
        if (!maker || !maker->active) {
            return std::nullopt;
        }
        key.scopes = scopes_within(key, scopes_of(maker->role, maker->personal));
    }
    touch(hash, found->second, now);
    return key;
}

// Pre: mutex_ is held. The row is written without a sync: a crash forgets some minutes of use.
void Keys::touch(const std::string& hash, Key& key, Timestamp now) const {
    if (key.kind == KeyKind::SignIn || now <= key.last_used) {
        return;
    }
    const auto kept = kept_use_.find(hash);
    const Timestamp on_disk = kept == kept_use_.end() ? timestamp_min : kept->second;
    key.last_used = now;
    if (on_disk == timestamp_min || now - on_disk >= last_used_precision) {
        kept_use_[hash] = now;
        store::Batch batch(store_);
        batch.put(store::Family::Control, row_key(hash), encode(key));
        static_cast<void>(store_.write(batch, false));
    }
}

Result<CreatedKey> Keys::sign_in(std::string_view secret, Timestamp now, std::string_view agent) {
    const std::optional<Key> link = take(secret, "", now);
    if (!link) {
        return Error{ErrorCode::PermissionDenied,
                     "this sign-in link was used or is too old; ask for a new one with 'winback "
                     "key create --kind sign_in'"};
    }
    return create(Key{.id = {},
                      .kind = KeyKind::Session,
                      .name = link->name,
                      .scopes = link->scopes,
                      .created = now,
                      .expires = now + session_lifetime,
                      .user = link->user,
                      .purpose = {},
                      .agent = std::string(agent)},
                  now);
}

std::optional<Key> Keys::take(std::string_view secret, std::string_view purpose, Timestamp now) {
    std::optional<Key> link = find(KeyKind::SignIn, secret, now);
    // Revoking finds the link once: of two browsers that open it together one gets in.
    if (!link || link->purpose != purpose || !revoke(link->id).has_value()) {
        return std::nullopt;
    }
    return link;
}

Result<CreatedKey> Keys::start_session(std::string_view user,
                                       std::string_view agent,
                                       Timestamp now) {
    return create(Key{.id = {},
                      .kind = KeyKind::Session,
                      .name = {},
                      .scopes = {},
                      .created = now,
                      .expires = now + session_lifetime,
                      .user = std::string(user),
                      .purpose = {},
                      .agent = std::string(agent)},
                  now);
}

Status Keys::revoke(std::string_view id) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(by_hash_.begin(), by_hash_.end(),
                                    [&](const auto& entry) { return entry.second.id == id; });
    if (found == by_hash_.end()) {
        return Error{ErrorCode::NotFound, "there is no key '" + std::string(id) + "'"};
    }
    WINBACK_TRY(const Ok written, write(store_, [&](store::Batch& batch) {
                    batch.erase(store::Family::Control, row_key(found->first));
                }));
    static_cast<void>(written);
    kept_use_.erase(found->first);
    by_hash_.erase(found);
    return Ok{};
}

Status Keys::revoke_of(std::string_view user, std::string_view except) {
    const std::lock_guard lock(mutex_);
    const auto is_meant = [&](const auto& entry) {
        return entry.second.user == user && entry.second.id != except;
    };
    WINBACK_TRY(const Ok written, write(store_, [&](store::Batch& batch) {
                    for (const auto& entry : by_hash_) {
                        if (is_meant(entry)) {
                            batch.erase(store::Family::Control, row_key(entry.first));
                        }
                    }
                }));
    static_cast<void>(written);
    std::erase_if(by_hash_, is_meant);
    return Ok{};
}

std::vector<Key> Keys::list(KeyKind kind) const {
    const std::lock_guard lock(mutex_);
    std::vector<Key> keys;
    for (const auto& [hash, key] : by_hash_) {
        if (key.kind == kind) {
            keys.push_back(key);
        }
    }
    std::sort(keys.begin(), keys.end(),
              [](const Key& a, const Key& b) { return a.created < b.created; });
    return keys;
}

}  // namespace winback::host
