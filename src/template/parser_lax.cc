// What the modes strict and lax make of markups that the strict2 grammar refuses.
#include <algorithm>

#include "base/strings.h"
#include "template/decimal.h"
#include "template/lax.h"
#include "template/parser.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

// "12", "-1.5", and also "1.2.3" and "1." which end at the second or the useless point. Empty
// when the text is no number.
std::string_view number_in(std::string_view text) {
    const std::size_t sign = text.starts_with('-') ? 1 : 0;
    if (text.size() <= sign || !is_digit(text[sign]) ||
        text.find_first_not_of("0123456789.", sign) != std::string_view::npos) {
        return {};
    }
    const std::size_t point = text.find('.');
    const std::size_t second = point == std::string_view::npos ? point : text.find('.', point + 1);
    return text.substr(0, second);
}

// "(from..to)", neither with white space inside; the last dots part them. False for others.
bool split_range(std::string_view text, std::string_view& from, std::string_view& to) {
    const std::size_t dots = text.rfind("..");
    if (!text.starts_with('(') || !text.ends_with(')') || dots == std::string_view::npos) {
        return false;
    }
    from = trim(text.substr(1, dots - 1));
    to = trim(text.substr(dots + 2, text.size() - dots - 3));
    const auto is_whole = [](std::string_view part) {
        return !part.empty() && std::none_of(part.begin(), part.end(), is_space);
    };
    return is_whole(from) && is_whole(to);
}

// "and" or "or" as a word of its own at the beginning; its length.
std::size_t join_length(std::string_view text) {
    const std::size_t length = text.starts_with("and") ? 3 : text.starts_with("or") ? 2 : 0;
    return length == 0 || (text.size() > length && is_word_character(text[length])) ? 0 : length;
}

std::string_view first_word(std::string_view text) {
    std::size_t begin = 0;
    while (begin < text.size() && !is_word_character(text[begin])) {
        ++begin;
    }
    std::size_t end = begin;
    while (end < text.size() && is_word_character(text[end])) {
        ++end;
    }
    return text.substr(begin, end - begin);
}

std::string_view skip_space(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): each round reads a shorter part.
std::uint32_t Parser::lax_expression(std::string_view markup, bool in_condition) {
    const std::string_view text = trim(markup);
    if (++depth_ > expression_depth_max) {
        fail(offset(text), text.size(), "too_deep", "The expression is nested too deeply.");
        return constant({});
    }
    std::uint32_t index = nothing;
    const bool quoted =
        text.size() > 1 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
    std::string_view from;
    std::string_view to;
    if (text.empty() || text == "\"" || text == "'") {
        index = constant({});
    } else if (quoted) {
        index = constant(Datum::text(text.substr(1, text.size() - 2)));
    } else if (const std::optional<Datum> datum = literal(text, in_condition)) {
        index = constant(*datum);
    } else if (split_range(text, from, to)) {
        const std::uint32_t first = lax_expression(from);
        const std::uint32_t last = lax_expression(to);
        index = range(first, last);
    } else if (const std::string_view digits = number_in(text); !digits.empty()) {
        index = constant(number_literal(digits));
    } else {
        index = lax_variable(text);
    }
    --depth_;
    return index;
}

// NOLINTNEXTLINE(misc-no-recursion)
std::uint32_t Parser::lax_variable(std::string_view markup) {
    const std::vector<std::string_view> parts = path_parts(markup);
    std::vector<Step> steps;
    for (std::size_t i = 1; i < parts.size() && i <= path_parts_max; ++i) {
        if (parts[i].starts_with('[')) {
            steps.push_back({false, lax_expression(parts[i].substr(1, parts[i].size() - 2))});
        } else {
            steps.push_back({true, name_index(parts[i])});
        }
    }
    if (parts.empty()) {
        return constant({});
    }
    if (parts[0].starts_with('[')) {
        return dynamic_path(lax_expression(parts[0].substr(1, parts[0].size() - 2)), steps);
    }
    // Between signs that are passed over a name may look like a number or a word of the language.
    const bool misleading =
        !number_in(parts[0]).empty() || (steps.empty() && literal(parts[0], true).has_value());
    return misleading ? dynamic_path(constant(Datum::text(parts[0])), steps)
                      : path(parts[0], steps);
}

