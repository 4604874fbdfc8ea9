// Writes changed files of the playbook back: checks the whole, rehearses the templates that
// change, keeps it as a new version, and keeps the folder that the server was started with in step.
//
// The folder is written first: whatever happens then, the next start reads what was saved; when
// the version cannot be made, the folder is put back. A file that was changed in the folder
// meanwhile is never overwritten. Without a folder, or when it cannot be written, the text stands
// in the data folder alone; `unwritten` remembers that. Who made the version is in the trail when
// it is in force (playbook_trail.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/reach.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/value.h"
#include "host/keys.h"
#include "playbook/playbook.h"

namespace winback::host {
class Host;
}  // namespace winback::host

namespace winback::store {
class Store;
}  // namespace winback::store

namespace winback::api {

struct PlaybookSaved {
    enum class Kind {
        Saved,
        Unchanged,      // The playbook says so already.
        Mistakes,       // Nothing was changed; `diagnostics` says why.
        Conflict,       // A file was saved by somebody else since `base_version`.
        FolderChanged,  // A file was changed in the folder since it was read.
        Waits,          // Nothing was changed: a second person must approve `approval` first.
    };
    Kind kind = Kind::Saved;
    std::uint64_t version = 0;   // Of the playbook as it is now.
    std::string file;            // Conflict, FolderChanged: the first one.
    Diagnostics diagnostics;     // When it was saved: warnings, and old mistakes of other files.
    playbook::Files files;       // The texts that the diagnostics point into.
    std::string folder_problem;  // Saved, but not in the folder: why.
    std::uint64_t approval = 0;  // Waits: the request.
};

// Who wants another playbook and for what: what the four-eyes rule and the trail must know.
struct PlaybookAct {
    host::Key who;
    std::string what;            // As the audit trail names it: "template.save".
    std::string target;          // As in the trail.
    std::string how;             // As host::PlaybookNote::how.
    std::uint64_t of = 0;        // As host::PlaybookNote::of.
    Value before;                // For the trail.
    Value after;                 // For the trail, without the version.
    std::string note;            // What who asks says to who approves.
    std::uint64_t approved = 0;  // The request that was approved; 0: nobody was asked.
};
// Says which request must be approved first; 0: none. Fails with Conflict when what was approved
// has changed. Called while no other change is under way.
using PlaybookGate =
    std::function<Result<std::uint64_t>(const PlaybookAct& act, const PlaybookChange& change)>;

class PlaybookWriter {
public:
    // `folder` empty: there is none. The host must outlive the writer.
    PlaybookWriter(host::Host& host, std::string folder, PlaybookGate gate);

    // Replaces or adds the files; `own` is the one that somebody wrote, the others follow from it.
    // What the rehearsal calls an error refuses the save when it stands in `own`, or anywhere when
    // it is new. Blocks until every shard has the new version; one at a time.
    // Fails as Host::load_playbook, and with Conflict when no playbook is loaded.
    Result<PlaybookSaved> save(std::uint64_t base_version,
                               const playbook::Files& changed,
                               std::string_view own,
                               const PlaybookAct& act);

    // Makes `next` the whole playbook: an earlier version again, or the folder as it is now
    // (`from_folder`: then nothing is written there). Mistakes that the present one does not have
    // refuse it. Conflict when somebody else made a version since `base_version`. Blocks as `save`.
    Result<PlaybookSaved> replace(std::uint64_t base_version,
                                  const playbook::Files& next,
                                  bool from_folder,
                                  const PlaybookAct& act);

    // The playbook stays as it is while this is held.
    std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }
    const std::string& folder() const { return folder_; }

private:
    // False, with what speaks against it in `saved`, when this must not be done now.
    Result<bool> may_go(const PlaybookAct& act, const PlaybookChange& change, PlaybookSaved& saved);
    bool check(const engine::Definitions& present,
               const playbook::LoadedPlaybook& next,
               const playbook::Files& changed,
               std::string_view own,
               PlaybookSaved& saved);
    // The first file that was changed in the folder since the server read it; empty: none.
    Result<std::string> changed_in_folder(const playbook::Files& changed,
                                          const playbook::Files& present);
    // Empty when all went well. Pre: mutex_ is held.
    std::string write_to_folder(const playbook::Files& changed, const playbook::Files& before);
    // As write_to_folder; files that `next` does not have are deleted.
    std::string replace_in_folder(const playbook::Files& changed,
                                  const playbook::Files& next,
                                  const playbook::Files& before);
    Status remember(const playbook::Files& changed, std::uint64_t version, bool written);

    host::Host& host_;
    std::string folder_;
    PlaybookGate gate_;
    std::mutex mutex_;
};

// Files that were saved and stand in the data folder alone, with the version that has them.
// Fails with Corrupt.
Result<std::map<std::string, std::uint64_t>> unwritten_files(const store::Store& store);
// A folder was loaded over them.
Status forget_unwritten_files(store::Store& store);

}  // namespace winback::api
