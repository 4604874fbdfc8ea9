#include "template/inspect.h"

#include <array>
#include <charconv>

#include <unicode/uchar.h>

#include "template/text.h"

namespace winback::liquid {
namespace {

void append_hex(std::string& out, std::uint32_t number, int digits_min) {
    std::array<char, 8> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, 16);
    const auto length = static_cast<int>(end.ptr - buffer.data());
    out.append(static_cast<std::size_t>(std::max(digits_min - length, 0)), '0');
    for (const char* c = buffer.data(); c != end.ptr; ++c) {
        out += *c >= 'a' ? static_cast<char>(*c - 'a' + 'A') : *c;
    }
}

bool is_printable(char32_t letter) {
    switch (u_charType(static_cast<UChar32>(letter))) {
        case U_CONTROL_CHAR:
        case U_UNASSIGNED:
        case U_SURROGATE:
        case U_LINE_SEPARATOR:
        case U_PARAGRAPH_SEPARATOR:
            return false;
        default:
            return true;
    }
}

// The letter behind the backslash of a short escape; 0 when there is none.
char short_escape(char c) {
    constexpr std::string_view escaped = "\n\t\r\f\v\b\a\033\"\\";
    constexpr std::string_view letters = "ntrfvbae\"\\";
    const std::size_t at = escaped.find(c);
    return at == std::string_view::npos ? '\0' : letters[at];
}

// One code point that is not a plain ASCII letter.
void append_letter(std::string& out, std::string_view letter) {
    const std::optional<char32_t> code = code_point(letter);
    if (!code) {
        out += "\\x";
        append_hex(out, static_cast<unsigned char>(letter[0]), 2);
    } else if (is_printable(*code)) {
        out += letter;
    } else if (*code > 0xffff) {
        out += "\\u{";
        append_hex(out, *code, 1);
        out += '}';
    } else {
        out += "\\u";
        append_hex(out, *code, 4);
    }
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const std::size_t length = code_point_length(text.substr(at));
        if (const char letter = short_escape(c)) {
            out += '\\';
            out += letter;
        } else if (c == '#' && at + 1 < text.size() &&
                   std::string_view("{$@").find(text[at + 1]) != std::string_view::npos) {
            out += "\\#";
        } else if (c >= ' ' && c < 0x7f) {
            out += c;
        } else {
            append_letter(out, text.substr(at, length));
        }
        at += length;
    }
    out += '"';
}

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
void append_inspect(std::string& out, const Datum& datum, const Zone& zone, Meter& meter) {
    using enum Datum::Kind;
    if (datum.is_nil()) {
        out += "nil";
    } else if (!meter.allows(out)) {
        return;
    } else if (datum.is(Text)) {
        meter.spend_bytes(datum.as_text().size());
        append_quoted(out, datum.as_text());
    } else {
        append_to_s(out, datum, zone, meter);
    }
}

// NOLINTNEXTLINE(misc-no-recursion)
void append_to_s(std::string& out, const Datum& datum, const Zone& zone, Meter& meter) {
    if (!datum.is_list() && !datum.is_hash()) {
        append_text(out, datum, zone, meter);
        return;
    }
    if (!meter.enter()) {
        return;
    }
    const bool hash = datum.is_hash();
    out += hash ? '{' : '[';
    for (std::int64_t i = 0; i < datum.item_count() && meter.spend(1); ++i) {
        out += i == 0 ? "" : ", ";
        if (hash) {
            append_inspect(out, datum.key(i), zone, meter);
            out += "=>";
        }
        append_inspect(out, hash ? datum.value(i) : datum.item(i), zone, meter);
    }
    out += hash ? '}' : ']';
    meter.leave();
}

}  // namespace winback::liquid
