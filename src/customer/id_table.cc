#include "customer/id_table.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"

namespace winback::customer {

std::optional<std::uint32_t> IdTable::find(std::string_view id) const {
    if (slots_.empty()) {
        return std::nullopt;
    }
    const std::uint64_t mask = slots_.size() - 1;
    const std::uint64_t hash = hash64(id);
    for (std::uint64_t slot = hash & mask; slots_[slot] != no_index; slot = (slot + 1) & mask) {
        const std::uint32_t index = slots_[slot];
        if (forgotten(index) ? id_hash(index) == hash : arena_.at(refs_[index]) == id) {
            return index;
        }
    }
    return std::nullopt;
}

void IdTable::index_slot(std::uint32_t index) {
    const std::uint64_t mask = slots_.size() - 1;
    std::uint64_t slot = id_hash(index) & mask;
    while (slots_[slot] != no_index) {
        slot = (slot + 1) & mask;
    }
    slots_[slot] = index;
}

void IdTable::grow() {
    if (slots_.size() * 3 >= (refs_.size() + 1) * 4) {
        return;
    }
    slots_.assign(std::max<std::size_t>(16, slots_.size() * 2), no_index);
    for (std::uint32_t index = 0; index < refs_.size(); ++index) {
        index_slot(index);
    }
}

std::uint32_t IdTable::add(std::string_view id) {
    WINBACK_CHECK(refs_.size() < no_index);
    grow();
    const auto index = static_cast<std::uint32_t>(refs_.size());
    refs_.push_back(arena_.add(id));
    index_slot(index);
    return index;
}

std::uint32_t IdTable::add_hashed(std::uint64_t id_hash) {
    WINBACK_CHECK(refs_.size() < no_index);
    grow();
    const auto index = static_cast<std::uint32_t>(refs_.size());
    forgotten_.emplace(index, id_hash);
    refs_.push_back(no_text);
    index_slot(index);
    return index;
}

void IdTable::forget(std::uint32_t index) {
    if (forgotten(index)) {
        return;
    }
    forgotten_.emplace(index, id_hash(index));
    arena_.wipe(refs_[index]);
    refs_[index] = no_text;
}

std::string_view IdTable::id(std::uint32_t index) const {
    return forgotten(index) ? std::string_view() : arena_.at(refs_[index]);
}

std::uint64_t IdTable::id_hash(std::uint32_t index) const {
    return forgotten(index) ? forgotten_.at(index) : hash64(arena_.at(refs_[index]));
}

std::size_t IdTable::memory_bytes() const {
    return arena_.memory_bytes() + slots_.capacity() * sizeof(std::uint32_t) +
           refs_.capacity() * sizeof(TextRef) + forgotten_.capacity() * 17;
}

}  // namespace winback::customer
