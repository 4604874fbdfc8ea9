// Splits the text of a condition into tokens, by the lexis of CEL (cel-spec, langdef.md).
//
// Literals are decoded here: escapes, raw and triple-quoted strings, bytes, hexadecimal
// numbers. Mistakes are reported and lexing goes on, so that one pass finds them all; of a common
// slip (slips.h) as if what was meant stood there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/reporter.h"

namespace winback::expr {

enum class TokenKind : std::uint8_t {
    End,
    Bad,  // Reported already.
    Identifier,
    Reserved,  // A word that CEL keeps for itself; allowed only after a dot.
    Quoted,    // `a-name` in backticks; allowed only after a dot and as a field of a message.
    Int,
    Uint,
    Double,
    String,
    Bytes,
    True,
    False,
    Null,
    In,
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    Dot,
    Comma,
    Question,
    Colon,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Not,
    And,
    Or,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
};

struct Token {
    TokenKind kind = TokenKind::End;
    Span span;
    std::string text;      // A word; a quoted name, string or bytes decoded; a number's digits.
    bool is_slip = false;  // Something else stands there, which was reported already.
};

// True of what can be a name of a field without backticks: a word other than true, null, in.
bool is_selector(std::string_view name);
// True of what backticks can hold.
bool is_quotable(std::string_view name);

// "// ..." to the end of the line. Kept for the tree form of a condition.
struct Comment {
    Span span;
    bool operator==(const Comment&) const = default;
};

struct Tokens {
    std::vector<Token> tokens;  // The last is End.
    std::vector<Comment> comments;
};

// Pre: `text` is valid UTF-8 of at most text_bytes_max bytes.
Tokens lex(std::string_view text, Reporter& reporter);

}  // namespace winback::expr
