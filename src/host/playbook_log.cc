#include "host/playbook_log.h"

#include "base/bytes.h"

namespace winback::host {
namespace {

constexpr std::uint8_t form = 1;

std::string key_of(std::uint64_t version) {
    std::string key = "playbook_note/";
    append_big_endian(key, version, 8);
    return key;
}

}  // namespace

Status note_playbook(store::Store& store, std::uint64_t version, const PlaybookNote& note) {
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(form);
    out.time(note.at);
    out.text(note.by);
    out.text(note.how);
    out.u64(note.of);
    store::Batch batch(store);
    batch.put(store::Family::Control, key_of(version), bytes);
    return store.write(batch, true);
}

Result<std::optional<PlaybookNote>> playbook_note(const store::Store& store,
                                                  std::uint64_t version) {
    WINBACK_TRY(const auto bytes, store.get(store::Family::Control, key_of(version)));
    if (!bytes.has_value()) {
        return std::optional<PlaybookNote>();
    }
    ByteReader in(*bytes);
    const bool known = in.u8() == form;
    PlaybookNote note;
    note.at = in.time();
    note.by = in.text();
    note.how = in.text();
    note.of = in.u64();
    if (!known || !in.finished()) {
        return Error{ErrorCode::Corrupt, "a row (note of a playbook) cannot be read"};
    }
    return std::optional(std::move(note));
}

}  // namespace winback::host
