#include "message/signed_token.h"

#include <array>
#include <optional>

#include <sodium.h>

#include "base/check.h"

namespace winback::message {
namespace {

constexpr std::size_t signature_bytes = 16;
constexpr std::size_t signature_digits = 2 * signature_bytes;
constexpr std::size_t part_bytes_max = 65'535;
constexpr int base64_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

static_assert(crypto_auth_KEYBYTES == link_secret_bytes);

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string sign(std::string_view secret, std::string_view payload) {
    std::array<unsigned char, crypto_auth_BYTES> signature{};
    crypto_auth(signature.data(), bytes_of(payload), payload.size(), bytes_of(secret));
    std::array<char, signature_digits + 1> digits{};
    sodium_bin2hex(digits.data(), digits.size(), signature.data(), signature_bytes);
    return {digits.data(), signature_digits};
}

std::string encode_base64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), base64_variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes_of(bytes), bytes.size(), base64_variant);
    text.pop_back();  // The closing zero that libsodium counts.
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const int failed =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, &end, base64_variant);
    if (failed != 0 || end != text.data() + text.size()) {
        return std::nullopt;
    }
    bytes.resize(size);
    return bytes;
}

void append_part(std::string& payload, std::string_view part) {
    payload += static_cast<char>(static_cast<unsigned char>(part.size() & 0xffU));
    payload += static_cast<char>(static_cast<unsigned char>(part.size() >> 8U & 0xffU));
    payload += part;
}

std::optional<std::string> take_part(std::string_view& payload) {
    if (payload.size() < 2) {
        return std::nullopt;
    }
    const std::size_t size =
        static_cast<unsigned char>(payload[0]) + 256U * static_cast<unsigned char>(payload[1]);
    payload.remove_prefix(2);
    if (payload.size() < size) {
        return std::nullopt;
    }
    std::string part(payload.substr(0, size));
    payload.remove_prefix(size);
    return part;
}

Error not_a_token() {
    return {ErrorCode::InvalidArgument, "This is not a link of ours."};
}

}  // namespace

std::string sign_token(std::string_view secret,
                       TokenPurpose purpose,
                       std::initializer_list<std::string_view> parts) {
    WINBACK_CHECK(secret.size() == link_secret_bytes);
    std::string payload(1, static_cast<char>(purpose));
    for (const std::string_view part : parts) {
        WINBACK_CHECK(part.size() <= part_bytes_max);
        append_part(payload, part);
    }
    return encode_base64(payload) + "." + sign(secret, payload);
}

Result<std::vector<std::string>> read_signed(std::string_view secret,
                                             TokenPurpose purpose,
                                             std::size_t count,
                                             std::string_view token) {
    WINBACK_CHECK(secret.size() == link_secret_bytes);
    const std::size_t dot = token.find('.');
    if (token.size() > token_bytes_max || dot == std::string_view::npos ||
        token.size() - dot - 1 != signature_digits) {
        return not_a_token();
    }
    const std::optional<std::string> payload = decode_base64(token.substr(0, dot));
    if (!payload || payload->empty()) {
        return not_a_token();
    }
    const std::string expected = sign(secret, *payload);
    if (sodium_memcmp(expected.data(), token.data() + dot + 1, signature_digits) != 0) {
        return Error{ErrorCode::PermissionDenied, "The signature of this link is not ours."};
    }
    std::string_view rest(*payload);
    if (rest[0] != static_cast<char>(purpose)) {
        return not_a_token();
    }
    rest.remove_prefix(1);
    std::vector<std::string> parts;
    while (parts.size() < count) {
        std::optional<std::string> part = take_part(rest);
        if (!part) {
            return not_a_token();
        }
        parts.push_back(*std::move(part));
    }
    if (!rest.empty()) {
        return not_a_token();
    }
    return parts;
}

}  // namespace winback::message
