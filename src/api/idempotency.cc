#include "api/idempotency.h"

#include <algorithm>
#include <array>
#include <optional>

#include <sodium.h>

#include "base/bytes.h"
#include "base/strings.h"
#include "store/store.h"

namespace winback::api {
namespace {

constexpr std::uint8_t row_form = 1;
constexpr std::string_view prefix = "idempotency/";
constexpr std::string_view prefix_end = "idempotency0";  // '0' is the byte behind '/'.
constexpr std::size_t seal_bytes = crypto_secretbox_KEYBYTES;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest(std::string_view text, std::string_view key) {
    std::string out(seal_bytes, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(), bytes_of(text),
                       text.size(), key.empty() ? nullptr : bytes_of(key), key.size());
    return out;
}

std::string hex(std::string_view bytes) {
    std::string out(2 * bytes.size() + 1, '\0');
    sodium_bin2hex(out.data(), out.size(), bytes_of(bytes), bytes.size());
    out.pop_back();
    return out;
}

struct Row {
    Timestamp begun;
    std::string caller;
    std::string fingerprint;
    bool done = false;
    std::string sealed;  // Nonce and box.
};

std::string encode(const Row& row) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(row_form);
    out.time(row.begun);
    out.text(row.caller);
    out.text(row.fingerprint);
    out.boolean(row.done);
    out.text(row.sealed);
    return bytes;
}

std::optional<Row> decode(std::string_view bytes) {
    ByteReader in(bytes);
    if (in.u8() != row_form) {
        return std::nullopt;
    }
    Row row;
    row.begun = in.time();
    row.caller = in.text();
    row.fingerprint = in.text();
    row.done = in.boolean();
    row.sealed = in.text();
    return in.finished() ? std::optional(std::move(row)) : std::nullopt;
}

std::string seal(const http::Response& answer, std::string_view key) {
    std::string plain;
    ByteWriter out(plain);
    out.u64(static_cast<std::uint64_t>(answer.status));
    out.u64(answer.headers.size());
    for (const auto& [name, value] : answer.headers) {
        out.text(name);
        out.text(value);
    }
    out.text(answer.body);
    std::string sealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.size(), 0);
    auto* at = reinterpret_cast<unsigned char*>(sealed.data());
    randombytes_buf(at, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(at + crypto_secretbox_NONCEBYTES, bytes_of(plain), plain.size(), at,
                          bytes_of(key));
    return sealed;
}

std::optional<http::Response> unseal(std::string_view sealed, std::string_view key) {
    constexpr std::size_t overhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
    if (sealed.size() < overhead) {
        return std::nullopt;
    }
    std::string plain(sealed.size() - overhead, '\0');
    if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()),
                                   bytes_of(sealed) + crypto_secretbox_NONCEBYTES,
                                   sealed.size() - crypto_secretbox_NONCEBYTES, bytes_of(sealed),
                                   bytes_of(key)) != 0) {
        return std::nullopt;
    }
    ByteReader in(plain);
    http::Response answer;
    answer.status = static_cast<int>(in.u64());
    const std::size_t count = in.count();
    for (std::size_t i = 0; i < count; ++i) {
        std::string name(in.text());
        answer.headers.emplace_back(std::move(name), std::string(in.text()));
    }
    answer.body = in.text();
    return in.finished() ? std::optional(std::move(answer)) : std::nullopt;
}

bool may_be_tried_again(int status) {
    return status >= 500 || status == 429;
}

}  // namespace

IdempotentCall idempotent_call(const http::Request& request,
                               std::string_view key,
                               std::string_view secret,
                               std::string_view caller) {
    const std::string own = digest(secret, {});
    std::string whole = request.method + " " + request.target + "\n";
    whole += request.body;
    return {.name = std::string(prefix) +
                    hex(digest("name " + std::string(key), own)).substr(0, seal_bytes),
            .seal = digest("seal " + std::string(key), own),
            .fingerprint = digest(whole, own),
            .caller = std::string(caller)};
}

Result<std::string> idempotency_key(std::string_view header) {
    std::string_view key = trim(header);
    if (key.size() >= 2 && key.front() == '"' && key.back() == '"') {
        key = key.substr(1, key.size() - 2);
    }
    const bool printable = std::all_of(key.begin(), key.end(), [](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    });
    if (key.empty() || key.size() > idempotency_key_bytes_max || !printable) {
        return Error{ErrorCode::InvalidArgument,
                     "'Idempotency-Key' is 1 to 200 printable ASCII characters, for example a "
                     "UUID, made anew for each change"};
    }
    return std::string(key);
}

