// Filters on text.
#include <algorithm>

#include "template/filters.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

Datum upcase(FilterInput& in) {
    append_upper(in.buffer, in.text(), in.options.locale);
    return in.keep(in.buffer);
}

Datum downcase(FilterInput& in) {
    append_lower(in.buffer, in.text(), in.options.locale);
    return in.keep(in.buffer);
}

Datum capitalize(FilterInput& in) {
    append_capitalized(in.buffer, in.text(), in.options.locale);
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

// What stands for one match of `text`: in Ruby "\\0" in the replacement is the match, "\\`" and
// "\\'" are what stands before and behind it. False when it names a group, which no text has.
bool append_replacement(FilterInput& in,
                        std::string_view with,
                        std::size_t found,
                        std::size_t length) {
    const std::string_view text = in.text();
    const std::size_t last_close = with.rfind('>');
    in.meter.spend_bytes(with.size());
    for (std::size_t i = 0; i < with.size() && in.arena.reserve(in.buffer.size()); ++i) {
        if (with[i] != '\\' || i + 1 == with.size()) {
            in.buffer += with[i];
            continue;
        }
        const char c = with[++i];
        if (c == '0' || c == '&') {
            in.buffer += text.substr(found, length);
        } else if (c == '`') {
            in.buffer += text.substr(0, found);
        } else if (c == '\'') {
            in.buffer += text.substr(found + length);
        } else if (c == '\\') {
            in.buffer += c;
        } else if (c == 'k' && with.substr(i + 1).starts_with('<') &&
                   last_close != std::string_view::npos && last_close > i) {
            return false;
        } else if (c < '1' || c > '9') {  // Groups without a match are empty.
            in.buffer += '\\';
            in.buffer += c;
        }
    }
    return true;
}

// An empty search text matches between all characters and at both ends.
Datum replace_each(FilterInput& in, std::string_view search, std::string_view with, bool all) {
    const std::string_view text = in.text();
    const bool plain = with.find('\\') == std::string_view::npos;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t found = find_text(text, search, at);
        if (found == std::string_view::npos) {
            in.buffer += text.substr(at);
            break;
        }
        in.buffer += text.substr(at, found - at);
        if (plain) {
            in.buffer += with;
        } else if (!append_replacement(in, with, found, search.size())) {
            return in.fail(std::string(internal_error));
        }
        at = found + search.size();
        if (!all) {
            in.buffer += text.substr(at);
            break;
        }
        if (search.empty()) {
            const std::size_t length = at < text.size() ? code_point_length(text.substr(at)) : 1;
            in.buffer += text.substr(at, length);
            at += length;
        }
        if (in.meter.spent() || !in.arena.reserve(in.buffer.size())) {
            return {};
        }
    }
    return in.keep(in.buffer);
}

Datum replace(FilterInput& in) {
    return replace_each(in, in.arg_text(0), in.arg_text(1), true);
}

Datum replace_first(FilterInput& in) {
    return replace_each(in, in.arg_text(0), in.arg_text(1), false);
}

Datum remove(FilterInput& in) {
    return replace_each(in, in.arg_text(0), "", true);
}

Datum remove_first(FilterInput& in) {
    return replace_each(in, in.arg_text(0), "", false);
}

// Here backslashes are nothing special.
Datum replace_last(FilterInput& in) {
    const std::string_view text = in.text();
    const std::string_view search = in.arg_text(0);
    const std::size_t found = find_last_text(text, search);
    if (found == std::string_view::npos) {
        return Datum::text(text);
    }
    in.buffer += text.substr(0, found);
    in.buffer += in.arg_text(1);
    in.buffer += text.substr(found + search.size());
    return in.keep(in.buffer);
}

Datum remove_last(FilterInput& in) {
    return replace_last(in);  // Its second argument is nil.
}

// Parts of a text that is HTML stay HTML: white space is no part of a tag's meaning.
Datum strip(FilterInput& in) {
    return Datum::text(strip_right(strip_left(in.text())), in.value.is_safe());
}

Datum lstrip(FilterInput& in) {
    return Datum::text(strip_left(in.text()), in.value.is_safe());
}

Datum rstrip(FilterInput& in) {
    return Datum::text(strip_right(in.text()), in.value.is_safe());
}

// Every run of white space inside becomes one space.
Datum squish(FilterInput& in) {
    if (in.value.is_nil()) {
        return {};
    }
    const std::string_view text = strip_right(strip_left(in.text()));
    bool space = false;
    for (const char c : text) {
        if (!is_space(c)) {
            in.buffer += c;
        } else if (!space) {
            in.buffer += ' ';
        }
        space = is_space(c);
    }
    return in.keep(in.buffer);
}

