#include "api/imports.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include "api/access.h"
#include "api/import_job.h"
#include "api/import_plan.h"
#include "base/strings.h"
#include "base/zone.h"
#include "engine/definitions.h"
#include "host/host.h"
#include "host/setting.h"
#include "http/upload.h"
#include "ingest/import.h"
#include "ingest/source.h"

namespace winback::api {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view imports_setting = "imports";
constexpr std::size_t name_bytes_max = 120;

// The name of a file without folders and control characters, for people to read.
std::string shown_name(std::string_view name) {
    const std::size_t slash = name.find_last_of("/\\");
    name = slash == std::string_view::npos ? name : name.substr(slash + 1);
    std::string out;
    for (const char c : name.substr(0, name_bytes_max)) {
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    while (!out.empty() && !is_valid_utf8(out)) {
        out.pop_back();
    }
    return out.empty() ? "file" : out;
}

std::string text_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const std::string* text = value == nullptr ? nullptr : value->as_string();
    return text == nullptr ? std::string() : *text;
}

std::int64_t number_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const std::int64_t* number = value == nullptr ? nullptr : value->as_int();
    return number == nullptr ? 0 : *number;
}

ValueMap map_of(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    const ValueMap* inner = value == nullptr ? nullptr : value->as_map();
    return inner == nullptr ? ValueMap() : *inner;
}

