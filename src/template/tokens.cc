#include "template/tokens.h"

#include "base/strings.h"
#include "template/text.h"
#include "template/words.h"

namespace winback::liquid {
namespace {

constexpr std::size_t none = std::string_view::npos;

std::string_view skip_space(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    return text;
}

std::string_view name_at(std::string_view text) {
    if (text.starts_with('#')) {
        return text.substr(0, 1);
    }
    std::size_t end = 0;
    while (end < text.size() && is_word_character(text[end])) {
        ++end;
    }
    return text.substr(0, end);
}

}  // namespace

TagParts read_tag(std::string_view token) {
    TagParts parts;
    if (token.size() < 4 || !token.ends_with("%}")) {
        return parts;
    }
    std::string_view inner = token.substr(2, token.size() - 4);
    parts.trims_left = inner.starts_with('-');
    parts.trims_right = inner.ends_with('-');
    inner.remove_prefix(parts.trims_left ? 1 : 0);
    inner.remove_suffix(inner.ends_with('-') ? 1 : 0);
    TagParts named = read_line(inner);
    named.trims_left = parts.trims_left;
    named.trims_right = parts.trims_right;
    return named;
}

TagParts read_line(std::string_view line) {
    TagParts parts;
    line = skip_space(line);
    parts.name = name_at(line);
    parts.markup = skip_space(line.substr(parts.name.size()));
    parts.place = parts.markup.empty() ? parts.name : parts.markup;
    return parts;
}

std::string_view read_output(std::string_view token) {
    std::string_view inner = token.substr(2, token.size() - 4);
    inner.remove_prefix(inner.starts_with('-') ? 1 : 0);
    inner.remove_suffix(inner.ends_with('-') ? 1 : 0);
    return inner;
}

std::string_view closing_name(std::string_view token, std::string_view& before) {
    if (!token.ends_with("%}")) {
        return {};
    }
    // The last tag in it: what precedes is text.
    for (std::size_t at = token.rfind("{%"); at != none;) {
        std::string_view inner = token.substr(at + 2, token.size() - at - 4);
        inner.remove_prefix(inner.starts_with('-') ? 1 : 0);
        const std::string_view name = name_at(skip_space(inner));
        if (!name.empty() && name != "#") {
            before = token.substr(0, at);
            return name;
        }
        at = at == 0 ? none : token.rfind("{%", at - 1);
    }
    return {};
}

std::size_t Tokenizer::end_of_text(std::size_t from) const {
    for (std::size_t at = source_.find('{', from); at != none; at = source_.find('{', at + 1)) {
        const char next = at + 1 < source_.size() ? source_[at + 1] : '\0';
        if (next == '{' || next == '%') {
            return at;
        }
    }
    return source_.size();
}

// A tag that never ends is its two opening characters alone.
std::size_t Tokenizer::end_of_tag(std::size_t start) {
    const std::size_t close = no_more_tag_ends_ ? none : source_.find("%}", start + 2);
    no_more_tag_ends_ = close == none;
    return close == none ? start + 2 : close + 2;
}

// An output ends with the first brace, doubled or not, unless a tag begins before: "{{ {% tag %}"
// is one token up to "%}".
std::size_t Tokenizer::end_of_output(std::size_t start) {
    const std::size_t at = no_more_output_ends_ ? none : source_.find_first_of("{}", start + 2);
    for (std::size_t brace = at; brace != none && brace + 1 < source_.size();
         brace = source_.find_first_of("{}", brace + 1)) {
        const char next = source_[brace + 1];
        if (source_[brace] == '}') {
            return brace + (next == '}' ? 2 : 1);
        }
        if (next == '%') {
            const std::size_t close = source_.find("%}", brace + 2);
            return close == none ? brace + 2 : close + 2;
        }
    }
    no_more_output_ends_ = true;
    return start + 2;
}

bool Tokenizer::next(Token& token) {
    if (at_ >= source_.size()) {
        return false;
    }
    std::size_t end = 0;
    if (lines_) {
        token.kind = Token::Kind::Line;
        end = std::min(source_.find('\n', at_), source_.size());
        token.text = source_.substr(at_, end - at_);
        at_ = end + 1;
        return true;
    }
    const std::string_view rest = source_.substr(at_);
    if (rest.starts_with("{%")) {
        token.kind = Token::Kind::Tag;
        end = end_of_tag(at_);
    } else if (rest.starts_with("{{")) {
        token.kind = Token::Kind::Output;
        end = end_of_output(at_);
    } else {
        token.kind = Token::Kind::Text;
        end = end_of_text(at_);
    }
    token.text = source_.substr(at_, end - at_);
    at_ = end;
    return true;
}

}  // namespace winback::liquid
