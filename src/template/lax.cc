#include "template/lax.h"

#include "base/strings.h"
#include "template/text.h"
#include "template/words.h"

namespace winback::liquid {
namespace {

bool is_quote(char c) {
    return c == '"' || c == '\'';
}

bool is_fragment_character(char c) {
    return !is_space(c) && c != ',' && c != '|' && !is_quote(c);
}

std::size_t quoted_end(std::string_view text, std::size_t at) {
    const std::size_t close = is_quote(text[at]) ? text.find(text[at], at + 1) : no_fragment;
    return close == no_fragment ? no_fragment : close + 1;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (at < text.size() && is_space(text[at])) {
        ++at;
    }
    return at;
}

// [\w\-.\[\]], in parentheses or not: what a name in `assign` may be made of.
std::size_t signature_end(std::string_view text, std::size_t at) {
    const auto is_part = [](char c) {
        return is_segment_character(c) || c == '.' || c == '[' || c == ']';
    };
    std::size_t end = at;
    while (end < text.size()) {
        std::size_t next = end + (text[end] == '(' ? 1 : 0);
        if (next >= text.size() || !is_part(text[next])) {
            break;
        }
        ++next;
        end = next + (next < text.size() && text[next] == ')' ? 1 : 0);
    }
    return end;
}

}  // namespace

bool is_segment_character(char c) {
    return is_word_character(c) || c == '-';
}

std::size_t fragment_end(std::string_view text, std::size_t at) {
    if (at >= text.size()) {
        return no_fragment;
    }
    if (is_quote(text[at])) {
        return quoted_end(text, at);  // A quoted text alone, whatever follows.
    }
    std::size_t end = at;
    while (end < text.size()) {
        const std::size_t quoted = quoted_end(text, end);
        if (is_quote(text[end]) && quoted != no_fragment) {
            end = quoted;
        } else if (is_fragment_character(text[end])) {
            ++end;
        } else {
            break;
        }
    }
    return end == at ? no_fragment : end;
}

std::size_t fragments_end(std::string_view text, std::size_t at) {
    std::size_t end = fragment_end(text, at);
    while (end != no_fragment) {
        const std::size_t next = fragment_end(text, end);
        if (next == no_fragment) {
            break;
        }
        end = next;
    }
    return end;
}

std::size_t find_fragment(std::string_view text, std::size_t at) {
    // A quote that is never closed stays so: looking for its end once is enough.
    while (at < text.size()) {
        if (fragment_end(text, at) != no_fragment) {
            return at;
        }
        ++at;
    }
    return no_fragment;
}

std::string_view first_fragment(std::string_view text) {
    const std::size_t begin = find_fragment(text, 0);
    return begin == no_fragment ? std::string_view()
                                : text.substr(begin, fragment_end(text, begin) - begin);
}

std::vector<Attribute> attributes_in(std::string_view text) {
    std::vector<Attribute> found;
    for (std::size_t at = 0; at < text.size();) {
        if (!is_word_character(text[at])) {
            ++at;
            continue;
        }
        std::size_t end = at;
        while (end < text.size() && is_segment_character(text[end])) {
            ++end;
        }
        const std::size_t colon = skip_space(text, end);
        if (colon >= text.size() || text[colon] != ':') {
            at = end;
            continue;
        }
        const std::size_t begin = skip_space(text, colon + 1);
        const std::size_t value_end = fragment_end(text, begin);
        if (value_end == no_fragment) {
            at = colon + 1;
            continue;
        }
        found.push_back({text.substr(at, end - at), text.substr(begin, value_end - begin)});
        at = value_end;
    }
    return found;
}

std::vector<std::string_view> path_parts(std::string_view text) {
    std::vector<std::string_view> parts;
    // Where each '[' closes, found from the end in one pass; 0 when it does not.
    std::vector<std::size_t> closes(text.size(), 0);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '[') {
            open.push_back(i);
        } else if (text[i] == ']' && !open.empty()) {
            closes[open.back()] = i + 1;
            open.pop_back();
        }
    }
    for (std::size_t at = 0; at < text.size();) {
        if (closes[at] != 0) {
            parts.push_back(text.substr(at, closes[at] - at));
            at = closes[at];
        } else if (is_segment_character(text[at])) {
            std::size_t end = at;
            while (end < text.size() && is_segment_character(text[end])) {
                ++end;
            }
            end += end < text.size() && text[end] == '?' ? std::size_t{1} : 0;
            parts.push_back(text.substr(at, end - at));
            at = end;
        } else {
            ++at;
        }
    }
    return parts;
}

std::string_view first_signature(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t end = signature_end(text, at);
        if (end > at) {
            return text.substr(at, end - at);
        }
    }
    return {};
}

bool split_assignment(std::string_view text, std::string_view& name, std::string_view& value) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = signature_end(text, at);
        if (end == at) {
            ++at;
            continue;
        }
        const std::size_t sign = skip_space(text, end);
        if (sign < text.size() && text[sign] == '=') {
            name = text.substr(at, end - at);
            value = text.substr(skip_space(text, sign + 1));
            return true;
        }
        at = end;
    }
    return false;
}

}  // namespace winback::liquid
