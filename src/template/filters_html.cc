// Filters for HTML.
#include <algorithm>
#include <array>

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

// The length of "&name;" or "&#12;" at the start of `text`; 0 when there is none.
std::size_t entity_length(std::string_view text) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const bool number = text.substr(1).starts_with('#');
    const std::size_t begin = number ? 2 : 1;
    const std::size_t end = text.find_first_not_of(number ? "0123456789" : letters, begin);
    const bool entity = end != std::string_view::npos && end > begin && text[end] == ';';
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

// Scripts, styles and comments, which go with all that is in them.
struct Opaque {
    std::string_view open;
    std::string_view close;
};
constexpr std::array<Opaque, 3> opaque_kinds{Opaque{"<script", "</script>"}, Opaque{"<!--", "-->"},
                                             Opaque{"<style", "</style>"}};

// Once a kind is found not to be closed it is not looked for again, so the work stays linear.
void append_without_opaque(std::string& out, std::string_view text) {
    std::array<bool, opaque_kinds.size()> closed{true, true, true};
    std::size_t kept = 0;
    std::size_t at = text.find('<');
    while (at != std::string_view::npos) {
        std::size_t next = at + 1;
        for (std::size_t kind = 0; kind < opaque_kinds.size(); ++kind) {
            const auto [open, close] = opaque_kinds[kind];
            if (!closed[kind] || !text.substr(at).starts_with(open)) {
                continue;
            }
            const std::size_t end = text.find(close, at + open.size());
            closed[kind] = end != std::string_view::npos;
            if (closed[kind]) {
                out += text.substr(kept, at - kept);
                next = kept = end + close.size();
            }
        }
        at = text.find('<', next);
    }
    out += text.substr(kept);
}

// Two passes, as in the reference: what is left of the first may form a tag for the second.
Datum strip_html(FilterInput& in) {
    append_without_opaque(in.buffer, in.text());
    const std::string_view text = in.buffer;
    std::size_t length = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t open = std::min(text.find('<', at), text.size());
        const std::size_t close = text.find('>', open);
        const std::size_t end = close == std::string_view::npos ? text.size() : open;
        std::copy(text.begin() + static_cast<std::ptrdiff_t>(at),
                  text.begin() + static_cast<std::ptrdiff_t>(end),
                  in.buffer.begin() + static_cast<std::ptrdiff_t>(length));
        length += end - at;
        at = close == std::string_view::npos ? text.size() : close + 1;
    }
    in.buffer.resize(length);
    return in.keep(in.buffer);
}

constexpr FilterSpec table[] = {
    {"escape", escape, 0, 0}, {"escape_once", escape_once, 0, 0},
    {"h", escape, 0, 0},      {"newline_to_br", newline_to_br, 0, 0},
    {"raw", raw, 0, 0},       {"strip_html", strip_html, 0, 0},
};

}  // namespace

std::span<const FilterSpec> html_filters() {
    return table;
}

}  // namespace winback::liquid
