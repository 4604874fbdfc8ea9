// The keys of all rows. Numbers are big-endian, so that key order is number order.
//
// A customer id within a longer key is written so that no id is a prefix of another: a zero byte
// becomes 00 FF and the end is 00 01. Order of keys is order of ids. docs/design/rows.md lists
// every family with its key and value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"
#include "engine/input.h"

namespace winback::store {

using engine::ShardId;

// First and one-past-last key of a shard in a family whose keys begin with the shard.
std::string shard_begin(ShardId shard);
std::string shard_end(ShardId shard);

std::string meta_key(ShardId shard, std::string_view name);
std::string applied_key(ShardId shard, ShardId from);  // Handovers that `shard` has applied.
// [shard | sequence]: Log (of the first input of a chunk), Dedupe after a day.
std::string log_key(ShardId shard, std::uint64_t sequence);
std::string outbox_key(ShardId shard, std::uint64_t sequence, std::uint32_t n);
std::string handover_key(ShardId from, ShardId to, std::uint64_t n);
std::string dedupe_key(ShardId shard, std::int64_t day, std::uint64_t sequence);

std::string customer_key(ShardId shard, std::string_view id);
// Of an erased customer, whose id is not kept. Ids are UTF-8, so no id begins with this byte.
std::string erased_customer_key(ShardId shard, std::uint64_t id_hash);

// [shard | id | ...]: all rows of a customer lie in [customer_begin, customer_end).
std::string customer_begin(ShardId shard, std::string_view id);
std::string customer_end(ShardId shard, std::string_view id);
std::string history_key(ShardId shard, std::string_view id, std::uint64_t sequence);
std::string fact_key(
    ShardId shard, std::string_view id, Timestamp at, std::uint64_t sequence, std::uint32_t n);
std::string message_of_key(ShardId shard, std::string_view id, const Hash128& key);

// [key16]: what was decided; [key16 | sequence | n]: what became of it, in order.
std::string message_key(const Hash128& key);
std::string message_step_key(const Hash128& key, std::uint64_t sequence, std::uint32_t n);
std::string message_end(const Hash128& key);

// Reading back. Pre: the key was made by the function of the same name; shorter ones give false.
struct OutboxKey {
    ShardId shard = 0;
    std::uint64_t sequence = 0;
    std::uint32_t n = 0;
    auto operator<=>(const OutboxKey&) const = default;
};
bool parse_outbox_key(std::string_view key, OutboxKey& out);
struct HandoverKey {
    ShardId from = 0;
    ShardId to = 0;
    std::uint64_t n = 0;
};
bool parse_handover_key(std::string_view key, HandoverKey& out);
struct CustomerRowKey {
    std::string id;             // Empty when erased.
    std::uint64_t id_hash = 0;  // Only when erased.
    bool erased = false;
};
bool parse_customer_key(std::string_view key, CustomerRowKey& out);
// The id in a key that begins with customer_begin; false when there is none.
bool parse_id(std::string_view key, std::string& id);
bool parse_message_of_key(std::string_view key, Hash128& message);
bool parse_dedupe_key(std::string_view key, std::int64_t& day, std::uint64_t& sequence);
bool parse_log_key(std::string_view key, std::uint64_t& sequence);

}  // namespace winback::store
