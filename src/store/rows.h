// The values of rows: chunks of log and history, messages, facts, marks. docs/design/rows.md.
//
// Every value begins with the version of its form. A decoder of a form it does not know, or of
// damaged bytes, fails with Corrupt and never reads past the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/effect.h"
#include "event/event.h"
#include "message/state.h"

namespace winback::store {

// Several encoded inputs of one shard, in order. `skipped` marks one that is in quarantine.
class LogChunkWriter {
public:
    void add(std::string_view input, bool skipped);
    bool empty() const { return bytes_.empty(); }
    std::string take();

private:
    std::string bytes_;
};
struct LogEntry {
    std::string_view input;
    bool skipped = false;
};
class LogChunkReader {
public:
    explicit LogChunkReader(std::string_view bytes);
    // Empty at the end or after a mistake; ok() tells which.
    std::optional<LogEntry> next();
    bool ok() const { return in_.ok(); }

private:
    ByteReader in_;
};

// Events of one customer in order of arrival, as event::encode has them.
class HistoryChunkWriter {
public:
    void add(Timestamp arrival, std::string_view event);
    bool empty() const { return bytes_.empty(); }
    std::string_view bytes() const { return bytes_; }
    std::string take();

private:
    std::string bytes_;
};
struct HistoryEntry {
    Timestamp arrival;
    std::string_view event;
};
class HistoryChunkReader {
public:
    explicit HistoryChunkReader(std::string_view bytes);
    std::optional<HistoryEntry> next();
    bool ok() const { return in_.ok(); }

private:
    ByteReader in_;
};

// Message ids of one shard and day of arrival, with the sequence of the input that brought each.
class DedupeWriter {
public:
    void add(std::uint64_t id_hash, std::uint64_t sequence);
    bool empty() const { return bytes_.empty(); }
    std::string take();

private:
    std::string bytes_;
};
struct DedupeEntry {
    std::uint64_t id_hash = 0;
    std::uint64_t sequence = 0;
};
class DedupeReader {
public:
    explicit DedupeReader(std::string_view bytes);
    std::optional<DedupeEntry> next();
    bool ok() const { return in_.ok(); }

private:
    ByteReader in_;
};

// Where a shard stands.
struct Mark {
    std::uint64_t watermark = 1;    // All inputs below are in the rows.
    std::uint64_t log_from = 1;     // First key of the log that may exist.
    std::uint64_t outbox_from = 0;  // First sequence that the outbox may hold.
    Timestamp last_at = timestamp_min;
};
std::string encode(const Mark& mark);
Result<Mark> decode_mark(std::string_view bytes);

struct OutboxRow {
    Hash128 key;
    std::string customer;
    message::MessageState state = message::MessageState::Queued;  // or Sending
};
std::string encode(const OutboxRow& row);
Result<OutboxRow> decode_outbox_row(std::string_view bytes);

std::string encode(const engine::MessageDecided& decided);
Result<engine::MessageDecided> decode_message_decided(std::string_view bytes);

struct MessageStepRow {
    message::MessageState state = message::MessageState::Queued;
    std::optional<message::RefusalReason> reason;
    Timestamp at;
    std::string detail;
};
std::string encode(const MessageStepRow& row);
Result<MessageStepRow> decode_message_step(std::string_view bytes);

// Without the customer and the time, which are in the key; `at` is kept all the same.
std::string encode(const engine::Fact& fact);
Result<engine::Fact> decode_fact(std::string_view bytes);

}  // namespace winback::store
