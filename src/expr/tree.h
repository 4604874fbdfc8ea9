// The tree form of a condition: the same program as JSON, for programs that build segments.
//
//   {"all": [{"events": {"names": ["email_delivered"], "within": "60d", "finish": "count"},
//             "op": ">=", "value": 5},
//            {"trait": "plan", "op": "==", "value": "gold"},
//            {"not": {"in_segment": "vip"}}]}
//
// What the form has no name for is a leaf of text, {"cel": "..."}, so that nothing is lost;
// comments are "comment" (before a leaf) and "comment_after". docs/design/conditions.md lists the
// keys. Text -> tree -> text is the same program with the same comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "expr/ast.h"

namespace winback::expr {

// Pre: `ast` was parsed from `text` without mistakes.
Value to_tree(std::string_view text, const Ast& ast);

struct TreeMistake {
    std::string pointer;  // To the part of the tree, RFC 6901: "/all/0/op".
    std::string message;
};

struct TreeText {
    std::string text;                   // Empty when there are mistakes.
    std::vector<TreeMistake> mistakes;  // At most diagnostics_max.
};

// A text that parses; whether its names are known is for compile() to say.
TreeText from_tree(const Value& tree);

}  // namespace winback::expr