std::uint32_t Parser::lax_filtered(std::string_view markup) {
    FilteredValue value;
    std::vector<FilterCall> calls;
    depth_ = 0;
    const std::size_t begin = find_fragment(markup, 0);
    if (begin != no_fragment) {
        const std::size_t end = fragment_end(markup, begin);
        value.expression = lax_expression(markup.substr(begin, end - begin));
        const std::size_t bar = markup.find('|', end);
        std::string_view filters =
            bar == std::string_view::npos ? std::string_view() : markup.substr(bar + 1);
        // Filters are runs of fragments, spaces and commas; all else parts them.
        while (!filters.empty() && calls.size() < filters_per_output_max) {
            std::size_t run = 0;
            while (run < filters.size()) {
                const std::size_t fragment = fragment_end(filters, run);
                if (fragment != no_fragment) {
                    run = fragment;
                } else if (is_space(filters[run]) || filters[run] == ',') {
                    ++run;
                } else {
                    break;
                }
            }
            lax_filter(filters.substr(0, run), calls);
            filters.remove_prefix(std::min(run + 1, filters.size()));
        }
    }
    value.filters = static_cast<std::uint32_t>(program_.filter_calls.size());
    value.count = static_cast<std::uint32_t>(calls.size());
    program_.filter_calls.insert(program_.filter_calls.end(), calls.begin(), calls.end());
    program_.values.push_back(value);
    return static_cast<std::uint32_t>(program_.values.size() - 1);
}

// name: argument, key: argument
void Parser::lax_filter(std::string_view markup, std::vector<FilterCall>& calls) {
    FilterCall call;
    call.name = first_word(markup);
    if (call.name.empty()) {
        return;
    }
    call.at = offset(call.name);
    call.filter = find_filter(call.name, options_.has_texts);
    std::vector<std::uint32_t> positional;
    std::vector<std::uint32_t> keywords;
    for (std::size_t at = 0; at < markup.size() && positional.size() < arguments_max;) {
        if (markup[at] != ':' && markup[at] != ',') {
            ++at;
            continue;
        }
        std::string_view rest = skip_space(markup.substr(at + 1));
        // An argument may carry its name: "\w+ :" and the value.
        const std::string_view key = first_word(rest);
        std::string_view value = rest;
        if (!key.empty() && key.data() == rest.data()) {
            const std::string_view behind = skip_space(rest.substr(key.size()));
            if (behind.starts_with(':')) {
                value = skip_space(behind.substr(1));
            }
        }
        std::size_t end = fragment_end(value, 0);
        if (end == no_fragment) {
            value = rest;
            end = fragment_end(value, 0);
        }
        if (end == no_fragment) {
            ++at;
            continue;
        }
        const std::string_view argument =
            rest.substr(0, static_cast<std::size_t>(value.data() - rest.data()) + end);
        lax_argument(argument, positional, keywords);
        at = static_cast<std::size_t>(argument.data() - markup.data()) + argument.size();
    }
    call.arguments = static_cast<std::uint32_t>(program_.lists.size());
    call.positional = static_cast<std::uint16_t>(positional.size());
    call.keywords = static_cast<std::uint16_t>(keywords.size() / 2);
    program_.lists.insert(program_.lists.end(), positional.begin(), positional.end());
    program_.lists.insert(program_.lists.end(), keywords.begin(), keywords.end());
    calls.push_back(call);
}

void Parser::lax_argument(std::string_view argument,
                          std::vector<std::uint32_t>& positional,
                          std::vector<std::uint32_t>& keywords) {
    const std::vector<Attribute> attributes = attributes_in(argument);
    const bool named = attributes.size() == 1 && attributes[0].key.data() == argument.data() &&
                       attributes[0].value.data() + attributes[0].value.size() ==
                           argument.data() + argument.size();
    if (named) {
        keywords.push_back(name_index(attributes[0].key));
        keywords.push_back(lax_expression(attributes[0].value));
    } else {
        positional.push_back(lax_expression(argument));
    }
}

std::uint32_t Parser::lax_condition(std::string_view markup) {
    std::vector<Condition> chain;
    depth_ = 0;
    std::string_view rest = skip_space(markup);
    while (true) {
        // One comparison: all up to the next `and` or `or` that begins a word.
        std::size_t end = 0;
        while (end < rest.size() && join_length(rest.substr(end)) == 0) {
            const std::size_t fragment = fragment_end(rest, end);
            if (fragment != no_fragment) {
                end = fragment;
            } else {
                while (end < rest.size() && !is_space(rest[end])) {
                    ++end;
                }
            }
            while (end < rest.size() && is_space(rest[end])) {
                ++end;
            }
        }
        if (find_fragment(rest.substr(0, end), 0) == no_fragment) {
            fail(offset(markup), markup.size(), "syntax",
                 "Syntax Error in tag 'if' - Valid syntax: if [expression]");
            return nothing;
        }
        chain.push_back(lax_comparison(rest.substr(0, end)));
        rest.remove_prefix(end);
        const std::size_t join = join_length(rest);
        if (join == 0) {
            break;
        }
        chain.back().join = join == 3 ? Condition::Join::And : Condition::Join::Or;
        rest = skip_space(rest.substr(join));
    }
    const auto first = static_cast<std::uint32_t>(program_.conditions.size());
    program_.conditions.insert(program_.conditions.end(), chain.begin(), chain.end());
    return first;
}

