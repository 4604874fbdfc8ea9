#include "sender/encoding.h"

#include <array>
#include <cstdint>

#include "base/strings.h"

namespace winback::sender {
namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_digits = "0123456789ABCDEF";
constexpr std::size_t encoded_word_max = 75;  // RFC 2047 §2.
constexpr std::string_view word_start_b = "=?utf-8?B?";
constexpr std::string_view word_start_q = "=?utf-8?Q?";
constexpr std::string_view word_end = "?=";

bool is_printable_ascii(char c) {
    return c >= 0x20 && c < 0x7f;
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_atext(char c) {
    return is_alphanumeric(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

void append_hex(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    out += '=';
    out += hex_digits[byte >> 4];
    out += hex_digits[byte & 15];
}

// RFC 2047 §5 (3): what may stand for itself in an encoded word inside a phrase.
bool stands_for_itself_in_word(char c) {
    return is_alphanumeric(c) || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
}

std::string q_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == ' ') {
            out += '_';
        } else if (stands_for_itself_in_word(c)) {
            out += c;
        } else {
            append_hex(out, c);
        }
    }
    return out;
}

std::size_t q_length(std::string_view text) {
    std::size_t length = 0;
    for (const char c : text) {
        length += c == ' ' || stands_for_itself_in_word(c) ? 1U : 3U;
    }
    return length;
}

std::size_t base64_length(std::size_t bytes) {
    return (bytes + 2) / 3 * 4;
}

std::size_t code_point_length(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
        ++end;
    }
    return end - at;
}

// `column` is where the first word starts; the following ones start lines of their own after one
// space. Starts with a fold when not even one code point fits behind `column`.
std::string encoded_words(std::string_view text, std::size_t column) {
    const bool use_q = q_length(text) <= base64_length(text.size());
    const std::size_t frame = word_start_q.size() + word_end.size();
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t line_room = mail_line_max > column ? mail_line_max - column : 0;
        const std::size_t word_room = line_room < encoded_word_max ? line_room : encoded_word_max;
        std::size_t end = at;
        while (end < text.size()) {
            const std::size_t next = end + code_point_length(text, end);
            const std::string_view piece = text.substr(at, next - at);
            const std::size_t length = use_q ? q_length(piece) : base64_length(piece.size());
            if (frame + length > word_room) {
                break;
            }
            end = next;
        }
        if (end > at) {
            const std::string_view piece = text.substr(at, end - at);
            out += use_q ? word_start_q : word_start_b;
            out += use_q ? q_encode(piece) : base64(piece);
            out += word_end;
            at = end;
        }
        if (at < text.size()) {
            out += "\r\n ";
            column = 1;
        }
    }
    return out;
}

std::string without_controls(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            c = ' ';
        }
    }
    return out;
}

bool is_plain_ascii(std::string_view text) {
    for (const char c : text) {
        if (!is_printable_ascii(c)) {
            return false;
        }
    }
    return text.find("=?") == std::string_view::npos;
}

// Plain text may be folded at its spaces only if folding and unfolding give it back unchanged.
bool folds_losslessly(std::string_view text, std::size_t column) {
    if (text.empty() || text.front() == ' ' || text.back() == ' ') {
        return text.empty();
    }
    for (const std::string_view word : split(text, ' ')) {
        if (word.empty() || word.size() + column > mail_line_max) {
            return false;
        }
    }
    return true;
}

std::string fold_words(std::string_view text, std::size_t column) {
    std::string out;
    for (const std::string_view word : split(text, ' ')) {
        if (!out.empty()) {
            const bool fits = column + 1 + word.size() <= mail_line_max;
            out += fits ? " " : "\r\n ";
            column = fits ? column + 1 : 1;
        }
        out += word;
        column += word.size();
    }
    return out;
}

// How many characters at the start certainly stand for themselves: the last one of a run is left
// out, since what follows it decides.
std::size_t plain_run(std::string_view text, std::size_t room) {
    const std::size_t end = text.size() < room ? text.size() : room;
    std::size_t length = 0;
    while (length < end && is_printable_ascii(text[length]) && text[length] != '=') {
        ++length;
    }
    return length > 0 ? length - 1 : 0;
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out;
    out.reserve(base64_length(bytes.size()));
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        for (std::size_t k = 0; k < 3; ++k) {
            group <<= 8;
            group |= k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U;
        }
        const std::array<char, 4> digits = {
            base64_digits[group >> 18 & 63],
            base64_digits[group >> 12 & 63],
            count > 1 ? base64_digits[group >> 6 & 63] : '=',
            count > 2 ? base64_digits[group & 63] : '=',
        };
        out.append(digits.data(), digits.size());
    }
    return out;
}

