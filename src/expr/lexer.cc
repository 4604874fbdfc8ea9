#include "expr/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "base/zone.h"
#include "expr/limits.h"
#include "expr/slips.h"

namespace winback::expr {
namespace {

constexpr std::array<std::string_view, 17> reserved_words{
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_word(char c) {
    return is_word_start(c) || is_digit(c);
}

int hex_digit(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

void append_utf8(std::string& out, std::uint32_t code) {
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0U | (code >> 6U));
        put(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
        put(0xe0U | (code >> 12U));
        put(0x80U | ((code >> 6U) & 0x3fU));
        put(0x80U | (code & 0x3fU));
    } else {
        put(0xf0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3fU));
        put(0x80U | ((code >> 6U) & 0x3fU));
        put(0x80U | (code & 0x3fU));
    }
}

bool is_quotable_character(char c) {
    return is_word(c) || c == '.' || c == '-' || c == '/' || c == ' ';
}

std::optional<TokenKind> keyword(std::string_view word) {
    if (word == "true") {
        return TokenKind::True;
    }
    if (word == "false") {
        return TokenKind::False;
    }
    if (word == "null") {
        return TokenKind::Null;
    }
    return word == "in" ? std::optional(TokenKind::In) : std::nullopt;
}

struct Punctuation {
    std::string_view text;
    TokenKind kind;
};

// Longer ones first.
constexpr std::array<Punctuation, 24> punctuation{{
    {"&&", TokenKind::And},          {"||", TokenKind::Or},        {"<=", TokenKind::LessEqual},
    {">=", TokenKind::GreaterEqual}, {"==", TokenKind::Equal},     {"!=", TokenKind::NotEqual},
    {"(", TokenKind::LeftParen},     {")", TokenKind::RightParen}, {"[", TokenKind::LeftBracket},
    {"]", TokenKind::RightBracket},  {"{", TokenKind::LeftBrace},  {"}", TokenKind::RightBrace},
    {".", TokenKind::Dot},           {",", TokenKind::Comma},      {"?", TokenKind::Question},
    {":", TokenKind::Colon},         {"+", TokenKind::Plus},       {"-", TokenKind::Minus},
    {"*", TokenKind::Star},          {"/", TokenKind::Slash},      {"%", TokenKind::Percent},
    {"!", TokenKind::Not},           {"<", TokenKind::Less},       {">", TokenKind::Greater},
}};

class Lexer {
public:
    Lexer(std::string_view text, Reporter& reporter) : text_(text), reporter_(reporter) {}

    Tokens run() {
        while (true) {
            skip_space();
            start_ = pos_;
            if (pos_ >= text_.size()) {
                push(TokenKind::End);
                return std::move(out_);
            }
            next();
        }
    }

private:
    char peek(std::size_t ahead = 0) const {
        return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0';
    }

    Span span() const {
        return {static_cast<std::uint32_t>(start_), static_cast<std::uint32_t>(pos_)};
    }

    void push(TokenKind kind, std::string text = {}) {
        out_.tokens.push_back({.kind = kind, .span = span(), .text = std::move(text)});
    }

    void bad(std::string_view code, std::string message) {
        reporter_.error(code, span(), std::move(message));
        push(TokenKind::Bad);
    }

    void skip_space() {
        while (pos_ < text_.size()) {
            const char c = text_[pos_];
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
                ++pos_;
            } else if (c == '/' && peek(1) == '/') {
                start_ = pos_;
                pos_ = std::min(text_.find_first_of("\r\n", pos_), text_.size());
                out_.comments.push_back({span()});
                if (holds_control(text_.substr(start_, pos_ - start_))) {
                    reporter_.error("bad_character", span(),
                                    "a comment holds a control character; only tabs may stand "
                                    "there");
                }
            } else {
                return;
            }
        }
    }

    void next() {
        const char c = peek();
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            number();
        } else if (const std::optional<std::size_t> prefix = string_prefix()) {
            string(*prefix);
        } else if (is_word_start(c)) {
            word();
        } else if (c == '`') {
            quoted();
        } else if (const BentQuote bent = bent_quote(text_.substr(pos_)); bent.size != 0) {
            bent_string(bent);
        } else {
            symbol();
        }
    }

