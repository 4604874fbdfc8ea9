#include "host/audit.h"

#include <algorithm>
#include <array>
#include <optional>

#include <sodium.h>

#include "base/bytes.h"
#include "base/strings.h"

namespace winback::host {
namespace {

constexpr std::string_view row_prefix = "audit/";
constexpr std::string_view row_end = "audit0";  // '0' follows '/'.
constexpr std::string_view head_key = "audit_head";
constexpr std::string_view secret_key = "audit_secret";
constexpr std::uint8_t form = 1;
constexpr std::size_t hash_bytes = crypto_generichash_BYTES;  // 32: BLAKE2b-256.
constexpr Duration check_age_max = minutes(1);

constexpr std::array<std::string_view, 6> actor_kinds{"nobody", "user",         "token",
                                                      "link",   "command_line", "rule"};

// NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): libsodium takes bytes.
const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
// NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)

std::string hex(std::string_view bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytes_of(bytes), bytes.size());
    text.pop_back();
    return text;
}

std::string chain(std::string_view before, std::string_view body) {
    std::string hash(hash_bytes, '\0');
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, hash_bytes);
    crypto_generichash_update(&state, bytes_of(before), before.size());
    crypto_generichash_update(&state, bytes_of(body), body.size());
    crypto_generichash_final(&state, bytes_of(hash), hash.size());
    return hash;
}

std::string hash_of_customer(std::string_view id, std::string_view secret) {
    std::string hash(16, '\0');
    crypto_generichash(bytes_of(hash), hash.size(), bytes_of(id), id.size(), bytes_of(secret),
                       secret.size());
    return "customer:" + hex(hash);
}

// The newest stands first: lists are read from the front.
std::string row_key(std::uint64_t sequence) {
    std::string key(row_prefix);
    append_big_endian(key, ~sequence, 8);
    return key;
}

std::uint64_t sequence_of(std::string_view key) {
    key.remove_prefix(std::min(key.size(), row_prefix.size()));
    return key.size() == 8 ? ~read_big_endian(key) : 0;
}

std::string encode(const AuditEntry& entry) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u64(entry.sequence);
    out.time(entry.at);
    out.u8(static_cast<std::uint8_t>(entry.who.kind));
    out.text(entry.who.id);
    out.text(entry.who.name);
    out.text(entry.what);
    out.text(entry.target);
    out.value(entry.before);
    out.value(entry.after);
    return bytes;
}

// A row without its hash. Empty when it cannot be read.
std::optional<AuditEntry> decode(std::string_view body) {
    ByteReader in(body);
    AuditEntry entry;
    const bool known = in.u8() == form;
    entry.sequence = in.u64();
    entry.at = in.time();
    const std::uint8_t kind = in.u8();
    entry.who.id = in.text();
    entry.who.name = in.text();
    entry.what = in.text();
    entry.target = in.text();
    entry.before = in.value();
    entry.after = in.value();
    if (!known || kind >= actor_kinds.size() || !in.finished()) {
        return std::nullopt;
    }
    entry.who.kind = static_cast<ActorKind>(kind);
    return entry;
}

struct Row {
    std::string body;
    std::string hash;
};

Row split(std::string_view value) {
    const std::size_t body = value.size() - std::min(value.size(), hash_bytes);
    return {std::string(value.substr(0, body)), std::string(value.substr(body))};
}

struct Head {
    std::uint64_t sequence = 0;
    std::string hash = std::string(hash_bytes, '\0');
};

std::string encode(const Head& head) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u64(head.sequence);
    out.text(head.hash);
    return bytes;
}

