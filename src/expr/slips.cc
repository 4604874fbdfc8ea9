#include "expr/slips.h"

#include <algorithm>
#include <array>

namespace winback::expr {
namespace {

using enum TokenKind;

constexpr std::string_view plain_space = "write a plain space";

constexpr std::array<Slip, 25> signs{{
    {"=", Equal, "write == to compare"},
    {"===", Equal, "write =="},
    {"!==", NotEqual, "write !="},
    {"<>", NotEqual, "write !="},
    {"=>", GreaterEqual, "write >="},
    {"=<", LessEqual, "write <="},
    {"&", And, "write &&"},
    {"|", Or, "write ||"},
    {"\u2260", NotEqual, "write !="},
    {"\u2264", LessEqual, "write <="},
    {"\u2265", GreaterEqual, "write >="},
    {"\u2212", Minus, "write -"},
    {"\u2013", Minus, "write -"},
    {"\u00d7", Star, "write *"},
    {"\uff0c", Comma, "write ,"},
    {"\u060c", Comma, "write ,"},
    {"\u3001", Comma, "write ,"},
    {"\uff08", LeftParen, "write ("},
    {"\uff09", RightParen, "write )"},
    {"\uff1d", Equal, "write == to compare"},
    {"\u00a0", std::nullopt, plain_space},
    {"\u202f", std::nullopt, plain_space},
    {"\u3000", std::nullopt, plain_space},
    {"\u200b", std::nullopt, plain_space},
    {"\ufeff", std::nullopt, plain_space},
}};

constexpr std::array<Slip, 2> joining_words{{
    {"and", And, "write &&"},
    {"or", Or, "write ||"},
}};

using Meant = WordedOperator::Meant;

struct Phrase {
    std::array<std::string_view, 2> words;
    WordedOperator operation;
};

// Those of two words first.
constexpr std::array<Phrase, 20> phrases{{
    {{"starts", "with"}, {Meant::StartsWith, false, 2}},
    {{"start", "with"}, {Meant::StartsWith, false, 2}},
    {{"begins", "with"}, {Meant::StartsWith, false, 2}},
    {{"ends", "with"}, {Meant::EndsWith, false, 2}},
    {{"end", "with"}, {Meant::EndsWith, false, 2}},
    {{"startswith"}, {Meant::StartsWith, false, 1}},
    {{"endswith"}, {Meant::EndsWith, false, 1}},
    {{"contains"}, {Meant::Contains, false, 1}},
    {{"contain"}, {Meant::Contains, false, 1}},
    {{"includes"}, {Meant::Contains, false, 1}},
    {{"include"}, {Meant::Contains, false, 1}},
    {{"matches"}, {Meant::Matches, false, 1}},
    {{"match"}, {Meant::Matches, false, 1}},
    {{"like"}, {Meant::Like, false, 1}},
    {{"between"}, {Meant::Between, false, 1}},
    {{"equals"}, {Meant::Equal, false, 1}},
    {{"equal"}, {Meant::Equal, false, 1}},
    {{"missing"}, {Meant::Missing, false, 1}},
    {{"empty"}, {Meant::Missing, false, 1}},
    {{"set"}, {Meant::Missing, true, 1}},
}};
constexpr WordedOperator worded_is{Meant::Equal, false, 0};
constexpr WordedOperator worded_in{Meant::In, false, 1};

constexpr std::array<std::string_view, 6> double_quotes{"\u201c", "\u201d", "\u201e",
                                                        "\u00ab", "\u00bb", "\uff02"};
constexpr std::array<std::string_view, 5> single_quotes{"\u2018", "\u2019", "\u201a", "\u2039",
                                                        "\u203a"};

bool is_same_word(std::string_view word, std::string_view lower) {
    return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return static_cast<char>(a | 0x20) == b; });
}

template <class Quotes>
std::size_t size_of_one(const Quotes& quotes, std::string_view text) {
    const auto found = std::find_if(quotes.begin(), quotes.end(), [&](std::string_view quote) {
        return text.starts_with(quote);
    });
    return found == quotes.end() ? 0 : found->size();
}

const Phrase* find_phrase(std::span<const std::string> words) {
    const auto found = std::find_if(phrases.begin(), phrases.end(), [&](const Phrase& phrase) {
        const std::size_t count = phrase.operation.words;
        return words.size() >= count &&
               std::equal(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count),
                          phrase.words.begin(), is_same_word);
    });
    return found == phrases.end() ? nullptr : &*found;
}

}  // namespace

