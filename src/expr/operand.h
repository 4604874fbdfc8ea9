// A value while a condition is evaluated, with how long it stays true and how it moves.
//
// Trivially copyable, no memory of its own: texts, lists and maps are views of facts, of the
// program, or of the evaluation's store.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/value.h"
#include "base/zone.h"
#include "expr/ast.h"
#include "expr/facts.h"
#include "expr/moving.h"
#include "expr/number.h"
#include "expr/types.h"

namespace winback::expr {

// Which ends of a duration are known. One made by subtracting two times keeps them, so that it
// can be compared with a step of the calendar: `paid - due > dur("1mo")`.
enum class Ends : std::uint8_t {
    None,
    Fixed,      // from `other` to `other` + integer
    ToMoves,    // from `other` to now + `step`
    FromMoves,  // from now + `step` to `other`
};

struct Operand {
    Kind kind = Kind::Null;
    bool moves = false;  // A Time that is now + `step`.
    Ends ends = Ends::None;
    std::int64_t integer = 0;  // Bool, Int, Uint (bits), Time and Duration (milliseconds).
    double real = 0;
    std::string_view text;  // String, Bytes.
    const ValueList* list = nullptr;
    const ValueMap* map = nullptr;
    // A moving end, see above; of a Duration without ends its months and days.
    CalendarStep step;
    Timestamp other;
    // The first moment at which the value could be another one, other than by its movement.
    Timestamp until = timestamp_max;

    bool is_number() const {
        return kind == Kind::Int || kind == Kind::Uint || kind == Kind::Double;
    }
    // Pre: is_number().
    Number number() const { return {kind, integer, real}; }
    bool is_moving() const { return moves || ends == Ends::ToMoves || ends == Ends::FromMoves; }
};
static_assert(std::is_trivially_copyable_v<Operand>);

Operand error_operand(Timestamp until);
Operand null_operand(Timestamp until);
Operand bool_operand(bool value, Timestamp until);
Operand int_operand(std::int64_t value, Timestamp until);
Operand double_operand(double value, Timestamp until);
Operand number_operand(const Number& value, Timestamp until);
Operand time_operand(Timestamp value, Timestamp until);
Operand duration_operand(std::int64_t ms, Timestamp until);
Operand step_operand(const CalendarStep& step);
Operand text_operand(std::string_view text, Timestamp until);
// A moment that moves with the clock. Error when it leaves the calendar.
Operand moving_operand(const CalendarStep& step, const Moment& moment);

Operand from_value(const Value& value);
// What finishes see: a list or a map is null to them.
Operand from_cell(const Cell& cell);
// What predicates see; `kept` then holds the list or the map that the operand views.
Operand from_cell(const Cell& cell, Value& kept);
Value to_value(const Operand& operand);

// Texts, bytes and lists are joined by +.
bool joins(BinaryOp op, const Operand& left, const Operand& right);
// `kept` holds what the result views. Pre: joins(..).
Operand joined(const Operand& left, const Operand& right, const Value& kept);
Value join(const Operand& left, const Operand& right);

// The relation with its sides changed: a op b is b mirrored(op) a.
BinaryOp mirrored(BinaryOp op);

// Equality of CEL: different types are unequal, numbers compare by value. Movement is ignored.
bool equals(const Operand& a, const Operand& b);

// A Bool with the moment at which it flips, or Error when the two cannot be compared.
Operand compare(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment);

// + - * / % on numbers, times and durations; Error on overflow, division of integers by zero
// and operands that do not fit. Texts are joined by the evaluator.
Operand arithmetic(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment);
Operand negative(const Operand& a);

// For people: "3", "\"paid\"", "2026-01-31T00:00:00Z", "41d3h", "no value". Of a duration the whole
// seconds; `exactly` its milliseconds, too: "2s300ms".
std::string describe(const Operand& operand, bool exactly = false);

}  // namespace winback::expr