std::string base64_lines(std::string_view bytes) {
    constexpr std::size_t bytes_per_line = mail_line_max / 4 * 3;
    std::string out;
    out.reserve(base64_length(bytes.size()) / mail_line_max * (mail_line_max + 2) + 80);
    for (std::size_t at = 0; at < bytes.size(); at += bytes_per_line) {
        if (at > 0) {
            out += "\r\n";
        }
        out += base64(bytes.substr(at, bytes_per_line));
    }
    return out;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 3);
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (column > 0) {
            const std::size_t run = plain_run(text.substr(i), mail_line_max - column);
            out += text.substr(i, run);
            column += run;
            i += run;
        }
        const char c = text[i];
        if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') {
            out += "\r\n";
            column = 0;
            ++i;
            continue;
        }
        const bool last_of_line = i + 1 == text.size() || text[i + 1] == '\r';
        const bool is_space = c == ' ' || c == '\t';
        // A lone dot and "From " are rewritten by some relays when they start a line.
        const bool fragile = column == 0 && (c == '.' || text.substr(i).starts_with("From "));
        const bool plain = (is_printable_ascii(c) || c == '\t') && c != '=' && !fragile &&
                           !(is_space && last_of_line);
        const std::size_t width = plain ? 1 : 3;
        // One column stays free for the "=" of a soft break, unless the line ends here anyway.
        if (column + width > mail_line_max - (last_of_line ? 0U : 1U)) {
            out += "=\r\n";
            column = 0;
        }
        if (plain) {
            out += c;
        } else {
            append_hex(out, c);
        }
        column += width;
    }
    return out;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && text[end] != '\r' && text[end] != '\n') {
            ++end;
        }
        out += text.substr(at, end - at);
        if (end < text.size()) {
            out += "\r\n";
            end += text.substr(end).starts_with("\r\n") ? 2U : 1U;
        }
        at = end;
    }
    return out;
}

TransferEncoding choose_encoding(std::string_view crlf_text) {
    std::size_t column = 0;
    std::size_t specials = 0;
    bool seven_bit = true;
    for (std::size_t i = 0; i < crlf_text.size(); ++i) {
        const char c = crlf_text[i];
        if (c == '\r') {
            seven_bit =
                seven_bit && (i == 0 || (crlf_text[i - 1] != ' ' && crlf_text[i - 1] != '\t'));
            column = 0;
            ++i;
            continue;
        }
        if (!is_printable_ascii(c) && c != '\t') {
            ++specials;
            seven_bit = false;
        }
        const bool from_line = column == 0 && crlf_text.substr(i).starts_with("From ");
        seven_bit = seven_bit && !from_line && ++column <= mail_line_max;
    }
    if (seven_bit) {
        return TransferEncoding::SevenBit;
    }
    return specials * 2 > crlf_text.size() / 3 ? TransferEncoding::Base64
                                               : TransferEncoding::QuotedPrintable;
}

std::string text_header(std::string_view name, std::string_view text) {
    const std::string clean = without_controls(text);
    std::string out(name);
    out += ": ";
    if (is_plain_ascii(clean) && folds_losslessly(clean, out.size())) {
        out += fold_words(clean, out.size());
    } else {
        out += encoded_words(clean, out.size());
    }
    out += "\r\n";
    return out;
}

std::string display_name(std::string_view name, std::size_t column) {
    const std::string clean = without_controls(name);
    const std::string_view text = trim(clean);
    if (text.empty()) {
        return {};
    }
    constexpr std::size_t quoted_max = 60;
    if (!is_plain_ascii(text) || text.size() > quoted_max) {
        return encoded_words(text, column);
    }
    bool atoms = text.find("  ") == std::string_view::npos;
    for (const char c : text) {
        atoms = atoms && (is_atext(c) || c == ' ');
    }
    if (atoms) {
        return std::string(text);
    }
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    out += '"';
    return out;
}

}  // namespace winback::sender
