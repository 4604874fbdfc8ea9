// Signs and words that other languages and word processors have where conditions have others.
//
// The lexer reports each with what was meant and goes on as if that stood there, so that the
// mistakes behind it are found, too. None of them can stand in a text that is right.
#pragma once

#include <cstddef>
#include <optional>
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

// The bent quote with which a text begins, as word processors write them.
struct BentQuote {
    std::size_t size = 0;  // Its bytes; 0: there is none.
    char plain = '"';
};
BentQuote bent_quote(std::string_view text);

}  // namespace winback::expr