// left sign right, of which the last two may be missing.
Condition Parser::lax_comparison(std::string_view markup) {
    Condition condition;
    const std::size_t begin = find_fragment(markup, 0);
    const std::size_t end = fragment_end(markup, begin);
    condition.left = lax_expression(markup.substr(begin, end - begin), true);
    std::string_view rest = skip_space(markup.substr(end));
    std::size_t sign = 0;
    while (sign < rest.size() &&
           (std::string_view("=!<>_").find(rest[sign]) != std::string_view::npos ||
            (rest[sign] >= 'a' && rest[sign] <= 'z'))) {
        ++sign;
    }
    condition.sign = rest.substr(0, sign);
    if (sign > 0) {
        condition.comparison = comparison_of(condition.sign);
    }
    rest = skip_space(rest.substr(sign));
    const std::size_t right = fragment_end(rest, 0);
    condition.right =
        right == no_fragment ? constant({}) : lax_expression(rest.substr(0, right), true);
    return condition;
}

// item in collection reversed, and attributes anywhere.
void Parser::lax_loop(const Tag& tag, LoopSpec& loop) {
    constexpr std::string_view message =
        "Syntax Error in 'for loop' - Valid syntax: for [item] in [collection]";
    depth_ = 0;
    std::string_view rest = tag.markup;
    std::size_t end = 0;
    while (end < rest.size() && is_segment_character(rest[end])) {
        ++end;
    }
    const std::string_view variable = rest.substr(0, end);
    rest = skip_space(rest.substr(end));
    const bool has_in = rest.starts_with("in") && rest.size() > 2 && is_space(rest[2]);
    rest = has_in ? skip_space(rest.substr(2)) : rest;
    const std::size_t collection = fragments_end(rest, 0);
    if (variable.empty() || !has_in || collection == no_fragment) {
        fail_markup(tag, std::string(message));
        loop.variable = name_index(variable);
        return;
    }
    loop.variable = assigned_name(variable);
    loop.collection_text = rest.substr(0, collection);
    loop.collection = lax_expression(loop.collection_text);
    loop.reversed = skip_space(rest.substr(collection)).starts_with("reversed");
    lax_loop_attributes(tag.markup, loop);
}

void Parser::lax_loop_attributes(std::string_view markup, LoopSpec& loop) {
    for (const Attribute& attribute : attributes_in(markup)) {
        if (attribute.key == "offset" && attribute.value == "continue") {
            loop.resumes = true;
        } else if (attribute.key == "offset") {
            loop.offset = lax_expression(attribute.value);
            loop.resumes = false;
        } else if (attribute.key == "limit") {
            loop.limit = lax_expression(attribute.value);
        }
    }
}

void Parser::lax_tablerow(const Tag& tag, LoopSpec& loop) {
    depth_ = 0;
    for (std::size_t at = 0; at < tag.markup.size();) {
        std::size_t end = at;
        while (end < tag.markup.size() && is_word_character(tag.markup[end])) {
            ++end;
        }
        const std::string_view rest = skip_space(tag.markup.substr(end));
        const bool spaced = end < tag.markup.size() && is_space(tag.markup[end]);
        if (end == at || !spaced || !rest.starts_with("in") || rest.size() < 4 ||
            !is_space(rest[2])) {
            at = std::max(end, at + 1);
            continue;
        }
        const std::string_view collection = skip_space(rest.substr(2));
        const std::size_t collection_end = fragments_end(collection, 0);
        if (collection_end == no_fragment) {
            break;
        }
        loop.variable = assigned_name(tag.markup.substr(at, end - at));
        loop.collection = lax_expression(collection.substr(0, collection_end));
        for (const Attribute& attribute : attributes_in(tag.markup)) {
            if (attribute.key == "cols") {
                loop.columns = lax_expression(attribute.value);
                loop.has_columns = true;
            } else if (attribute.key == "limit") {
                loop.limit = lax_expression(attribute.value);
            } else if (attribute.key == "offset") {
                loop.offset = lax_expression(attribute.value);
            }
        }
        return;
    }
    loop.variable = name_index("");
    fail_markup(tag,
                "Syntax Error in 'table_row loop' - Valid syntax: table_row [item] in [collection] "
                "cols=3");
}

