// A planned condition: a flat list of instructions that name their operands by index.
//
// Names are Symbols ids, patterns are compiled, constants are values; equal event questions
// are one slot. Constant after planning; one program may be evaluated by many threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "base/zone.h"
#include "expr/ast.h"
#include "expr/facts.h"
#include "expr/functions.h"
#include "expr/operand.h"
#include "expr/pattern.h"
#include "expr/time_parts.h"

namespace winback::expr {

enum class Op : std::uint8_t {
    Constant,        // constants[index]
    Step,            // steps[index], a duration
    Moved,           // now + steps[index]
    Trait,           // trait index
    Variable,        // of a list function, counted from the outermost
    EventTime,       // of the event at hand
    EventField,      // column index
    Slot,            // slots[index]
    Score,           // score index
    InSegment,       // segment index
    Consent,         // texts[index]
    ConsentChanges,  // texts[index]
    Truth,           // true when the operand is true
    Not,
    And,
    Or,
    Ternary,
    Negate,
    Relation,    // binary
    Arithmetic,  // binary
    Index,
    Select,  // texts[index]
    List,
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Matches,  // patterns[index]
    Present,  // has(..)
    Among,    // the first operand in the others
    MakeMap,  // key, value, key, value ...
    Convert,  // to the Kind index
    Part,     // parts[index]
    Exists,
    All,
    ExistsOne,
    Filter,
    Map,
};

struct Instruction {
    Op op = Op::Constant;
    BinaryOp binary = BinaryOp::Less;
    std::uint16_t count = 0;  // Operands: Program::operands[first .. first + count).
    std::uint32_t first = 0;
    std::uint32_t index = 0;
};

struct Narrowing {
    Function function = Function::Within;
    CalendarStep step;         // Within, Then
    std::uint32_t first = 0;   // Instructions: Between, Since, Before, Where.
    std::uint32_t second = 0;  // Between
    EventSetId followers = 0;  // Then
};

constexpr std::uint32_t not_cached = 0xffffffff;
constexpr std::size_t cached_slots_max = 8;

// One question about events: which ones, and what of them.
struct Slot {
    Function finish = Function::Count;
    bool is_sent = false;
    EventSetId set = 0;    // Of ev(..).
    std::string campaign;  // Of sent(..).
    std::vector<Narrowing> narrowings;
    std::uint32_t field = 0;           // Column, where the finish reads one.
    std::uint32_t argument = 0;        // Instruction: last_time_or(..).
    std::uint32_t cache = not_cached;  // Where its value is kept when it is used twice.
};

// A part of a time, by the clock of a place.
struct PartOf {
    TimePart part = TimePart::Hours;
    std::optional<Place> place;  // Empty: the workspace's zone.
};

struct Constant {
    Value value;
    Kind kind = Kind::Null;  // Uint and Bytes are held as Int and String.
};

// A comparison or another smallest part that is true or false; for explanations.
struct Atom {
    std::uint32_t instruction = 0;
    std::string text;
};

struct Program {
    std::vector<Instruction> code;
    std::vector<std::uint32_t> operands;
    std::vector<Constant> constants;
    std::vector<CalendarStep> steps;
    std::vector<std::string> texts;
    std::vector<Pattern> patterns;
    std::vector<Slot> slots;
    std::vector<PartOf> parts;
    std::vector<Atom> atoms;  // In the order of the text.
    std::uint32_t root = 0;
};

}  // namespace winback::expr
