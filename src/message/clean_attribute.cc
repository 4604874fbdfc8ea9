#include "message/clean_attribute.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/strings.h"
#include "message/clean_style.h"
#include "message/direction.h"
#include "message/links.h"

namespace winback::message {
namespace {

bool is_allowed_name(std::string_view name) {
    constexpr std::array<std::string_view, 52> names{
        "abbr",        "align",   "alt",      "background", "bgcolor", "border",  "cellpadding",
        "cellspacing", "class",   "clear",    "color",      "colspan", "compact", "coords",
        "datetime",    "dir",     "face",     "frame",      "headers", "height",  "hidden",
        "href",        "hspace",  "id",       "lang",       "media",   "name",    "noshade",
        "nowrap",      "rel",     "reversed", "role",       "rowspan", "rules",   "scope",
        "shape",       "size",    "sizes",    "span",       "src",     "srcset",  "start",
        "style",       "summary", "target",   "title",      "type",    "usemap",  "valign",
        "value",       "vspace",  "width"};
    return std::find(names.begin(), names.end(), name) != names.end();
}

// aria-label, data-x: none of them does anything by itself.
bool is_hyphened_name(std::string_view name) {
    return name.find('-') != std::string_view::npos && !name.starts_with("on") &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

// How long a numeric entity of a mark that turns the direction is; 0 when none begins here.
std::size_t direction_entity_length(std::string_view text) {
    if (!text.starts_with("&#")) {
        return 0;
    }
    const bool hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
    const char* begin = text.data() + (hex ? 3 : 2);
    const char* end = text.data() + text.size();
    std::uint32_t code_point = 0;
    const auto read = std::from_chars(begin, end, code_point, hex ? 16 : 10);
    if (read.ec != std::errc{} || !is_direction_mark(code_point)) {
        return 0;
    }
    const std::size_t length = static_cast<std::size_t>(read.ptr - text.data());
    return length + (read.ptr != end && *read.ptr == ';' ? 1 : 0);
}

// False: the attribute is dropped.
bool append_target(std::string& out, std::string_view name, const std::string& value) {
    const bool picture = name == "src" || name == "background" || name == "srcset";
    if (picture && !is_safe_picture(value)) {
        return false;
    }
    const bool leads = picture || is_safe_link(value) || value.starts_with('#');
    // Decoded and escaped again: no program reads an entity in it that we did not.
    out += leads ? escape_html(value) : "#";
    return true;
}

void append_attribute(std::string& out, const std::string& name, const Attribute& attribute) {
    std::string value;
    const std::string decoded = without_direction_marks(decode_entities(attribute.value));
    if (name == "style") {
        value = escape_html(clean_style(decoded));
        if (value.empty()) {
            return;
        }
    } else if (name == "href" || name == "src" || name == "background" || name == "srcset") {
        if (!append_target(value, name, decoded)) {
            return;
        }
    } else {
        append_clean_text(value, without_direction_marks(attribute.value));
        for (std::size_t i = value.find('"'); i != std::string::npos; i = value.find('"', i)) {
            value.replace(i, 1, "&quot;");
        }
    }
    out += ' ' + name;
    if (attribute.value_begin > 0 || !value.empty()) {
        out += "=\"" + value + '"';
    }
}

}  // namespace

void append_clean_text(std::string& out, std::string_view source) {
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (const std::size_t length = direction_entity_length(source.substr(i)); length > 0) {
            i += length - 1;
            out += ' ';  // What stood before and behind must not grow together into an entity.
        } else if (source[i] == '<') {
            out += "&lt;";
        } else {
            out += source[i];
        }
    }
}

void append_clean_attributes(std::string& out, const HtmlPiece& piece) {
    std::set<std::string> seen;  // The first of a name counts, as in browsers.
    for (const Attribute& attribute : piece.attributes) {
        const std::string name = to_lower_ascii(attribute.name);
        const bool wanted = is_allowed_name(name) || is_hyphened_name(name);
        if (wanted && seen.size() < attributes_max && seen.insert(name).second) {
            append_attribute(out, name, attribute);
        }
    }
}

}  // namespace winback::message
