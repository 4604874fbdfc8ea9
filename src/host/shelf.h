// The playbook versions of a data folder: their texts, and the compiled form of those in use.
//
// Old versions stay: a customer in a journey stays on the version they entered. A version is
// compiled when it is first asked for. The secret that signs links is made with the folder.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/definitions.h"
#include "host/host.h"
#include "store/store.h"

namespace winback::host {

// The texts of a playbook by path, as a row keeps them. Decoding fails with Corrupt.
std::string encode_files(const PlaybookFiles& files);
Result<PlaybookFiles> decode_files(std::string_view bytes);

class Shelf {
public:
    Shelf(store::Store& store, CompilePlaybook compile);

    // Reads which versions there are; makes the link secret of a new folder.
    Status open();
    // Null when unknown or when its text no longer compiles; `problem` says why. Any thread.
    engine::DefinitionsPtr find(std::uint64_t version);
    std::string problem() const;
    // Null before the first.
    engine::DefinitionsPtr latest();
    // Keeps `files` durably and makes the definitions the next version, or gives the latest when
    // it has the same hash.
    Result<engine::DefinitionsPtr> add(engine::Definitions definitions, const PlaybookFiles& files);
    Result<PlaybookFiles> files(std::uint64_t version) const;  // Fails with NotFound.

private:
    store::Store& store_;
    CompilePlaybook compile_;
    mutable std::mutex mutex_;
    std::uint64_t latest_ = 0;
    std::string link_secret_;
    std::string problem_;
    std::map<std::uint64_t, engine::DefinitionsPtr> compiled_;
};

}  // namespace winback::host
