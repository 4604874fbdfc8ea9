// Signatures of Standard Webhooks 1.0: "v1," and the Base64 of an HMAC-SHA256.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace winback::webhook {

constexpr std::string_view secret_prefix = "whsec_";

// "whsec_" and the Base64 of 32 random bytes.
std::string new_secret();

// Over "id.timestamp.body"; the timestamp in seconds. Fails with InvalidArgument when the secret
// is not one.
Result<std::string> sign(std::string_view secret,
                         std::string_view id,
                         Timestamp at,
                         std::string_view body);

}  // namespace winback::webhook
