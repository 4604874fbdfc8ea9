#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "playbook/playbook.h"

namespace winback::playbook {
namespace {

namespace fs = std::filesystem;

bool belongs(const std::string& path) {
    return path.ends_with(".yaml") || path.ends_with(".liquid");
}

bool is_folder_of_playbook(std::string_view path) {
    constexpr std::array<std::string_view, 6> names{"segments",  "journeys", "offers",
                                                    "templates", "snippets", "samples"};
    return std::find(names.begin(), names.end(), path) != names.end();
}

Result<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file.good() && !file.eof()) {
        return Error{ErrorCode::Unavailable, "cannot read " + path.string()};
    }
    return content;
}

}  // namespace

Result<Files> read_folder(const std::string& folder, Diagnostics* passed_over) {
    std::error_code failed;
    if (!fs::is_directory(folder, failed)) {
        return Error{ErrorCode::NotFound,
                     "there is no playbook folder '" + folder + "'; name one with workspace.yaml"};
    }
    Files files;
    std::size_t total = 0;
    const fs::path root(folder);
    for (fs::recursive_directory_iterator it(root, failed), end; it != end && !failed;
         it.increment(failed)) {
        const std::string path = it->path().lexically_relative(root).generic_string();
        // A link could lead out of the folder.
        if (it->is_symlink(failed)) {
            if (passed_over != nullptr && (belongs(path) || is_folder_of_playbook(path))) {
                passed_over->push_back({.code = "symbolic_link",
                                        .file = path,
                                        .message = "a symbolic link is passed over, for it could "
                                                   "lead out of the folder; put the file here",
                                        .is_warning = true});
            }
            continue;
        }
        if (!it->is_regular_file(failed)) {
            continue;
        }
        if (!belongs(path)) {
            continue;
        }
        const std::uintmax_t size = it->file_size(failed);
        total += size;
        if (size > file_bytes_max || total > playbook_bytes_max || files.size() >= files_max) {
            return Error{ErrorCode::LimitExceeded,
                         "the playbook is too large at " + path +
                             "; at most 512 kB a file, 16 MB and 2,000 files in all"};
        }
        WINBACK_TRY(std::string content, read_file(it->path()));
        files.emplace(path, std::move(content));
    }
    if (failed) {
        return Error{ErrorCode::Unavailable,
                     "cannot read the folder '" + folder + "': " + failed.message()};
    }
    return files;
}

}  // namespace winback::playbook
