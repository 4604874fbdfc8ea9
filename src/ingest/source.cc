#include "ingest/source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <zlib.h>

namespace winback::ingest {
namespace {

gzFile gz(void* file) {
    return static_cast<gzFile>(file);
}

}  // namespace

void Source::Close::operator()(void* file) const {
    gzclose_r(gz(file));
}

Result<Source> Source::open(const std::string& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return Error{ErrorCode::InvalidArgument, path + " is a folder, not a file"};
    }
    std::unique_ptr<void, Close> file(gzopen(path.c_str(), "rb"));
    if (!file) {
        const int reason = errno;
        return Error{reason == ENOENT ? ErrorCode::NotFound : ErrorCode::PermissionDenied,
                     "cannot open " + path + ": " + std::strerror(reason)};
    }
    gzbuffer(gz(file.get()), 128 * 1024);
    const auto bytes = std::filesystem::file_size(path, error);
    return Source(std::move(file), path, error ? 0 : bytes);
}

Result<std::size_t> Source::read(char* buffer, std::size_t size) {
    constexpr std::size_t read_max = 1U << 20U;
    const int got =
        gzread(gz(file_.get()), buffer, static_cast<unsigned>(std::min(size, read_max)));
    int reason = Z_OK;
    const char* message = gzerror(gz(file_.get()), &reason);
    // A packed file that is cut short gives its last bytes first and the error with them.
    if (got < 0 || (got == 0 && reason != Z_OK)) {
        return Error{ErrorCode::Corrupt, path_ + " is damaged or cut short: " + message};
    }
    return static_cast<std::size_t>(got);
}

std::uint64_t Source::bytes_read() const {
    const auto offset = gzoffset(gz(file_.get()));
    return offset < 0 ? 0 : static_cast<std::uint64_t>(offset);
}

}  // namespace winback::ingest