    void symbol() {
        const std::string_view rest = text_.substr(pos_);
        const auto sign =
            std::find_if(punctuation.begin(), punctuation.end(),
                         [&](const Punctuation& p) { return rest.starts_with(p.text); });
        const std::size_t size = sign == punctuation.end() ? 0 : sign->text.size();
        if (const Slip* slip = find_slip(rest); slip != nullptr && slip->text.size() > size) {
            pos_ += slip->text.size();
            mend(*slip);
            return;
        }
        if (size != 0) {
            pos_ += size;
            push(sign->kind);
            return;
        }
        ++pos_;
        while (pos_ < text_.size() && (static_cast<unsigned char>(text_[pos_]) & 0xc0U) == 0x80) {
            ++pos_;
        }
        bad("bad_character", found() + " has no meaning here");
    }

    std::string found() const {
        return "'" + std::string(text_.substr(start_, pos_ - start_)) + "'";
    }

    // Of spaces that look like others only the first is told.
    void mend(const Slip& slip) {
        if (slip.meant) {
            reporter_.error("bad_character", span(),
                            found() + " has no meaning here; " + std::string(slip.hint));
            push_meant(*slip.meant);
        } else if (!std::exchange(space_reported_, true)) {
            reporter_.error("bad_character", span(),
                            "a sign that looks like a space or like nothing stands here; " +
                                std::string(slip.hint));
        }
    }

    void push_meant(TokenKind kind, std::string text = {}) {
        push(kind, std::move(text));
        out_.tokens.back().is_slip = true;
    }

    // Whether an operator can follow what was read last.
    bool is_behind_operand() const {
        switch (out_.tokens.empty() ? TokenKind::End : out_.tokens.back().kind) {
            case TokenKind::Bad:
            case TokenKind::Identifier:
            case TokenKind::Reserved:
            case TokenKind::Quoted:
            case TokenKind::Int:
            case TokenKind::Uint:
            case TokenKind::Double:
            case TokenKind::String:
            case TokenKind::Bytes:
            case TokenKind::True:
            case TokenKind::False:
            case TokenKind::Null:
            case TokenKind::RightParen:
            case TokenKind::RightBracket:
            case TokenKind::RightBrace:
                return true;
            default:
                return false;
        }
    }

    bool is_behind_dot() const {
        return !out_.tokens.empty() && out_.tokens.back().kind == TokenKind::Dot;
    }

    void word() {
        while (is_word(peek())) {
            ++pos_;
        }
        const std::string_view word = text_.substr(start_, pos_ - start_);
        if (word_slip(word)) {
            return;
        }
        const bool reserved =
            std::find(reserved_words.begin(), reserved_words.end(), word) != reserved_words.end();
        const TokenKind other = reserved ? TokenKind::Reserved : TokenKind::Identifier;
        push(keyword(word).value_or(other), std::string(word));
    }

    // `a and b`, `not a`, `a not in b`: elsewhere these words are names.
    bool word_slip(std::string_view word) {
        const bool behind = is_behind_operand();
        between_ = between_ || (behind && !is_behind_dot() && is_word_between(word));
        if (const Slip* slip = find_word_slip(word); slip != nullptr && behind) {
            if (slip->meant == TokenKind::And && std::exchange(between_, false)) {
                push_meant(TokenKind::And);  // Of `between 1 and 2`, which the parser reports.
                return true;
            }
            reporter_.error("unexpected_token", span(),
                            found() + " has no meaning here; " + std::string(slip->hint));
            push_meant(*slip->meant);
            return true;
        }
        if (!is_word_not(word) || is_behind_dot()) {
            return false;
        }
        const std::size_t next = std::min(text_.find_first_not_of(" \t\r\n", pos_), text_.size());
        const std::string_view rest = text_.substr(next);
        const bool is_in = rest.starts_with("in") && (rest.size() == 2 || !is_word(rest[2]));
        const char c = rest.empty() ? '\0' : rest[0];
        const bool operand =
            is_word(c) || c == '(' || c == '"' || c == '\'' || bent_quote(rest).size != 0;
        if (behind ? !is_in : is_in || !operand) {
            return false;
        }
        reporter_.error("unexpected_token", span(),
                        found() + " has no meaning here; write " +
                            (is_in ? "!(.. in ..)" : "! before a condition in parentheses: !(..)"));
        push_meant(TokenKind::Not);
        return true;
    }

