// Writes a syntax tree as canonical text: one line, double quotes, least parentheses.
//
// parse(print(tree)) is the same tree again.
#pragma once

#include <string>
#include <string_view>

#include "expr/ast.h"

namespace winback::expr {

// Pre: the tree has no Error node.
std::string print(const Ast& ast);
std::string print(const Ast& ast, NodeId node);

// How tightly a node binds, from 0 (?:) over 1 (||), 2 (&&), 3 (relations) to 7; what binds less
// than its place needs stands in parentheses.
int precedence_of(const Node& node);

std::string double_text(double value);  // "5.0": never without a point or an exponent.

// A text, or the inside of a bytes literal, between double quotes.
std::string quoted(std::string_view text, bool bytes);

}  // namespace winback::expr
