#include "expr/token_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "expr/limits.h"

namespace winback::expr {

TokenReader::TokenReader(std::string_view text, Reporter& reporter)
    : text_(text), reporter_(reporter), tokens_(lex(text, reporter)) {}

const Token& TokenReader::peek(std::size_t ahead) const {
    return tokens_.tokens[std::min(pos_ + ahead, tokens_.tokens.size() - 1)];
}

const Token& TokenReader::advance() {
    const Token& token = peek();
    pos_ = std::min(pos_ + 1, tokens_.tokens.size() - 1);
    return token;
}

bool TokenReader::accept(TokenKind kind) {
    if (peek().kind != kind) {
        return false;
    }
    advance();
    return true;
}

bool TokenReader::closes(TokenKind kind) {
    return kind == TokenKind::RightParen || kind == TokenKind::RightBracket ||
           kind == TokenKind::RightBrace;
}

void TokenReader::recover() {
    while (true) {
        const TokenKind kind = peek().kind;
        if (kind == TokenKind::End || kind == TokenKind::And || kind == TokenKind::Or ||
            kind == TokenKind::Comma || kind == TokenKind::Question || kind == TokenKind::Colon ||
            closes(kind)) {
            return;
        }
        advance();
    }
}

void TokenReader::unexpected(std::string_view wanted) {
    const Token& token = peek();
    ast_.broken.push_back(previous_end());
    if (token.kind == TokenKind::Bad || token.is_slip || deep_reported_) {
        return;
    }
    if (token.kind == TokenKind::End) {
        if (std::exchange(end_reported_, true)) {
            return;
        }
        reporter_.error("unexpected_end", token.span,
                        "the condition ends where " + std::string(wanted) + " should come");
        return;
    }
    const std::string_view found =
        text_.substr(token.span.begin, token.span.end - token.span.begin);
    reporter_.error("unexpected_token", token.span,
                    "found '" + std::string(found.substr(0, 40)) + "' where " +
                        std::string(wanted) + " should come");
}

void TokenReader::expect(TokenKind kind, std::string_view wanted) {
    if (accept(kind)) {
        return;
    }
    unexpected(wanted);
    recover();
    accept(kind);
}

NodeId TokenReader::add(Node node) {
    int height = 0;
    for (const NodeId child : node.children) {
        height = std::max<int>(height, ast_.nodes[child].height);
    }
    if (height >= depth_max) {
        return too_deep(node.span);
    }
    node.height = static_cast<std::uint8_t>(height + 1);
    if (node.focus == Span{}) {
        node.focus = node.span;
    }
    ast_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(ast_.nodes.size() - 1);
}

NodeId TokenReader::too_deep(Span span) {
    if (!std::exchange(deep_reported_, true)) {
        reporter_.error("too_deep", span,
                        "this is nested more than " + std::to_string(depth_max) +
                            " levels deep; split it into segments");
    }
    return error_node(span);
}

NodeId TokenReader::error_node(Span span) {
    Node node;
    node.span = span;
    node.focus = span;
    ast_.nodes.push_back(std::move(node));
    return static_cast<NodeId>(ast_.nodes.size() - 1);
}

NodeId TokenReader::binary_node(BinaryOp op, Span focus, NodeId left, NodeId right) {
    Node node;
    node.kind = NodeKind::Binary;
    node.op = op;
    node.focus = focus;
    node.span = {span_of(left).begin, span_of(right).end};
    node.children = {left, right};
    return add(std::move(node));
}

NodeId TokenReader::negated(const Token& sign, NodeId operand) {
    Node& inner = ast_.nodes[operand];
    const bool minus = sign.kind == TokenKind::Minus;
    // -(5) is the number -5, so that the printed form reads back as the same tree.
    if (minus && inner.kind == NodeKind::Int && inner.integer >= 0) {
        inner.integer = -inner.integer;
        inner.span.begin = sign.span.begin;
        return operand;
    }
    if (minus && inner.kind == NodeKind::Double && !std::signbit(inner.real)) {
        inner.real = -inner.real;
        inner.span.begin = sign.span.begin;
        return operand;
    }
    Node node;
    node.kind = minus ? NodeKind::Negate : NodeKind::Not;
    node.focus = sign.span;
    node.span = {sign.span.begin, inner.span.end};
    node.children = {operand};
    return add(std::move(node));
}

void TokenReader::skip_to_end() {
    pos_ = tokens_.tokens.size() - 1;
}

std::uint32_t TokenReader::previous_end() const {
    return pos_ == 0 ? 0 : tokens_.tokens[pos_ - 1].span.end;
}

Ast TokenReader::take() {
    ast_.comments = std::move(tokens_.comments);
    return std::move(ast_);
}

}  // namespace winback::expr