std::string first_bytes(const std::string& path, bool& whole) {
    std::string bytes;
    whole = false;
    auto source = ingest::Source::open(path);
    if (!source) {
        return bytes;
    }
    bytes.resize(ingest::guess_bytes_max);
    std::size_t size = 0;
    while (size < bytes.size()) {
        const auto got = source->read(bytes.data() + size, bytes.size() - size);
        if (!got || *got == 0) {
            whole = got.has_value();
            break;
        }
        size += *got;
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace

Imports::Imports(Desk& desk, ImportsOptions options) : desk_(desk), options_(std::move(options)) {
    std::error_code ignored;
    fs::create_directories(options_.folder, ignored);
    fs::permissions(options_.folder, fs::perms::owner_all, ignored);
    load();
    if (options_.threads) {
        thread_ = std::thread([this] { run_waiting(); });
    }
}

Imports::~Imports() {
    stop();
}

std::string Imports::path_of(const Job& job, std::string_view ending) const {
    return options_.folder + "/" + std::to_string(job.id) + std::string(ending);
}

// What the beginning of the file says.
void Imports::look(Job& job) const {
    ingest::GuessDefaults defaults{.zone = "UTC", .currency = {}, .today = job.created};
    if (const engine::DefinitionsPtr definitions = desk_.host().definitions()) {
        defaults.zone = std::string(zone_name(*definitions->workspace.zone));
        defaults.currency = definitions->workspace.currency;
    }
    bool whole = false;
    const std::string bytes = first_bytes(path_of(job, ".upload"), whole);
    job.guess = ingest::guess_mapping(bytes, whole, defaults);
    job.plan = job.guess.plan;
}

void Imports::load() {
    const Result<Value> stored = host::read_setting(desk_.host().store(), imports_setting);
    const ValueMap* map = stored ? stored->as_map() : nullptr;
    if (map == nullptr) {
        return;
    }
    next_ = std::max<std::int64_t>(1, number_of(*map, "next"));
    const Value* list = map->find("jobs");
    if (list == nullptr || list->as_list() == nullptr) {
        return;
    }
    for (const Value& item : *list->as_list()) {
        const ValueMap& entry = *item.as_map();
        const auto job = std::make_shared<Job>();
        job->id = number_of(entry, "id");
        job->name = text_of(entry, "name");
        job->by = text_of(entry, "by");
        job->bytes = static_cast<std::uint64_t>(number_of(entry, "bytes"));
        job->state = text_of(entry, "state");
        job->created = {number_of(entry, "created")};
        job->ended = {number_of(entry, "ended")};
        job->mapping = text_of(entry, "mapping");
        job->used = map_of(entry, "used");
        job->remembered = text_of(entry, "remembered");
        const Value* confirmed = entry.find("confirmed");
        job->confirmed = confirmed != nullptr && *confirmed == Value(true);
        job->print = static_cast<std::uint64_t>(number_of(entry, "print"));
        job->result = map_of(entry, "result");
        job->fit = map_of(entry, "fit");
        job->error = text_of(entry, "error");
        if (job->is_busy()) {
            job->state = "interrupted";
        }
        if (job->is_open()) {
            look(*job);
            if (auto plan = changed_plan(job->plan, map_of(entry, "plan"))) {
                job->plan = *std::move(plan);
            }
        }
        jobs_.emplace(job->id, job);
    }
}

// Pre: mutex_ is held.
void Imports::save() {
    ValueList jobs;
    for (const auto& [id, job] : jobs_) {
        ValueMap entry;
        entry.set("id", id);
        entry.set("name", job->name);
        entry.set("by", job->by);
        entry.set("bytes", static_cast<std::int64_t>(job->bytes));
        entry.set("state", job->state);
        entry.set("created", job->created.ms);
        entry.set("ended", job->ended.ms);
        entry.set("mapping", job->mapping);
        entry.set("plan", plan_value(job->plan));
        entry.set("used", job->used);
        entry.set("remembered", job->remembered);
        entry.set("confirmed", job->confirmed);
        entry.set("print", static_cast<std::int64_t>(job->print));
        entry.set("result", job->result);
        entry.set("fit", job->fit);
        entry.set("error", job->error);
        jobs.emplace_back(std::move(entry));
    }
    ValueMap map;
    map.set("next", next_);
    map.set("jobs", std::move(jobs));
    // A folder that cannot be written ends the process elsewhere.
    static_cast<void>(
        host::write_setting(desk_.host().store(), imports_setting, Value(std::move(map))));
}

// Pre: mutex_ is held.
Status Imports::make_room() {
    while (jobs_.size() >= imports_max) {
        const auto oldest = std::find_if(jobs_.begin(), jobs_.end(), [](const auto& entry) {
            return !entry.second->is_busy() && entry.second->state != "ready";
        });
        if (oldest == jobs_.end()) {
            return Error{ErrorCode::LimitExceeded,
                         "twenty files wait to be imported; import or remove one first"};
        }
        std::error_code ignored;
        fs::remove(path_of(*oldest->second, ".upload"), ignored);
        fs::remove(path_of(*oldest->second, ".rejects.csv"), ignored);
        jobs_.erase(oldest);
    }
    return Ok{};
}

Result<std::string> Imports::add(std::string_view name,
                                 std::string_view bytes,
                                 std::string_view by) {
    return keep(name, by, bytes.size(), [bytes](const std::string& path) {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return file.flush() ? Status(Ok{})
                            : Status(Error{ErrorCode::Unavailable, "the file cannot be kept"});
    });
}

Result<std::string> Imports::take(std::string_view name,
                                  http::Upload& upload,
                                  std::string_view by) {
    return keep(name, by, upload.size(),
                [&upload](const std::string& path) { return upload.take_over(path); });
}

Result<std::string> Imports::keep(std::string_view name,
                                  std::string_view by,
                                  std::uint64_t bytes,
                                  const std::function<Status(const std::string& path)>& put) {
    const auto job = std::make_shared<Job>();
    job->name = shown_name(name);
    job->by = std::string(by);
    job->bytes = bytes;
    job->created = wall_clock();
    {
        const std::lock_guard lock(mutex_);
        WINBACK_TRY([[maybe_unused]] const Ok room, make_room());
        job->id = next_++;
    }
    const std::string path = path_of(*job, ".upload");
    WINBACK_TRY([[maybe_unused]] const Ok kept, put(path));
    std::error_code ignored;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, ignored);
    look(*job);
    job->print = job->plan.as_of.empty() ? 0 : print_of_file(path);
    const std::lock_guard lock(mutex_);
    recall(*job);
    jobs_.emplace(job->id, job);
    save();
    return std::to_string(job->id);
}

Result<Imports::JobPtr> Imports::find(std::string_view id) {
    std::int64_t number = 0;
    const auto [stopped, fault] = std::from_chars(id.data(), id.data() + id.size(), number);
    const auto found =
        fault == std::errc() && stopped == id.data() + id.size() ? jobs_.find(number) : jobs_.end();
    return found == jobs_.end()
               ? Result<JobPtr>(Error{ErrorCode::NotFound, "there is no such import"})
               : Result<JobPtr>(found->second);
}

Result<Imports::JobPtr> Imports::find_editable(std::string_view id) {
    WINBACK_TRY(JobPtr job, find(id));
    if (!job->is_open()) {
        return Error{ErrorCode::Conflict, job->is_busy() ? "this import is under way"
                                                         : "this import has ended; upload again"};
    }
    return job;
}

ValueMap Imports::summary(const Job& job) const {
    ValueMap map;
    map.set("id", std::to_string(job.id));
    map.set("name", job.name);
    map.set("by", job.by);
    map.set("bytes", static_cast<std::int64_t>(job.bytes));
    map.set("state", job.state);
    map.set("created", job.created);
    map.set("ended", job.ended.ms == 0 ? Value() : Value(job.ended));
    map.set("error", job.error);
    map.set("result", job.result.empty() ? Value() : Value(job.result));
    map.set("fit", job.fit.empty() ? Value() : Value(job.fit));
    ValueMap progress;
    const auto bytes = static_cast<double>(job.bytes_read.load());
    const double share = job.bytes == 0 ? 1 : std::min(1.0, bytes / static_cast<double>(job.bytes));
    const std::int64_t started = job.started_ms.load();
    const double seconds =
        started == 0
            ? 0
            : static_cast<double>(std::max<std::int64_t>(1, wall_clock().ms - started)) / 1000;
    progress.set("share", share);
    progress.set("bytes", static_cast<std::int64_t>(job.bytes_read.load()));
    progress.set("rows", static_cast<std::int64_t>(job.rows.load()));
    progress.set("events", static_cast<std::int64_t>(job.events.load()));
    progress.set("events_per_second",
                 seconds > 0 ? static_cast<double>(job.events.load()) / seconds : 0.0);
    progress.set("seconds_left",
                 share > 0.01 && seconds > 0 ? Value(seconds / share - seconds) : Value());
    map.set("progress", std::move(progress));
    return map;
}

ValueList Imports::list() {
    const std::lock_guard lock(mutex_);
    ValueList out;
    for (auto at = jobs_.rbegin(); at != jobs_.rend(); ++at) {
        out.emplace_back(summary(*at->second));
    }
    return out;
}

Result<ValueMap> Imports::describe(std::string_view id) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY(const JobPtr job, find(id));
    ValueMap map = summary(*job);
    map.set("problem", job->guess.problem);
    map.set("guess", guess_value(job->guess));
    const bool ended = !job->is_open() && !job->used.empty();
    map.set("plan", ended ? job->used : plan_value(job->plan));
    map.set("confirmed", job->confirmed);
    map.set("remembered", job->remembered);
    map.set("mapping", job->mapping_in_use());
    map.set("mapping_written", !job->mapping.empty());
    ValueList problems;
    if (job->mapping.empty() && job->is_open()) {
        for (const std::string& problem : ingest::plan_problems(job->plan)) {
            problems.emplace_back(problem);
        }
    }
    map.set("problems", std::move(problems));
    return map;
}

