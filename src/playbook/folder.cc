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

Result<std::string> read_file(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file.good() && !file.eof()) {
        return Error{ErrorCode::Unavailable, "cannot read " + path.string()};
    }
    return content;
}

}  // namespace

Result<Files> read_folder(const std::string& folder) {
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
        // A link could lead out of the folder.
        if (it->is_symlink(failed) || !it->is_regular_file(failed)) {
            continue;
        }
        const std::string path = it->path().lexically_relative(root).generic_string();
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
