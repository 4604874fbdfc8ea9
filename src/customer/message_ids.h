// The message ids of the last one to two days of arrival, exactly, for de-duplication.
//
// Two generations of one UTC day of arrival each: an id is remembered for the rest of its day
// and the whole of the next one. Days pass by arrival times, never by a clock.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_set.h>

namespace winback::customer {

// A set of 64-bit hashes in seven bytes each once there are many: the upper 16 bits are told by
// the bucket. New ones gather in a hash set until they are an eighth of the buckets' content.
class HashSet64 {
public:
    bool contains(std::uint64_t hash) const;
    // Pre: not there yet.
    void insert(std::uint64_t hash);
    // For many, which may be there already; `contains` knows them after `finish_load`.
    void load(std::uint64_t hash) { loaded_.push_back(hash); }
    void finish_load();
    std::size_t memory_bytes() const;

private:
    void pack(const std::vector<std::uint64_t>& more);

    absl::flat_hash_set<std::uint64_t> recent_;
    std::vector<std::uint64_t> loaded_;
    // Bucket b has the entries starts_[b] .. starts_[b + 1], in no order: 32 and 16 lower bits.
    std::vector<std::uint32_t> starts_;
    std::vector<std::uint32_t> low_;
    std::vector<std::uint16_t> middle_;
};

class MessageIds {
public:
    // True when the id was new. An arrival before the older generation counts to that one.
    bool add(std::uint64_t id_hash, std::int64_t day);
    // The same for many at once: `add` knows them after `finish_load`.
    void load(std::uint64_t id_hash, std::int64_t day) { generation(day).load(id_hash); }
    void finish_load();
    std::size_t memory_bytes() const { return newer_.memory_bytes() + older_.memory_bytes(); }

private:
    HashSet64& generation(std::int64_t day);

    HashSet64 newer_;
    HashSet64 older_;
    std::int64_t day_ = 0;  // Of newer_; older_ is the day before.
    bool started_ = false;
};

}  // namespace winback::customer
