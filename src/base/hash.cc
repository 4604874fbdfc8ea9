#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace winback {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {.high = hash.high64, .low = hash.low64};
}

std::string to_hex(const Hash128& hash) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text(32, '0');
    for (std::size_t i = 0; i < 16; ++i) {
        text[15 - i] = digits[(hash.high >> (4 * i)) & 15U];
        text[31 - i] = digits[(hash.low >> (4 * i)) & 15U];
    }
    return text;
}

bool parse_hex(std::string_view text, Hash128& hash) {
    if (text.size() != 32) {
        return false;
    }
    std::array<std::uint64_t, 2> halves{};
    for (std::size_t i = 0; i < 32; ++i) {
        const char c = text[i];
        std::uint64_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<std::uint64_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<std::uint64_t>(c - 'a' + 10);
        } else {
            return false;
        }
        halves[i / 16] = halves[i / 16] << 4U | digit;
    }
    hash = {.high = halves[0], .low = halves[1]};
    return true;
}

}  // namespace winback
