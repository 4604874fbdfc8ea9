// The one RocksDB of a data folder: column families, atomic batches, reads, and nothing more.
//
// All shards of a machine share it, so that one sync serves all. What the rows mean is in
// row_key.h and rows.h; here they are bytes. A folder belongs to one process at a time. A write
// or read that fails is final: the caller stops the process (crash-only), and the next start
// begins from what was durable.
//
// See docs/design/durability.md for the rules that RocksDB 7.8 imposes.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::store {

// Column families; the keys are described in row_key.h.
enum class Family : std::uint8_t {
    Meta,       // Of the folder and of each shard: format, shard count, watermarks.
    Log,        // Inputs in order of arrival, until the rows include them.
    Customer,   // One row per customer.
    History,    // Events by customer.
    Message,    // Decided messages and what became of them.
    MessageOf,  // Index: messages by customer and time.
    Fact,       // Timeline by customer and time.
    Outbox,     // Messages without a final outcome.
    Handover,   // From shard to shard, not yet applied.
    Dedupe,     // Message ids of the last days.
    Control,    // Keys, sessions, playbook versions, settings, audit trail.
};
constexpr int family_count = 11;
std::string_view family_name(Family family);

constexpr std::uint32_t format_version = 1;
constexpr std::uint32_t shard_count_default = 64;
constexpr std::uint32_t shard_count_max = 4096;
// A write that would leave less free on the disk is refused, and the process stops.
constexpr std::uint64_t disk_reserve_bytes = 32U << 20;

class Store;

// Changes that become durable together or not at all.
class Batch {
public:
    explicit Batch(const Store& store);  // Which must outlive it.
    ~Batch();
    Batch(Batch&&) noexcept;
    Batch& operator=(Batch&&) noexcept;

    void put(Family family, std::string_view key, std::string_view value);
    void erase(Family family, std::string_view key);
    // Keys in [from, to).
    void erase_range(Family family, std::string_view from, std::string_view to);
    void clear();
    bool empty() const;
    std::size_t bytes() const;

private:
    friend class Store;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Rows of one family in key order. Valid while the store is open; views are valid until the next
// move. Sees the state of the moment when it was made.
class Cursor {
public:
    ~Cursor();
    Cursor(Cursor&&) noexcept;
    Cursor& operator=(Cursor&&) noexcept;

    bool valid() const;
    void next();
    std::string_view key() const;
    std::string_view value() const;
    // Ok while every read succeeded; asked after the last row. Fails with Corrupt.
    Status status() const;

private:
    friend class Store;
    struct Impl;
    explicit Cursor(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

struct StoreOptions {
    std::string folder;
    bool create = true;        // Make the folder when it is missing or empty.
    bool read_only = false;    // Beside a running server or for export; sees what was durable.
    std::uint32_t shards = 0;  // 0: as the folder has it, else shard_count_default when new.
    std::size_t cache_bytes = 64U << 20;
    std::size_t write_buffer_bytes = 64U << 20;
    // Tests: called before each write; an Error is returned in place of writing.
    std::function<std::optional<Error>()> before_write;
};

struct StoreStats {
    std::uint64_t writes = 0;
    std::uint64_t bytes_written = 0;  // Of batches, before RocksDB's own overhead.
    std::uint64_t write_micros = 0;
    std::uint64_t disk_bytes = 0;
};

class Store {
public:
    // Fails with Conflict when another process has the folder, PermissionDenied when it may not
    // be written, NotFound when it is missing and not to be made, InvalidArgument for another
    // format or shard count, Corrupt for damaged files, LimitExceeded when the disk is full.
    // Every message says what to do.
    static Result<std::unique_ptr<Store>> open(const StoreOptions& options);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    std::uint32_t shard_count() const;
    const std::string& folder() const;
    bool created() const;  // The folder was new.

    // Durable when it returns Ok and `sync` was true. Any thread. After the first failure every
    // further write fails too.
    Status write(Batch& batch, bool sync);
    // Empty optional: no such row. Fails with Corrupt.
    Result<std::optional<std::string>> get(Family family, std::string_view key) const;
    // Rows with keys in [from, to); an empty `to` is the end of the family. Never begins before
    // `from`, so that what was deleted below costs nothing.
    Cursor scan(Family family, std::string_view from, std::string_view to) const;

    // A consistent copy in `target`, which must not exist or be empty; costs hard links where
    // the file system allows. Any thread. Fails with Conflict, PermissionDenied, LimitExceeded.
    Status backup(const std::string& target) const;
    StoreStats stats() const;

private:
    friend class Batch;
    struct Impl;
    explicit Store(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Copies the backup in `source` to `target` (must not exist or be empty), after having read every
// file of it with its checksums. Fails with Conflict, NotFound, Corrupt.
Status restore(const std::string& source, const std::string& target);

}  // namespace winback::store