const Slip* find_slip(std::string_view text) {
    const Slip* longest = nullptr;
    for (const Slip& slip : signs) {
        if (text.starts_with(slip.text) &&
            (longest == nullptr || longest->text.size() < slip.text.size())) {
            longest = &slip;
        }
    }
    return longest;
}

const Slip* find_word_slip(std::string_view word) {
    const auto found =
        std::find_if(joining_words.begin(), joining_words.end(),
                     [&](const Slip& slip) { return is_same_word(word, slip.text); });
    return found == joining_words.end() ? nullptr : &*found;
}

bool is_word_not(std::string_view word) {
    return is_same_word(word, "not");
}

bool is_word_null(std::string_view word) {
    constexpr std::array<std::string_view, 4> others{"null", "none", "nil", "undefined"};
    return std::any_of(others.begin(), others.end(),
                       [&](std::string_view other) { return is_same_word(word, other); });
}

bool is_word_between(std::string_view word) {
    return is_same_word(word, "between");
}

std::optional<WordedOperator> find_worded_operator(std::span<const std::string> words) {
    std::size_t read = 0;
    const auto accept = [&](std::string_view word) {
        const bool is_next = read < words.size() && is_same_word(words[read], word);
        read += is_next ? 1 : 0;
        return is_next;
    };
    const bool does = accept("does");
    bool negated = accept("not");
    const bool is = !does && !negated && accept("is");
    negated = negated || (is && accept("not"));
    const std::span<const std::string> rest = words.subspan(read);
    const Phrase* phrase = find_phrase(rest);
    const bool needs_is = phrase != nullptr && phrase->operation.meant == Meant::Missing;
    WordedOperator found = worded_is;
    if (phrase != nullptr && (is || !needs_is)) {
        found = phrase->operation;
    } else if (is && !rest.empty() && is_same_word(rest[0], "in")) {
        found = worded_in;
    } else if (!is) {
        return std::nullopt;
    }
    found.negated = found.negated != negated;
    found.words += read;
    return found;
}

std::string example_of(const WordedOperator& words) {
    const auto negated = [&](std::string_view example) {
        return words.negated ? "!(" + std::string(example) + ")" : std::string(example);
    };
    switch (words.meant) {
        case Meant::Contains:
        case Meant::Like:
            return negated("x.contains(\"y\")");
        case Meant::StartsWith:
            return negated("x.startsWith(\"y\")");
        case Meant::EndsWith:
            return negated("x.endsWith(\"y\")");
        case Meant::Matches:
            return negated("x.matches(r\"y+\")");
        case Meant::In:
            return negated("x in [\"y\", \"z\"]");
        case Meant::Between:
            return negated("x >= 1 && x <= 2");
        case Meant::Equal:
            return words.negated ? "x != \"y\"" : "x == \"y\"";
        case Meant::Missing:
            return words.negated ? "x != null" : "x == null";
    }
    return "";
}

LikePattern read_like(std::string_view pattern) {
    const bool open_start = pattern.starts_with('%');
    const bool open_end = pattern.size() > 1 && pattern.ends_with('%');
    std::string_view middle = pattern;
    middle.remove_prefix(open_start ? 1 : 0);
    middle.remove_suffix(open_end ? 1 : 0);
    if (middle.find_first_of("%_") == std::string_view::npos) {
        const Meant open = open_start && open_end ? Meant::Contains
                           : open_start           ? Meant::EndsWith
                           : open_end             ? Meant::StartsWith
                                                  : Meant::Equal;
        return {open, std::string(middle)};
    }
    LikePattern like{Meant::Matches, "^"};
    for (const char c : pattern) {
        constexpr std::string_view signs_of_patterns = "\\.+*?()[]{}|^$";
        if (c == '%' || c == '_') {
            like.text += c == '%' ? ".*" : ".";
            continue;
        }
        like.text += signs_of_patterns.find(c) != std::string_view::npos ? "\\" : "";
        like.text += c;
    }
    like.text += "$";
    return like;
}

std::size_t size_of_moment(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-dd";
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool is_date = text.size() >= form.size() &&
                         std::equal(form.begin(), form.end(), text.begin(), [&](char f, char c) {
                             return f == 'd' ? is_digit(c) : f == c;
                         });
    if (!is_date || text.size() == form.size() || text[form.size()] != 'T') {
        return 0;
    }
    const std::size_t end = text.find_first_not_of("0123456789:.Z", form.size() + 1);
    return std::min(end, text.size());
}

BentQuote bent_quote(std::string_view text) {
    if (const std::size_t size = size_of_one(double_quotes, text); size != 0) {
        return {size, '"'};
    }
    return {size_of_one(single_quotes, text), '\''};
}

}  // namespace winback::expr
