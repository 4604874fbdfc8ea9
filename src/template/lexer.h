// The two lexers of Liquid: text with tags in it, and the words inside a tag.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace winback::liquid {

// A stretch of the template. Offsets are into the whole source.
struct Segment {
    enum class Kind : std::uint8_t { Text, Output, Tag };
    Kind kind = Kind::Text;
    std::uint32_t at = 0;     // Where it begins, with "{{" or "{%".
    std::uint32_t begin = 0;  // Its content: trimmed text, or what is between the braces.
    std::uint32_t end = 0;
    // Of a tag: its first word; `begin` is then after that word. Of a text from `raw`: "raw".
    std::string_view name = {};
};

// A mistake that the lexer found, by its offset.
struct Fault {
    std::string code;
    std::uint32_t at = 0;
    std::uint32_t length = 1;
    std::string message;
};

// Cuts the source. White space next to "{{-", "-}}", "{%-" and "-%}" is gone; comments are gone;
// the body of `raw` is one text. Tags that are not closed are reported and skipped.
std::vector<Segment> cut(std::string_view source, std::vector<Fault>& faults);

// A word of an expression.
struct Word {
    enum class Kind : std::uint8_t {
        Name,
        Integer,
        Decimal,
        String,  // Without its quotes.
        Dot,
        DotDot,
        Comma,
        Colon,
        Bar,
        OpenBracket,
        CloseBracket,
        OpenParenthesis,
        CloseParenthesis,
        Comparison,
        Equals,
        End,
    };
    Kind kind = Kind::End;
    std::uint32_t at = 0;  // Offset in the source.
    std::string_view text = {};
};

// The words of source[begin, end), closed by an End.
std::vector<Word> words_of(std::string_view source,
                           std::uint32_t begin,
                           std::uint32_t end,
                           std::vector<Fault>& faults);

}  // namespace winback::liquid
