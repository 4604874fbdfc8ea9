// Reads an Authorization header: Basic (write keys, with or without the colon) or Bearer.
// Source: RFC 7617, RFC 6750.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::http {

// A longer header is refused; keys and tokens are far shorter.
constexpr std::size_t authorization_bytes_max = 4096;

enum class AuthorizationScheme { Basic, Bearer };

struct Authorization {
    AuthorizationScheme scheme = AuthorizationScheme::Basic;
    std::string user;      // Basic: what stands before the first colon, or everything.
    std::string password;  // Basic: what stands after it; may be empty.
    std::string token;     // Bearer.
};

// Fails with InvalidArgument; the message never repeats the credentials.
Result<Authorization> parse_authorization(std::string_view header);

// RFC 4648 §4; the padding may be missing. Fails with InvalidArgument on any other character.
Result<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace winback::http
