// When and by whom each version of the playbook was made, beside its texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace winback::host {

struct PlaybookNote {
    Timestamp at;          // By the wall clock.
    std::string by;        // As people name it; empty: who started the server.
    std::string how;       // "shipped", "folder", "template", "page", "rolled_back"
    std::uint64_t of = 0;  // rolled_back: the version whose texts came back.
};

// Durable when it returns.
Status note_playbook(store::Store& store, std::uint64_t version, const PlaybookNote& note);
// Nothing for versions that were made before notes were kept. Fails with Corrupt.
Result<std::optional<PlaybookNote>> playbook_note(const store::Store& store, std::uint64_t version);

}  // namespace winback::host
