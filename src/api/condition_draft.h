// A condition as somebody writes it: a text or the tree of one, each made from the other, with all
// its mistakes.
#pragma once

#include <string>
#include <string_view>

#include "api/condition.h"
#include "api/desk.h"
#include "base/diagnostic.h"
#include "base/value.h"

namespace winback::api {

struct ConditionDraft {
    std::string text;            // As it was typed, or printed from the tree.
    Value tree;                  // Null while the text is none that can be read.
    CompiledCondition compiled;  // Without a condition while there are mistakes.
    // {code, message, line, column, length, warning, shown, pointer}: `pointer` leads to the part
    // of a tree that could not be printed (RFC 6901), and is null for places in the text.
    ValueList diagnostics;

    // Says it, too, as a warning.
    void warn(Diagnostic diagnostic);
};

// `segment` is the one that gets the condition: it must not refer to itself, by whatever way.
// Empty: none does.
ConditionDraft draft_of_text(Desk& desk, std::string_view text, std::string_view segment);
ConditionDraft draft_of_tree(Desk& desk, const Value& tree, std::string_view segment);

// {condition, tree, diagnostics}
ValueMap draft_value(const ConditionDraft& draft);

}  // namespace winback::api
