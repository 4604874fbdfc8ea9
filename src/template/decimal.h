// Arithmetic on decimal numbers, so that 0.1 + 0.2 is 0.3.
//
// A double stands for its shortest text ("0.1"), is computed with as a decimal of up to 38
// digits, and goes back to the nearest double. Integers stay integers; beyond 64 bits they
// become decimals, and beyond 38 digits everything is computed in binary.
#pragma once

#include <optional>
#include <string_view>

#include "template/datum.h"

namespace winback::liquid {

// What a filter takes as a number: numbers as they are, "3.5" as a decimal, other text by its
// leading integer ("3.5kg" is 3, "foo" is 0), everything else 0.
Datum to_number(const Datum& datum);
// Only numbers and texts that are numbers.
std::optional<Datum> strict_number(const Datum& datum);

// Pre: both are Int or Double, in all of these.
Datum add_numbers(const Datum& a, const Datum& b);
Datum subtract_numbers(const Datum& a, const Datum& b);
Datum multiply_numbers(const Datum& a, const Datum& b);
// Towards minus infinity when both are integers. Nothing when dividing by integer zero.
std::optional<Datum> divide_numbers(const Datum& a, const Datum& b);
// The sign is that of `b`. Nothing when `b` is zero.
std::optional<Datum> modulo_numbers(const Datum& a, const Datum& b);
// Half away from zero, in decimal: 1.15 to one digit is 1.2. An integer when digits <= 0.
Datum round_number(const Datum& number, std::int64_t digits);
Datum floor_number(const Datum& number);
Datum ceil_number(const Datum& number);
int compare_numbers(const Datum& a, const Datum& b);  // -1, 0, 1
double number_as_double(const Datum& number);

}  // namespace winback::liquid
