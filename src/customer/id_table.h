// The ids of a shard's customers: id -> index and back, in a few bytes more than the id itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "customer/text_pool.h"

namespace winback::customer {

class IdTable {
public:
    std::size_t size() const { return refs_.size(); }
    std::optional<std::uint32_t> find(std::string_view id) const;
    // Pre: not there yet.
    std::uint32_t add(std::string_view id);
    // Adds an id of which only the hash is known: one that was forgotten.
    std::uint32_t add_hashed(std::uint64_t id_hash);
    // The id's bytes are wiped; it is still found.
    void forget(std::uint32_t index);
    bool forgotten(std::uint32_t index) const { return refs_[index] == no_text; }
    std::string_view id(std::uint32_t index) const;  // Empty when forgotten. Never moves.
    std::uint64_t id_hash(std::uint32_t index) const;
    void fit() { refs_.shrink_to_fit(); }
    std::size_t memory_bytes() const;

private:
    static constexpr std::uint32_t no_index = 0xffff'ffff;

    void index_slot(std::uint32_t index);
    void grow();

    TextArena arena_;
    std::vector<std::uint32_t> slots_;  // Open addressing; no_index is free. Never erased.
    std::vector<TextRef> refs_;         // By index; no_text when forgotten.
    absl::flat_hash_map<std::uint32_t, std::uint64_t> forgotten_;  // Index -> hash of the id.
};

}  // namespace winback::customer