    // “DE”, up to the quote that closes it in the same line.
    void bent_string(BentQuote open) {
        pos_ += open.size;
        const Span mark = span();
        const std::size_t begin = pos_;
        const std::size_t line_end = std::min(text_.find_first_of("\r\n", pos_), text_.size());
        std::size_t close = 0;
        while (pos_ < line_end && (close = closing_quote(open.plain)) == 0) {
            ++pos_;
        }
        const std::string_view content = text_.substr(begin, pos_ - begin);
        pos_ += close;
        reporter_.error("bad_character", mark,
                        "'" + std::string(text_.substr(mark.begin, open.size)) +
                            "' has no meaning here; write " + open.plain +
                            " before and behind a text");
        push_meant(close == 0 ? TokenKind::Bad : TokenKind::String, std::string(content));
    }

    // The size of a quote that closes what one of this kind opened, plain or bent.
    std::size_t closing_quote(char plain) const {
        const BentQuote bent = bent_quote(text_.substr(pos_));
        return peek() == plain ? 1 : bent.plain == plain ? bent.size : 0;
    }

    void quoted() {
        ++pos_;
        const std::size_t end = std::min(text_.find('`', pos_), text_.size());
        const std::string_view name = text_.substr(pos_, end - pos_);
        if (end == text_.size() || !is_quotable(name)) {
            while (pos_ < text_.size() && is_quotable_character(peek())) {
                ++pos_;
            }
            bad("bad_quoted_name",
                "between backticks stand letters, digits, spaces and . - / _, then a closing `");
            return;
        }
        pos_ = end + 1;
        push(TokenKind::Quoted, std::string(name));
    }

    // 2011-10-01T10:00:00Z without quotes.
    bool bare_moment() {
        const std::size_t size = size_of_moment(text_.substr(pos_));
        if (size == 0) {
            return false;
        }
        pos_ += size;
        const std::string moment(text_.substr(start_, size));
        bad("bad_number", found() + " has no meaning here; write timestamp(\"" + moment + "\")");
        return true;
    }

    void number() {
        if (bare_moment()) {
            return;
        }
        TokenKind kind = TokenKind::Int;
        if (peek() == '0' && peek(1) == 'x' && hex_digit(peek(2)) >= 0) {
            pos_ += 2;
            while (hex_digit(peek()) >= 0) {
                ++pos_;
            }
        } else {
            kind = decimal();
        }
        std::string digits(text_.substr(start_, pos_ - start_));
        if (kind == TokenKind::Int && (peek() == 'u' || peek() == 'U')) {
            ++pos_;
            kind = TokenKind::Uint;
        }
        if (is_word(peek())) {
            while (is_word(peek())) {
                ++pos_;
            }
            const std::string word(text_.substr(start_, pos_ - start_));
            const bool is_span = parse_calendar_step(word).has_value();
            bad("bad_number",
                "'" + word + "' is not a number" +
                    (is_span ? "; write dur(\"" + word + "\") for a span of time" : ""));
            return;
        }
        push(kind, std::move(digits));
    }

