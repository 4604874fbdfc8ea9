#include "host/password.h"

#include <algorithm>
#include <array>

#include <sodium.h>

#include "base/strings.h"

namespace winback::host {
namespace {

// What guessing begins with, among texts that are long enough.
constexpr std::array<std::string_view, 28> common_passwords{
    "0123456789",   "1234567890",   "0987654321",   "12345678910",   "123456789a",  "1q2w3e4r5t",
    "1qaz2wsx3edc", "qwertyuiop",   "qwerty12345",  "qwerty1234",    "asdfghjkl1",  "password12",
    "password123",  "password1234", "password123!", "passw0rd123",   "p@ssw0rd123", "p@ssword123",
    "welcome123",   "welcome1234",  "letmein123",   "changeme123",   "iloveyou123", "administrator",
    "admin12345",   "winback123",   "winback1234",  "winbackwinback"};

constexpr std::size_t telling_part_min = 4;

bool is_about(std::string_view lower, std::string_view part) {
    const std::string own = to_lower_ascii(part);
    // Most of the password is the word: "ada.lovelace1", not a sentence in which it occurs.
    return own.size() >= telling_part_min && lower.find(own) != std::string_view::npos &&
           lower.size() < own.size() + telling_part_min;
}

std::size_t characters_in(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

PasswordProblem problem_of_password(std::string_view password,
                                    std::string_view email,
                                    std::string_view name) {
    if (password.size() > password_bytes_max) {
        return PasswordProblem::TooLong;
    }
    // crypto_pwhash_str takes any bytes, but what cannot be typed again locks its owner out.
    if (!is_valid_utf8(password) || password.find('\0') != std::string_view::npos) {
        return PasswordProblem::NotText;
    }
    if (characters_in(password) < password_characters_min) {
        return PasswordProblem::TooShort;
    }
    const std::string lower = to_lower_ascii(password);
    const bool one_character = lower.find_first_not_of(lower[0]) == std::string::npos;
    if (one_character || std::find(common_passwords.begin(), common_passwords.end(), lower) !=
                             common_passwords.end()) {
        return PasswordProblem::TooCommon;
    }
    const std::string_view local = email.substr(0, email.find('@'));
    if (is_about(lower, email) || is_about(lower, local) || is_about(lower, name)) {
        return PasswordProblem::AboutYou;
    }
    return PasswordProblem::None;
}

std::string_view password_problem_name(PasswordProblem problem) {
    constexpr std::array<std::string_view, 6> names{"",           "too_short", "too_long",
                                                    "too_common", "about_you", "not_text"};
    return names.at(static_cast<std::size_t>(problem));
}

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes,
                              cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return Error{ErrorCode::Unavailable, "there is no memory to keep a password; try again"};
    }
    return std::string(hash.data());
}

bool password_fits(std::string_view password, const std::string& hash) {
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool password_hash_is_old(const std::string& hash, const PasswordCost& cost) {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) != 0;
}

}  // namespace winback::host
