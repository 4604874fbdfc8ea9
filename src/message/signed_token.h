// Texts that we hand out in addresses and believe when they come back: each says what it is for,
// and nobody can make or change one without the secret of the data folder.
//
// token = base64url(payload) "." hex of the first 16 bytes of HMAC-SHA512-256(secret, payload).
// The payload begins with one byte for the purpose, so a token for one page is nothing to
// another; then come its parts, each preceded by its length (2 bytes, little-endian). A token
// depends on nothing else, so links of old messages work for ever, as long as the secret lives.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace winback::message {

constexpr std::size_t link_secret_bytes = 32;
constexpr std::size_t token_bytes_max = 4096;  // Of what is read.

// Stored in messages that were sent: numbers never change their meaning.
enum class TokenPurpose : std::uint8_t {
    Unsubscribe = 1,    // customer, channel, topic
    Preferences = 2,    // customer
    ViewInBrowser = 3,  // message key
    FollowLink = 4,     // message key, target
};

// Pre: `secret` has link_secret_bytes bytes, each part less than 65,536. Safe inside a URL.
std::string sign_token(std::string_view secret,
                       TokenPurpose purpose,
                       std::initializer_list<std::string_view> parts);

// The parts, `count` of them. Compares in constant time. Fails with InvalidArgument when the text
// is not such a token, and with PermissionDenied when the signature is not ours.
Result<std::vector<std::string>> read_signed(std::string_view secret,
                                             TokenPurpose purpose,
                                             std::size_t count,
                                             std::string_view token);

}  // namespace winback::message
