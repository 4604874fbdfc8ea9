#include "http/url.h"

#include "base/strings.h"

namespace winback::http {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

Result<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' && plus == Plus::IsSpace) {
            c = ' ';
        } else if (c == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return Error{ErrorCode::InvalidArgument, "a % is not followed by two hex digits"};
            }
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (c == '\0') {
            return Error{ErrorCode::InvalidArgument, "a NUL character is not allowed"};
        }
        out += c;
    }
    if (!is_valid_utf8(out)) {
        return Error{ErrorCode::InvalidArgument, "the decoded text is not UTF-8"};
    }
    return out;
}

Result<Pairs> parse_query(std::string_view text) {
    Pairs pairs;
    while (!text.empty()) {
        const std::size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (pair.empty()) {
            continue;
        }
        if (pairs.size() == query_pairs_max) {
            return Error{ErrorCode::LimitExceeded,
                         "more than " + std::to_string(query_pairs_max) + " parameters"};
        }
        const std::size_t equals = pair.find('=');
        WINBACK_TRY(std::string name, percent_decode(pair.substr(0, equals), Plus::IsSpace));
        std::string value;
        if (equals != std::string_view::npos) {
            WINBACK_TRY(value, percent_decode(pair.substr(equals + 1), Plus::IsSpace));
        }
        pairs.emplace_back(std::move(name), std::move(value));
    }
    return pairs;
}

std::string percent_encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_unreserved(c)) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 15U];
        }
    }
    return out;
}

std::string format_query(const Pairs& pairs) {
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) {
            out += '&';
        }
        out += percent_encode(name);
        out += '=';
        out += percent_encode(value);
    }
    return out;
}

Pairs parse_cookies(std::string_view header) {
    Pairs pairs;
    for (const std::string_view part : split(header, ';')) {
        const std::string_view pair = trim(part);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos || equals == 0) {
            continue;
        }
        std::string_view value = trim(pair.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        pairs.emplace_back(trim(pair.substr(0, equals)), value);
    }
    return pairs;
}

}  // namespace winback::http
