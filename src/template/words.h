// The words inside a tag: names, numbers, texts in quotes, signs.
//
// The kinds are those of the reference's lexer (Shopify/liquid 5.13, lexer.rb), whose names appear
// in its messages: "Expected end_of_string but found pipe".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "template/fault.h"

namespace winback::liquid {

struct Word {
    enum class Kind : std::uint8_t {
        Id,
        Number,
        String,  // With its quotes.
        Comparison,
        Pipe,
        Dot,
        DotDot,
        Colon,
        Comma,
        OpenSquare,
        CloseSquare,
        OpenRound,
        CloseRound,
        Question,
        Dash,
        End,
    };
    Kind kind = Kind::End;
    std::uint32_t at = 0;  // Offset in the source.
    std::string_view text = {};
};

std::string_view word_kind_name(Word::Kind kind);  // "end_of_string"
// As the reference shows a word that is out of place: [:comma, ","].
std::string describe(const Word& word);

// Appends the words of `markup`, which lies in `source`, closed by an End. False, and a fault,
// when a character means nothing.
bool read_words(std::string_view source,
                std::string_view markup,
                std::vector<Word>& words,
                std::vector<Fault>& faults);

// Letters, digits and '_', as \w of a regular expression.
bool is_word_character(char c);

}  // namespace winback::liquid
