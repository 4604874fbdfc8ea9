#include "store/row_key.h"

#include "base/bytes.h"

namespace winback::store {
namespace {

constexpr int shard_bytes = 2;
constexpr int number_bytes = 8;
constexpr int day_bytes = 4;
constexpr int count_bytes = 4;
constexpr std::size_t hash_bytes = 16;
constexpr char erased_mark = '\xff';

// Order of signed milliseconds as order of bytes.
std::uint64_t ordered(Timestamp at) {
    return static_cast<std::uint64_t>(at.ms) ^ (std::uint64_t{1} << 63U);
}

std::string begin(ShardId shard) {
    std::string key;
    append_big_endian(key, shard, shard_bytes);
    return key;
}

void append_id(std::string& key, std::string_view id) {
    for (const char c : id) {
        key += c;
        if (c == '\0') {
            key += '\xff';
        }
    }
    key += '\0';
    key += '\x01';
}

void append_hash(std::string& key, const Hash128& hash) {
    append_big_endian(key, hash.high, number_bytes);
    append_big_endian(key, hash.low, number_bytes);
}

Hash128 read_hash(std::string_view bytes) {
    return {read_big_endian(bytes.substr(0, 8)), read_big_endian(bytes.substr(8, 8))};
}

// Position after the id that starts at `from`; npos when it does not end.
std::size_t read_id(std::string_view key, std::size_t from, std::string& id) {
    id.clear();
    for (std::size_t i = from; i + 1 < key.size(); ++i) {
        if (key[i] != '\0') {
            id += key[i];
        } else if (key[i + 1] == '\x01') {
            return i + 2;
        } else {
            id += '\0';
            ++i;
        }
    }
    return std::string_view::npos;
}

}  // namespace

std::string shard_begin(ShardId shard) {
    return begin(shard);
}

std::string shard_end(ShardId shard) {
    std::string key;
    append_big_endian(key, shard + std::uint64_t{1}, shard_bytes);
    return key;
}

std::string meta_key(ShardId shard, std::string_view name) {
    return begin(shard).append(name);
}

std::string applied_key(ShardId shard, ShardId from) {
    std::string key = meta_key(shard, "applied:");
    append_big_endian(key, from, shard_bytes);
    return key;
}

std::string log_key(ShardId shard, std::uint64_t sequence) {
    std::string key = begin(shard);
    append_big_endian(key, sequence, number_bytes);
    return key;
}

std::string outbox_key(ShardId shard, std::uint64_t sequence, std::uint32_t n) {
    std::string key = log_key(shard, sequence);
    append_big_endian(key, n, count_bytes);
    return key;
}

std::string handover_key(ShardId from, ShardId to, std::uint64_t n) {
    std::string key = begin(from);
    append_big_endian(key, to, shard_bytes);
    append_big_endian(key, n, number_bytes);
    return key;
}

std::string dedupe_key(ShardId shard, std::int64_t day, std::uint64_t sequence) {
    std::string key = begin(shard);
    append_big_endian(key, static_cast<std::uint64_t>(day + (std::int64_t{1} << 31U)), day_bytes);
    append_big_endian(key, sequence, number_bytes);
    return key;
}

std::string customer_key(ShardId shard, std::string_view id) {
    return begin(shard).append(id);
}

std::string erased_customer_key(ShardId shard, std::uint64_t id_hash) {
    std::string key = begin(shard);
    key += erased_mark;
    append_big_endian(key, id_hash, number_bytes);
    return key;
}

std::string customer_begin(ShardId shard, std::string_view id) {
    std::string key = begin(shard);
    append_id(key, id);
    return key;
}

std::string customer_end(ShardId shard, std::string_view id) {
    std::string key = customer_begin(shard, id);
    key.back() = '\x02';
    return key;
}

std::string history_key(ShardId shard, std::string_view id, std::uint64_t sequence) {
    std::string key = customer_begin(shard, id);
    append_big_endian(key, sequence, number_bytes);
    return key;
}

std::string fact_key(
    ShardId shard, std::string_view id, Timestamp at, std::uint64_t sequence, std::uint32_t n) {
    std::string key = customer_begin(shard, id);
    append_big_endian(key, ordered(at), number_bytes);
    append_big_endian(key, sequence, number_bytes);
    append_big_endian(key, n, count_bytes);
    return key;
}

std::string message_of_key(ShardId shard, std::string_view id, const Hash128& message) {
    std::string key = customer_begin(shard, id);
    append_hash(key, message);
    return key;
}

std::string message_key(const Hash128& message) {
    std::string key;
    append_hash(key, message);
    return key;
}

std::string message_step_key(const Hash128& message, std::uint64_t sequence, std::uint32_t n) {
    std::string key = message_key(message);
    append_big_endian(key, sequence, number_bytes);
    append_big_endian(key, n, count_bytes);
    return key;
}

std::string message_end(const Hash128& message) {
    // Longer than any step's key and above all of them.
    return message_key(message).append(hash_bytes, '\xff');
}

bool parse_outbox_key(std::string_view key, OutboxKey& out) {
    if (key.size() != 14) {
        return false;
    }
    out.shard = static_cast<ShardId>(read_big_endian(key.substr(0, 2)));
    out.sequence = read_big_endian(key.substr(2, 8));
    out.n = static_cast<std::uint32_t>(read_big_endian(key.substr(10, 4)));
    return true;
}

bool parse_handover_key(std::string_view key, HandoverKey& out) {
    if (key.size() != 12) {
        return false;
    }
    out.from = static_cast<ShardId>(read_big_endian(key.substr(0, 2)));
    out.to = static_cast<ShardId>(read_big_endian(key.substr(2, 2)));
    out.n = read_big_endian(key.substr(4, 8));
    return true;
}

bool parse_customer_key(std::string_view key, CustomerRowKey& out) {
    if (key.size() <= shard_bytes) {
        return false;
    }
    const std::string_view id = key.substr(shard_bytes);
    out.erased = id.front() == erased_mark;
    out.id.clear();
    if (!out.erased) {
        out.id = id;
        return true;
    }
    if (id.size() != 1 + number_bytes) {
        return false;
    }
    out.id_hash = read_big_endian(id.substr(1));
    return true;
}

bool parse_id(std::string_view key, std::string& id) {
    return read_id(key, shard_bytes, id) != std::string_view::npos;
}

bool parse_message_of_key(std::string_view key, Hash128& message) {
    std::string id;
    const std::size_t after = read_id(key, shard_bytes, id);
    if (after == std::string_view::npos || key.size() != after + hash_bytes) {
        return false;
    }
    message = read_hash(key.substr(after));
    return true;
}

bool parse_dedupe_key(std::string_view key, std::int64_t& day, std::uint64_t& sequence) {
    if (key.size() != 14) {
        return false;
    }
    day = static_cast<std::int64_t>(read_big_endian(key.substr(2, 4))) - (std::int64_t{1} << 31U);
    sequence = read_big_endian(key.substr(6));
    return true;
}

bool parse_log_key(std::string_view key, std::uint64_t& sequence) {
    if (key.size() != 10) {
        return false;
    }
    sequence = read_big_endian(key.substr(2));
    return true;
}

}  // namespace winback::store
