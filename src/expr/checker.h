// Decides whether a syntax tree means anything: names, types, movements in time.
//
// All mistakes of a tree are reported. What was found out about a node (its type, what its
// name refers to) is noted for the planner, which can then no longer fail.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "base/zone.h"
#include "expr/ast.h"
#include "expr/functions.h"
#include "expr/reporter.h"
#include "expr/schema.h"
#include "expr/time_parts.h"
#include "expr/types.h"

namespace winback::expr {

enum class Meaning : std::uint8_t {
    Syntax,  // What the kind of the node says.
    Trait,   // name
    Now,
    Constant,    // constant: epoch, timestamp("..")
    Step,        // step: dur("..")
    Ago,         // step
    Variable,    // name
    EventField,  // name
    EventTime,
    Function,  // function
};

struct Note {
    Meaning meaning = Meaning::Syntax;
    Function function = Function::Ev;
    std::string name;
    CalendarStep step;
    Value constant;
    std::vector<std::string> names;  // Events of ev(..), segments of in_any(..).
    TimePart part = TimePart::Hours;
    std::optional<Place> place;  // Of a part of a time; empty: the workspace's.
};

struct Checked {
    std::vector<Type> types;  // By NodeId.
    std::vector<Note> notes;
};

// The root must be a condition: true or false.
Checked check(const Ast& ast, const Schema& schema, Reporter& reporter);

}  // namespace winback::expr
