// Filters on text.
#include <algorithm>

#include "base/strings.h"
#include "template/decimal.h"
#include "template/filters.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

Datum upcase(FilterInput& in) {
    return in.keep(to_upper(in.text(), in.options.locale));
}

Datum downcase(FilterInput& in) {
    return in.keep(to_lower(in.text(), in.options.locale));
}

Datum capitalize(FilterInput& in) {
    const std::string_view text = in.text();
    const std::string_view first = code_point_prefix(text, 1);
    in.buffer = to_upper(first, in.options.locale);
    in.buffer += to_lower(text.substr(first.size()), in.options.locale);
    return in.keep(in.buffer);
}

// In HTML, text that is HTML already stays so: what is joined to it is escaped.
void append_joined(FilterInput& in, const Datum& part, bool safe) {
    const std::string_view text = in.text(part);
    if (safe && !part.is_safe()) {
        append_escaped(in.buffer, text);
    } else {
        in.buffer += text;
    }
}

Datum join_two(FilterInput& in, const Datum& first, const Datum& second) {
    const bool safe = in.html() && (first.is_safe() || second.is_safe());
    append_joined(in, first, safe);
    append_joined(in, second, safe);
    return in.keep(in.buffer, safe);
}

Datum append(FilterInput& in) {
    return join_two(in, in.value, in.arg(0));
}

Datum prepend(FilterInput& in) {
    return join_two(in, in.arg(0), in.value);
}

// An empty search text matches between all characters and at both ends.
Datum replace_with(FilterInput& in, std::string_view search, std::string_view with) {
    const std::string_view text = in.text();
    std::size_t at = 0;
    while (at < text.size()) {
        if (search.empty()) {
            const std::size_t length = code_point_length(text.substr(at));
            in.buffer += with;
            in.buffer += text.substr(at, length);
            at += length;
        } else {
            const std::size_t found = std::min(text.find(search, at), text.size());
            in.buffer += text.substr(at, found - at);
            at = found;
            if (found < text.size()) {
                in.buffer += with;
                at += search.size();
            }
        }
        if (!in.arena.reserve(in.buffer.size())) {
            return {};
        }
    }
    in.buffer += search.empty() ? with : "";
    return in.keep(in.buffer);
}

Datum replace(FilterInput& in) {
    return replace_with(in, in.arg_text(0), in.arg_text(1));
}

Datum remove(FilterInput& in) {
    return in.arg_text(0).empty() ? in.keep(in.text()) : replace_with(in, in.arg_text(0), "");
}

Datum replace_at(FilterInput& in,
                 std::size_t found,
                 std::string_view search,
                 std::string_view with) {
    const std::string_view text = in.text();
    if (found == std::string_view::npos) {
        return Datum::text(text);
    }
    in.buffer += text.substr(0, found);
    in.buffer += with;
    in.buffer += text.substr(found + search.size());
    return in.keep(in.buffer);
}

Datum replace_first(FilterInput& in) {
    const std::string_view search = in.arg_text(0);
    return replace_at(in, in.text().find(search), search, in.arg_text(1));
}

Datum replace_last(FilterInput& in) {
    const std::string_view search = in.arg_text(0);
    return replace_at(in, in.text().rfind(search), search, in.arg_text(1));
}

Datum remove_first(FilterInput& in) {
    const std::string_view search = in.arg_text(0);
    return replace_at(in, in.text().find(search), search, "");
}

Datum remove_last(FilterInput& in) {
    const std::string_view search = in.arg_text(0);
    return replace_at(in, in.text().rfind(search), search, "");
}

// Parts of a text that is HTML stay HTML: white space is no part of a tag's meaning.
Datum strip(FilterInput& in) {
    return Datum::text(trim(in.text()), in.value.is_safe());
}

Datum lstrip(FilterInput& in) {
    std::string_view text = in.text();
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    return Datum::text(text, in.value.is_safe());
}

Datum rstrip(FilterInput& in) {
    std::string_view text = in.text();
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return Datum::text(text, in.value.is_safe());
}

Datum split(FilterInput& in) {
    const std::string_view text = in.text();
    const std::string_view separator = in.arg_text(0);
    std::vector<Datum> parts;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = 0;
        std::size_t next = 0;
        if (separator.empty()) {
            next = end = at + code_point_length(text.substr(at));
        } else if (separator == " ") {  // As in Ruby: any white space, and none at the start.
            while (at < text.size() && is_space(text[at])) {
                ++at;
            }
            end = at;
            while (end < text.size() && !is_space(text[end])) {
                ++end;
            }
            next = end + 1;
        } else {
            end = std::min(text.find(separator, at), text.size());
            next = end + separator.size();
        }
        parts.push_back(Datum::text(text.substr(at, end - at)));
        at = next;
    }
    while (!parts.empty() && parts.back().as_text().empty()) {
        parts.pop_back();
    }
    return in.keep(std::move(parts));
}

