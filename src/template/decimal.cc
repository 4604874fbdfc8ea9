#include "template/decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/strings.h"

namespace winback::liquid {
namespace {

__extension__ typedef __int128 Int128;

constexpr int digits_max = 37;  // 10^37 and a factor of ten fit into 128 bits.
constexpr double int64_limit = 9.2e18;

Int128 power_of_ten(int exponent) {
    Int128 power = 1;
    for (int i = 0; i < exponent; ++i) {
        power *= 10;
    }
    return power;
}

Int128 magnitude(Int128 n) {
    return n < 0 ? -n : n;
}

int digit_count(Int128 n) {
    int count = 1;
    for (Int128 rest = magnitude(n) / 10; rest != 0; rest /= 10) {
        ++count;
    }
    return count;
}

// mantissa / 10^scale, scale >= 0.
struct Decimal {
    Int128 mantissa = 0;
    int scale = 0;
};

// Nothing when the number is too large or too small for 37 digits.
std::optional<Decimal> to_decimal(const Datum& datum) {
    if (datum.is(Datum::Kind::Int)) {
        return Decimal{datum.as_int(), 0};
    }
    const double number = datum.as_double();
    if (!std::isfinite(number)) {
        return std::nullopt;
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                   std::chars_format::scientific);
    Decimal decimal;
    int fraction = 0;
    bool after_point = false;
    bool negative = false;
    const char* at = buffer.data();
    for (; at != end.ptr && *at != 'e'; ++at) {
        if (*at == '-') {
            negative = true;
        } else if (*at == '.') {
            after_point = true;
        } else {
            decimal.mantissa = decimal.mantissa * 10 + (*at - '0');
            fraction += after_point ? 1 : 0;
        }
    }
    int exponent = 0;
    const char* digits = at == end.ptr ? at : at + (at[1] == '+' ? 2 : 1);
    std::from_chars(digits, end.ptr, exponent);
    decimal.scale = fraction - exponent;
    if (decimal.mantissa == 0) {
        return Decimal{};
    }
    if (decimal.scale > 30 || decimal.scale < -20) {
        return std::nullopt;
    }
    if (decimal.scale < 0) {
        decimal.mantissa *= power_of_ten(-decimal.scale);
        decimal.scale = 0;
    }
    decimal.mantissa = negative ? -decimal.mantissa : decimal.mantissa;
    return digit_count(decimal.mantissa) <= digits_max ? std::optional(decimal) : std::nullopt;
}

double to_double(const Decimal& decimal) {
    std::string text;
    for (Int128 rest = magnitude(decimal.mantissa); rest != 0; rest /= 10) {
        text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    }
    text = (decimal.mantissa < 0 ? "-" : "") + (text.empty() ? "0" : text) + "e-" +
           std::to_string(decimal.scale);
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

bool fits_int64(Int128 n) {
    return n >= INT64_MIN && n <= INT64_MAX;
}

Datum from_integer(Int128 n) {
    return fits_int64(n) ? Datum::integer(static_cast<std::int64_t>(n))
                         : Datum::real(to_double({n, 0}));
}

bool both_integers(const Datum& a, const Datum& b) {
    return a.is(Datum::Kind::Int) && b.is(Datum::Kind::Int);
}

// Brings both to the same scale; false when the digits do not fit.
bool align(Decimal& a, Decimal& b) {
    Decimal& smaller = a.scale < b.scale ? a : b;
    const int shift = std::max(a.scale, b.scale) - smaller.scale;
    if (digit_count(smaller.mantissa) + shift > digits_max) {
        return false;
    }
    smaller.mantissa *= power_of_ten(shift);
    smaller.scale += shift;
    return true;
}

Int128 floor_divide(Int128 a, Int128 b) {
    const Int128 quotient = a / b;
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

struct Pair {
    Decimal a;
    Decimal b;
};

std::optional<Pair> aligned(const Datum& a, const Datum& b) {
    const std::optional<Decimal> x = to_decimal(a);
    const std::optional<Decimal> y = to_decimal(b);
    if (!x || !y) {
        return std::nullopt;
    }
    Pair pair{*x, *y};
    return align(pair.a, pair.b) ? std::optional(pair) : std::nullopt;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// -?\d+\.\d+
bool is_decimal_text(std::string_view text) {
    if (text.starts_with('-')) {
        text.remove_prefix(1);
    }
    const std::size_t point = text.find('.');
    if (point == 0 || point == std::string_view::npos || point + 1 == text.size()) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i != point && !is_digit(text[i])) {
            return false;
        }
    }
    return true;
}

Datum leading_integer(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    Int128 n = 0;
    for (std::size_t i = 0; i < text.size() && is_digit(text[i]) && i < digits_max - 1; ++i) {
        n = n * 10 + (text[i] - '0');
    }
    return from_integer(negative ? -n : n);
}

}  // namespace

double number_as_double(const Datum& number) {
    return number.is(Datum::Kind::Int) ? static_cast<double>(number.as_int()) : number.as_double();
}

Datum to_number(const Datum& datum) {
    if (datum.is(Datum::Kind::Int) || datum.is(Datum::Kind::Double)) {
        return datum;
    }
    if (!datum.is(Datum::Kind::Text)) {
        return Datum::integer(0);
    }
    const std::string_view text = trim(datum.as_text());
    if (is_decimal_text(text)) {
        double number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return Datum::real(number);
    }
    return leading_integer(text);
}

std::optional<Datum> strict_number(const Datum& datum) {
    if (!datum.is(Datum::Kind::Text)) {
        const bool number = datum.is(Datum::Kind::Int) || datum.is(Datum::Kind::Double);
        return number ? std::optional(datum) : std::nullopt;
    }
    std::string_view text = trim(datum.as_text());
    if (is_decimal_text(text)) {
        return to_number(datum);
    }
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    return leading_integer(text);
}

Datum add_numbers(const Datum& a, const Datum& b) {
    if (both_integers(a, b)) {
        return from_integer(Int128{a.as_int()} + b.as_int());
    }
    if (const auto pair = aligned(a, b)) {
        return Datum::real(to_double({pair->a.mantissa + pair->b.mantissa, pair->a.scale}));
    }
    return Datum::real(number_as_double(a) + number_as_double(b));
}

Datum subtract_numbers(const Datum& a, const Datum& b) {
    if (both_integers(a, b)) {
        return from_integer(Int128{a.as_int()} - b.as_int());
    }
    if (const auto pair = aligned(a, b)) {
        return Datum::real(to_double({pair->a.mantissa - pair->b.mantissa, pair->a.scale}));
    }
    return Datum::real(number_as_double(a) - number_as_double(b));
}

Datum multiply_numbers(const Datum& a, const Datum& b) {
    if (both_integers(a, b)) {
        return from_integer(Int128{a.as_int()} * b.as_int());
    }
    const std::optional<Decimal> x = to_decimal(a);
    const std::optional<Decimal> y = to_decimal(b);
    if (x && y && digit_count(x->mantissa) + digit_count(y->mantissa) <= digits_max) {
        return Datum::real(to_double({x->mantissa * y->mantissa, x->scale + y->scale}));
    }
    return Datum::real(number_as_double(a) * number_as_double(b));
}

std::optional<Datum> divide_numbers(const Datum& a, const Datum& b) {
    if (both_integers(a, b)) {
        if (b.as_int() == 0) {
            return std::nullopt;
        }
        return from_integer(floor_divide(a.as_int(), b.as_int()));
    }
    const std::optional<Decimal> x = to_decimal(a);
    const std::optional<Decimal> y = to_decimal(b);
    if (!x || !y || y->mantissa == 0) {
        return Datum::real(number_as_double(a) / number_as_double(b));
    }
    const int shift = digits_max - digit_count(x->mantissa);
    const Int128 quotient = x->mantissa * power_of_ten(shift) / y->mantissa;
    const int scale = x->scale + shift - y->scale;
    if (scale >= 0) {
        return Datum::real(to_double({quotient, scale}));
    }
    return Datum::real(number_as_double(a) / number_as_double(b));
}

std::optional<Datum> modulo_numbers(const Datum& a, const Datum& b) {
    if (number_as_double(b) == 0) {
        return std::nullopt;
    }
    if (const auto pair = aligned(a, b)) {
        const Int128 quotient = floor_divide(pair->a.mantissa, pair->b.mantissa);
        const Int128 rest = pair->a.mantissa - quotient * pair->b.mantissa;
        return both_integers(a, b) ? from_integer(rest)
                                   : Datum::real(to_double({rest, pair->a.scale}));
    }
    const double rest = std::fmod(number_as_double(a), number_as_double(b));
    const bool other_sign = rest != 0 && (rest < 0) != (number_as_double(b) < 0);
    return Datum::real(other_sign ? rest + number_as_double(b) : rest);
}

Datum round_number(const Datum& number, std::int64_t digits) {
    const std::optional<Decimal> decimal = to_decimal(number);
    if (!decimal || digits >= decimal->scale) {
        const bool whole = digits <= 0 && decimal.has_value();
        return whole ? from_integer(decimal->mantissa) : number;
    }
    const std::int64_t drop = decimal->scale - digits;
    if (drop > digits_max) {
        return Datum::integer(0);
    }
    const Int128 unit = power_of_ten(static_cast<int>(drop));
    const Int128 half = unit / 2;
    const Int128 shifted = decimal->mantissa + (decimal->mantissa < 0 ? -half : half);
    const Int128 rounded = shifted / unit;
    if (digits > 0) {
        return Datum::real(to_double({rounded, static_cast<int>(digits)}));
    }
    return from_integer(rounded * power_of_ten(static_cast<int>(-digits)));
}

Datum floor_number(const Datum& number) {
    if (const std::optional<Decimal> decimal = to_decimal(number)) {
        return from_integer(floor_divide(decimal->mantissa, power_of_ten(decimal->scale)));
    }
    const double whole = std::floor(number_as_double(number));
    return std::fabs(whole) < int64_limit ? Datum::integer(static_cast<std::int64_t>(whole))
                                          : Datum::real(whole);
}

Datum ceil_number(const Datum& number) {
    const Datum zero = Datum::integer(0);
    return subtract_numbers(zero, floor_number(subtract_numbers(zero, number)));
}

int compare_numbers(const Datum& a, const Datum& b) {
    if (both_integers(a, b)) {
        return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0;
    }
    const double x = number_as_double(a);
    const double y = number_as_double(b);
    return x < y ? -1 : x > y ? 1 : 0;
}

}  // namespace winback::liquid
