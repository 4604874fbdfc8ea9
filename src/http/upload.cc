#include "http/upload.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace winback::http {
namespace {

constexpr std::string_view prefix = "upload-";
// How much is written between two looks at the space that is left.
constexpr std::uint64_t look_every = std::uint64_t{16} << 20U;

Error failed(std::string_view what) {
    return {ErrorCode::Unavailable,
            "the file could not be kept: " + std::string(what) + ": " + std::strerror(errno)};
}

}  // namespace

void UploadFolder::clean() const {
    DIR* folder = options_.folder.empty() ? nullptr : ::opendir(options_.folder.c_str());
    if (folder == nullptr) {
        return;
    }
    // One thread looks through a folder of its own.
    // NOLINTNEXTLINE(concurrency-mt-unsafe)
    while (const dirent* entry = ::readdir(folder)) {
        const std::string_view name = entry->d_name;
        if (name.substr(0, prefix.size()) == prefix) {
            ::unlink((options_.folder + "/" + std::string(name)).c_str());
        }
    }
    ::closedir(folder);
}

Status UploadFolder::room_for(std::uint64_t bytes) const {
    if (options_.folder.empty()) {
        return Error{ErrorCode::Unavailable, "this server takes no files"};
    }
    struct statvfs disk {};
    if (::statvfs(options_.folder.c_str(), &disk) != 0) {
        return failed("its folder");
    }
    const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free < options_.free_bytes_min || free - options_.free_bytes_min < bytes) {
        return Error{ErrorCode::Unavailable,
                     "the server's disk has no room for this file; make room and send it again"};
    }
    return Ok{};
}

Result<std::shared_ptr<Upload>> Upload::make(std::shared_ptr<UploadFolder> folder) {
    if (folder->files.fetch_add(1) >= folder->options_.files_max) {
        folder->files.fetch_sub(1);
        return Error{ErrorCode::Unavailable,
                     "too many files are being taken; send this again in a minute"};
    }
    std::string path = folder->options_.folder + "/" + std::string(prefix) + "XXXXXX";
    const int file = ::mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) {
        folder->files.fetch_sub(1);
        return failed("its folder");
    }
    return std::shared_ptr<Upload>(new Upload(std::move(folder), std::move(path), file));
}

Upload::~Upload() {
    if (file_ >= 0) {
        ::close(file_);
    }
    if (!taken_over_) {
        ::unlink(path_.c_str());
    }
    folder_->files.fetch_sub(1);
}

Status Upload::add(std::string_view bytes) {
    if (size_ - checked_at_ >= look_every) {
        checked_at_ = size_;
        if (Status room = folder_->room_for(look_every); !room) {
            return room;
        }
    }
    size_ += bytes.size();
    while (!bytes.empty()) {
        const ssize_t count = ::write(file_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return failed("writing");
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return Ok{};
}

Status Upload::finish() {
    const int file = std::exchange(file_, -1);
    return file < 0 || ::close(file) == 0 ? Status(Ok{}) : Status(failed("closing"));
}

Status Upload::take_over(const std::string& path) {
    if (std::rename(path_.c_str(), path.c_str()) != 0) {
        return failed("renaming");
    }
    path_ = path;
    taken_over_ = true;
    return Ok{};
}

}  // namespace winback::http
