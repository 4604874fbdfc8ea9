// Strict CEL: a syntax tree and values for its names, to a value or an error.
//
// What conditions leave out of CEL (values of any type, errors instead of false, nanoseconds,
// containers) is needed to be judged by the conformance tests of cel-spec; this walks the tree of
// the one parser and computes with the functions that conditions use (number.h, time_parts.h,
// text_questions.h, pattern.h). It knows nothing of customers, events or the passing of time.
#pragma once

#include <map>
#include <string>

#include "expr/ast.h"
#include "expr/cel_value.h"

namespace winback::expr {

struct CelScope {
    std::string container;  // "com.example": names are looked for in it first.
    std::map<std::string, CelValue, std::less<>> bindings;
};

// Pre: the tree has no Error node. Bounded by depth_max, loop_turns_max and cel_bytes_max.
CelValue evaluate_cel(const Ast& ast, const CelScope& scope);

}  // namespace winback::expr
