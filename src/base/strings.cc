#include "base/strings.h"

#include <algorithm>

namespace winback {
namespace {

bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Length of the sequence that starts with `lead`, and the smallest code point it may carry.
struct Lead {
    int length;
    char32_t smallest;
    char32_t bits;
};

Lead read_lead(unsigned char lead) {
    if (lead < 0x80) {
        return {1, 0, lead};
    }
    if (lead >= 0xc2 && lead < 0xe0) {
        return {2, 0x80, lead & 0x1fU};
    }
    if (lead >= 0xe0 && lead < 0xf0) {
        return {3, 0x800, lead & 0x0fU};
    }
    if (lead >= 0xf0 && lead < 0xf5) {
        return {4, 0x10000, lead & 0x07U};
    }
    return {0, 0, 0};
}

}  // namespace

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::string to_lower_ascii(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t start = 0;
    for (std::size_t end = text.find(separator); end != std::string_view::npos;
         end = text.find(separator, start)) {
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    parts.push_back(text.substr(start));
    return parts;
}

bool is_valid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const Lead lead = read_lead(static_cast<unsigned char>(text[i]));
        const auto length = static_cast<std::size_t>(lead.length);
        if (length == 0 || text.size() - i < length) {
            return false;
        }
        char32_t code_point = lead.bits;
        for (std::size_t k = 1; k < length; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0U) != 0x80) {
                return false;
            }
            code_point = code_point << 6U | (next & 0x3fU);
        }
        const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
        if (code_point < lead.smallest || code_point > 0x10ffff || surrogate) {
            return false;
        }
        i += length;
    }
    return true;
}

bool holds_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
    });
}

std::string escape_html(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace winback