// Text between any white space, none at the start: what a separator of one space means.
std::string_view next_word(std::string_view& rest) {
    while (!rest.empty() && is_space(rest.front())) {
        rest.remove_prefix(1);
    }
    std::size_t end = 0;
    while (end < rest.size() && !is_space(rest[end])) {
        ++end;
    }
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}

std::string_view next_part(std::string_view& rest, std::string_view separator) {
    if (separator == " ") {
        return next_word(rest);
    }
    const std::size_t end = separator.empty() ? code_point_length(rest)
                                              : std::min(find_text(rest, separator), rest.size());
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + separator.size(), rest.size()));
    return part;
}

// Empty parts at the end are left out.
Datum split(FilterInput& in) {
    std::string_view rest = in.text();
    const std::string_view separator = in.arg_text(0);
    std::vector<Datum> parts;
    while (!rest.empty() && in.arena.reserve(parts.size() * sizeof(Datum))) {
        parts.push_back(Datum::text(next_part(rest, separator)));
    }
    while (!parts.empty() && parts.back().as_text().empty()) {
        parts.pop_back();
    }
    return in.keep(std::move(parts));
}

// The ellipsis counts as part of the length.
Datum truncate(FilterInput& in) {
    constexpr std::int64_t length_default = 50;
    if (in.value.is_nil()) {
        return {};
    }
    const std::string_view text = in.text();
    const std::int64_t length = in.whole_arg(0, length_default);
    const std::string_view ellipsis = in.args.size() > 1 ? in.arg_text(1) : "...";
    const bool fits = length >= 0 && text.size() <= static_cast<std::uint64_t>(length);
    if (fits || code_point_count(text) <= length) {
        return Datum::text(text);
    }
    const std::int64_t left = std::max<std::int64_t>(length, 0) - code_point_count(ellipsis);
    in.buffer = code_point_prefix(text, std::max<std::int64_t>(left, 0));
    in.buffer += ellipsis;
    return in.keep(in.buffer);
}

// What is shortened has its words joined with one space.
Datum truncatewords(FilterInput& in) {
    constexpr std::int64_t words_default = 15;
    if (in.value.is_nil()) {
        return {};
    }
    const std::int64_t words_max = std::max<std::int64_t>(in.whole_arg(0, words_default), 1);
    const std::string_view ellipsis = in.args.size() > 1 ? in.arg_text(1) : "...";
    std::string_view rest = in.text();
    for (std::int64_t words = 0; words < words_max; ++words) {
        const std::string_view word = next_word(rest);
        if (rest.empty()) {
            return Datum::text(in.text());
        }
        in.buffer += words == 0 ? "" : " ";
        in.buffer += word;
    }
    in.buffer += ellipsis;
    return in.keep(in.buffer);
}

// Letters from `start`, of a text or of a list; a negative start counts from the end.
Datum slice(FilterInput& in) {
    const bool list = in.value.is(Datum::Kind::List) || in.value.is(Datum::Kind::Array);
    const std::string_view text = list ? "" : in.text();
    const std::int64_t size = list ? in.value.item_count() : code_point_count(text);
    std::int64_t start = in.whole_arg(0, 0);
    const std::int64_t wanted = in.arg(1).truthy() ? in.whole_arg(1, 1) : 1;
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
    const std::string_view text = in.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
        if (text[i] != '\n' && !pair) {
            in.buffer += text[i];
        }
    }
    return in.keep(in.buffer);
}

Datum default_value(FilterInput& in) {
    const bool keep_false = !in.args.empty() && in.keyword("allow_false").truthy();
    const bool is_false = in.value.is(Datum::Kind::Bool) && !in.value.as_bool();
    const bool word = in.value.is(Datum::Kind::Empty) || in.value.is(Datum::Kind::Blank);
    const bool nothing = word || in.value.is_nil() || is_empty(in.value);
    const bool missing = is_false ? !keep_false : nothing;
    if (!missing) {
        return in.value;
    }
    if (!in.args.empty() || in.keyword_names.empty()) {
        return in.args.empty() ? Datum::text("") : in.arg(0);
    }
    // Without a value before it, the reference takes the named argument itself for the value.
    const std::span<Datum> pair = in.arena.array(2);
    if (pair.size() == 2) {
        pair[0] = Datum::text(in.keyword_names[0]);
        pair[1] = in.keyword_values[0];
    }
    return Datum::hash(pair);
}

constexpr FilterSpec table[] = {
    {"append", append, 1, 1},
    {"capitalize", capitalize, 0, 0},
    {"default", default_value, 0, 2, {"allow_false"}},
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
    {"squish", squish, 0, 0},
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
