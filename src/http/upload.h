// Bodies too large for memory: they go to a temporary file while they arrive.
//
// A route that says so (RouteOptions::file_bytes_max) gets its body as files in Request::uploads:
// the whole body as one, or, when it is a form (multipart/form-data), each file that was chosen,
// with the other fields in Request::form. The files are deleted with the last owner of the request
// unless somebody takes them over.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace winback::http {

constexpr std::size_t upload_files_max = 8;                          // Of one form.
constexpr std::size_t form_bytes_max = std::size_t{64} * 1024;       // Fields that are no files.
constexpr std::uint64_t upload_bytes_max = std::uint64_t{2} << 30U;  // What a route may ask for.

struct UploadOptions {
    std::string folder;  // Empty: routes that take files answer 503. Must exist.
    int files_max = 16;  // Temporary files at once, whole server; else 503.
    std::uint64_t free_bytes_min = std::uint64_t{1} << 30U;  // What the disk keeps; else 503.
};

// The folder of one server and how many files it holds.
class UploadFolder {
public:
    explicit UploadFolder(UploadOptions options) : options_(std::move(options)) {}

    // Deletes what an earlier run left. Pre: no other server uses the folder.
    void clean() const;
    // Fails with Unavailable when this much more would be too much.
    Status room_for(std::uint64_t bytes) const;

    const UploadOptions options_;
    std::atomic<int> files{0};
};

// One file that came with a request.
class Upload {
public:
    // Fails with Unavailable. The folder outlives the upload.
    static Result<std::shared_ptr<Upload>> make(std::shared_ptr<UploadFolder> folder);
    ~Upload();
    Upload(const Upload&) = delete;
    Upload& operator=(const Upload&) = delete;

    // Fails with Unavailable.
    Status add(std::string_view bytes);
    Status finish();

    // Renames the file, which is the caller's from then on; from any thread, once. `path` is on
    // the same file system. Fails with Unavailable; then the file stays temporary.
    Status take_over(const std::string& path);

    std::string field;         // Of the form; empty when the body was the file.
    std::string filename;      // safe_filename of what the client said; may be empty.
    std::string content_type;  // As the client said.

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }

private:
    Upload(std::shared_ptr<UploadFolder> folder, std::string path, int file)
        : folder_(std::move(folder)), path_(std::move(path)), file_(file) {}

    const std::shared_ptr<UploadFolder> folder_;
    std::string path_;
    int file_ = -1;
    std::uint64_t size_ = 0;
    std::uint64_t checked_at_ = 0;
    bool taken_over_ = false;
};

}  // namespace winback::http