// value or value, value
void Parser::lax_when(const Tag& tag, std::vector<std::uint32_t>& values) {
    depth_ = 0;
    std::string_view rest = tag.markup;
    while (true) {
        const std::size_t begin = find_fragment(rest, 0);
        if (begin == no_fragment || values.size() > arguments_max) {
            fail_markup(tag,
                        "Syntax Error in tag 'case' - Valid when condition: {% when [condition] "
                        "[or condition2...] %}");
            return;
        }
        const std::size_t end = fragment_end(rest, begin);
        values.push_back(lax_expression(rest.substr(begin, end - begin), true));
        const std::string_view behind = rest.substr(end);
        std::string_view next = skip_space(behind);
        if (next.starts_with(',')) {
            next = skip_space(next.substr(1));
        } else if (next.data() != behind.data() && next.starts_with("or") && next.size() > 2 &&
                   is_space(next[2])) {
            next = skip_space(next.substr(2));
        } else {
            return;
        }
        if (fragment_end(next, 0) == no_fragment) {
            return;
        }
        rest = next;
    }
}

void Parser::lax_cycle(const Tag& tag, CycleSpec& cycle, std::vector<std::uint32_t>& values) {
    depth_ = 0;
    std::string_view rest = tag.markup;
    std::size_t end = fragment_end(rest, 0);
    if (end == no_fragment) {
        fail_markup(
            tag, "Syntax Error in 'cycle' - Valid syntax: cycle [name :] var [, var2, var3 ...]");
        return;
    }
    // A group ends with the last colon of the first fragment, or one behind it.
    const std::string_view first = rest.substr(0, end);
    const std::size_t inside =
        first[0] == '"' || first[0] == '\'' ? std::string_view::npos : first.rfind(':');
    const std::string_view behind = skip_space(rest.substr(end));
    if (behind.starts_with(':')) {
        cycle.group = lax_expression(first);
        rest = behind.substr(1);
    } else if (inside != std::string_view::npos && inside > 0) {
        cycle.group = lax_expression(first.substr(0, inside));
        rest = rest.substr(inside + 1);
    }
    for (const std::string_view part : split(rest, ',')) {
        const std::string_view fragment = first_fragment(part);
        if (!fragment.empty() && values.size() < arguments_max) {
            values.push_back(lax_expression(fragment));
        }
    }
}

// 'name' with value as alias, and parameters anywhere.
void Parser::lax_partial(const Tag& tag, PartialCall& call) {
    const bool include = tag.name == "include";
    depth_ = 0;
    std::size_t begin = find_fragment(tag.markup, 0);
    while (!include && begin != no_fragment && tag.markup[begin] != '"' &&
           tag.markup[begin] != '\'') {
        begin = tag.markup.find_first_of("\"'", begin);
        begin = begin == no_fragment ? begin : find_fragment(tag.markup, begin);
    }
    if (begin == no_fragment) {
        fail_markup(tag, include ? "Error in tag 'include' - Valid syntax: include '[template]' "
                                   "(with|for) [object|collection]"
                                 : "Syntax error in tag 'render' - Template name must be a quoted "
                                   "string");
        return;
    }
    std::size_t end = include ? fragments_end(tag.markup, begin) : fragment_end(tag.markup, begin);
    call.name = lax_expression(tag.markup.substr(begin, end - begin));
    std::string_view rest = tag.markup.substr(end);
    const std::string_view word = first_word(skip_space(rest));
    const bool apart = !rest.empty() && is_space(rest.front());
    if (apart && (word == "with" || word == "for") && skip_space(rest).data() == word.data()) {
        const std::string_view value = skip_space(
            rest.substr(static_cast<std::size_t>(word.data() - rest.data()) + word.size()));
        const std::size_t value_end = fragments_end(value, 0);
        if (value_end != no_fragment) {
            call.with = lax_expression(value.substr(0, value_end));
            call.each = word == "for";
            rest = value.substr(value_end);
        }
    }
    const std::string_view as = skip_space(rest);
    if (as.data() != rest.data() && as.starts_with("as") && as.size() > 2 && is_space(as[2])) {
        const std::string_view alias = skip_space(as.substr(2));
        std::size_t length = 0;
        while (length < alias.size() && is_segment_character(alias[length])) {
            ++length;
        }
        call.alias = length > 0 ? name_index(alias.substr(0, length)) : nothing;
    }
    std::vector<std::uint32_t> parameters;
    for (const Attribute& attribute : attributes_in(tag.markup)) {
        parameters.push_back(name_index(attribute.key));
        parameters.push_back(lax_expression(attribute.value));
    }
    call.parameters = static_cast<std::uint32_t>(program_.lists.size());
    call.count = static_cast<std::uint32_t>(parameters.size() / 2);
    program_.lists.insert(program_.lists.end(), parameters.begin(), parameters.end());
}

}  // namespace winback::liquid
