// Numbers: whole, whole without a sign, real. Their order, arithmetic, conversions and texts, as
// CEL defines them; conditions and strict CEL both compute with these.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expr/ast.h"
#include "expr/types.h"

namespace winback::expr {

struct Number {
    Kind kind = Kind::Int;     // Int, Uint or Double.
    std::int64_t integer = 0;  // Int; Uint by its bits.
    double real = 0;           // Double.

    std::uint64_t bits() const { return static_cast<std::uint64_t>(integer); }
};
Number whole(std::int64_t value);
Number unsigned_whole(std::uint64_t value);
Number real(double value);

// By value across kinds, exactly; unordered with NaN.
std::partial_ordering order(const Number& a, const Number& b);
// As the suite of CEL has it: beside a real number a whole one counts as the nearest real, so that
// 9223372036854775807 equals 9223372036854775808.0.
std::partial_ordering order_as_suite(const Number& a, const Number& b);

enum class Fault : std::uint8_t {
    NoOverload,
    Overflow,
    DividedByZero,
    OutOfRange,
};

// A number, or why there is none.
struct Computed {
    std::optional<Number> number;
    Fault fault = Fault::NoOverload;
};

// + - * / % of two numbers of one kind. Whole ones that overflow are a fault, real ones are not.
Computed compute(BinaryOp op, const Number& a, const Number& b);
Computed negated(const Number& a);

double as_real(const Number& a);

// To another kind: real numbers are cut off towards zero. Empty when it does not fit.
std::optional<Number> converted(const Number& a, Kind kind);

// Decimal texts; empty when it is none or does not fit.
std::optional<Number> read_number(std::string_view text, Kind kind);
// What is too small for a double is zero, what is too large is none.
std::optional<double> read_double(std::string_view text);
// The shortest text that reads back as the same number.
std::string text_of(const Number& a);

}  // namespace winback::expr
