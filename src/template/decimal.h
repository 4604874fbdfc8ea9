// Arithmetic as Ruby's Integer and BigDecimal do it, so that 0.1 + 0.2 is 0.3.
//
// A number is a datum: an Int, a BigInt, a Double, which stands for its shortest text, or a Text
// such as "0.10", of which no digit is lost. Whole numbers stay whole and have as many digits as
// they need; as soon as a decimal takes part the computation is exact and its result is the
// nearest Double. Division is exact to more digits than a Double can show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "template/datum.h"

namespace winback::liquid {

// Of a number, before and after a computation. Multiplying takes the square of it.
constexpr std::size_t number_digits_max = 1000;

// What a filter takes as a number: numbers as they are, "3.5" as a decimal, other text by its
// leading integer ("3.5kg" is 3, "foo" is 0), everything else 0.
class Arithmetic {
public:
    // Whole numbers beyond 64 bits are kept in `arena`.
    explicit Arithmetic(Arena& arena) : arena_(arena) {}

    Datum number(const Datum& datum);
    // Only numbers and texts that are numbers.
    std::optional<Datum> strict_number(const Datum& datum);

    // Pre: numbers, in all of these. After a failure error() is not empty and the result is nil.
    Datum add(const Datum& a, const Datum& b);
    Datum subtract(const Datum& a, const Datum& b);
    Datum multiply(const Datum& a, const Datum& b);
    // Towards minus infinity when both are whole. Fails when dividing whole numbers by 0; a decimal
    // divided by 0 is Infinity or NaN.
    Datum divide(const Datum& a, const Datum& b);
    // The sign is that of `b`. Fails when `b` is 0.
    Datum modulo(const Datum& a, const Datum& b);
    // Half away from zero, in decimal: 1.15 to one digit is 1.2. Whole when digits < 1.
    Datum round(const Datum& number, std::int64_t digits);
    Datum floor(const Datum& number);
    Datum ceil(const Datum& number);
    Datum absolute(const Datum& number);
    Datum sum(std::span<const Datum> numbers);
    // A number as a result: a Text becomes the nearest Double.
    Datum result(const Datum& number);

    // In the words of Ruby: "divided by 0". Empty while nothing failed.
    std::string_view error() const { return error_; }

private:
    Datum fail(std::string_view error);
    Datum whole_of_text(std::string_view digits, bool negative);
    template <class Whole>
    Datum keep_whole(const Whole& whole);

    Arena& arena_;
    std::string_view error_;
};

// A number written in a template: "42", "-1.50". What is beyond 64 bits views `text`.
Datum number_literal(std::string_view text);

int compare_numbers(const Datum& a, const Datum& b);  // -1, 0, 1. Pre: numbers.
double number_as_double(const Datum& number);
// Bytes that the size of a BigInt takes.
std::int64_t whole_byte_count(const Datum& number);

}  // namespace winback::liquid
