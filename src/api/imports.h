// Imports of files into the running server: upload, guess, preview, mapping, progress, result.
//
// One import runs at a time, on a thread of its own, with two batches under way, so that events of
// clients find room. A file is looked at before anything happens; what is taken from it are
// events whose ids follow from their content, so an import that was interrupted (a crash, a
// restart, a cancel) is started again and doubles nothing. A file begins with what was said of the
// last one that has the same columns. The file is deleted once it was
// imported; its rejected lines are kept until the import is removed. When an import ends the
// models are fitted anew. See docs/design/import.md.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "api/desk.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/value.h"
#include "http/response.h"

namespace winback::host {
class Outbound;
}  // namespace winback::host

namespace winback::http {
class Upload;
}  // namespace winback::http

namespace winback::api {

constexpr std::uint64_t import_bytes_max = std::uint64_t{2} * 1024 * 1024 * 1024;
constexpr std::size_t imports_max = 20;         // Kept in the list; the oldest ended ones go first.
constexpr std::size_t imports_waiting_max = 5;  // Started and not under way yet.
constexpr std::size_t import_mapping_bytes_max = std::size_t{256} * 1024;
constexpr std::size_t preview_rows = 20;
constexpr std::uint64_t preview_rows_checked = 2'000;

struct ImportsOptions {
    std::string folder;                         // Where uploads and rejected lines are kept.
    std::function<void(std::string_view)> log;  // One line when an import ends; may be empty.
    bool threads = true;                        // False: start() does all inside (tests).
    std::function<void()> ended;                // What is known of the base is old; may be empty.
    std::shared_ptr<host::Outbound> outbound;   // Told of "import.finished"; may be null.
};

class Imports {
public:
    // Reads what the folder keeps: what was under way when the server ended is "interrupted". The
    // desk must outlive this.
    Imports(Desk& desk, ImportsOptions options);
    ~Imports();  // As stop().
    Imports(const Imports&) = delete;
    Imports& operator=(const Imports&) = delete;

    // `name` is the file's name as its owner knows it, for lists only. Gives the id of the import.
    // Fails with LimitExceeded (all others are still needed) or Unavailable (cannot be written).
    Result<std::string> add(std::string_view name, std::string_view bytes, std::string_view by);
    Result<std::string> take(std::string_view name, http::Upload& upload, std::string_view by);

    // Newest first, without guesses and plans.
    ValueList list();
    // All that is known of one. Fails with NotFound, as all below.
    Result<ValueMap> describe(std::string_view id);
    // {rows, events, faults, mistakes, checked, taken, skipped, rejected, currencies,
    // shop_currency}: what the mapping makes of the first rows. Reads the file; blocks for some
    // milliseconds.
    Result<ValueMap> preview(std::string_view id);

    // Fail with Conflict while it waits or runs, or when it has ended.
    Status change_plan(std::string_view id, const ValueMap& changes);
    // The text of a mapping instead of the plan's; empty: the plan counts again.
    Status write_mapping(std::string_view id, std::string text);
    // Fails with InvalidArgument when the plan lacks something, or the mapping has mistakes.
    Status start(std::string_view id);
    // What was taken stays; starting again goes on from there.
    Status cancel(std::string_view id);
    Status remove(std::string_view id);
    // The path of the rejected lines.
    Result<std::string> rejects(std::string_view id);

    // Stops what is under way (it is then "interrupted") and waits for it. Call before the host
    // closes.
    void stop();

private:
    struct Job;
    using JobPtr = std::shared_ptr<Job>;

    Result<JobPtr> find(std::string_view id);
    Result<JobPtr> find_editable(std::string_view id);
    Result<std::string> keep(std::string_view name,
                             std::string_view by,
                             std::uint64_t bytes,
                             const std::function<Status(const std::string& path)>& put);
    Status make_room();
    std::string path_of(const Job& job, std::string_view ending) const;
    void load();
    void save();
    void look(Job& job) const;
    void recall(Job& job) const;
    void run_waiting();
    void run(Job& job);
    void import(Job& job);
    void fit(Job& job);
    void announce(const Job& job);
    ValueMap summary(const Job& job) const;

    Desk& desk_;
    ImportsOptions options_;
    std::mutex mutex_;  // Of all below and of the members of jobs that are not atomic.
    std::condition_variable changed_;
    std::map<std::int64_t, JobPtr> jobs_;
    std::int64_t next_ = 1;
    bool stopping_ = false;
    std::thread thread_;
};

// The file of rejected lines as a download.
// What is beyond `bytes_max` is left out, which its last line says.
constexpr std::size_t rejects_bytes_max = std::size_t{64} << 20U;
http::Response rejects_answer(const std::string& path, std::size_t bytes_max = rejects_bytes_max);

// A cell as it is shown: its first 80 bytes; "?" when it is no text.
std::string cell_text(std::string_view cell);

// What rows of one file became, for a preview: see Imports::preview.
Result<ValueMap> preview_of(const std::string& path, const std::string& mapping);

}  // namespace winback::api
