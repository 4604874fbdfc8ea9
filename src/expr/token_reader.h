// Walks over the tokens of a condition, makes nodes and reports what does not stand in its place.
//
// What the parser has besides its grammar. Internal to parser.cc.
#pragma once

#include <string_view>

#include "expr/ast.h"
#include "expr/lexer.h"
#include "expr/reporter.h"

namespace winback::expr {

class TokenReader {
public:
    TokenReader(std::string_view text, Reporter& reporter);

protected:
    // Behind the last token stand as many Ends as are asked for.
    const Token& peek(std::size_t ahead = 0) const;
    const Token& advance();
    bool accept(TokenKind kind);
    // Reports what stands in the way of `kind` and goes on behind it.
    void expect(TokenKind kind, std::string_view wanted);
    void skip_to_end();
    static bool closes(TokenKind kind);
    // To where a new operand can begin, or to what closes the one that failed.
    void recover();
    std::uint32_t previous_end() const;

    void unexpected(std::string_view wanted);
    NodeId too_deep(Span span);
    NodeId error_node(Span span);
    NodeId add(Node node);
    NodeId binary_node(BinaryOp op, Span focus, NodeId left, NodeId right);
    // Under the sign of the token: ! or -.
    NodeId negated(const Token& sign, NodeId operand);
    Span span_of(NodeId id) const { return ast_.nodes[id].span; }
    Ast take();

    std::string_view text_;
    Reporter& reporter_;
    Ast ast_;

private:
    Tokens tokens_;
    std::size_t pos_ = 0;
    bool deep_reported_ = false;
    bool end_reported_ = false;
};

}  // namespace winback::expr
