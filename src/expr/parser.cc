#include "expr/parser.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "expr/limits.h"
#include "expr/number.h"
#include "expr/slip_reader.h"

namespace winback::expr {
namespace {

struct Operator {
    BinaryOp op;
    int precedence;
};

std::optional<Operator> binary_operator(TokenKind kind) {
    switch (kind) {
        case TokenKind::Less:
            return Operator{BinaryOp::Less, 1};
        case TokenKind::LessEqual:
            return Operator{BinaryOp::LessEqual, 1};
        case TokenKind::Greater:
            return Operator{BinaryOp::Greater, 1};
        case TokenKind::GreaterEqual:
            return Operator{BinaryOp::GreaterEqual, 1};
        case TokenKind::Equal:
            return Operator{BinaryOp::Equal, 1};
        case TokenKind::NotEqual:
            return Operator{BinaryOp::NotEqual, 1};
        case TokenKind::In:
            return Operator{BinaryOp::In, 1};
        case TokenKind::Plus:
            return Operator{BinaryOp::Add, 2};
        case TokenKind::Minus:
            return Operator{BinaryOp::Subtract, 2};
        case TokenKind::Star:
            return Operator{BinaryOp::Multiply, 3};
        case TokenKind::Slash:
            return Operator{BinaryOp::Divide, 3};
        case TokenKind::Percent:
            return Operator{BinaryOp::Modulo, 3};
        default:
            return std::nullopt;
    }
}

class Parser : private SlipReader {
public:
    Parser(std::string_view text, Reporter& reporter) : SlipReader(text, reporter) {}

    Ast run() {
        ast_.root = expression();
        while (peek().kind != TokenKind::End) {
            unexpected("an operator such as && or the end");
            recover();
            if (closes(peek().kind) || peek().kind == TokenKind::Comma) {
                advance();
            }
            if (peek().kind != TokenKind::End) {
                skip_operator();
                ast_.rest.push_back(expression());
            }
        }
        return take();
    }

private:
    void skip_operator() {
        const TokenKind kind = peek().kind;
        if (kind == TokenKind::And || kind == TokenKind::Or || kind == TokenKind::Question ||
            kind == TokenKind::Colon) {
            advance();
        }
    }

    NodeId expression() {
        if (depth_ >= depth_max) {
            const Span here = peek().span;
            skip_to_end();  // What follows could only repeat the mistake.
            return too_deep(here);
        }
        ++depth_;
        NodeId result = logical(TokenKind::Or);
        if (peek().kind == TokenKind::Question) {
            Node node;
            node.kind = NodeKind::Ternary;
            node.focus = advance().span;
            const NodeId then = logical(TokenKind::Or);
            expect(TokenKind::Colon, "':'");
            const NodeId otherwise = expression();
            node.span = {span_of(result).begin, span_of(otherwise).end};
            node.children = {result, then, otherwise};
            result = add(std::move(node));
        }
        --depth_;
        return result;
    }

    NodeId logical(TokenKind kind) {
        const auto operand = [&] {
            return kind == TokenKind::Or ? logical(TokenKind::And) : binary(1);
        };
        const NodeId first = operand();
        if (peek().kind != kind) {
            return first;
        }
        Node node;
        node.kind = kind == TokenKind::Or ? NodeKind::Or : NodeKind::And;
        node.focus = peek().span;
        node.children.push_back(first);
        while (accept(kind)) {
            node.children.push_back(operand());
        }
        node.span = {span_of(first).begin, span_of(node.children.back()).end};
        return add(std::move(node));
    }

    NodeId binary(int precedence) {
        NodeId left = unary();
        while (true) {
            const std::optional<WordedOperator> words = worded_operator();
            if (words && precedence == 1) {
                left = worded(*words, left);
                continue;
            }
            if (is_percent(left)) {
                left = percent(left);
                continue;
            }
            const bool negated_in = is_worded_not() && peek(1).kind == TokenKind::In;
            const std::optional<Operator> found = binary_operator(peek(negated_in ? 1 : 0).kind);
            if (!found || found->precedence < precedence) {
                return left;
            }
            const Token sign = negated_in ? advance() : Token{};
            const Span focus = advance().span;
            left = binary_node(found->op, focus, left, binary(found->precedence + 1));
            left = negated_in ? negated(sign, left) : left;
        }
    }

    NodeId worded(const WordedOperator& words, NodeId left) {
        Span phrase = peek().span;
        for (std::size_t i = 0; i < words.words; ++i) {
            phrase.end = advance().span.end;
        }
        using enum WordedOperator::Meant;
        std::vector<NodeId> operands{left};
        if (words.meant != Missing) {
            operands.push_back(binary(2));
        }
        if (words.meant == Between) {
            accept(TokenKind::And);
            operands.push_back(binary(2));
        }
        return meant(words, phrase, operands);
    }