Result<Head> read_head(const store::Store& store) {
    WINBACK_TRY(const std::optional<std::string> bytes,
                store.get(store::Family::Control, head_key));
    Head head;
    if (!bytes) {
        return head;
    }
    ByteReader in(*bytes);
    const bool known = in.u8() == form;
    head.sequence = in.u64();
    head.hash = in.text();
    if (!known || !in.finished() || head.hash.size() != hash_bytes) {
        return Error{ErrorCode::Corrupt, "the end of the audit trail cannot be read"};
    }
    return head;
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
    return to_lower_ascii(text).find(to_lower_ascii(part)) != std::string::npos;
}

bool matches(const AuditEntry& entry, const AuditFilter& filter) {
    if (entry.at < filter.from || entry.at >= filter.to) {
        return false;
    }
    const bool is_kind = entry.what.size() > filter.what.size() &&
                         entry.what.starts_with(filter.what) &&
                         entry.what[filter.what.size()] == '.';
    return (filter.what.empty() || entry.what == filter.what || is_kind) &&
           (filter.target.empty() || entry.target == filter.target) &&
           (filter.who.empty() || entry.who.id == filter.who ||
            contains_ignoring_case(entry.who.name, filter.who));
}

void shorten(Value& value) {
    std::string bytes;
    ByteWriter(bytes).value(value);
    if (bytes.size() > audit_value_bytes_max) {
        ValueMap omitted;
        omitted.set("omitted_bytes", static_cast<std::int64_t>(bytes.size()));
        value = std::move(omitted);
    }
}

// Walks from the newest to the oldest; what is found last is the oldest breach.
class Walk {
public:
    explicit Walk(const Head& head) : head_(head), expected_(head.sequence) {
        check_.head = hex(head.hash);
    }

    void visit(std::uint64_t sequence, Row row) {
        if (check_.entries > 0 && chain(row.hash, newer_.body) != newer_.hash) {
            broken(newer_sequence_, "does not follow from the one before, or was changed");
        }
        const std::optional<AuditEntry> entry = decode(row.body);
        if (sequence < expected_) {
            broken(sequence + 1, "is missing");
        } else if (sequence > expected_) {
            broken(sequence, "stands behind the end of the trail");
        } else if (check_.entries == 0 && row.hash != head_.hash) {
            broken(sequence, "is not the one that the trail ends with");
        }
        if (!entry || entry->sequence != sequence) {
            broken(sequence, "cannot be read");
        } else {
            check_.since = entry->at;
        }
        ++check_.entries;
        newer_ = std::move(row);
        newer_sequence_ = sequence;
        expected_ = sequence - 1;
    }

    AuditCheck finish() {
        if (check_.entries > 0 && newer_sequence_ == 1 &&
            chain(std::string(hash_bytes, '\0'), newer_.body) != newer_.hash) {
            broken(1, "was changed");
        }
        if (expected_ > 0) {
            broken(1, "is missing");
        }
        return std::move(check_);
    }

private:
    void broken(std::uint64_t sequence, std::string_view how) {
        check_.first_broken = sequence;
        check_.problem = "entry " + std::to_string(sequence) + " " + std::string(how);
    }

    Head head_;
    std::uint64_t expected_;
    AuditCheck check_;
    Row newer_;
    std::uint64_t newer_sequence_ = 0;
};

}  // namespace

std::string_view actor_kind_name(ActorKind kind) {
    return actor_kinds.at(static_cast<std::size_t>(kind));
}

