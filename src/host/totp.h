// One-time codes of an authenticator app: RFC 6238 with SHA-1, 30 seconds, six digits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace winback::host {

constexpr std::size_t totp_secret_bytes = 20;  // As long as the hash (RFC 4226 §4).
constexpr int totp_digits = 6;
constexpr Duration totp_step_length = seconds(30);
// Clocks of telephones differ: the step before and the one after are good too.
constexpr std::int64_t totp_steps_around = 1;

std::int64_t totp_step_at(Timestamp time);
std::string totp_code(std::string_view secret, std::int64_t step);
// The step whose code this is, among those around `now` and after `last_used`: a code that was
// taken once, and any before it, is not taken again. Spaces between the digits are passed over.
std::optional<std::int64_t> totp_step_of(std::string_view secret,
                                         std::string_view code,
                                         Timestamp now,
                                         std::int64_t last_used);

std::string to_base32(std::string_view bytes);  // RFC 4648, without padding.
// What the QR code of an app holds. `issuer` and `account` may be any text.
std::string totp_uri(std::string_view secret, std::string_view issuer, std::string_view account);

}  // namespace winback::host
