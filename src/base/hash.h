// Hashes that mean the same on every machine and in every release: they are stored, and they
// decide in which shard a customer lives and who is held out. Algorithm: XXH3 (xxhash 0.8).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace winback {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

struct Hash128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    auto operator<=>(const Hash128&) const = default;
};
Hash128 hash128(std::string_view bytes);

// 32 lower-case hex digits.
std::string to_hex(const Hash128& hash);
// False when `text` is not 32 hex digits.
bool parse_hex(std::string_view text, Hash128& hash);

// For absl hash containers.
template <class H>
H AbslHashValue(H state, const Hash128& hash) {
    return H::combine(std::move(state), hash.high, hash.low);
}

}  // namespace winback
