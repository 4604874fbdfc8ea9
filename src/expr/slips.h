// Signs and words that other languages and word processors have where conditions have others.
//
// The lexer reports each with what was meant and goes on as if that stood there, so that the
// mistakes behind it are found, too. None of them can stand in a text that is right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "expr/lexer.h"

namespace winback::expr {

struct Slip {
    std::string_view text;
    std::optional<TokenKind> meant;  // Nothing: a space.
    std::string_view hint;           // Behind "has no meaning here; ".
};

// The longest sign with which the text begins; null when it begins with none.
const Slip* find_slip(std::string_view text);

// "and" and "or", in capitals or not; null for other words.
const Slip* find_word_slip(std::string_view word);
bool is_word_not(std::string_view word);
bool is_word_between(std::string_view word);
// "NULL", "None", "nil", "undefined"
bool is_word_null(std::string_view word);

// The bent quote with which a text begins, as word processors write them.
struct BentQuote {
    std::size_t size = 0;  // Its bytes; 0: there is none.
    char plain = '"';
};
BentQuote bent_quote(std::string_view text);

// Words between two operands where other languages have an operator: "starts with", "is not null",
// "does not contain". The parser reports them with what was meant.
struct WordedOperator {
    enum class Meant : std::uint8_t {
        Contains,
        StartsWith,
        EndsWith,
        Matches,
        Like,
        Equal,
        In,
        Between,
        Missing,
    };
    Meant meant = Meant::Equal;
    bool negated = false;
    std::size_t words = 0;
};

// The longest with which the words begin, in capitals or not.
std::optional<WordedOperator> find_worded_operator(std::span<const std::string> words);

// How to write it, of any operands.
std::string example_of(const WordedOperator& words);

// The pattern of a `like`: what the text is to contain, begin or end with, equal or match.
struct LikePattern {
    WordedOperator::Meant meant = WordedOperator::Meant::Equal;
    std::string text;
};
LikePattern read_like(std::string_view pattern);

// "2011-10-01" or "2011-10-01T10:00:00Z" at the beginning of the text: its bytes, with a time.
std::size_t size_of_moment(std::string_view text);

}  // namespace winback::expr
