#include "host/totp.h"

#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include "base/bytes.h"
#include "base/check.h"

namespace winback::host {
namespace {

constexpr std::uint32_t totp_modulus = 1'000'000;  // 10^totp_digits

std::string percent_encode(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', hex[byte >> 4U], hex[byte & 15U]};
        }
    }
    return out;
}

}  // namespace

std::int64_t totp_step_at(Timestamp time) {
    return time.ms / totp_step_length.ms;
}

std::string totp_code(std::string_view secret, std::int64_t step) {
    std::string counter;
    append_big_endian(counter, static_cast<std::uint64_t>(step), 8);
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned int size = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): OpenSSL takes bytes.
    const auto* bytes = reinterpret_cast<const unsigned char*>(counter.data());
    const unsigned char* made = HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
                                     bytes, counter.size(), hash.data(), &size);
    WINBACK_CHECK(made != nullptr && size == 20);
    const std::size_t offset = hash[size - 1] & 0x0FU;  // RFC 4226 §5.3
    const std::uint32_t number = (hash[offset] & 0x7FU) << 24U | hash[offset + 1] << 16U |
                                 hash[offset + 2] << 8U | hash[offset + 3];
    std::string code = std::to_string(number % totp_modulus);
    return std::string(static_cast<std::size_t>(totp_digits) - code.size(), '0') + code;
}

std::optional<std::int64_t> totp_step_of(std::string_view secret,
                                         std::string_view code,
                                         Timestamp now,
                                         std::int64_t last_used) {
    std::string digits;
    for (const char c : code) {
        if (c != ' ' && digits.size() <= totp_digits) {
            digits += c;
        }
    }
    if (digits.size() != totp_digits) {
        return std::nullopt;
    }
    const std::int64_t present = totp_step_at(now);
    std::optional<std::int64_t> found;
    for (std::int64_t step = present - totp_steps_around; step <= present + totp_steps_around;
         ++step) {
        const std::string expected = totp_code(secret, step);
        const bool fits = sodium_memcmp(expected.data(), digits.data(), digits.size()) == 0;
        if (fits && step > last_used && !found) {
            found = step;
        }
    }
    return found;
}

std::string to_base32(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : bytes) {
        bits = (bits << 8U | static_cast<unsigned char>(c)) & 0xFFFU;
        for (held += 8; held >= 5; held -= 5) {
            out += alphabet[bits >> static_cast<unsigned>(held - 5) & 31U];
        }
    }
    if (held > 0) {
        out += alphabet[bits << static_cast<unsigned>(5 - held) & 31U];
    }
    return out;
}

std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account) {
    return "otpauth://totp/" + percent_encode(issuer) + ":" + percent_encode(account) +
           "?secret=" + to_base32(secret) + "&issuer=" + percent_encode(issuer) +
           "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace winback::host