Result<AuditPage> list_audit(const store::Store& store, const AuditFilter& filter) {
    AuditPage page;
    std::size_t looked_at = 0;
    const std::string from =
        filter.below == 0 ? std::string(row_prefix) : row_key(filter.below - 1);
    store::Cursor rows = store.scan(store::Family::Control, from, row_end);
    for (; rows.valid(); rows.next()) {
        if (page.entries.size() == filter.limit || looked_at == audit_rows_looked_at_max) {
            page.next = sequence_of(rows.key()) + 1;
            break;
        }
        ++looked_at;
        const Row row = split(rows.value());
        std::optional<AuditEntry> entry = decode(row.body);
        if (!entry) {
            return Error{ErrorCode::Corrupt, "a row (audit) cannot be read"};
        }
        if (matches(*entry, filter)) {
            entry->hash = hex(row.hash);
            page.entries.push_back(*std::move(entry));
        }
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return page;
}

Result<AuditCheck> verify_audit(const store::Store& store) {
    // The rows first: what is added meanwhile stands behind the end that is read then.
    store::Cursor rows = store.scan(store::Family::Control, row_prefix, row_end);
    WINBACK_TRY(Head head, read_head(store));
    const std::uint64_t newest = rows.valid() ? sequence_of(rows.key()) : 0;
    if (head.sequence > newest) {
        WINBACK_TRY(const auto added, store.get(store::Family::Control, row_key(newest + 1)));
        if (added) {  // Recorded since the rows were opened: the walk ends where they end.
            head.sequence = newest;
            head.hash = rows.valid() ? split(rows.value()).hash : Head{}.hash;
        }
    }
    Walk walk(head);
    for (; rows.valid(); rows.next()) {
        walk.visit(sequence_of(rows.key()), split(rows.value()));
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    return walk.finish();
}

Result<std::unique_ptr<Audit>> Audit::open(store::Store& store) {
    if (sodium_init() < 0) {
        return Error{ErrorCode::Internal, "libsodium cannot find a source of random bytes"};
    }
    std::unique_ptr<Audit> audit(new Audit(store));
    WINBACK_TRY(Head head, read_head(store));
    audit->sequence_ = head.sequence;
    audit->head_ = std::move(head.hash);
    WINBACK_TRY(const Ok secret, audit->read_secret());
    static_cast<void>(secret);
    return audit;
}

Status Audit::read_secret() {
    WINBACK_TRY(std::optional<std::string> kept, store_.get(store::Family::Control, secret_key));
    if (kept && kept->size() == crypto_generichash_KEYBYTES) {
        secret_ = *std::move(kept);
        return Ok{};
    }
    secret_.resize(crypto_generichash_KEYBYTES);
    randombytes_buf(secret_.data(), secret_.size());
    store::Batch batch(store_);
    batch.put(store::Family::Control, secret_key, secret_);
    return store_.write(batch, true);
}

Result<std::uint64_t> Audit::record(AuditEntry entry) {
    if (entry.what.empty() || entry.what.size() > audit_what_bytes_max ||
        entry.target.size() > audit_target_bytes_max) {
        return Error{ErrorCode::InvalidArgument, "an audit entry names what was done, and to what"};
    }
    shorten(entry.before);
    shorten(entry.after);
    const std::lock_guard lock(mutex_);
    entry.sequence = sequence_ + 1;
    const std::string body = encode(entry);
    const Head head{entry.sequence, chain(head_, body)};
    store::Batch batch(store_);
    batch.put(store::Family::Control, row_key(entry.sequence), body + head.hash);
    batch.put(store::Family::Control, head_key, encode(head));
    WINBACK_TRY(const Ok written, store_.write(batch, true));
    static_cast<void>(written);
    sequence_ = head.sequence;
    head_ = head.hash;
    return sequence_;
}

Result<AuditCheck> Audit::check(Timestamp now) {
    const std::lock_guard lock(check_mutex_);
    if (now < checked_ || checked_ == timestamp_min || now - checked_ >= check_age_max) {
        WINBACK_TRY(check_, verify_audit(store_));
        checked_ = now;
    }
    return check_;
}

std::string Audit::customer_target(std::string_view customer_id) const {
    return hash_of_customer(customer_id, secret_);
}

Result<std::string> audit_customer_target(const store::Store& store, std::string_view customer_id) {
    WINBACK_TRY(const std::optional<std::string> secret,
                store.get(store::Family::Control, secret_key));
    if (!secret) {
        return Error{ErrorCode::NotFound, "this folder has no audit trail yet"};
    }
    return hash_of_customer(customer_id, *secret);
}

}  // namespace winback::host
