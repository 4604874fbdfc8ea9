// A parsed template: flat arrays, without pointers from one part to another.
//
// Nodes stand in the order of the source; a node's children follow it, up to `end`. Expressions,
// values with filters and conditions are numbered and stand in arrays of their own. Texts, names
// and literals are views of `source`, which the program owns; a Program is made once, inside a
// shared_ptr, and never moves or changes afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "template/datum.h"
#include "template/filters.h"
#include "template/reads.h"
#include "template/template.h"

namespace winback::liquid {

constexpr std::uint32_t nothing = UINT32_MAX;  // No expression, no condition, no name.

enum class Op : std::uint8_t {
    Text,       // Prints source[a, a + b).
    Raw,        // The same; the body of `raw`.
    Print,      // Prints values[a]; flag 1: written as `echo`.
    Assign,     // values[a] into names[b].
    Capture,    // What the children print into names[b].
    If,         // Its Branches; flag 1: `unless`.
    Branch,     // conditions[a], or `else` when nothing.
    Case,       // expressions[a]; its Whens and Elses.
    When,       // a list of b expressions, lists[a ..].
    Else,       // Of a case.
    For,        // loops[a]: its Body, and its Else.
    TableRow,   // loops[a]; the children are a cell.
    Body,       // Of a loop.
    Break,      //
    Continue,   //
    Cycle,      // cycles[a]
    Increment,  // names[a]
    Decrement,  // names[a]
    IfChanged,  //
    Include,    // partials[a]
    Render,     // partials[a]
    Abort,      // values[a] is the reason.
    Url,        // Prints the variable names[a]: unsubscribe_url and the like.
    Link,       // partials[a]: its name is the target.
};

struct Node {
    Op op = Op::Text;
    std::uint8_t flag = 0;
    bool blank = false;  // A block that prints white space at most: its errors are not printed.
    std::uint32_t a = nothing;
    std::uint32_t b = nothing;
    std::uint32_t end = 0;  // The node behind this one and its children.
    std::uint32_t at = 0;   // Byte of the source, for errors.
};

// A value: a literal, a variable with a path, a range.
struct Expression {
    enum class Kind : std::uint8_t {
        Constant,  // constants[a]
        Variable,  // names[a], without a path
        Path,      // names[a] and steps[b, b + count)
        Dynamic,   // The variable that expressions[a] names, and steps[b, b + count): [x].y
        Range,     // expressions[a] .. expressions[b]
    };
    Kind kind = Kind::Constant;
    std::uint16_t count = 0;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
};

// One part of a path: .name or [expression].
struct Step {
    bool is_name = true;
    std::uint32_t index = 0;  // names or expressions
};

struct FilterCall {
    const FilterSpec* filter = nullptr;  // Null: unknown, the value passes unchanged.
    std::string_view name;
    std::uint32_t arguments = 0;  // lists[arguments, arguments + positional)
    std::uint16_t positional = 0;
    std::uint16_t keywords = 0;  // Then pairs of name and expression in lists.
    std::uint32_t at = 0;
};

// An expression and the filters that it goes through: filter_calls[filters, filters + count).
struct FilteredValue {
    std::uint32_t expression = nothing;  // nothing: nil
    std::uint32_t filters = 0;
    std::uint32_t count = 0;
};

enum class Comparison : std::uint8_t {
    None,  // The left side alone.
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
    Unknown,  // Only from lax parsing; an error when it is reached.
};

Comparison comparison_of(std::string_view sign);  // "==", "contains", ...

// A chain: each condition is joined to the one behind it, conditions[index + 1].
struct Condition {
    enum class Join : std::uint8_t { End, And, Or };
    Comparison comparison = Comparison::None;
    Join join = Join::End;
    std::uint32_t left = nothing;
    std::uint32_t right = nothing;
    std::string_view sign;  // As written: "<>".
};

struct LoopSpec {
    std::uint32_t variable = 0;
    std::uint32_t collection = nothing;
    std::uint32_t limit = nothing;
    std::uint32_t offset = nothing;
    std::uint32_t columns = nothing;  // Of a tablerow.
    bool has_columns = false;
    bool resumes = false;  // offset: continue
    bool reversed = false;
    std::string_view collection_text;  // As written: `continue` goes by it, and by the variable.
    std::uint32_t key = nothing;       // keys[key]: "item-items"
};

struct CycleSpec {
    std::uint32_t group = nothing;  // An expression; nothing when unnamed.
    std::uint32_t key = nothing;    // keys[key] of an unnamed one; nothing: each tag on its own.
    std::uint32_t values = 0;       // lists[values, values + count)
    std::uint32_t count = 0;
};

struct PartialCall {
    std::uint32_t name = nothing;   // An expression.
    std::uint32_t with = nothing;   // An expression after `with` or `for`.
    std::uint32_t alias = nothing;  // A name.
    bool each = false;              // `for`
    std::uint32_t parameters = 0;   // Pairs of name and expression in lists.
    std::uint32_t count = 0;
};

class Program {
public:
    std::string source;
    std::string file;  // As parse() was told.
    std::vector<Node> nodes;
    std::vector<Expression> expressions;
    std::vector<Step> steps;
    std::vector<Datum> constants;
    std::vector<FilterCall> filter_calls;
    std::vector<FilteredValue> values;
    std::vector<Condition> conditions;
    std::vector<std::uint32_t> lists;
    std::vector<LoopSpec> loops;
    std::vector<CycleSpec> cycles;
    std::vector<PartialCall> partials;
    std::vector<std::string_view> names;
    std::deque<std::string> keys;          // Texts that are not in the source. Never moved.
    std::vector<NameRead> reads;           // Sorted by path.
    std::vector<std::string> names_given;  // By assign, capture and loops; sorted.
    std::uint32_t forloop_name = nothing;  // Indices of names that loops set, if they are used.
    std::uint32_t tablerowloop_name = nothing;
};

// The name in `.name` and in `['name']`; empty for keys that are known only when rendering.
std::string_view step_name(const Program& program, const Step& step);

// One node per line with its operands, for tests and for people. Neighbouring texts are one.
std::string listing(const Program& program);

// The program as Liquid in its canonical form: parsing it in the same mode gives a program with the
// same listing. (Always so for Strict2; lax reading finds parameters inside of texts, too.)
// Comments are gone and white space controls are worked in.
std::string to_source(const Program& program);

}  // namespace winback::liquid
