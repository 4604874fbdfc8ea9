#include "host/keys.h"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "base/bytes.h"
#include "base/strings.h"

namespace winback::host {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr std::size_t hash_bytes = crypto_generichash_BYTES;  // 32: BLAKE2b-256.
constexpr std::size_t prefix_bytes = 3;
constexpr std::string_view row_prefix = "key/";
constexpr std::string_view row_end = "key0";  // '0' follows '/'.
constexpr std::uint8_t form = 1;

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
    return bytes;
}

Result<Key> decode(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    Key key;
    key.id = in.text();
    const std::uint8_t kind = in.u8();
    key.name = in.text();
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        key.scopes.emplace_back(in.text());
    }
    key.created = in.time();
    key.expires = in.time();
    if (!known || kind >= kinds.size() || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a row (key) cannot be read"};
    }
    key.kind = static_cast<KeyKind>(kind);
    return key;
}

std::string row_key(std::string_view hash) {
    return std::string(row_prefix).append(hash);
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
    return std::any_of(scopes.begin(), scopes.end(),
                       [&](const std::string& own) { return own == scope || own == "admin"; });
}

Result<std::unique_ptr<Keys>> Keys::open(store::Store& store) {
    if (sodium_init() < 0) {
        return Error{ErrorCode::Internal, "libsodium cannot find a source of random bytes"};
    }
    std::unique_ptr<Keys> keys(new Keys(store));
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
    if (name.size() > key_name_bytes_max || !is_valid_utf8(name)) {
        return Error{ErrorCode::InvalidArgument, "a key's name is text of at most " +
                                                     std::to_string(key_name_bytes_max) + " bytes"};
    }
    CreatedKey created;
    created.secret = new_secret(kind);
    const std::string hash = hash_of(created.secret);
    created.key = {.id = hex(hash).substr(0, 16),
                   .kind = kind,
                   .name = std::string(name),
                   .scopes = std::move(scopes),
                   .created = now,
                   .expires = expires};
    const std::lock_guard lock(mutex_);
    std::vector<std::string> expired;
    for (const auto& [known, key] : by_hash_) {
        if (key.expires <= now) {
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
        found->second.kind != kind || found->second.expires <= now) {
        return std::nullopt;
    }
    return found->second;
}

Result<CreatedKey> Keys::sign_in(std::string_view secret, Timestamp now) {
    const std::optional<Key> link = find(KeyKind::SignIn, secret, now);
    // Revoking finds the link once: of two browsers that open it together one gets in.
    if (!link.has_value() || !revoke(link->id).has_value()) {
        return Error{ErrorCode::PermissionDenied,
                     "this sign-in link was used or is too old; ask for a new one with 'winback "
                     "key create --kind sign_in'"};
    }
    return create(KeyKind::Session, link->name, link->scopes, now, now + session_lifetime);
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
    by_hash_.erase(found);
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
