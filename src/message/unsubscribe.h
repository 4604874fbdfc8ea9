// The token in an unsubscribe link: says who leaves what, and cannot be forged (signed_token.h).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "message/signed_token.h"

namespace winback::message {

constexpr std::size_t unsubscribe_secret_bytes = link_secret_bytes;

struct Unsubscribe {
    std::string customer;
    std::string channel;
    std::string topic;  // Empty means every topic of the channel.
    bool operator==(const Unsubscribe&) const = default;
};

// Pre: `secret` has unsubscribe_secret_bytes bytes. Safe inside a URL as it is.
std::string make_token(std::string_view secret, const Unsubscribe& unsubscribe);

// Compares in constant time. Fails with InvalidArgument when the text is not such a token, and
// with PermissionDenied when the signature is not ours.
Result<Unsubscribe> read_token(std::string_view secret, std::string_view token);

}  // namespace winback::message
