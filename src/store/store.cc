#include "store/store.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>

#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/check.h"
#include "store/rocks.h"

namespace winback::store {
namespace {

constexpr std::array<std::string_view, family_count> family_names{
    "meta", "log",    "customer", "history", "message", "message_of",
    "fact", "outbox", "handover", "dedupe",  "control"};

// Of the folder, not of a shard: shard keys begin with two bytes below shard_count_max.
constexpr std::string_view format_key =
    "\xff"
    "format";

rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}

std::string_view view(const rocksdb::Slice& text) {
    return {text.data(), text.size()};
}

// All files below a folder; those that go meanwhile do not count.
std::uint64_t bytes_below(const std::string& folder) {
    namespace fs = std::filesystem;
    std::uint64_t sum = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        std::error_code gone;
        const bool is_file = at->is_regular_file(gone);
        const std::uint64_t bytes = is_file && !gone ? at->file_size(gone) : 0;
        sum += gone ? 0 : bytes;
    }
    return sum;
}

}  // namespace

std::string_view family_name(Family family) {
    return family_names.at(static_cast<std::size_t>(family));
}

struct Store::Impl {
    StoreOptions options;
    OpenDb open;
    std::uint32_t shards = 0;
    bool created = false;
    std::atomic<bool> failed{false};
    std::atomic<std::uint64_t> writes{0};
    std::atomic<std::uint64_t> bytes_written{0};
    std::atomic<std::uint64_t> write_micros{0};

    ~Impl() { close_db(open); }
    rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return open.families.at(static_cast<std::size_t>(family));
    }
    Status check_format();
    // Nothing when the batch surely fits on the disk.
    std::optional<Error> check_space(std::size_t bytes) const;
};

struct Batch::Impl {
    rocksdb::WriteBatch batch;
    const OpenDb* open = nullptr;

    rocksdb::ColumnFamilyHandle* handle(Family family) const {
        return open->families.at(static_cast<std::size_t>(family));
    }
};

struct Cursor::Impl {
    std::string from;
    std::string to;
    rocksdb::Slice lower;
    rocksdb::Slice upper;
    std::unique_ptr<rocksdb::Iterator> rows;
    std::string folder;
};

Batch::Batch(const Store& store) : impl_(std::make_unique<Impl>()) {
    impl_->open = &store.impl_->open;
}
Batch::~Batch() = default;
Batch::Batch(Batch&&) noexcept = default;
Batch& Batch::operator=(Batch&&) noexcept = default;

void Batch::put(Family family, std::string_view key, std::string_view value) {
    impl_->batch.Put(impl_->handle(family), slice(key), slice(value)).PermitUncheckedError();
}

void Batch::erase(Family family, std::string_view key) {
    impl_->batch.Delete(impl_->handle(family), slice(key)).PermitUncheckedError();
}

void Batch::erase_range(Family family, std::string_view from, std::string_view to) {
    impl_->batch.DeleteRange(impl_->handle(family), slice(from), slice(to)).PermitUncheckedError();
}

void Batch::clear() {
    impl_->batch.Clear();
}

bool Batch::empty() const {
    return impl_->batch.Count() == 0;
}

std::size_t Batch::bytes() const {
    return impl_->batch.GetDataSize();
}

Cursor::Cursor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Cursor::~Cursor() = default;
Cursor::Cursor(Cursor&&) noexcept = default;
Cursor& Cursor::operator=(Cursor&&) noexcept = default;

bool Cursor::valid() const {
    return impl_->rows->Valid();
}

void Cursor::next() {
    impl_->rows->Next();
}

std::string_view Cursor::key() const {
    return view(impl_->rows->key());
}

std::string_view Cursor::value() const {
    return view(impl_->rows->value());
}

Status Cursor::status() const {
    const rocksdb::Status status = impl_->rows->status();
    if (!status.ok()) {
        return to_error(status, "read", impl_->folder);
    }
    return Ok{};
}

