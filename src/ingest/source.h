// A file of bytes, plain or gzip, read in pieces.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace winback::ingest {

// Puts at most `size` bytes into `buffer` and returns how many; 0 is the end.
using ReadBytes = std::function<Result<std::size_t>(char* buffer, std::size_t size)>;

class Source {
public:
    // Whether the file is packed is told from its bytes, never from its name. Fails with
    // NotFound or PermissionDenied.
    static Result<Source> open(const std::string& path);

    // Fails with Corrupt when a packed file is damaged or cut short.
    Result<std::size_t> read(char* buffer, std::size_t size);

    // Of the file as it lies on disk, packed or not: for progress.
    std::uint64_t bytes_read() const;
    std::uint64_t bytes_total() const { return bytes_total_; }

private:
    struct Close {
        void operator()(void* file) const;
    };
    Source(std::unique_ptr<void, Close> file, std::string path, std::uint64_t bytes_total)
        : file_(std::move(file)), path_(std::move(path)), bytes_total_(bytes_total) {}

    std::unique_ptr<void, Close> file_;
    std::string path_;
    std::uint64_t bytes_total_ = 0;
};

}  // namespace winback::ingest
