#include "store/rocks.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <unistd.h>

namespace winback::store {
namespace {

// Memtables of the families that take every input; the others change little.
constexpr std::size_t small_write_buffer_bytes = 8U << 20;
// The log of writes is cut when it grows beyond this: a start reads it at some 100 MB/s.
constexpr std::uint64_t wal_bytes_max = 512U << 20;
constexpr int open_files_max = 400;  // A process may often have no more than 1,024.
constexpr int background_jobs = 2;
constexpr int bloom_bits_per_key = 10;

bool is_large(Family family) {
    return family == Family::Log || family == Family::History || family == Family::Customer ||
           family == Family::Message;
}

bool is_looked_up(Family family) {
    return family == Family::Customer || family == Family::Message || family == Family::Control;
}

bool supports(rocksdb::CompressionType type) {
    const auto supported = rocksdb::GetSupportedCompressions();
    return std::find(supported.begin(), supported.end(), type) != supported.end();
}

std::string owner_of(const std::string& folder) {
    std::ifstream file(owner_path(folder));
    std::string pid;
    std::getline(file, pid);
    const bool is_number =
        !pid.empty() && pid.size() < 12 && pid.find_first_not_of("0123456789") == std::string::npos;
    return is_number ? "process " + pid : "another process";
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

std::string db_path(const std::string& folder) {
    return folder + "/db";
}

std::string owner_path(const std::string& folder) {
    return folder + "/owner";
}

rocksdb::DBOptions db_options(const StoreOptions& options) {
    rocksdb::DBOptions db;
    db.create_if_missing = options.create && !options.read_only;
    db.create_missing_column_families = db.create_if_missing;
    db.max_open_files = open_files_max;
    db.max_background_jobs = background_jobs;
    // Compactions come in bursts that take whole cores; events and pages go before them.
    db.env->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW, rocksdb::CpuPriority::kLow);
    db.max_total_wal_size = wal_bytes_max;
    db.bytes_per_sync = 1U << 20;
    db.keep_log_file_num = 5;
    db.max_log_file_size = 4U << 20;
    // A torn last record is what a crash leaves behind; damage anywhere else is reported, never
    // passed over in silence.
    db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const StoreOptions& options) {
    const auto cache = rocksdb::NewLRUCache(options.cache_bytes);
    const bool lz4 = supports(rocksdb::kLZ4Compression);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (int i = 0; i < family_count; ++i) {
        const auto family = static_cast<Family>(i);
        rocksdb::ColumnFamilyOptions cf;
        cf.write_buffer_size = is_large(family)
                                   ? options.write_buffer_bytes
                                   : std::min(options.write_buffer_bytes, small_write_buffer_bytes);
        cf.compression = lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
        cf.level_compaction_dynamic_level_bytes = true;
        rocksdb::BlockBasedTableOptions table;
        table.block_cache = cache;
        table.block_size = is_looked_up(family) ? 4U << 10 : 16U << 10;
        if (is_looked_up(family)) {
            table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits_per_key));
        }
        cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
        families.emplace_back(std::string(family_name(family)), cf);
    }
    // RocksDB insists on a family of this name; it holds our Meta.
    families.front().name = rocksdb::kDefaultColumnFamilyName;
    return families;
}

Error to_error(const rocksdb::Status& status, const std::string& doing, const std::string& folder) {
    const std::string text = status.ToString();
    const std::string place = "the data folder '" + folder + "'";
    if (contains(text, "lock") && status.IsIOError() &&
        (contains(text, "Resource temporarily unavailable") ||
         contains(text, "lock hold by current process"))) {
        return {ErrorCode::Conflict, place + " is in use by " + owner_of(folder) +
                                         "; stop that one first (a running 'winback serve'?)"};
    }
    if (status.IsNoSpace() || contains(text, "No space left") || contains(text, "File too large")) {
        return {ErrorCode::LimitExceeded,
                "cannot " + doing + " " + place +
                    ": the disk is full; make room and start again, nothing acknowledged is lost"};
    }
    if (contains(text, "Permission denied") || contains(text, "Read-only file system")) {
        return {
            ErrorCode::PermissionDenied,
            "cannot " + doing + " " + place + ": it is not writable for this user (" + text + ")"};
    }
    if (status.IsCorruption() || contains(text, "orruption") || contains(text, "hecksum") ||
        contains(text, "MANIFEST") || contains(text, "olumn famil") || contains(text, "CURRENT") ||
        contains(text, ".sst")) {
        return {ErrorCode::Corrupt,
                "files in " + place + " are damaged (" + text +
                    "); keep the folder as it is and run 'winback restore' from a backup into a "
                    "new folder"};
    }
    return {ErrorCode::Unavailable, "cannot " + doing + " " + place + ": " + text};
}

Result<OpenDb> open_db(const StoreOptions& options) {
    const std::string path = db_path(options.folder);
    rocksdb::DB* db = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    const auto families = column_families(options);
    const rocksdb::Status status =
        options.read_only
            ? rocksdb::DB::OpenForReadOnly(db_options(options), path, families, &handles, &db)
            : rocksdb::DB::Open(db_options(options), path, families, &handles, &db);
    if (!status.ok()) {
        return to_error(status, "open", options.folder);
    }
    OpenDb open;
    open.db.reset(db);
    std::copy(handles.begin(), handles.end(), open.families.begin());
    return open;
}

void close_db(OpenDb& open) {
    if (open.db == nullptr) {
        return;
    }
    for (rocksdb::ColumnFamilyHandle* handle : open.families) {
        open.db->DestroyColumnFamilyHandle(handle);
    }
    open.db->Close().PermitUncheckedError();
    open.db.reset();
}

void make_private_folder(const std::string& folder, std::error_code& error) {
    namespace fs = std::filesystem;
    if (fs::exists(folder, error)) {
        return;  // Whoever made it has decided who may look into it.
    }
    fs::create_directories(folder, error);
    if (!error) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
}

Status make_empty_folder(const std::string& folder) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
        return Error{ErrorCode::Conflict,
                     "'" + folder + "' is not empty; name a folder that does not exist yet"};
    }
    make_private_folder(folder, error);
    if (error) {
        return Error{ErrorCode::PermissionDenied,
                     "cannot make the folder '" + folder + "': " + error.message()};
    }
    return Ok{};
}

}  // namespace winback::store