Status Store::Impl::check_format() {
    std::string bytes;
    const rocksdb::Status status =
        open.db->Get({}, handle(Family::Meta), slice(format_key), &bytes);
    if (status.IsNotFound()) {
        if (options.read_only) {
            return Error{ErrorCode::NotFound, "'" + options.folder + "' holds no data yet"};
        }
        created = true;
        shards = options.shards == 0 ? shard_count_default : options.shards;
        ByteWriter out(bytes);
        out.u64(format_version);
        out.u64(shards);
        rocksdb::WriteOptions sync;
        sync.sync = true;
        const rocksdb::Status put =
            open.db->Put(sync, handle(Family::Meta), slice(format_key), slice(bytes));
        return put.ok() ? Status(Ok{}) : to_error(put, "write to", options.folder);
    }
    if (!status.ok()) {
        return to_error(status, "read", options.folder);
    }
    ByteReader in(bytes);
    const std::uint64_t format = in.u64();
    shards = static_cast<std::uint32_t>(in.u64());
    if (!in.finished() || shards == 0 || shards > shard_count_max) {
        return to_error(rocksdb::Status::Corruption("format row"), "read", options.folder);
    }
    if (format != format_version) {
        return Error{ErrorCode::InvalidArgument,
                     "'" + options.folder + "' has format " + std::to_string(format) +
                         " and this program reads format " + std::to_string(format_version) +
                         "; use the version of winback that made it"};
    }
    if (options.shards != 0 && options.shards != shards) {
        return Error{ErrorCode::InvalidArgument,
                     "'" + options.folder + "' was made with " + std::to_string(shards) +
                         " shards, not " + std::to_string(options.shards) +
                         "; the number is fixed when a folder is made, leave it out"};
    }
    return Ok{};
}

namespace {

Status prepare_folder(const StoreOptions& options) {
    namespace fs = std::filesystem;
    std::error_code error;
    const std::string& folder = options.folder;
    if (fs::exists(db_path(folder) + "/CURRENT", error)) {
        return Ok{};
    }
    if (!options.create || options.read_only) {
        return Error{ErrorCode::NotFound,
                     "'" + folder +
                         "' is not a data folder of winback; name one that 'winback "
                         "import' or 'winback serve' has made"};
    }
    if (fs::exists(db_path(folder), error) && !fs::is_empty(db_path(folder), error)) {
        for (const auto& entry : fs::directory_iterator(db_path(folder), error)) {
            if (entry.path().extension() == ".sst" ||
                entry.path().filename().string().rfind("MANIFEST", 0) == 0) {
                return to_error(rocksdb::Status::Corruption("the file CURRENT is missing"), "open",
                                folder);
            }
        }
    } else if (fs::exists(folder, error) && !fs::exists(owner_path(folder), error) &&
               !fs::is_empty(folder, error)) {
        return Error{ErrorCode::Conflict, "'" + folder +
                                              "' is not empty and not a data folder of "
                                              "winback; name another"};
    }
    fs::create_directories(folder, error);
    if (error || ::access(folder.c_str(), W_OK) != 0) {
        return Error{ErrorCode::PermissionDenied,
                     "cannot make or write the data folder '" + folder +
                         "'; choose one that this user may write (--data DIR)"};
    }
    return Ok{};
}

}  // namespace

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options) {
    if (options.shards > shard_count_max) {
        return Error{ErrorCode::InvalidArgument,
                     "at most " + std::to_string(shard_count_max) + " shards"};
    }
    WINBACK_TRY(const Ok prepared, prepare_folder(options));
    static_cast<void>(prepared);
    auto impl = std::make_unique<Impl>();
    impl->options = options;
    WINBACK_TRY(impl->open, open_db(options));
    WINBACK_TRY(const Ok checked, impl->check_format());
    static_cast<void>(checked);
    if (!options.read_only) {
        std::ofstream(owner_path(options.folder)) << ::getpid() << '\n';
    }
    return std::unique_ptr<Store>(new Store(std::move(impl)));
}

std::uint32_t Store::shard_count() const {
    return impl_->shards;
}

const std::string& Store::folder() const {
    return impl_->options.folder;
}

bool Store::created() const {
    return impl_->created;
}

// RocksDB does not survive a write that fails half-way (an assertion of 7.8 ends the process), so
// the disk is never filled to the brim: compactions need room beside the batch, too.
std::optional<Error> Store::Impl::check_space(std::size_t bytes) const {
    struct statvfs disk {};
    if (statvfs(options.folder.c_str(), &disk) != 0) {
        return std::nullopt;  // The write itself will tell.
    }
    const std::uint64_t free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free_bytes >= disk_reserve_bytes + 4 * std::uint64_t{bytes}) {
        return std::nullopt;
    }
    return Error{ErrorCode::LimitExceeded,
                 "cannot write to the data folder '" + options.folder + "': the disk is full (" +
                     std::to_string(free_bytes >> 20U) + " MB left, at least " +
                     std::to_string(disk_reserve_bytes >> 20U) +
                     " MB are kept free); make room and start again, nothing acknowledged is lost"};
}

