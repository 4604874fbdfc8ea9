#include "template/text.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringpiece.h>
#include <unicode/uchar.h>

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

std::optional<char32_t> code_point(std::string_view letter) {
    const auto lead = static_cast<unsigned char>(letter[0]);
    if (letter.size() == 1) {
        return lead < 0x80 ? std::optional<char32_t>(lead) : std::nullopt;
    }
    char32_t code = lead & (0xffU >> (letter.size() + 1));
    for (const char c : letter.substr(1)) {
        code = code << 6U | (static_cast<unsigned char>(c) & 0x3fU);
    }
    return code;
}

void append_code_point(std::string& out, char32_t code) {
    constexpr std::uint32_t low_six = 0x3f;
    const std::uint32_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (size == 1) {
        out += static_cast<char>(code);
        return;
    }
    const std::uint32_t lead = 0xf00U >> size & 0xffU;
    out += static_cast<char>(lead | code >> 6U * (size - 1));
    for (std::uint32_t i = size - 1; i > 0; --i) {
        out += static_cast<char>(0x80U | (code >> 6U * (i - 1) & low_six));
    }
}

std::int64_t code_point_count(std::string_view text) {
    std::int64_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) {
        const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
        at += ascii ? 1 : code_point_length(text.substr(at));
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

std::string_view last_code_point(std::string_view text) {
    constexpr std::size_t bytes_max = 4;
    for (std::size_t length = std::min(bytes_max, text.size()); length > 1; --length) {
        const std::string_view tail = text.substr(text.size() - length);
        if (code_point_length(tail) == length) {
            return tail;
        }
    }
    return text.substr(text.size() - std::min<std::size_t>(text.size(), 1));
}

namespace {

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool has_own_cases(std::string_view locale) {
    const std::string_view language = locale.substr(0, 2);
    return language == "tr" || language == "az" || language == "lt";
}

bool is_english(std::string_view locale) {
    return locale.empty() || locale.substr(0, 2) == "en";
}

char upper_ascii(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class Map>
void append_mapped(std::string& out, std::string_view text, Map map) {
    const std::size_t start = out.size();
    out += text;
    std::transform(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
                   out.begin() + static_cast<std::ptrdiff_t>(start), map);
}

enum class Case { Upper, Lower, Title };

void append_cased(std::string& out, std::string_view text, std::string_view locale, Case wanted) {
    using Map = icu::CaseMap;
    const std::string language(locale.substr(0, 2));
    const char* name = is_english(locale) ? "" : language.c_str();
    UErrorCode status = U_ZERO_ERROR;
    const std::size_t start = out.size();
    icu::StringByteSink<std::string> sink(&out);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    if (wanted == Case::Upper) {
        Map::utf8ToUpper(name, 0, piece, sink, nullptr, status);
    } else if (wanted == Case::Lower) {
        Map::utf8ToLower(name, 0, piece, sink, nullptr, status);
    } else {
        constexpr std::uint32_t whole = U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_BREAK_ADJUSTMENT;
        Map::utf8ToTitle(name, whole, nullptr, piece, sink, nullptr, status);
    }
    if (U_FAILURE(status)) {
        out.resize(start);
        out += text;
    }
}

// A final sigma is no exception in Ruby; the only letter that becomes two is the Turkish capital.
void append_lower_letters(std::string& out, std::string_view text) {
    constexpr char32_t dotted_capital_i = 0x130;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view letter = text.substr(at, code_point_length(text.substr(at)));
        at += letter.size();
        const std::optional<char32_t> code = code_point(letter);
        if (letter.size() == 1 || !code) {
            out += letter.size() == 1 ? lower_ascii(letter[0]) : letter[0];
        } else if (*code == dotted_capital_i) {
            out += "i\u0307";
        } else {
            const UChar32 lower = u_tolower(static_cast<UChar32>(*code));
            append_code_point(out, static_cast<char32_t>(lower));
        }
    }
}

}  // namespace

void append_upper(std::string& out, std::string_view text, std::string_view locale) {
    if (is_ascii(text) && !has_own_cases(locale)) {
        append_mapped(out, text, upper_ascii);
    } else {
        append_cased(out, text, locale, Case::Upper);
    }
}

void append_lower(std::string& out, std::string_view text, std::string_view locale) {
    if (is_ascii(text) && !has_own_cases(locale)) {
        append_mapped(out, text, lower_ascii);
    } else if (is_english(locale)) {
        append_lower_letters(out, text);
    } else {
        append_cased(out, text, locale, Case::Lower);
    }
}

void append_capitalized(std::string& out, std::string_view text, std::string_view locale) {
    const std::string_view first = code_point_prefix(text, 1);
    if (is_ascii(first) && !has_own_cases(locale)) {
        append_mapped(out, first, upper_ascii);
    } else {
        append_cased(out, first, locale, Case::Title);
    }
    append_lower(out, text.substr(first.size()), locale);
}

int compare_ignoring_case(std::string_view a, std::string_view b) {
    const std::size_t length = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < length; ++i) {
        const auto x = static_cast<unsigned char>(lower_ascii(a[i]));
        const auto y = static_cast<unsigned char>(lower_ascii(b[i]));
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

std::size_t find_text(std::string_view text, std::string_view part, std::size_t from) {
    if (from > text.size() || part.size() > text.size() - from) {
        return std::string_view::npos;
    }
    if (part.empty()) {
        return from;
    }
    const void* const begin = text.data();
    const void* const found =
        memmem(text.data() + from, text.size() - from, part.data(), part.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) -
                                                       static_cast<const char*>(begin));
}

std::size_t find_last_text(std::string_view text, std::string_view part) {
    const std::string back(text.rbegin(), text.rend());
    const std::size_t found = find_text(back, std::string(part.rbegin(), part.rend()));
    return found == std::string_view::npos ? found : text.size() - found - part.size();
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

std::string_view strip_left(std::string_view text) {
    while (!text.empty() && (is_space(text.front()) || text.front() == '\0')) {
        text.remove_prefix(1);
    }
    return text;
}

std::string_view strip_right(std::string_view text) {
    while (!text.empty() && (is_space(text.back()) || text.back() == '\0')) {
        text.remove_suffix(1);
    }
    return text;
}

}  // namespace winback::liquid
