// Reads the text of a condition into a syntax tree, by the grammar and precedence of CEL.
//
// After a mistake it goes on at the next operator or bracket, so that several are found at
// once; each place that could not be read is an Error node.
#pragma once

#include <string_view>

#include "expr/ast.h"
#include "expr/reporter.h"

namespace winback::expr {

// The tree has a root even when mistakes were reported.
Ast parse(std::string_view text, Reporter& reporter);

}  // namespace winback::expr
