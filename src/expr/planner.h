// Turns a checked syntax tree into a program.
#pragma once

#include "expr/checker.h"
#include "expr/condition.h"

namespace winback::expr {

// Fills the program and what the condition mentions. Pre: check() reported no error.
void plan(const Ast& ast, const Checked& checked, Symbols& symbols, Condition& condition);

}  // namespace winback::expr