bool Idempotency::load() {
    store::Cursor rows = store_.scan(store::Family::Control, prefix, prefix_end);
    std::vector<std::pair<Timestamp, std::string>> found;
    for (; rows.valid(); rows.next()) {
        const std::optional<Row> row = decode(rows.value());
        // A row that cannot be read is one whose answer is not known.
        const Entry entry = row ? Entry{row->begun, row->caller} : Entry{};
        found.emplace_back(entry.begun, rows.key());
        of_caller_[entry.caller] += 1;
        entries_.emplace(rows.key(), entry);
    }
    std::sort(found.begin(), found.end());
    by_age_.assign(found.begin(), found.end());
    loaded_ = rows.status().has_value();
    return loaded_;
}

void Idempotency::forget_old(Timestamp now) {
    while (!by_age_.empty() && by_age_.front().first + idempotency_lifetime <= now) {
        const std::string name = by_age_.front().second;
        by_age_.pop_front();
        const auto found = entries_.find(name);
        if (found != entries_.end() && found->second.begun + idempotency_lifetime <= now &&
            !under_way_.contains(name)) {
            forget(name);
        }
    }
}

void Idempotency::forget(const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
        return;
    }
    const auto count = of_caller_.find(found->second.caller);
    if (count != of_caller_.end() && --count->second == 0) {
        of_caller_.erase(count);
    }
    entries_.erase(found);
    store::Batch batch(store_);
    batch.erase(store::Family::Control, name);
    // Not synced: what comes back after a crash is forgotten again.
    static_cast<void>(store_.write(batch, false));
}

Idempotency::Verdict Idempotency::recall(const IdempotentCall& call, http::Response& answer) const {
    const auto bytes = store_.get(store::Family::Control, call.name);
    if (!bytes) {
        return Verdict::Failed;
    }
    const std::optional<Row> row = *bytes ? decode(**bytes) : std::nullopt;
    if (!row) {
        return Verdict::Unknown;
    }
    if (row->fingerprint != call.fingerprint) {
        return Verdict::Mismatch;
    }
    if (under_way_.contains(call.name)) {
        return Verdict::UnderWay;
    }
    std::optional<http::Response> kept = row->done ? unseal(row->sealed, call.seal) : std::nullopt;
    if (!kept) {
        return Verdict::Unknown;
    }
    answer = *std::move(kept);
    answer.set("Idempotent-Replayed", "true");
    return Verdict::Replay;
}

Idempotency::Verdict Idempotency::begin(const IdempotentCall& call,
                                        Timestamp now,
                                        http::Response& answer) {
    const std::lock_guard lock(mutex_);
    if (!loaded_ && !load()) {
        return Verdict::Failed;
    }
    forget_old(now);
    if (entries_.contains(call.name)) {
        return recall(call, answer);
    }
    if (entries_.size() >= idempotent_answers_max ||
        of_caller_[call.caller] >= idempotent_answers_per_caller_max) {
        return Verdict::Full;
    }
    const Row row{.begun = now, .caller = call.caller, .fingerprint = call.fingerprint};
    store::Batch batch(store_);
    batch.put(store::Family::Control, call.name, encode(row));
    if (!store_.write(batch, true)) {
        return Verdict::Failed;
    }
    entries_.emplace(call.name, Entry{now, call.caller});
    by_age_.emplace_back(now, call.name);
    of_caller_[call.caller] += 1;
    under_way_.insert(call.name);
    return Verdict::Run;
}

void Idempotency::end(const IdempotentCall& call, const http::Response& answer) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(call.name);
    if (may_be_tried_again(answer.status) || answer.stream != nullptr ||
        answer.body.size() > idempotent_answer_bytes_max) {
        forget(call.name);
        return;
    }
    const auto found = entries_.find(call.name);
    if (found == entries_.end()) {
        return;
    }
    const Row row{.begun = found->second.begun,
                  .caller = call.caller,
                  .fingerprint = call.fingerprint,
                  .done = true,
                  .sealed = seal(answer, call.seal)};
    store::Batch batch(store_);
    batch.put(store::Family::Control, call.name, encode(row));
    // Not synced, since workers call this: a machine that crashes now does not know the outcome,
    // and says so.
    static_cast<void>(store_.write(batch, false));
}

void Idempotency::abandon(const IdempotentCall& call) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(call.name);
}

}  // namespace winback::api
