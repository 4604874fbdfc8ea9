#include "api/form_token.h"

#include <array>

#include <sodium.h>

#include "api/access.h"

namespace winback::api {

namespace {

constexpr std::size_t hash_size = 16;
using Bytes = std::array<unsigned char, hash_size>;

// A keyed hash of the session's secret; false without a session's cookie.
bool hash_of(const http::Request& request, Bytes& hash) {
    constexpr std::string_view purpose = "winback form";
    const std::optional<std::string> secret = request.cookie(session_cookie);
    if (!secret || secret->size() < crypto_generichash_KEYBYTES_MIN ||
        secret->size() > crypto_generichash_KEYBYTES_MAX) {
        return false;
    }
    return crypto_generichash(
               hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(purpose.data()),
               purpose.size(), reinterpret_cast<const unsigned char*>(secret->data()),
               secret->size()) == 0;
}

}  // namespace

std::string form_token(const http::Request& request) {
    Bytes hash{};
    if (!hash_of(request, hash)) {
        return {};
    }
    std::array<unsigned char, 2 * hash_size> masked{};
    randombytes_buf(masked.data(), hash_size);
    for (std::size_t i = 0; i < hash_size; ++i) {
        masked[hash_size + i] = masked[i] ^ hash[i];
    }
    std::array<char, 2 * masked.size() + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), masked.data(), masked.size());
    return hex.data();
}

bool is_form_token(const http::Request& request, std::string_view token) {
    Bytes expected{};
    std::array<unsigned char, 2 * hash_size> masked{};
    std::size_t size = 0;
    if (!hash_of(request, expected) ||
        sodium_hex2bin(masked.data(), masked.size(), token.data(), token.size(), nullptr, &size,
                       nullptr) != 0 ||
        size != masked.size()) {
        return false;
    }
    Bytes shown{};
    for (std::size_t i = 0; i < hash_size; ++i) {
        shown[i] = masked[i] ^ masked[hash_size + i];
    }
    return sodium_memcmp(expected.data(), shown.data(), shown.size()) == 0;
}

}  // namespace winback::api
