#include "host/shelf.h"

#include <array>

#include <sodium.h>

#include "base/bytes.h"

namespace winback::host {
namespace {

using store::Family;

constexpr std::uint8_t form = 1;
constexpr std::string_view secret_key = "link_secret";
constexpr std::string_view playbook_prefix = "playbook/";
constexpr std::string_view playbook_end = "playbook0";
constexpr std::size_t secret_bytes = 32;

std::string playbook_key(std::uint64_t version) {
    std::string key(playbook_prefix);
    append_big_endian(key, version, 8);
    return key;
}

}  // namespace

std::string encode_files(const PlaybookFiles& files) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.u64(files.size());
    for (const auto& [path, text] : files) {
        out.text(path);
        out.text(text);
    }
    return bytes;
}

Result<PlaybookFiles> decode_files(std::string_view bytes) {
    ByteReader in(bytes);
    const bool known = in.u8() == form;
    PlaybookFiles files;
    for (std::size_t n = in.count(); n > 0 && in.ok(); --n) {
        std::string path(in.text());
        files.emplace(std::move(path), in.text());
    }
    if (!known || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a row (playbook) cannot be read"};
    }
    return files;
}

Shelf::Shelf(store::Store& store, CompilePlaybook compile)
    : store_(store), compile_(std::move(compile)) {}

Status Shelf::open() {
    WINBACK_TRY(std::optional<std::string> secret, store_.get(Family::Control, secret_key));
    if (!secret.has_value()) {
        std::array<unsigned char, secret_bytes> random{};
        if (sodium_init() < 0) {
            return Error{ErrorCode::Internal, "libsodium cannot find a source of random bytes"};
        }
        randombytes_buf(random.data(), random.size());
        secret.emplace(random.begin(), random.end());
        store::Batch batch(store_);
        batch.put(Family::Control, secret_key, *secret);
        WINBACK_TRY(const Ok written, store_.write(batch, true));
        static_cast<void>(written);
    }
    link_secret_ = *std::move(secret);
    store::Cursor rows = store_.scan(Family::Control, playbook_prefix, playbook_end);
    for (; rows.valid(); rows.next()) {
        latest_ = read_big_endian(rows.key().substr(playbook_prefix.size()));
    }
    return rows.status();
}

engine::DefinitionsPtr Shelf::find(std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    if (const auto found = compiled_.find(version); found != compiled_.end()) {
        return found->second;
    }
    if (!compile_) {
        problem_ = "the folder has a playbook, and this command cannot read playbooks";
        return nullptr;
    }
    const Result<PlaybookFiles> texts = files(version);
    if (!texts.has_value()) {
        problem_ = texts.error().message;
        return nullptr;
    }
    Result<engine::Definitions> definitions = compile_(*texts);
    if (!definitions.has_value()) {
        problem_ = "playbook version " + std::to_string(version) +
                   " of the data folder is not accepted any more: " + definitions.error().message;
        return nullptr;
    }
    definitions->version = version;
    definitions->link_secret = link_secret_;
    auto shared = std::make_shared<const engine::Definitions>(*std::move(definitions));
    compiled_.emplace(version, shared);
    return shared;
}

std::string Shelf::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

engine::DefinitionsPtr Shelf::latest() {
    std::uint64_t version = 0;
    {
        const std::lock_guard lock(mutex_);
        version = latest_;
    }
    return version == 0 ? nullptr : find(version);
}

Result<engine::DefinitionsPtr> Shelf::add(engine::Definitions definitions,
                                          const PlaybookFiles& files) {
    if (engine::DefinitionsPtr present = latest();
        present != nullptr && present->hash == definitions.hash) {
        return present;
    }
    const std::lock_guard lock(mutex_);
    definitions.version = latest_ + 1;
    definitions.link_secret = link_secret_;
    store::Batch batch(store_);
    batch.put(Family::Control, playbook_key(definitions.version), encode_files(files));
    WINBACK_TRY(const Ok written, store_.write(batch, true));
    static_cast<void>(written);
    latest_ = definitions.version;
    auto shared = std::make_shared<const engine::Definitions>(std::move(definitions));
    compiled_.emplace(shared->version, shared);
    return shared;
}

Result<PlaybookFiles> Shelf::files(std::uint64_t version) const {
    WINBACK_TRY(const auto bytes, store_.get(Family::Control, playbook_key(version)));
    if (!bytes.has_value()) {
        return Error{ErrorCode::NotFound,
                     "there is no playbook version " + std::to_string(version)};
    }
    return decode_files(*bytes);
}

}  // namespace winback::host
