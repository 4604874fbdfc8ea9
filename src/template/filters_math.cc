// Filters on numbers. Arithmetic is decimal: see decimal.h.
#include <limits>

#include "template/decimal.h"
#include "template/filters.h"

namespace winback::liquid {
namespace {

Datum finish(FilterInput& in, const Arithmetic& arithmetic, const Datum& result) {
    return arithmetic.error().empty() ? result : in.fail(std::string(arithmetic.error()));
}

using Operation = Datum (Arithmetic::*)(const Datum&, const Datum&);

// Long numbers take long: their digits are multiplied one by one.
void spend_digits(FilterInput& in, const Datum& number) {
    constexpr std::size_t digits_per_step = 16;
    if (number.is(Datum::Kind::Text) || number.is(Datum::Kind::BigInt)) {
        in.meter.spend(static_cast<std::int64_t>(number.as_text().size() / digits_per_step));
    }
}

Datum apply(FilterInput& in, Operation operation) {
    Arithmetic arithmetic(in.arena);
    const Datum left = arithmetic.number(in.value);
    const Datum right = arithmetic.number(in.arg(0));
    spend_digits(in, left);
    spend_digits(in, right);
    return finish(in, arithmetic,
                  arithmetic.error().empty() ? (arithmetic.*operation)(left, right) : Datum{});
}

using Single = Datum (Arithmetic::*)(const Datum&);

Datum apply(FilterInput& in, Single operation) {
    Arithmetic arithmetic(in.arena);
    const Datum number = arithmetic.number(in.value);
    return finish(in, arithmetic,
                  arithmetic.error().empty() ? (arithmetic.*operation)(number) : Datum{});
}

Datum plus(FilterInput& in) {
    return apply(in, &Arithmetic::add);
}

Datum minus(FilterInput& in) {
    return apply(in, &Arithmetic::subtract);
}

Datum times(FilterInput& in) {
    return apply(in, &Arithmetic::multiply);
}

Datum divided_by(FilterInput& in) {
    return apply(in, &Arithmetic::divide);
}

Datum modulo(FilterInput& in) {
    return apply(in, &Arithmetic::modulo);
}

Datum floor(FilterInput& in) {
    return apply(in, &Arithmetic::floor);
}

Datum ceil(FilterInput& in) {
    return apply(in, &Arithmetic::ceil);
}

Datum abs(FilterInput& in) {
    return apply(in, &Arithmetic::absolute);
}

// Digits beyond what a C int holds are an error in Ruby, which the reference calls internal.
Datum round(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    const Datum number = arithmetic.number(in.value);
    const Datum given = arithmetic.number(in.arg(0));
    if (!arithmetic.error().empty()) {
        return finish(in, arithmetic, {});
    }
    const double size = number_as_double(given);
    constexpr double int_max = std::numeric_limits<int>::max();
    if (!(size >= -int_max && size <= int_max)) {
        return in.fail(std::string(internal_error));
    }
    return finish(in, arithmetic, arithmetic.round(number, static_cast<std::int64_t>(size)));
}

// The value when the argument is not beyond it in the direction of `sign`.
Datum bounded(FilterInput& in, int sign) {
    Arithmetic arithmetic(in.arena);
    const Datum left = arithmetic.number(in.value);
    const Datum right = arithmetic.number(in.arg(0));
    if (!arithmetic.error().empty()) {
        return finish(in, arithmetic, {});
    }
    return arithmetic.result(compare_numbers(right, left) * sign > 0 ? right : left);
}

Datum at_least(FilterInput& in) {
    return bounded(in, 1);
}

Datum at_most(FilterInput& in) {
    return bounded(in, -1);
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