std::int64_t whole_argument(FilterInput& in, std::size_t i, std::int64_t fallback) {
    const std::optional<Datum> number = strict_number(in.arg(i));
    if (in.arg(i).is_nil()) {
        return fallback;
    }
    if (!number) {
        in.fail("the argument must be a whole number");
        return fallback;
    }
    // Far beyond every text, and far from what could overflow.
    constexpr double bound = 1e12;
    return static_cast<std::int64_t>(
        std::clamp(number_as_double(floor_number(*number)), -bound, bound));
}

// The ellipsis counts as part of the length.
Datum truncate(FilterInput& in) {
    constexpr std::int64_t length_default = 50;
    const std::string_view text = in.text();
    if (in.value.is_nil()) {
        return {};
    }
    const std::int64_t length = whole_argument(in, 0, length_default);
    const std::string_view ellipsis = in.args.size() > 1 ? in.arg_text(1) : "...";
    if (code_point_count(text) <= length) {
        return Datum::text(text);
    }
    const std::int64_t kept = std::max<std::int64_t>(length - code_point_count(ellipsis), 0);
    in.buffer = code_point_prefix(text, kept);
    in.buffer += ellipsis;
    return in.keep(in.buffer);
}

Datum truncatewords(FilterInput& in) {
    constexpr std::int64_t words_default = 15;
    if (in.value.is_nil()) {
        return {};
    }
    const std::int64_t words_max = std::max<std::int64_t>(whole_argument(in, 0, words_default), 1);
    const std::string_view ellipsis = in.args.size() > 1 ? in.arg_text(1) : "...";
    const std::string_view text = in.text();
    std::int64_t words = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (is_space(text[at])) {
            ++at;
            continue;
        }
        if (++words > words_max) {
            in.buffer += ellipsis;
            return in.keep(in.buffer);
        }
        std::size_t end = at;
        while (end < text.size() && !is_space(text[end])) {
            ++end;
        }
        in.buffer += in.buffer.empty() ? "" : " ";
        in.buffer += text.substr(at, end - at);
        at = end;
    }
    return Datum::text(text);
}

// Letters from `start`, of a text or of a list; a negative start counts from the end.
Datum slice(FilterInput& in) {
    const bool list = in.value.is(Datum::Kind::List) || in.value.is(Datum::Kind::Array);
    const std::string_view text = list ? "" : in.text();
    const std::int64_t size = list ? in.value.item_count() : code_point_count(text);
    std::int64_t start = whole_argument(in, 0, 0);
    const std::int64_t wanted = whole_argument(in, 1, 1);
    start += start < 0 ? size : 0;
    const bool inside = start >= 0 && start <= size && wanted >= 0;
    const std::int64_t length = inside ? std::min(wanted, size - start) : 0;
    if (list) {
        std::vector<Datum> items;
        for (std::int64_t i = 0; i < length; ++i) {
            items.push_back(in.value.item(start + i));
        }
        return in.keep(std::move(items));
    }
    const std::string_view head = code_point_prefix(text, inside ? start : 0);
    return Datum::text(code_point_prefix(text.substr(head.size()), length));
}

Datum strip_newlines(FilterInput& in) {
    for (const char c : in.text()) {
        if (c != '\n' && c != '\r') {
            in.buffer += c;
        }
    }
    return in.keep(in.buffer);
}

Datum default_value(FilterInput& in) {
    const bool keep_false = in.keyword("allow_false").truthy();
    const bool is_false = in.value.is(Datum::Kind::Bool) && !in.value.as_bool();
    const bool missing = is_false ? !keep_false : in.value.is_nil() || is_empty(in.value);
    return missing ? in.arg(0) : in.value;
}

constexpr FilterSpec table[] = {
    {"append", append, 1, 1},
    {"capitalize", capitalize, 0, 0},
    {"default", default_value, 0, 1, "allow_false"},
    {"downcase", downcase, 0, 0},
    {"lstrip", lstrip, 0, 0},
    {"prepend", prepend, 1, 1},
    {"remove", remove, 1, 1},
    {"remove_first", remove_first, 1, 1},
    {"remove_last", remove_last, 1, 1},
    {"replace", replace, 1, 2},
    {"replace_first", replace_first, 1, 2},
    {"replace_last", replace_last, 2, 2},
    {"rstrip", rstrip, 0, 0},
    {"slice", slice, 1, 2},
    {"split", split, 1, 1},
    {"strip", strip, 0, 0},
    {"strip_newlines", strip_newlines, 0, 0},
    {"truncate", truncate, 0, 2},
    {"truncatewords", truncatewords, 0, 2},
    {"upcase", upcase, 0, 0},
};

}  // namespace

std::span<const FilterSpec> text_filters() {
    return table;
}

}  // namespace winback::liquid
