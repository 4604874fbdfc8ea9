#include "template/text.h"

#include <array>

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringpiece.h>

namespace winback::liquid {

std::size_t code_point_length(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead >= 0xf5 || length > text.size()) {
        return 1;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80) {
            return 1;
        }
    }
    return length;
}

std::int64_t code_point_count(std::string_view text) {
    std::int64_t count = 0;
    while (!text.empty()) {
        text.remove_prefix(code_point_length(text));
        ++count;
    }
    return count;
}

std::string_view code_point_prefix(std::string_view text, std::int64_t count) {
    std::size_t bytes = 0;
    for (; count > 0 && bytes < text.size(); --count) {
        bytes += code_point_length(text.substr(bytes));
    }
    return text.substr(0, bytes);
}

namespace {

bool is_ascii(std::string_view text) {
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0x80U) != 0) {
            return false;
        }
    }
    return true;
}

bool has_own_cases(std::string_view locale) {
    const std::string_view language = locale.substr(0, 2);
    return language == "tr" || language == "az" || language == "lt";
}

std::string map_ascii(std::string_view text, char from, char to, int shift) {
    std::string out(text);
    for (char& c : out) {
        c = c >= from && c <= to ? static_cast<char>(c + shift) : c;
    }
    return out;
}

std::string map_case(std::string_view text, std::string_view locale, bool upper) {
    std::string out;
    const std::string name(locale.substr(0, 2));
    UErrorCode status = U_ZERO_ERROR;
    icu::StringByteSink<std::string> sink(&out);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    if (upper) {
        icu::CaseMap::utf8ToUpper(name.c_str(), 0, piece, sink, nullptr, status);
    } else {
        icu::CaseMap::utf8ToLower(name.c_str(), 0, piece, sink, nullptr, status);
    }
    return U_SUCCESS(status) ? out : std::string(text);
}

}  // namespace

std::string to_upper(std::string_view text, std::string_view locale) {
    const bool simple = is_ascii(text) && !has_own_cases(locale);
    return simple ? map_ascii(text, 'a', 'z', 'A' - 'a') : map_case(text, locale, true);
}

std::string to_lower(std::string_view text, std::string_view locale) {
    const bool simple = is_ascii(text) && !has_own_cases(locale);
    return simple ? map_ascii(text, 'A', 'Z', 'a' - 'A') : map_case(text, locale, false);
}

namespace {

constexpr std::array<bool, 256> make_escape_table() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view("&<>\"'")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}
constexpr std::array<bool, 256> needs_escape = make_escape_table();

std::string_view entity(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        default:
            return "&#39;";
    }
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (needs_escape[static_cast<unsigned char>(text[i])]) {
            out += text.substr(start, i - start);
            out += entity(text[i]);
            start = i + 1;
        }
    }
    out += text.substr(start);
}

void append_header(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::string_view rest = text.substr(i);
        const bool separator = rest.starts_with("\u2028") || rest.starts_with("\u2029");
        // U+0080..U+009F are controls too; U+0085 ends a line.
        const bool c1 = byte == 0xc2 && rest.size() > 1 &&
                        static_cast<unsigned char>(rest[1]) >= 0x80 &&
                        static_cast<unsigned char>(rest[1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || separator || c1) {
            out += ' ';
            i += separator ? 2 : c1 ? 1 : 0;
        } else {
            out += text[i];
        }
    }
}

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace winback::liquid
