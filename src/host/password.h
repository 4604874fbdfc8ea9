// Passwords: argon2id by libsodium, and what a password must not be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::host {

constexpr std::size_t password_characters_min = 10;
constexpr std::size_t password_bytes_max = 1024;

// What one hash costs. Hashes of less are made anew when their password is next seen.
struct PasswordCost {
    unsigned long long passes = 3;
    std::size_t memory_bytes = 64U << 20U;
};
constexpr PasswordCost password_cost_least{1, 8192};  // For tests.

// Why this is no password for this person: too short, too long, a word that everybody tries, or
// the person's own name or address. Empty when it may be one.
enum class PasswordProblem { None, TooShort, TooLong, TooCommon, AboutYou, NotText };
PasswordProblem problem_of_password(std::string_view password,
                                    std::string_view email,
                                    std::string_view name);
std::string_view password_problem_name(PasswordProblem problem);  // "too_short", …; "" for None

// Blocks for some tenths of a second: never on an I/O thread. Fails with Unavailable when the
// memory cannot be had.
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost);
// The same work whether it fits or not.
bool password_fits(std::string_view password, const std::string& hash);
bool password_hash_is_old(const std::string& hash, const PasswordCost& cost);

}  // namespace winback::host
