#include "webhook/signature.h"

#include <array>

#include <sodium.h>

namespace winback::webhook {
namespace {

constexpr std::size_t secret_bytes = 32;
constexpr int variant = sodium_base64_VARIANT_ORIGINAL;

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string base64(const unsigned char* bytes, std::size_t size) {
    std::string out(sodium_base64_encoded_len(size, variant), '\0');
    sodium_bin2base64(out.data(), out.size(), bytes, size, variant);
    out.pop_back();
    return out;
}

}  // namespace

std::string new_secret() {
    std::array<unsigned char, secret_bytes> bytes{};
    randombytes_buf(bytes.data(), bytes.size());
    return std::string(secret_prefix) + base64(bytes.data(), bytes.size());
}

Result<std::string> sign(std::string_view secret,
                         std::string_view id,
                         Timestamp at,
                         std::string_view body) {
    const Error wrong{ErrorCode::InvalidArgument, "the secret is not one of a webhook"};
    if (!secret.starts_with(secret_prefix)) {
        return wrong;
    }
    secret.remove_prefix(secret_prefix.size());
    std::string key(secret.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(key.data()), key.size(), secret.data(),
                          secret.size(), nullptr, &size, nullptr, variant) != 0) {
        return wrong;
    }
    crypto_auth_hmacsha256_state state{};
    crypto_auth_hmacsha256_init(&state, bytes_of(key), size);
    const std::string head = std::string(id) + "." + std::to_string(at.ms / 1000) + ".";
    crypto_auth_hmacsha256_update(&state, bytes_of(head), head.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(body), body.size());
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_final(&state, mac.data());
    return "v1," + base64(mac.data(), mac.size());
}

}  // namespace winback::webhook
