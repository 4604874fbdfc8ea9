#include "http/authorization.h"

#include <algorithm>
#include <cstdint>

#include "base/strings.h"

namespace winback::http {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int sextet(char c) {
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : -1;
}

Error malformed(std::string_view what) {
    return {ErrorCode::InvalidArgument, "the Authorization header " + std::string(what)};
}

}  // namespace

Result<std::string> decode_base64(std::string_view text) {
    const std::size_t length = text.size();
    while (!text.empty() && text.back() == '=' && length - text.size() < 2) {
        text.remove_suffix(1);
    }
    const bool padded = text.size() != length;
    if (text.size() % 4 == 1 || (padded && length % 4 != 0)) {
        return Error{ErrorCode::InvalidArgument, "not base64: the length is wrong"};
    }
    std::string out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const int value = sextet(c);
        if (value < 0) {
            return Error{ErrorCode::InvalidArgument, "not base64: a character is not allowed"};
        }
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 255U);
        }
    }
    return out;
}

std::string encode_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const char c = k < count ? bytes[i + k] : '\0';
            bits = (bits << 8U) | static_cast<unsigned char>(c);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= count ? alphabet[(bits >> (18 - 6 * k)) & 63U] : '=';
        }
    }
    return out;
}

Result<Authorization> parse_authorization(std::string_view header) {
    if (header.size() > authorization_bytes_max) {
        return malformed("is too long");
    }
    header = trim(header);
    const std::size_t space = header.find(' ');
    const std::string_view scheme = header.substr(0, space);
    const std::string_view rest =
        space == std::string_view::npos ? std::string_view() : trim(header.substr(space));
    Authorization result;
    if (equals_ignoring_case(scheme, "bearer")) {
        if (rest.empty() || rest.find_first_of(" \t,;") != std::string_view::npos) {
            return malformed("holds no single token after \"Bearer\"");
        }
        result.scheme = AuthorizationScheme::Bearer;
        result.token = std::string(rest);
        return result;
    }
    if (!equals_ignoring_case(scheme, "basic")) {
        return malformed("must begin with \"Basic\" or \"Bearer\"");
    }
    Result<std::string> decoded = decode_base64(rest);
    if (!decoded) {
        return malformed("is not base64 after \"Basic\"");
    }
    const std::size_t colon = decoded->find(':');
    result.user = decoded->substr(0, colon);
    if (colon != std::string::npos) {
        result.password = decoded->substr(colon + 1);
    }
    return result;
}

}  // namespace winback::http
