#include "template/words.h"

#include <array>

#include "base/strings.h"
#include "base/value.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

struct Sign {
    char character;
    Word::Kind kind;
};

constexpr Sign signs[] = {
    {'|', Word::Kind::Pipe},      {'.', Word::Kind::Dot},        {':', Word::Kind::Colon},
    {',', Word::Kind::Comma},     {'[', Word::Kind::OpenSquare}, {']', Word::Kind::CloseSquare},
    {'(', Word::Kind::OpenRound}, {')', Word::Kind::CloseRound}, {'?', Word::Kind::Question},
    {'-', Word::Kind::Dash},
};

// Each returns how many bytes of `rest` the word takes; 0 when there is none.
std::size_t name_length(std::string_view rest) {
    std::size_t end = 1;
    while (end < rest.size() && (is_word_character(rest[end]) || rest[end] == '-')) {
        ++end;
    }
    return end < rest.size() && rest[end] == '?' ? end + 1 : end;
}

std::size_t number_length(std::string_view rest) {
    std::size_t end = 1;  // A digit, or a minus before one.
    while (end < rest.size() && is_digit(rest[end])) {
        ++end;
    }
    if (end + 1 < rest.size() && rest[end] == '.' && is_digit(rest[end + 1])) {
        ++end;
        while (end < rest.size() && is_digit(rest[end])) {
            ++end;
        }
    }
    return end;
}

std::size_t comparison_length(std::string_view rest) {
    const char next = rest.size() > 1 ? rest[1] : '\0';
    if (rest[0] == '=' || rest[0] == '!') {
        return next == '=' ? 2 : 0;
    }
    if (rest[0] == '<') {
        return next == '=' || next == '>' ? 2 : 1;
    }
    return rest[0] == '>' ? (next == '=' ? 2 : 1) : 0;
}

Word next_word(std::string_view rest, bool after_dot) {
    Word word;
    const char c = rest[0];
    const bool negative = c == '-' && rest.size() > 1 && is_digit(rest[1]);
    std::size_t length = 0;
    if (is_name_start(c)) {
        length = name_length(rest);
        const bool contains = rest.substr(0, length) == "contains" && !after_dot;
        word.kind = contains ? Word::Kind::Comparison : Word::Kind::Id;
    } else if (is_digit(c) || negative) {
        length = number_length(rest);
        word.kind = Word::Kind::Number;
    } else if (c == '"' || c == '\'') {
        length = rest.find(c, 1) + 1;  // Nothing found: npos + 1 is 0.
        word.kind = Word::Kind::String;
    } else if (rest.starts_with("..")) {
        length = 2;
        word.kind = Word::Kind::DotDot;
    } else {
        length = comparison_length(rest);
        word.kind = Word::Kind::Comparison;
        for (const Sign& sign : signs) {
            if (sign.character == c) {
                length = 1;
                word.kind = sign.kind;
            }
        }
    }
    word.text = rest.substr(0, length);
    return word;
}

}  // namespace

bool is_word_character(char c) {
    return is_name_start(c) || is_digit(c);
}

std::string_view word_kind_name(Word::Kind kind) {
    static constexpr std::array<std::string_view, 16> names{
        "id",          "number",   "string", "comparison",   "pipe",         "dot",
        "dotdot",      "colon",    "comma",  "open_square",  "close_square", "open_round",
        "close_round", "question", "dash",   "end_of_string"};
    static_assert(static_cast<std::size_t>(Word::Kind::End) + 1 == names.size());
    return names[static_cast<std::size_t>(kind)];
}

std::string describe(const Word& word) {
    std::string text = "[:" + std::string(word_kind_name(word.kind));
    if (word.kind != Word::Kind::End) {
        text += ", ";
        append_json_string(text, word.text);
    }
    return text + "]";
}

bool read_words(std::string_view source,
                std::string_view markup,
                std::vector<Word>& words,
                std::vector<Fault>& faults) {
    const auto offset = [&](std::size_t at) {
        return static_cast<std::uint32_t>(markup.data() - source.data()) +
               static_cast<std::uint32_t>(at);
    };
    for (std::size_t at = 0; at < markup.size();) {
        if (is_space(markup[at])) {
            ++at;
            continue;
        }
        const std::string_view rest = markup.substr(at);
        const bool after_dot = !words.empty() && words.back().kind == Word::Kind::Dot;
        Word word = next_word(rest, after_dot);
        if (word.text.empty()) {
            const std::size_t length = code_point_length(rest);
            const bool quote = rest[0] == '"' || rest[0] == '\'';
            const std::string_view hint = rest[0] == '=' ? "; compare with '=='"
                                          : quote        ? "; the quote is not closed"
                                                         : "";
            faults.push_back({"unexpected_character", offset(at),
                              static_cast<std::uint32_t>(length),
                              "Unexpected character " + std::string(rest.substr(0, length)) +
                                  std::string(hint)});
            return false;
        }
        word.at = offset(at);
        words.push_back(word);
        at += word.text.size();
    }
    words.push_back({Word::Kind::End, offset(markup.size()), {}});
    return true;
}

}  // namespace winback::liquid
