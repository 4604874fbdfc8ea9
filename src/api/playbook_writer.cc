#include "api/playbook_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/playbook_trail.h"
#include "api/template_draft.h"
#include "host/host.h"
#include "host/setting.h"
#include "playbook/rehearsal.h"

namespace winback::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view unwritten_setting = "unwritten_files";

// Nothing when it is not there; a file that cannot be read is as good as changed.
std::optional<std::string> read_file(const fs::path& path) {
    std::error_code absent;
    std::ifstream file(path, std::ios::binary);
    if (!file || !fs::is_regular_file(path, absent)) {
        return std::nullopt;
    }
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

std::string problem_with(const fs::path& path) {
    return "cannot write " + path.string() + ": " + std::strerror(errno);
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t wrote = ::write(descriptor, text.data(), text.size());
        if (wrote < 0 && errno != EINTR) {
            return false;
        }
        text.remove_prefix(wrote < 0 ? 0 : static_cast<std::size_t>(wrote));
    }
    return ::fsync(descriptor) == 0;
}

// Whole or not at all: a new file takes the old one's place. Its name ends so that no reader of
// playbooks looks at it. Empty when it went well.
std::string replace_file(const fs::path& path, std::string_view text) {
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    const fs::path beside = path.parent_path() / ("." + path.filename().string() + ".new");
    constexpr mode_t readable_by_all = 0644;
    const int descriptor = ::open(
        beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, readable_by_all);
    if (descriptor < 0) {
        return problem_with(path);
    }
    bool done = write_all(descriptor, text);
    struct stat as_it_was {};
    if (::stat(path.c_str(), &as_it_was) == 0) {
        done = ::fchmod(descriptor, as_it_was.st_mode & 07777U) == 0 && done;
    }
    done = ::close(descriptor) == 0 && done;
    if (!done || ::rename(beside.c_str(), path.c_str()) != 0) {
        std::string problem = problem_with(path);
        ::unlink(beside.c_str());
        return problem;
    }
    if (const int folder = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

std::string_view text_of(const playbook::Files& files, const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::string_view() : std::string_view(found->second);
}

// Gone ones with an empty text.
playbook::Files changed_files(const playbook::Files& before, const playbook::Files& after) {
    playbook::Files changed;
    for (const auto& [path, text] : after) {
        if (!before.contains(path) || before.at(path) != text) {
            changed.emplace(path, text);
        }
    }
    for (const auto& [path, text] : before) {
        if (!after.contains(path)) {
            changed.emplace(path, "");
        }
    }
    return changed;
}

// Of the templates that the files belong to, in all their languages.
Diagnostics rehearsed(const engine::Definitions& definitions,
                      const playbook::Files& changed,
                      Timestamp now) {
    std::set<std::string> ids;
    for (const auto& [path, text] : changed) {
        const auto name = template_file_name(path);
        if (!name) {
            return playbook::rehearse(definitions, {.template_id = {}, .now = now});
        }
        ids.insert(name->id);
    }
    Diagnostics all;
    for (const std::string& id : ids) {
        const Diagnostics found = playbook::rehearse(definitions, {.template_id = id, .now = now});
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

// An error by what it says: its line moves when something above it changes.
using Mistakes = std::multiset<std::tuple<std::string, std::string, std::string>>;

Mistakes mistakes_of(const Diagnostics& diagnostics) {
    Mistakes mistakes;
    for (const Diagnostic& diagnostic : diagnostics) {
        if (!diagnostic.is_warning) {
            mistakes.emplace(diagnostic.file, diagnostic.code, diagnostic.message);
        }
    }
    return mistakes;
}

// Whoever mends one language must be able to save it while another one is still wrong.
bool refuses(const Diagnostics& before, const Diagnostics& after, std::string_view own) {
    const Mistakes old = mistakes_of(before);
    const Mistakes found = mistakes_of(after);
    return std::any_of(found.begin(), found.end(), [&](const auto& mistake) {
        return std::get<0>(mistake) == own || found.count(mistake) > old.count(mistake);
    });
}

void put_back(const fs::path& folder,
              const playbook::Files& changed,
              const playbook::Files& before) {
    for (const auto& [path, ignored] : changed) {
        if (before.contains(path)) {
            static_cast<void>(replace_file(folder / path, before.at(path)));
        } else {
            ::unlink((folder / path).c_str());
        }
    }
}

// Makes `saved.files` the next version, with its trail. Pre: `saved.version` is the present one.
// `undo` takes back what was written to the folder, for when it cannot be made.
Status make_version(host::Host& host,
                    engine::Definitions definitions,
                    PlaybookSaved& saved,
                    const std::function<void()>& undo) {
    const std::uint64_t before = saved.version;
    const Result<std::uint64_t> loaded = host.load_playbook(std::move(definitions), saved.files);
    if (!loaded) {
        if (host.definitions()->version == before) {
            undo();
        }
        return loaded.error();
    }
    saved.version = *loaded;
    return finish_trail(host);
}

}  // namespace

PlaybookWriter::PlaybookWriter(host::Host& host, std::string folder, PlaybookGate gate)
    : host_(host), folder_(std::move(folder)), gate_(std::move(gate)) {
    // A trail that cannot be written now is tried again before the next change.
    static_cast<void>(finish_trail(host_));
}

Result<bool> PlaybookWriter::may_go(const PlaybookAct& act,
                                    const PlaybookChange& change,
                                    PlaybookSaved& saved) {
    WINBACK_TRY(saved.approval, gate_(act, change));
    if (saved.approval != 0) {
        saved.kind = PlaybookSaved::Kind::Waits;
    }
    return saved.approval == 0;
}

std::string PlaybookWriter::write_to_folder(const playbook::Files& changed,
                                            const playbook::Files& before) {
    playbook::Files written;
    for (const auto& [path, text] : changed) {
        std::string problem = replace_file(fs::path(folder_) / path, text);
        if (!problem.empty()) {
            put_back(folder_, written, before);  // Several files belong together: all or none.
            return problem;
        }
        written.emplace(path, text);
    }
    return {};
}

std::string PlaybookWriter::replace_in_folder(const playbook::Files& changed,
                                              const playbook::Files& next,
                                              const playbook::Files& before) {
    playbook::Files written = changed;
    std::erase_if(written, [&](const auto& file) { return !next.contains(file.first); });
    std::string problem = write_to_folder(written, before);
    if (!problem.empty()) {
        return problem;
    }
    for (const auto& [path, text] : changed) {
        if (next.contains(path)) {
            continue;
        }
        if (::unlink((fs::path(folder_) / path).c_str()) != 0 && errno != ENOENT) {
            problem = problem_with(fs::path(folder_) / path);
            put_back(folder_, written, before);
            return problem;
        }
        written.emplace(path, text);
    }
    return {};
}

Status PlaybookWriter::remember(const playbook::Files& changed,
                                std::uint64_t version,
                                bool written) {
    WINBACK_TRY(const auto before, unwritten_files(host_.store()));
    auto after = before;
    for (const auto& [path, text] : changed) {
        if (written) {
            after.erase(path);
        } else {
            after[path] = version;
        }
    }
    if (after == before) {
        return Ok{};
    }
    ValueMap map;
    for (const auto& [path, at] : after) {
        map.set(path, static_cast<std::int64_t>(at));
    }
    return host::write_setting(host_.store(), unwritten_setting, Value(std::move(map)));
}

// True when nothing speaks against saving. What was found is in `saved` either way.
bool PlaybookWriter::check(const engine::Definitions& present,
                           const playbook::LoadedPlaybook& next,
                           const playbook::Files& changed,
                           std::string_view own,
                           PlaybookSaved& saved) {
    saved.diagnostics = next.diagnostics;
    if (!next.definitions) {
        return false;
    }
    const Timestamp now = host_.now();
    const Diagnostics after = rehearsed(*next.definitions, changed, now);
    saved.diagnostics.insert(saved.diagnostics.end(), after.begin(), after.end());
    std::stable_partition(saved.diagnostics.begin(), saved.diagnostics.end(),
                          [&](const Diagnostic& diagnostic) { return diagnostic.file == own; });
    // What was wrong before matters only when something is wrong now.
    return !has_errors(after) || !refuses(rehearsed(present, changed, now), after, own);
}

Result<std::string> PlaybookWriter::changed_in_folder(const playbook::Files& changed,
                                                      const playbook::Files& present) {
    WINBACK_TRY(const auto unwritten, unwritten_files(host_.store()));
    for (const auto& [path, text] : changed) {
        const std::string in_folder = read_file(fs::path(folder_) / path).value_or("");
        if (!unwritten.contains(path) && in_folder != text_of(present, path) && in_folder != text) {
            return path;
        }
    }
    return std::string();
}

Result<PlaybookSaved> PlaybookWriter::save(std::uint64_t base_version,
                                           const playbook::Files& changed,
                                           std::string_view own,
                                           const PlaybookAct& act) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY([[maybe_unused]] const Ok whole, finish_trail(host_));
    const engine::DefinitionsPtr now = host_.definitions();
    if (now == nullptr) {
        return Error{ErrorCode::Conflict, "no playbook is loaded"};
    }
    WINBACK_TRY(const playbook::Files present, host_.playbook_files(now->version));
    WINBACK_TRY(const playbook::Files base, host_.playbook_files(base_version));
    PlaybookSaved saved{.version = now->version};
    playbook::Files next = present;
    for (const auto& [path, text] : changed) {
        if (text_of(present, path) != text_of(base, path)) {
            saved.kind = PlaybookSaved::Kind::Conflict;
            saved.file = path;
            return saved;
        }
        next[path] = text;
    }
    if (next == present) {
        saved.kind = PlaybookSaved::Kind::Unchanged;
        return saved;
    }
    playbook::LoadedPlaybook loaded = playbook::load(next);
    saved.files = next;
    if (!check(*now, loaded, changed, own, saved)) {
        saved.kind = PlaybookSaved::Kind::Mistakes;
        return saved;
    }
    if (!folder_.empty()) {
        WINBACK_TRY(saved.file, changed_in_folder(changed, present));
        if (!saved.file.empty()) {
            saved.kind = PlaybookSaved::Kind::FolderChanged;
            return saved;
        }
    }
    WINBACK_TRY(const bool may_go_on,
                may_go(act, {*now, *loaded.definitions, present, next}, saved));
    if (!may_go_on) {
        return saved;
    }
    WINBACK_TRY([[maybe_unused]] const Ok announced,
                announce_version(host_, act, {now->version + 1, next}));
    if (!folder_.empty()) {
        saved.folder_problem = write_to_folder(changed, present);
    }
    const bool written = !folder_.empty() && saved.folder_problem.empty();
    WINBACK_TRY([[maybe_unused]] const Ok made,
                make_version(host_, *std::move(loaded.definitions), saved, [&] {
                    if (written) {
                        put_back(folder_, changed, present);
                    }
                }));
    WINBACK_TRY([[maybe_unused]] const Ok remembered, remember(changed, saved.version, written));
    return saved;
}

Result<PlaybookSaved> PlaybookWriter::replace(std::uint64_t base_version,
                                              const playbook::Files& next,
                                              bool from_folder,
                                              const PlaybookAct& act) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY([[maybe_unused]] const Ok whole, finish_trail(host_));
    const engine::DefinitionsPtr now = host_.definitions();
    if (now == nullptr) {
        return Error{ErrorCode::Conflict, "no playbook is loaded"};
    }
    WINBACK_TRY(const playbook::Files present, host_.playbook_files(now->version));
    PlaybookSaved saved{.version = now->version};
    if (now->version != base_version) {
        saved.kind = PlaybookSaved::Kind::Conflict;
        return saved;
    }
    const playbook::Files changed = changed_files(present, next);
    if (changed.empty()) {
        saved.kind = PlaybookSaved::Kind::Unchanged;
        return saved;
    }
    playbook::LoadedPlaybook loaded = playbook::load(next);
    saved.files = next;
    if (!check(*now, loaded, changed, {}, saved)) {
        saved.kind = PlaybookSaved::Kind::Mistakes;
        return saved;
    }
    const bool writes = !folder_.empty() && !from_folder;
    if (writes) {
        WINBACK_TRY(saved.file, changed_in_folder(changed, present));
        if (!saved.file.empty()) {
            saved.kind = PlaybookSaved::Kind::FolderChanged;
            return saved;
        }
    }
    WINBACK_TRY(const bool may_go_on,
                may_go(act, {*now, *loaded.definitions, present, next}, saved));
    if (!may_go_on) {
        return saved;
    }
    WINBACK_TRY([[maybe_unused]] const Ok announced,
                announce_version(host_, act, {now->version + 1, next}));
    if (writes) {
        saved.folder_problem = replace_in_folder(changed, next, present);
    }
    const bool written = writes && saved.folder_problem.empty();
    WINBACK_TRY([[maybe_unused]] const Ok made,
                make_version(host_, *std::move(loaded.definitions), saved, [&] {
                    if (written) {
                        put_back(folder_, changed, present);
                    }
                }));
    WINBACK_TRY([[maybe_unused]] const Ok kept, from_folder
                                                    ? forget_unwritten_files(host_.store())
                                                    : remember(changed, saved.version, written));
    return saved;
}

Result<std::map<std::string, std::uint64_t>> unwritten_files(const store::Store& store) {
    WINBACK_TRY(const Value value, host::read_setting(store, unwritten_setting));
    std::map<std::string, std::uint64_t> files;
    if (const ValueMap* map = value.as_map()) {
        for (const auto& [path, version] : *map) {
            if (const std::int64_t* number = version.as_int()) {
                files.emplace(path, static_cast<std::uint64_t>(*number));
            }
        }
    }
    return files;
}

Status forget_unwritten_files(store::Store& store) {
    return host::write_setting(store, unwritten_setting, Value(ValueMap()));
}

}  // namespace winback::api
