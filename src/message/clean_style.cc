#include "message/clean_style.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace winback::message {
namespace {

constexpr std::size_t none = std::string_view::npos;

template <std::size_t n>
bool is_one_of(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || c == '-';
}

bool is_allowed_name(std::string_view name) {
    constexpr std::array<std::string_view, 48> names{
        "align-items",  "aspect-ratio",   "box-sizing",      "caption-side",
        "clear",        "color",          "color-scheme",    "column-gap",
        "cursor",       "direction",      "display",         "empty-cells",
        "flex",         "flex-basis",     "flex-direction",  "flex-grow",
        "flex-shrink",  "flex-wrap",      "float",           "gap",
        "height",       "hyphens",        "justify-content", "letter-spacing",
        "line-break",   "line-height",    "max-height",      "max-width",
        "min-height",   "min-width",      "object-fit",      "object-position",
        "opacity",      "overflow",       "overflow-wrap",   "overflow-x",
        "overflow-y",   "quotes",         "row-gap",         "table-layout",
        "unicode-bidi", "vertical-align", "visibility",      "white-space",
        "width",        "word-break",     "word-spacing",    "word-wrap",
    };
    constexpr std::array<std::string_view, 9> families{
        "background", "border", "font",
        "list-style", "margin", "mso-",
        "padding",    "text-",  "-webkit-text-size-adjust"};
    const bool family = std::any_of(families.begin(), families.end(), [&](std::string_view begin) {
        return name.starts_with(begin);
    });
    // Word lays such elements anywhere on the page.
    const bool frame = name.starts_with("mso-element") || name.starts_with("mso-position");
    return is_one_of(name, names) || (family && !frame && name != "text-shadow");
}

bool is_allowed_function(std::string_view name) {
    constexpr std::array<std::string_view, 11> names{
        "calc", "clamp", "hsl", "hsla", "linear-gradient", "max", "min", "radial-gradient",
        "rgb",  "rgba",  "url"};
    return is_one_of(name, names);
}

// `at` is behind "url(": a picture that may be fetched, without letters that end it early.
bool is_allowed_url(std::string_view value, std::size_t at) {
    std::string_view inside = trim(value.substr(at, value.find(')', at) - at));
    const char quote = inside.empty() ? '\0' : inside[0];
    if (quote == '"' || quote == '\'') {
        if (inside.size() < 2 || inside.back() != quote) {
            return false;
        }
        inside = inside.substr(1, inside.size() - 2);
    }
    const bool fetched = inside.starts_with("http://") || inside.starts_with("https://") ||
                         inside.starts_with("cid:");
    return fetched && inside.find_first_of(" \"'(") == none;
}

// Brackets and quotes that close, functions that we know. `value` is in lower case.
bool is_allowed_value(std::string_view value) {
    if (value.empty() || value.find_first_of("\\{}[]<>@") != none) {
        return false;
    }
    int depth = 0;
    char quote = '\0';
    for (std::size_t i = 0; i < value.size(); ++i) {
        const char c = value[i];
        if (quote != '\0') {
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '(') {
            std::size_t name = i;
            while (name > 0 && is_name_letter(value[name - 1])) {
                --name;
            }
            const std::string_view function = value.substr(name, i - name);
            const bool nested = function.empty() && depth > 0;  // calc((1px + 2px) * 3)
            if ((!nested && !is_allowed_function(function)) ||
                (function == "url" && !is_allowed_url(value, i + 1))) {
                return false;
            }
            ++depth;
        } else if (c == ')' && --depth < 0) {
            return false;
        }
    }
    return depth == 0 && quote == '\0';
}

bool is_allowed(std::string_view name, std::string_view value) {
    const bool spelled = std::all_of(name.begin(), name.end(), is_name_letter);
    const bool pulls = name.starts_with("margin") && value.find('-') != none;
    return spelled && !pulls && is_allowed_name(name) && is_allowed_value(value);
}

// Comments taken out, control characters as spaces.
std::string without_comments(std::string_view style) {
    std::string out;
    for (std::size_t i = 0; i < style.size(); ++i) {
        if (style.substr(i).starts_with("/*")) {
            const std::size_t end = style.find("*/", i + 2);
            if (end == none) {
                break;
            }
            i = end + 1;
        } else {
            const auto byte = static_cast<unsigned char>(style[i]);
            out += byte < 0x20 || byte == 0x7f ? ' ' : style[i];
        }
    }
    return out;
}

}  // namespace

std::string clean_style(std::string_view style) {
    std::string out;
    const std::string text = without_comments(style);
    for (const std::string_view declaration : split(text, ';')) {
        const std::size_t colon = declaration.find(':');
        if (colon == none) {
            continue;
        }
        const std::string name = to_lower_ascii(trim(declaration.substr(0, colon)));
        const std::string_view value = trim(declaration.substr(colon + 1));
        if (is_allowed(name, to_lower_ascii(value))) {
            out += out.empty() ? "" : ";";
            out += name + ":";
            out += value;
        }
    }
    return out;
}

}  // namespace winback::message
