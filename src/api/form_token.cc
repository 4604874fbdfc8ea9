#include "api/form_token.h"

#include <array>

#include <sodium.h>

#include "api/access.h"

namespace winback::api {

std::string form_token(const http::Request& request) {
    constexpr std::string_view purpose = "winback form";
    const std::optional<std::string> secret = request.cookie(session_cookie);
    if (!secret || secret->size() < crypto_generichash_KEYBYTES_MIN ||
        secret->size() > crypto_generichash_KEYBYTES_MAX) {
        return {};
    }
    std::array<unsigned char, 16> hash{};
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                       reinterpret_cast<const unsigned char*>(secret->data()), secret->size());
    std::array<char, 2 * hash.size() + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return hex.data();
}

bool is_form_token(const http::Request& request, std::string_view token) {
    const std::string expected = form_token(request);
    return !expected.empty() && expected.size() == token.size() &&
           sodium_memcmp(expected.data(), token.data(), token.size()) == 0;
}

}  // namespace winback::api
