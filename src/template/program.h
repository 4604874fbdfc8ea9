// A parsed template: a flat list of instructions for a small stack machine.
//
// Texts, names and literals are views of `source`, which the program owns; a Program is made
// once, inside a shared_ptr, and never moves or changes afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "template/datum.h"
#include "template/filters.h"
#include "template/template.h"

namespace winback::liquid {

enum class Op : std::uint8_t {
    Nothing,       // A text that was taken out again: blank blocks print nothing.
    Text,          // Prints source[a, a + b).
    Push,          // Pushes constants[a].
    Load,          // Pushes the variable names[a].
    Member,        // Replaces the top by its member names[a].
    Element,       // Pops a key; replaces the top by its element.
    Range,         // Pops both ends, pushes the range.
    Filter,        // Pops input and arguments of filter_calls[a], pushes the result.
    Print,         // Pops and prints.
    Assign,        // Pops into the variable names[a].
    CaptureBegin,  // From here, output is kept aside.
    CaptureEnd,    // Kept output into the variable names[a].
    Jump,          // To a.
    JumpIf,        // Pops; to a when true.
    JumpUnless,    // Pops; to a when false.
    AndJump,       // To a, keeping the top, when it is false; else pops it.
    OrJump,        // To a, keeping the top, when it is true; else pops it.
    Compare,       // Pops two, pushes a bool; `flag` is the Comparison.
    CaseBegin,     // Pops what the branches are compared with.
    CaseTest,      // Pops a candidate; counts it when equal.
    CaseEnter,     // To a when no candidate of this branch was equal.
    CaseAgain,     // To a when another candidate of this branch was equal, too.
    CaseElse,      // To a when any branch was entered.
    CaseEnd,
    ForLimit,   // Pops `limit` for the next ForBegin.
    ForOffset,  // Pops `offset` for the next ForBegin.
    ForResume,  // `offset: continue` for the next ForBegin.
    ForBegin,   // Pops the collection; variable names[a]; to b when empty; `flag` 1 = reversed;
                // `count` is the slot that remembers where it stopped.
    ForNext,    // Takes the next item, or ends the loop and goes to a.
    ForBreak,   // Ends the loop and goes to a.
    Render,     // Renders snippet_calls[a] with its arguments from the stack.
    Abort,      // Pops the reason and stops.
    Halt,       // `break` outside a loop: stops this template without an error.
};

enum class Comparison : std::uint8_t {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Contains,
};

struct Instruction {
    Op op = Op::Nothing;
    std::uint8_t flag = 0;
    std::uint16_t count = 0;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t at = 0;  // Byte of the source, for errors.
};
static_assert(sizeof(Instruction) == 16);

struct FilterCall {
    const FilterSpec* filter = nullptr;
    std::size_t positional = 0;
    std::vector<std::string_view> keywords;  // Their values follow the positional ones.
};

struct SnippetCall {
    std::string name;
    ProgramPtr program;
    std::vector<std::string_view> parameters;  // Their values are on the stack in this order.
};

class Program {
public:
    std::string source;
    std::vector<Instruction> code;
    std::vector<Datum> constants;
    std::vector<std::string_view> names;
    std::vector<FilterCall> filter_calls;
    std::vector<SnippetCall> snippet_calls;
    std::vector<std::string> paths_read;
    std::uint32_t forloop_name = UINT32_MAX;  // Index of "forloop" in names, if it is used.
    std::uint16_t resume_slots = 0;           // Loops that remember where they stopped.
};

// One instruction per line, for tests and for people.
std::string listing(const Program& program);

}  // namespace winback::liquid
