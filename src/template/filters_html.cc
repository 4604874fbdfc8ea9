// Filters for HTML, links and JSON.
#include <algorithm>
#include <array>

#include "base/strings.h"
#include "template/filters.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

// Said by the writer of the template about a text that is HTML: it is printed as it is.
Datum raw(FilterInput& in) {
    return Datum::text(in.text(), true);
}

// In HTML what is printed is escaped once, whether the template says so or not.
Datum escape(FilterInput& in) {
    if (in.value.is_nil()) {
        return {};
    }
    append_escaped(in.buffer, in.text());
    return in.keep(in.buffer, true);
}

// The length of "&name;", "&#12;" or "&#x1f;" at the start of `text`; 0 when there is none.
std::size_t entity_length(std::string_view text) {
    constexpr std::size_t entity_length_max = 32;
    const std::size_t end = text.substr(0, entity_length_max).find(';');
    if (end == std::string_view::npos || end < 2) {
        return 0;
    }
    std::string_view name = text.substr(1, end - 1);
    std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    if (name.starts_with("#x") || name.starts_with("#X")) {
        name.remove_prefix(2);
        allowed = "0123456789abcdefABCDEF";
    } else if (name.starts_with('#')) {
        name.remove_prefix(1);
        allowed = "0123456789";
    }
    const bool entity = !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
    return entity ? end + 1 : 0;
}

Datum escape_once(FilterInput& in) {
    std::string_view text = in.text();
    while (!text.empty()) {
        const std::size_t entity = text[0] == '&' ? entity_length(text) : 0;
        if (entity > 0) {
            in.buffer += text.substr(0, entity);
            text.remove_prefix(entity);
        } else {
            append_escaped(in.buffer, text.substr(0, 1));
            text.remove_prefix(1);
        }
    }
    return in.keep(in.buffer, true);
}

Datum newline_to_br(FilterInput& in) {
    const bool escapes = in.html() && !in.value.is_safe();
    std::string_view text = in.text();
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        if (end < text.size() && line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (escapes) {
            append_escaped(in.buffer, line);
        } else {
            in.buffer += line;
        }
        in.buffer += end < text.size() ? "<br />\n" : "";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return in.keep(in.buffer, in.html());
}

// Where the element that starts at `text` ("<script", "<style" or "<!--") ends; 0 when `text`
// does not start with one that is closed.
std::size_t opaque_length(std::string_view text) {
    struct Opaque {
        std::string_view open;
        std::string_view close;
    };
    static constexpr Opaque kinds[] = {
        {"<script", "</script>"}, {"<style", "</style>"}, {"<!--", "-->"}};
    for (const Opaque& kind : kinds) {
        if (equals_ignoring_case(text.substr(0, kind.open.size()), kind.open)) {
            for (std::size_t at = kind.open.size(); at + kind.close.size() <= text.size(); ++at) {
                if (text[at] == kind.close[0] &&
                    equals_ignoring_case(text.substr(at, kind.close.size()), kind.close)) {
                    return at + kind.close.size();
                }
            }
            return 0;
        }
    }
    return 0;
}

// One pass, but for opaque elements that are not closed: after the first of those nothing is
// looked for again, so the work stays linear.
Datum strip_html(FilterInput& in) {
    std::string_view text = in.text();
    bool opaque = true;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('<'), text.size());
        in.buffer += text.substr(0, open);
        text.remove_prefix(open);
        if (text.empty()) {
            break;
        }
        std::size_t length = opaque ? opaque_length(text) : 0;
        const bool unclosed =
            opaque && length == 0 && (text.starts_with("<!--") || text.starts_with("<s"));
        opaque = opaque && !unclosed;
        if (length == 0) {
            const std::size_t close = text.find('>');
            if (close == std::string_view::npos) {
                in.buffer += text;
                break;
            }
            length = close + 1;
        }
        text.remove_prefix(length);
    }
    return in.keep(in.buffer);
}

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
    return is_valid_utf8(in.buffer) ? in.keep(in.buffer)
                                    : in.fail("the text is not valid UTF-8 when decoded");
}

// Safe inside <script>: the signs that could end it are written as \u003c and so on.
Datum json(FilterInput& in) {
    std::string plain;
    append_json(plain, in.value);
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

constexpr FilterSpec table[] = {
    {"escape", escape, 0, 0},
    {"escape_once", escape_once, 0, 0},
    {"h", escape, 0, 0},
    {"json", json, 0, 0},
    {"newline_to_br", newline_to_br, 0, 0},
    {"raw", raw, 0, 0},
    {"strip_html", strip_html, 0, 0},
    {"url_decode", url_decode, 0, 0},
    {"url_encode", url_encode, 0, 0},
};

}  // namespace

std::span<const FilterSpec> html_filters() {
    return table;
}

}  // namespace winback::liquid
