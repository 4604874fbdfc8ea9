#include "api/playbook_writer.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"
#include "host/setting.h"

namespace winback::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view unwritten_setting = "unwritten_files";

// Nothing when it is not there; a file that cannot be read is as good as changed.
std::optional<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
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

}  // namespace

PlaybookWriter::PlaybookWriter(host::Host& host, std::string folder)
    : host_(host), folder_(std::move(folder)) {}

std::string PlaybookWriter::write_to_folder(const playbook::Files& changed,
                                            const playbook::Files& before) {
    playbook::Files written;
    for (const auto& [path, text] : changed) {
        std::string problem = replace_file(fs::path(folder_) / path, text);
        if (!problem.empty()) {
            // Several files belong together: all or none.
            for (const auto& [other, ignored] : written) {
                if (before.contains(other)) {
                    static_cast<void>(replace_file(fs::path(folder_) / other, before.at(other)));
                } else {
                    ::unlink((fs::path(folder_) / other).c_str());
                }
            }
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

Result<PlaybookSaved> PlaybookWriter::save(std::uint64_t base_version,
                                           const playbook::Files& changed) {
    const std::lock_guard lock(mutex_);
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
    saved.diagnostics = std::move(loaded.diagnostics);
    saved.files = next;
    if (!loaded.definitions) {
        saved.kind = PlaybookSaved::Kind::Mistakes;
        return saved;
    }
    if (!folder_.empty()) {
        WINBACK_TRY(const auto unwritten, unwritten_files(host_.store()));
        for (const auto& [path, text] : changed) {
            const std::string in_folder = read_file(fs::path(folder_) / path).value_or("");
            if (!unwritten.contains(path) && in_folder != text_of(present, path) &&
                in_folder != text) {
                saved.kind = PlaybookSaved::Kind::FolderChanged;
                saved.file = path;
                return saved;
            }
        }
        saved.folder_problem = write_to_folder(changed, present);
    }
    WINBACK_TRY(saved.version, host_.load_playbook(*std::move(loaded.definitions), next));
    const bool written = !folder_.empty() && saved.folder_problem.empty();
    WINBACK_TRY(const Ok remembered, remember(changed, saved.version, written));
    static_cast<void>(remembered);
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
