// Filters on numbers. Arithmetic is decimal: see decimal.h.
#include <algorithm>

#include "template/decimal.h"
#include "template/filters.h"

namespace winback::liquid {
namespace {

Datum left(const FilterInput& in) {
    return to_number(in.value);
}

Datum right(const FilterInput& in) {
    return to_number(in.arg(0));
}

Datum plus(FilterInput& in) {
    return add_numbers(left(in), right(in));
}

Datum minus(FilterInput& in) {
    return subtract_numbers(left(in), right(in));
}

Datum times(FilterInput& in) {
    return multiply_numbers(left(in), right(in));
}

Datum divided_by(FilterInput& in) {
    const std::optional<Datum> quotient = divide_numbers(left(in), right(in));
    return quotient ? *quotient : in.fail("divided by 0");
}

Datum modulo(FilterInput& in) {
    const std::optional<Datum> rest = modulo_numbers(left(in), right(in));
    return rest ? *rest : in.fail("divided by 0");
}

Datum round(FilterInput& in) {
    constexpr std::int64_t digits_bound = 100;
    const Datum digits = floor_number(right(in));
    const std::int64_t places = digits.is(Datum::Kind::Int) ? digits.as_int() : digits_bound;
    return round_number(left(in), std::clamp(places, -digits_bound, digits_bound));
}

Datum floor(FilterInput& in) {
    return floor_number(left(in));
}

Datum ceil(FilterInput& in) {
    return ceil_number(left(in));
}

Datum abs(FilterInput& in) {
    const Datum zero = Datum::integer(0);
    const Datum number = left(in);
    return compare_numbers(number, zero) < 0 ? subtract_numbers(zero, number) : number;
}

Datum at_least(FilterInput& in) {
    return compare_numbers(left(in), right(in)) < 0 ? right(in) : left(in);
}

Datum at_most(FilterInput& in) {
    return compare_numbers(left(in), right(in)) > 0 ? right(in) : left(in);
}

constexpr FilterSpec table[] = {
    {"abs", abs, 0, 0},     {"at_least", at_least, 1, 1},     {"at_most", at_most, 1, 1},
    {"ceil", ceil, 0, 0},   {"divided_by", divided_by, 1, 1}, {"floor", floor, 0, 0},
    {"minus", minus, 1, 1}, {"modulo", modulo, 1, 1},         {"plus", plus, 1, 1},
    {"round", round, 0, 1}, {"times", times, 1, 1},
};

}  // namespace

std::span<const FilterSpec> math_filters() {
    return table;
}

}  // namespace winback::liquid