Status Store::write(Batch& batch, bool sync) {
    if (impl_->failed.load(std::memory_order_acquire)) {
        return Error{ErrorCode::Unavailable, "a write failed before; the process must end"};
    }
    if (impl_->options.before_write) {
        if (std::optional<Error> error = impl_->options.before_write()) {
            impl_->failed.store(true, std::memory_order_release);
            return *std::move(error);
        }
    }
    if (std::optional<Error> full = impl_->check_space(batch.bytes())) {
        impl_->failed.store(true, std::memory_order_release);
        return *std::move(full);
    }
    rocksdb::WriteOptions options;
    options.sync = sync;
    const auto start = std::chrono::steady_clock::now();
    const rocksdb::Status status = impl_->open.db->Write(options, &batch.impl_->batch);
    const auto spent = std::chrono::steady_clock::now() - start;
    if (!status.ok()) {
        impl_->failed.store(true, std::memory_order_release);
        return to_error(status, "write to", impl_->options.folder);
    }
    impl_->writes += 1;
    impl_->bytes_written += batch.bytes();
    impl_->write_micros += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(spent).count());
    return Ok{};
}

Result<std::optional<std::string>> Store::get(Family family, std::string_view key) const {
    std::string value;
    const rocksdb::Status status =
        impl_->open.db->Get({}, impl_->handle(family), slice(key), &value);
    if (status.IsNotFound()) {
        return std::optional<std::string>();
    }
    if (!status.ok()) {
        return to_error(status, "read", impl_->options.folder);
    }
    return std::optional<std::string>(std::move(value));
}

Cursor Store::scan(Family family, std::string_view from, std::string_view to) const {
    auto cursor = std::make_unique<Cursor::Impl>();
    cursor->from = from;
    cursor->to = to;
    cursor->folder = impl_->options.folder;
    cursor->lower = cursor->from;
    cursor->upper = cursor->to;
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &cursor->lower;
    if (!cursor->to.empty()) {
        options.iterate_upper_bound = &cursor->upper;
    }
    options.fill_cache = false;
    cursor->rows.reset(impl_->open.db->NewIterator(options, impl_->handle(family)));
    cursor->rows->Seek(cursor->lower);
    return Cursor(std::move(cursor));
}

Status Store::backup(const std::string& target) const {
    WINBACK_TRY(const Ok made, make_empty_folder(target));
    static_cast<void>(made);
    rocksdb::Checkpoint* raw = nullptr;
    rocksdb::Status status = rocksdb::Checkpoint::Create(impl_->open.db.get(), &raw);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
    if (status.ok()) {
        status = checkpoint->CreateCheckpoint(db_path(target));
    }
    return status.ok() ? Status(Ok{}) : to_error(status, "write a backup to", target);
}

StoreStats Store::stats() const {
    return {.writes = impl_->writes,
            .bytes_written = impl_->bytes_written,
            .write_micros = impl_->write_micros,
            .disk_bytes = bytes_below(impl_->options.folder)};
}

Status restore(const std::string& source, const std::string& target) {
    namespace fs = std::filesystem;
    StoreOptions options{.folder = source, .create = false, .read_only = true};
    {
        WINBACK_TRY(const std::unique_ptr<Store> store, Store::open(options));
        WINBACK_TRY(OpenDb open, open_db(options));
        const rocksdb::Status status = open.db->VerifyChecksum();
        close_db(open);
        if (!status.ok()) {
            return to_error(status, "read", source);
        }
    }
    WINBACK_TRY(const Ok made, make_empty_folder(target));
    static_cast<void>(made);
    // Under another name until it is whole, so that a copy cut short is never opened.
    const std::string partial = target + "/db.partial";
    std::error_code error;
    fs::copy(db_path(source), partial, fs::copy_options::recursive, error);
    if (!error) {
        fs::remove(partial + "/LOCK", error);
        fs::rename(partial, db_path(target), error);
    }
    if (error) {
        return Error{error == std::errc::no_space_on_device ? ErrorCode::LimitExceeded
                                                            : ErrorCode::Unavailable,
                     "cannot copy the backup to '" + target + "': " + error.message()};
    }
    return Ok{};
}

}  // namespace winback::store