Result<ValueMap> Imports::preview(std::string_view id) {
    std::string path;
    std::string mapping;
    {
        const std::lock_guard lock(mutex_);
        WINBACK_TRY(const JobPtr job, find_editable(id));
        if (!job->guess.problem.empty()) {
            return Error{ErrorCode::InvalidArgument, "the file cannot be read"};
        }
        path = path_of(*job, ".upload");
        mapping = job->mapping_in_use();
    }
    WINBACK_TRY(ValueMap preview, preview_of(path, mapping));
    const engine::DefinitionsPtr definitions = desk_.host().definitions();
    preview.set("shop_currency", definitions ? definitions->workspace.currency : "");
    return preview;
}

Status Imports::change_plan(std::string_view id, const ValueMap& changes) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY(const JobPtr job, find_editable(id));
    WINBACK_TRY(job->plan, changed_plan(job->plan, changes));
    job->mapping.clear();
    job->confirmed = true;
    save();
    return Ok{};
}

Status Imports::write_mapping(std::string_view id, std::string text) {
    if (text.size() > import_mapping_bytes_max || !is_valid_utf8(text)) {
        return Error{ErrorCode::InvalidArgument, "a mapping is text in UTF-8, at most 256 KiB"};
    }
    const std::lock_guard lock(mutex_);
    WINBACK_TRY(const JobPtr job, find_editable(id));
    job->mapping = std::move(text);
    save();
    return Ok{};
}

Status Imports::start(std::string_view id) {
    JobPtr job;
    {
        const std::lock_guard lock(mutex_);
        WINBACK_TRY(job, find_editable(id));
        const auto waiting = std::count_if(jobs_.begin(), jobs_.end(), [](const auto& entry) {
            return entry.second->state == "waiting";
        });
        if (static_cast<std::size_t>(waiting) >= imports_waiting_max) {
            return Error{ErrorCode::LimitExceeded, "too many imports wait; let one end first"};
        }
        const bool lacks = job->mapping.empty() && !ingest::plan_problems(job->plan).empty();
        if (lacks ||
            has_errors(ingest::read_mapping(job->mapping_in_use(), "mapping").diagnostics)) {
            return Error{ErrorCode::InvalidArgument, "the mapping has mistakes; see the preview"};
        }
        job->state = "waiting";
        job->used = plan_value(job->plan);
        job->cancelled = false;
        job->error.clear();
        save();
    }
    changed_.notify_all();
    if (!options_.threads) {
        run(*job);
    }
    return Ok{};
}

Status Imports::cancel(std::string_view id) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY(const JobPtr job, find(id));
    if (!job->is_busy()) {
        return Error{ErrorCode::Conflict, "this import is not under way"};
    }
    job->cancelled = true;
    if (job->state == "waiting") {
        job->state = "cancelled";
        save();
    }
    return Ok{};
}

Status Imports::remove(std::string_view id) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY(const JobPtr job, find(id));
    if (job->is_busy()) {
        return Error{ErrorCode::Conflict, "this import is under way; cancel it first"};
    }
    std::error_code ignored;
    fs::remove(path_of(*job, ".upload"), ignored);
    fs::remove(path_of(*job, ".rejects.csv"), ignored);
    jobs_.erase(job->id);
    save();
    return Ok{};
}

Result<std::string> Imports::rejects(std::string_view id) {
    const std::lock_guard lock(mutex_);
    WINBACK_TRY(const JobPtr job, find(id));
    std::error_code failed;
    const std::string path = path_of(*job, ".rejects.csv");
    if (job->is_busy() || !fs::exists(path, failed)) {
        return Error{ErrorCode::NotFound, "this import has no list of rejected lines"};
    }
    return path;
}

void Imports::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace winback::api