    // The word, where ! was meant.
    bool is_worded_not() const { return peek().kind == TokenKind::Not && peek().is_slip; }

    // Of a whole comparison: `not a == b`.
    NodeId worded_not() {
        const Token sign = advance();
        if (depth_ >= depth_max) {
            return too_deep(sign.span);
        }
        ++depth_;
        const NodeId operand = binary(1);
        --depth_;
        return negated(sign, operand);
    }

    NodeId unary() {
        if (is_worded_not()) {
            return worded_not();
        }
        std::vector<Token> signs;
        while (peek().kind == TokenKind::Not || peek().kind == TokenKind::Minus) {
            signs.push_back(advance());
        }
        const bool is_number = peek().kind == TokenKind::Int || peek().kind == TokenKind::Double;
        NodeId result = 0;
        if (!signs.empty() && signs.back().kind == TokenKind::Minus && is_number) {
            result = postfix(number(signs.back().span.begin, true));
            signs.pop_back();
        } else {
            result = postfix(primary());
        }
        for (auto sign = signs.rbegin(); sign != signs.rend(); ++sign) {
            result = negated(*sign, result);
        }
        return result;
    }

    NodeId postfix(NodeId target) {
        while (true) {
            if (accept(TokenKind::Dot)) {
                target = member(target);
            } else if (accept(TokenKind::LeftBracket)) {
                Node node;
                node.kind = NodeKind::Index;
                const NodeId index = expression();
                node.span = {span_of(target).begin, peek().span.end};
                expect(TokenKind::RightBracket, "']'");
                node.focus = span_of(index);
                node.children = {target, index};
                target = add(std::move(node));
            } else if (peek().kind == TokenKind::LeftBrace && !type_name(target).empty()) {
                target = message(target);
            } else {
                return target;
            }
        }
    }

    // "a.b.C" when the node is a chain of plain names; empty otherwise.
    std::string type_name(NodeId id) const {
        const Node& node = ast_.nodes[id];
        if (node.kind == NodeKind::Identifier) {
            return node.text;
        }
        if (node.kind != NodeKind::Select || !is_selector(node.text)) {
            return "";
        }
        const std::string prefix = type_name(node.children[0]);
        return prefix.empty() ? "" : prefix + "." + node.text;
    }

    NodeId message(NodeId type) {
        Node node;
        node.kind = NodeKind::Message;
        node.text = type_name(type);
        node.focus = span_of(type);
        advance();
        items(node.children, TokenKind::RightBrace, [this] { return field_name(); });
        node.span = {span_of(type).begin, previous_end()};
        return add(std::move(node));
    }

    static bool is_name(TokenKind kind) {
        return kind == TokenKind::Identifier || kind == TokenKind::Reserved ||
               kind == TokenKind::Quoted;
    }

    NodeId field_name() {
        if (!is_name(peek().kind)) {
            const Span here = peek().span;
            unexpected("the name of a field");
            recover();
            return error_node(here);
        }
        Node node;
        node.kind = NodeKind::String;
        node.text = peek().text;
        node.span = advance().span;
        return add(std::move(node));
    }

    NodeId member(NodeId target) {
        const Token& name = peek();
        if (!is_name(name.kind)) {
            unexpected("a name");
            recover();
            return error_node(span_of(target));
        }
        Node node;
        node.text = name.text;
        node.focus = name.span;
        node.children = {target};
        const bool plain = advance().kind != TokenKind::Quoted;
        node.kind = NodeKind::Select;
        if (plain && accept(TokenKind::LeftParen)) {
            node.kind = NodeKind::Method;
            items(node.children, TokenKind::RightParen);
        }
        node.span = {span_of(target).begin, previous_end()};
        return add(std::move(node));
    }

    void items(std::vector<NodeId>& out, TokenKind close) {
        items(out, close, [this] { return expression(); });
    }

    // Comma-separated expressions up to `close`; in lists and maps a comma may stand before it.
    // Before a brace they are pairs, of which `first` reads what stands left of the colon.
    template <class First>
    void items(std::vector<NodeId>& out, TokenKind close, First first) {
        const Span open = peek().span;
        const bool outside = std::exchange(comma_has_meaning_, true);
        std::size_t count = 0;
        while (peek().kind != close && peek().kind != TokenKind::End) {
            out.push_back(first());
            ++count;
            if (close == TokenKind::RightBrace) {
                expect(TokenKind::Colon, "':'");
                out.push_back(expression());
            }
            if (!accept(TokenKind::Comma)) {
                break;
            }
            if (close == TokenKind::RightParen && peek().kind == close) {
                unexpected("an argument");  // Only lists and maps may end with a comma.
            }
        }
        if (count > list_items_max) {
            reporter_.error(
                "list_too_long", open,
                "a list here may have at most " + std::to_string(list_items_max) + " items");
        }
        comma_has_meaning_ = outside;
        const bool paren = close == TokenKind::RightParen;
        expect(close, paren ? "',' or ')'" : "',' or the closing bracket");
    }

