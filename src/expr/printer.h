// Writes a syntax tree as canonical text: one line, double quotes, least parentheses.
//
// parse(print(tree)) is the same tree again.
#pragma once

#include <string>

#include "expr/ast.h"

namespace winback::expr {

// Pre: the tree has no Error node.
std::string print(const Ast& ast);
std::string print(const Ast& ast, NodeId node);

}  // namespace winback::expr
