// RocksDB inside this folder: its options, its errors in our words. Not for use outside.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include "base/result.h"
#include "store/store.h"

namespace winback::store {

// Where RocksDB lives within a data folder; beside it stand `owner` and the host's own files.
std::string db_path(const std::string& folder);
std::string owner_path(const std::string& folder);

rocksdb::DBOptions db_options(const StoreOptions& options);
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const StoreOptions& options);

// What went wrong and what to do about it. `doing` is such as "write to".
Error to_error(const rocksdb::Status& status, const std::string& doing, const std::string& folder);

struct OpenDb {
    std::unique_ptr<rocksdb::DB> db;
    std::array<rocksdb::ColumnFamilyHandle*, family_count> families{};
};
Result<OpenDb> open_db(const StoreOptions& options);
void close_db(OpenDb& open);

// Makes the folder, for this user alone, unless it is there.
void make_private_folder(const std::string& folder, std::error_code& error);

// Fails with Conflict unless `folder` is missing or empty; makes it.
Status make_empty_folder(const std::string& folder);

}  // namespace winback::store