    NodeId primary() {
        const Token& token = peek();
        Node node;
        node.span = token.span;
        switch (token.kind) {
            case TokenKind::Int:
            case TokenKind::Uint:
            case TokenKind::Double:
                return number(token.span.begin, false);
            case TokenKind::True:
            case TokenKind::False:
                node.kind = NodeKind::Bool;
                node.integer = token.kind == TokenKind::True ? 1 : 0;
                break;
            case TokenKind::Null:
                node.kind = NodeKind::Null;
                break;
            case TokenKind::String:
            case TokenKind::Bytes:
                node.kind = token.kind == TokenKind::String ? NodeKind::String : NodeKind::Bytes;
                node.text = token.text;
                break;
            case TokenKind::Dot:
            case TokenKind::Identifier:
                return name();
            case TokenKind::LeftParen:
                return parenthesised();
            case TokenKind::LeftBracket:
                return bracketed(NodeKind::List, TokenKind::RightBracket);
            case TokenKind::LeftBrace:
                return bracketed(NodeKind::Map, TokenKind::RightBrace);
            default:
                return nothing();
        }
        advance();
        return add(std::move(node));
    }

    NodeId nothing() {
        const Span here = peek().span;
        if (peek().kind == TokenKind::Reserved) {
            reporter_.error("reserved_word", here,
                            "'" + peek().text + "' is a reserved word and cannot be a name");
        } else {
            unexpected("a value");
        }
        recover();
        return error_node(here);
    }

    NodeId name() {
        Node node;
        const std::uint32_t begin = peek().span.begin;
        const bool rooted = accept(TokenKind::Dot);
        if (peek().kind != TokenKind::Identifier) {
            return nothing();
        }
        const Token& token = advance();
        node.text = (rooted ? "." : "") + token.text;
        node.focus = token.span;
        node.kind = NodeKind::Identifier;
        if (accept(TokenKind::LeftParen)) {
            node.kind = NodeKind::Call;
            items(node.children, TokenKind::RightParen);
        }
        node.span = {begin, previous_end()};
        return add(std::move(node));
    }

    NodeId parenthesised() {
        advance();
        const bool outside = std::exchange(comma_has_meaning_, false);
        const NodeId inner = expression();
        comma_has_meaning_ = outside;
        expect(TokenKind::RightParen, "')'");
        return inner;
    }

    NodeId bracketed(NodeKind kind, TokenKind close) {
        Node node;
        node.kind = kind;
        const std::uint32_t begin = advance().span.begin;
        items(node.children, close);
        node.span = {begin, previous_end()};
        return add(std::move(node));
    }

    NodeId number(std::uint32_t begin, bool negative) {
        const Token token = number_token(comma_has_meaning_);
        Node node;
        node.span = {begin, token.span.end};
        bool good = false;
        const char* first = token.text.data();
        const char* last = first + token.text.size();
        if (token.kind == TokenKind::Double) {
            node.kind = NodeKind::Double;
            const std::optional<double> read = read_double(token.text);
            good = read.has_value();
            node.real = read.value_or(0);
            node.real = negative ? -node.real : node.real;
        } else {
            const bool hex = token.text.starts_with("0x") || token.text.starts_with("0X");
            std::uint64_t value = 0;
            good = std::from_chars(first + (hex ? 2 : 0), last, value, hex ? 16 : 10).ec ==
                   std::errc{};
            node.kind = token.kind == TokenKind::Int ? NodeKind::Int : NodeKind::Uint;
            const std::uint64_t bound =
                std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1 : 0);
            good = good && (node.kind == NodeKind::Uint || value <= bound);
            node.integer = static_cast<std::int64_t>(negative ? ~value + 1 : value);
        }
        if (!good) {
            reporter_.error("bad_number", node.span, "this number is too large for 64 bits");
            return error_node(node.span);
        }
        return add(std::move(node));
    }

    int depth_ = 0;
    bool comma_has_meaning_ = false;  // Between items; not at the top, nor in parentheses.
};

}  // namespace

Ast parse(std::string_view text, Reporter& reporter) {
    Ast failed;
    failed.nodes.emplace_back();
    if (text.size() > text_bytes_max) {
        reporter.error("too_long", {0, 1},
                       "a condition may have at most " + std::to_string(text_bytes_max) +
                           " bytes; this has " + std::to_string(text.size()));
        return failed;
    }
    if (!is_valid_utf8(text)) {
        reporter.error("invalid_utf8", {0, 1}, "the condition is not valid UTF-8");
        return failed;
    }
    return Parser(text, reporter).run();
}

}  // namespace winback::expr
