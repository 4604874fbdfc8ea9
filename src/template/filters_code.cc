// Filters that write a text in another alphabet: links, base64, JSON.
#include <algorithm>
#include <array>

#include "base/strings.h"
#include "template/filters.h"

namespace winback::liquid {
namespace {

constexpr std::string_view invalid_utf8 = "invalid byte sequence in UTF-8";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

Datum url_encode(FilterInput& in) {
    if (in.value.is_nil()) {
        return {};
    }
    for (const char c : in.text()) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_unreserved(c)) {
            in.buffer += c;
        } else if (c == ' ') {
            in.buffer += '+';
        } else {
            in.buffer += '%';
            in.buffer += hex_digits[byte >> 4U];
            in.buffer += hex_digits[byte & 15U];
        }
    }
    return in.keep(in.buffer);
}

int hex_value(char c) {
    const std::size_t digit = hex_digits.find(c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c);
    return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

Datum url_decode(FilterInput& in) {
    if (in.value.is_nil()) {
        return {};
    }
    const std::string_view text = in.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = i + 2 < text.size() && text[i] == '%' ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low >= 0) {
            in.buffer += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            in.buffer += text[i] == '+' ? ' ' : text[i];
        }
    }
    return is_valid_utf8(in.buffer) ? in.keep(in.buffer) : in.fail(std::string(invalid_utf8));
}

// Safe inside <script>: the signs that could end it are written as \u003c and so on.
Datum json(FilterInput& in) {
    std::string plain;
    append_json(plain, in.value, in.meter);
    if (!in.html()) {
        return in.keep(plain);
    }
    for (const char c : plain) {
        switch (c) {
            case '<':
                in.buffer += "\\u003c";
                break;
            case '>':
                in.buffer += "\\u003e";
                break;
            case '&':
                in.buffer += "\\u0026";
                break;
            case '\'':
                in.buffer += "\\u0027";
                break;
            default:
                in.buffer += c;
        }
    }
    return in.keep(in.buffer);
}

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_base64_values() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < base64_digits.size(); ++i) {
        values[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}
constexpr std::array<std::int8_t, 256> base64_values = make_base64_values();

void append_base64(std::string& out, std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += 3) {
        std::uint32_t bits = 0;
        const std::size_t count = std::min<std::size_t>(text.size() - at, 3);
        for (std::size_t i = 0; i < 3; ++i) {
            bits = bits << 8U | (i < count ? static_cast<unsigned char>(text[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= count ? base64_digits[bits >> (18U - 6U * i) & 63U] : '=';
        }
    }
}

// Strict, by RFC 4648: padded, without line ends, and no bits left over at the end.
bool append_decoded(std::string& out, std::string_view text) {
    if (text.size() % 4 != 0) {
        return false;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    for (std::size_t at = 0; at < text.size(); at += 4) {
        const std::size_t digits = at + 4 == text.size() ? 4 - padding : 4;
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            const int value =
                i < digits ? base64_values[static_cast<unsigned char>(text[at + i])] : 0;
            if (value < 0) {
                return false;
            }
            bits = bits << 6U | static_cast<std::uint32_t>(value);
        }
        for (std::size_t i = 0; i + 1 < digits; ++i) {
            out += static_cast<char>(bits >> (16U - 8U * i) & 255U);
        }
        if ((bits & ((1U << (8U * (4 - digits))) - 1U)) != 0) {
            return false;
        }
    }
    return true;
}

Datum base64_encode(FilterInput& in) {
    append_base64(in.buffer, in.text());
    return in.keep(in.buffer);
}

Datum base64_url_safe_encode(FilterInput& in) {
    append_base64(in.buffer, in.text());
    std::replace(in.buffer.begin(), in.buffer.end(), '+', '-');
    std::replace(in.buffer.begin(), in.buffer.end(), '/', '_');
    return in.keep(in.buffer);
}

// Bytes that are no text cannot stand in a message.
Datum keep_decoded(FilterInput& in) {
    return is_valid_utf8(in.buffer) ? in.keep(in.buffer) : in.fail(std::string(invalid_utf8));
}

Datum base64_decode(FilterInput& in) {
    return append_decoded(in.buffer, in.text())
               ? keep_decoded(in)
               : in.fail("invalid base64 provided to base64_decode");
}

// The padding may be left out.
Datum base64_url_safe_decode(FilterInput& in) {
    std::string text(in.text());
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    while (text.size() % 4 != 0 && !in.text().ends_with('=')) {
        text += '=';
    }
    return append_decoded(in.buffer, text)
               ? keep_decoded(in)
               : in.fail("invalid base64 provided to base64_url_safe_decode");
}

constexpr FilterSpec table[] = {
    {"base64_decode", base64_decode, 0, 0},
    {"base64_encode", base64_encode, 0, 0},
    {"base64_url_safe_decode", base64_url_safe_decode, 0, 0},
    {"base64_url_safe_encode", base64_url_safe_encode, 0, 0},
    {"json", json, 0, 0},
    {"url_decode", url_decode, 0, 0},
    {"url_encode", url_encode, 0, 0},
};

}  // namespace

std::span<const FilterSpec> code_filters() {
    return table;
}

}  // namespace winback::liquid