    TokenKind decimal() {
        TokenKind kind = TokenKind::Int;
        const auto digits = [&] {
            while (is_digit(peek())) {
                ++pos_;
            }
        };
        digits();
        if (peek() == '.' && is_digit(peek(1))) {
            kind = TokenKind::Double;
            ++pos_;
            digits();
        }
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
        if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
            kind = TokenKind::Double;
            pos_ += 1 + sign;
            digits();
        }
        return kind;
    }

    // The length of the letters before the opening quote, when a string begins here.
    std::optional<std::size_t> string_prefix() const {
        std::size_t length = 0;
        bool raw = false;
        bool bytes = false;
        while (length < 2 && !raw) {  // br"..", not rb"..".
            const char c = static_cast<char>(peek(length) | 0x20);
            if (c == 'r') {
                raw = true;
            } else if (c == 'b' && !bytes) {
                bytes = true;
            } else {
                break;
            }
            ++length;
        }
        const char quote = peek(length);
        return quote == '"' || quote == '\'' ? std::optional(length) : std::nullopt;
    }

    void string(std::size_t prefix) {
        bool raw = false;
        bool bytes = false;
        for (std::size_t i = 0; i < prefix; ++i) {
            ((peek(i) | 0x20) == 'r' ? raw : bytes) = true;
        }
        pos_ += prefix;
        const std::string one(1, peek());
        std::string close(3, one[0]);
        if (!text_.substr(pos_).starts_with(close)) {
            close = one;
        }
        pos_ += close.size();
        std::string value;
        bool good = true;
        while (!text_.substr(pos_).starts_with(close)) {
            const char c = peek();
            const bool line_end = close.size() == 1 && (c == '\n' || c == '\r');
            if (pos_ >= text_.size() || line_end) {
                unterminated(close);
                return;
            }
            if (c == '\\' && !raw) {
                good = escape(value, bytes) && good;
            } else {
                value += c;
                ++pos_;
            }
        }
        pos_ += close.size();
        const TokenKind kind = bytes ? TokenKind::Bytes : TokenKind::String;
        push(good ? kind : TokenKind::Bad, std::move(value));
    }

    // "DE” is closed by a bent quote, where there is one.
    void unterminated(const std::string& close) {
        const std::size_t end = pos_;
        for (pos_ = start_ + 1; close == "\"" && pos_ < end; ++pos_) {
            const BentQuote bent = bent_quote(text_.substr(pos_, end - pos_));
            if (bent.size == 0 || bent.plain != '"') {
                continue;
            }
            const std::size_t begin = text_.find('"', start_) + 1;
            const std::string content(text_.substr(begin, pos_ - begin));
            const std::size_t from = std::exchange(start_, pos_);
            pos_ += bent.size;
            reporter_.error("bad_character", span(),
                            found() + " has no meaning here; write \" before and behind a text");
            start_ = from;
            push_meant(TokenKind::String, content);
            return;
        }
        pos_ = end;
        bad("unterminated_string", "this text has no closing " + close);
    }

    bool bad_escape(std::size_t begin) {
        pos_ = std::min(pos_, text_.size());
        reporter_.error("bad_escape",
                        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(pos_)},
                        "this escape is not known; write \\\\ for a backslash, or r\"...\" for a "
                        "text without escapes");
        return false;
    }

    // `digits` of base 8 or 16.
    std::optional<std::uint32_t> code(int base, int digits) {
        std::uint32_t value = 0;
        for (int i = 0; i < digits; ++i) {
            const int digit = hex_digit(peek());
            if (digit < 0 || digit >= base) {
                return std::nullopt;
            }
            value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
            ++pos_;
        }
        return value;
    }

    bool escape(std::string& out, bool bytes) {
        const std::size_t begin = pos_;
        const char c = peek(1);
        pos_ += 2;
        constexpr std::string_view names = "abfnrtv\\?\"'`";
        constexpr std::string_view values = "\a\b\f\n\r\t\v\\?\"'`";
        if (const std::size_t i = names.find(c); c != '\0' && i != std::string_view::npos) {
            out += values[i];
            return true;
        }
        std::optional<std::uint32_t> value;
        if (c == 'x' || c == 'X') {
            value = code(16, 2);
        } else if (c >= '0' && c <= '3') {
            --pos_;
            value = code(8, 3);
        } else if (!bytes && (c == 'u' || c == 'U')) {
            value = code(16, c == 'u' ? 4 : 8);
        }
        const bool surrogate = value && *value >= 0xd800 && *value <= 0xdfff;
        if (!value || surrogate || *value > 0x10ffff) {
            return bad_escape(begin);
        }
        if (bytes) {
            out += static_cast<char>(*value);
        } else {
            append_utf8(out, *value);
        }
        return true;
    }

    std::string_view text_;
    Reporter& reporter_;
    Tokens out_;
    std::size_t start_ = 0;
    std::size_t pos_ = 0;
    bool space_reported_ = false;
    bool between_ = false;  // Its `and` is still to come.
};

}  // namespace

bool is_selector(std::string_view name) {
    return !name.empty() && is_word_start(name[0]) &&
           std::all_of(name.begin(), name.end(), is_word) && !keyword(name);
}

bool is_quotable(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), is_quotable_character);
}

Tokens lex(std::string_view text, Reporter& reporter) {
    WINBACK_CHECK(text.size() <= text_bytes_max);
    return Lexer(text, reporter).run();
}

}  // namespace winback::expr
