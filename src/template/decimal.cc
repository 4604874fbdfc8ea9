#include "template/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include <boost/multiprecision/cpp_int.hpp>

#include "template/number_text.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

using BigInt = boost::multiprecision::cpp_int;

constexpr std::string_view too_long = "a number has more than 1000 digits";
constexpr std::string_view divided_by_zero = "divided by 0";
static_assert(number_digits_max == 1000);

bool is_whole(const Datum& number) {
    return number.is(Datum::Kind::Int) || number.is(Datum::Kind::BigInt);
}

bool is_finite(const Datum& number) {
    return !number.is(Datum::Kind::Double) || std::isfinite(number.as_double());
}

BigInt power_of_ten(int exponent) {
    constexpr std::array<std::int64_t, 7> small{1, 10, 100, 1000, 10'000, 100'000, 1'000'000};
    const auto at = static_cast<std::size_t>(exponent);
    return at < small.size() ? BigInt(small[at])
                             : boost::multiprecision::pow(BigInt(10), static_cast<unsigned>(at));
}

// Pre: digits alone. In blocks of 18, for BigInt's own reader takes "017" as octal.
BigInt read_digits(std::string_view digits) {
    constexpr std::size_t block = 18;
    BigInt number = 0;
    while (!digits.empty()) {
        const std::string_view part = digits.substr(0, block);
        std::int64_t value = 0;
        std::from_chars(part.data(), part.data() + part.size(), value);
        number *= power_of_ten(static_cast<int>(part.size()));
        number += value;
        digits.remove_prefix(part.size());
    }
    return number;
}

// mantissa * 10^exponent
struct Decimal {
    BigInt mantissa = 0;
    int exponent = 0;
    bool negative_zero = false;

    bool negative() const { return mantissa < 0 || negative_zero; }
};

// Reads -?\d+(\.\d+)?(e[+-]\d+)?
Decimal read_decimal(std::string_view text) {
    Decimal decimal;
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    const std::size_t e = std::min(text.find('e'), text.size());
    if (e + 1 < text.size()) {
        const std::string_view exponent = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
        std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent);
    }
    text = text.substr(0, e);
    const std::size_t point = std::min(text.find('.'), text.size());
    decimal.mantissa = read_digits(text.substr(0, point));
    if (point < text.size()) {
        const std::string_view fraction = text.substr(point + 1);
        const auto length = static_cast<int>(fraction.size());
        decimal.mantissa = decimal.mantissa * power_of_ten(length) + read_digits(fraction);
        decimal.exponent -= length;
    }
    decimal.negative_zero = negative && decimal.mantissa == 0;
    if (negative) {
        decimal.mantissa = -decimal.mantissa;
    }
    return decimal;
}

// Pre: finite.
Decimal to_decimal(const Datum& number) {
    if (number.is(Datum::Kind::Int)) {
        return {number.as_int(), 0, false};
    }
    if (!number.is(Datum::Kind::Double)) {
        return read_decimal(number.as_text());
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number.as_double(),
                                   std::chars_format::scientific);
    return read_decimal({buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data())});
}

double nearest_double(std::string_view digits, int exponent) {
    std::string text(digits);
    text += 'e';
    text += std::to_string(exponent);
    double number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec == std::errc::result_out_of_range) {
        const bool large = static_cast<int>(digits.size()) + exponent > 0;
        number = large ? std::numeric_limits<double>::infinity() : 0;
        return digits.starts_with('-') ? -number : number;
    }
    return number;
}

double to_double(const Decimal& decimal) {
    constexpr std::int64_t exact_max = std::int64_t{1} << 53;
    constexpr std::array<double, 23> powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                            1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (decimal.mantissa == 0) {
        return decimal.negative_zero ? -0.0 : 0.0;
    }
    // Both are exact, so the one division or multiplication rounds correctly.
    const auto shift = static_cast<std::size_t>(std::abs(decimal.exponent));
    if (shift < powers.size() && decimal.mantissa <= exact_max && decimal.mantissa >= -exact_max) {
        const auto mantissa = static_cast<double>(static_cast<std::int64_t>(decimal.mantissa));
        return decimal.exponent < 0 ? mantissa / powers[shift] : mantissa * powers[shift];
    }
    return nearest_double(decimal.mantissa.str(), decimal.exponent);
}

// Both to the smaller exponent.
void align(Decimal& a, Decimal& b) {
    Decimal& coarse = a.exponent > b.exponent ? a : b;
    const int exponent = std::min(a.exponent, b.exponent);
    if (coarse.exponent != exponent) {
        coarse.mantissa *= power_of_ten(coarse.exponent - exponent);
        coarse.exponent = exponent;
    }
}

Decimal add_decimals(Decimal a, Decimal b) {
    const bool negative_zero = a.negative_zero && b.negative_zero;
    align(a, b);
    Decimal sum{a.mantissa + b.mantissa, a.exponent, false};
    sum.negative_zero = negative_zero && sum.mantissa == 0;
    return sum;
}

Decimal negate(Decimal decimal) {
    decimal.negative_zero = decimal.mantissa == 0 && !decimal.negative_zero;
    decimal.mantissa = -decimal.mantissa;
    return decimal;
}

Decimal multiply_decimals(const Decimal& a, const Decimal& b) {
    Decimal product{a.mantissa * b.mantissa, a.exponent + b.exponent, false};
    product.negative_zero = product.mantissa == 0 && a.negative() != b.negative();
    return product;
}

int digit_count(const BigInt& number) {
    return number == 0 ? 1 : static_cast<int>(BigInt(abs(number)).str().size());
}

BigInt floor_divide(const BigInt& a, const BigInt& b) {
    const BigInt quotient = a / b;
    const bool inexact = quotient * b != a;
    return inexact && (a < 0) != (b < 0) ? BigInt(quotient - 1) : quotient;
}

BigInt floor_modulo(const BigInt& a, const BigInt& b) {
    const BigInt rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? BigInt(rest + b) : rest;
}

// Pre: `b` is not zero. One digit more says whether anything was left, so that what is halfway
// between two doubles is rounded as the true quotient would be.
Decimal divide_decimals(const Decimal& a, const Decimal& b) {
    constexpr int digits = 40;
    if (a.mantissa == 0) {
        return {0, 0, a.negative() != b.negative()};
    }
    const int shift = std::max(digits + digit_count(b.mantissa) - digit_count(a.mantissa), 0);
    const BigInt scaled = a.mantissa * power_of_ten(shift);
    const BigInt quotient = scaled / b.mantissa;
    const bool inexact = quotient * b.mantissa != scaled;
    const int sign = (scaled < 0) == (b.mantissa < 0) ? 1 : -1;
    return {quotient * 10 + (inexact ? sign : 0), a.exponent - b.exponent - shift - 1, false};
}

// The multiple of 10^-digits that is nearest, half away from zero.
Decimal round_decimal(const Decimal& decimal, int digits) {
    const int drop = -decimal.exponent - digits;
    if (drop <= 0) {
        return decimal;
    }
    const BigInt unit = power_of_ten(drop);
    const BigInt half = unit / 2;
    const BigInt shifted = decimal.mantissa + (decimal.negative() ? BigInt(-half) : half);
    Decimal rounded{shifted / unit, -digits, false};
    rounded.negative_zero = rounded.mantissa == 0 && decimal.negative();
    return rounded;
}

// Pre: its exponent is 0 or positive.
BigInt whole_part(const Decimal& decimal) {
    return decimal.mantissa * power_of_ten(decimal.exponent);
}

BigInt floor_decimal(const Decimal& decimal) {
    return decimal.exponent >= 0 ? whole_part(decimal)
                                 : floor_divide(decimal.mantissa, power_of_ten(-decimal.exponent));
}

BigInt ceil_decimal(const Decimal& decimal) {
    return -floor_decimal(negate(decimal));
}

std::string_view not_finite(double number) {
    return std::isnan(number) ? "Computation results in 'NaN' (Not a Number)"
           : number > 0       ? "Computation results in 'Infinity'"
                              : "Computation results in '-Infinity'";
}

}  // namespace

double number_as_double(const Datum& number) {
    if (number.is(Datum::Kind::Int)) {
        return static_cast<double>(number.as_int());
    }
    return number.is(Datum::Kind::Double) ? number.as_double()
                                          : nearest_double(number.as_text(), 0);
}

Datum Arithmetic::fail(std::string_view error) {
    error_ = error;
    return {};
}

template <class Whole>
Datum Arithmetic::keep_whole(const Whole& whole) {
    if (whole <= INT64_MAX && whole >= INT64_MIN) {
        return Datum::integer(static_cast<std::int64_t>(whole));
    }
    const std::string digits = whole.str();
    return digits.size() - (whole < 0 ? 1 : 0) > number_digits_max
               ? fail(too_long)
               : Datum::big_integer(arena_.keep(digits));
}

Datum Arithmetic::whole_of_text(std::string_view digits, bool negative) {
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.size() > number_digits_max) {
        return fail(too_long);
    }
    const BigInt whole = read_digits(digits);
    return keep_whole(negative ? BigInt(-whole) : whole);
}

Datum Arithmetic::number(const Datum& datum) {
    if (is_whole(datum) || datum.is(Datum::Kind::Double)) {
        return datum;
    }
    if (!datum.is(Datum::Kind::Text)) {
        return Datum::integer(0);
    }
    const std::string_view text = strip_right(strip_left(datum.as_text()));
    if (is_decimal_text(text)) {
        return text.size() > number_digits_max ? fail(too_long) : Datum::text(text);
    }
    const LeadingDigits leading = leading_digits(datum.as_text());
    return whole_of_text(leading.digits, leading.negative);
}

std::optional<Datum> Arithmetic::strict_number(const Datum& datum) {
    if (!datum.is(Datum::Kind::Text)) {
        const bool number = is_whole(datum) || datum.is(Datum::Kind::Double);
        return number ? std::optional(datum) : std::nullopt;
    }
    const std::string_view text = strip_right(strip_left(datum.as_text()));
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    const bool whole =
        !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    if (!whole && !is_decimal_text(text)) {
        return std::nullopt;
    }
    const Datum read = number(datum);
    return read.is_nil() ? std::nullopt : std::optional(read);
}

Datum Arithmetic::result(const Datum& number) {
    return number.is(Datum::Kind::Text) ? Datum::real(nearest_double(number.as_text(), 0)) : number;
}

Datum Arithmetic::add(const Datum& a, const Datum& b) {
    std::int64_t sum = 0;
    if (a.is(Datum::Kind::Int) && b.is(Datum::Kind::Int) &&
        !__builtin_add_overflow(a.as_int(), b.as_int(), &sum)) {
        return Datum::integer(sum);
    }
    if (!is_finite(a) || !is_finite(b)) {
        return Datum::real(number_as_double(a) + number_as_double(b));
    }
    const Decimal exact = add_decimals(to_decimal(a), to_decimal(b));
    return is_whole(a) && is_whole(b) ? keep_whole(exact.mantissa) : Datum::real(to_double(exact));
}

Datum Arithmetic::subtract(const Datum& a, const Datum& b) {
    std::int64_t difference = 0;
    if (a.is(Datum::Kind::Int) && b.is(Datum::Kind::Int) &&
        !__builtin_sub_overflow(a.as_int(), b.as_int(), &difference)) {
        return Datum::integer(difference);
    }
    if (!is_finite(a) || !is_finite(b)) {
        return Datum::real(number_as_double(a) - number_as_double(b));
    }
    const Decimal exact = add_decimals(to_decimal(a), negate(to_decimal(b)));
    return is_whole(a) && is_whole(b) ? keep_whole(exact.mantissa) : Datum::real(to_double(exact));
}

Datum Arithmetic::multiply(const Datum& a, const Datum& b) {
    std::int64_t product = 0;
    if (a.is(Datum::Kind::Int) && b.is(Datum::Kind::Int) &&
        !__builtin_mul_overflow(a.as_int(), b.as_int(), &product)) {
        return Datum::integer(product);
    }
    if (!is_finite(a) || !is_finite(b)) {
        return Datum::real(number_as_double(a) * number_as_double(b));
    }
    const Decimal exact = multiply_decimals(to_decimal(a), to_decimal(b));
    return is_whole(a) && is_whole(b) ? keep_whole(exact.mantissa) : Datum::real(to_double(exact));
}

Datum Arithmetic::divide(const Datum& a, const Datum& b) {
    if (!is_finite(a) || !is_finite(b)) {
        return Datum::real(number_as_double(a) / number_as_double(b));
    }
    const Decimal dividend = to_decimal(a);
    const Decimal divisor = to_decimal(b);
    if (is_whole(a) && is_whole(b)) {
        return divisor.mantissa == 0
                   ? fail(divided_by_zero)
                   : keep_whole(floor_divide(dividend.mantissa, divisor.mantissa));
    }
    if (divisor.mantissa == 0) {
        return Datum::real(number_as_double(a) / number_as_double(b));
    }
    return Datum::real(to_double(divide_decimals(dividend, divisor)));
}

Datum Arithmetic::modulo(const Datum& a, const Datum& b) {
    if (number_as_double(b) == 0) {
        return fail(divided_by_zero);
    }
    if (!is_finite(a) || !is_finite(b)) {
        const bool kept = is_finite(a) && std::isinf(number_as_double(b));
        return kept ? Datum::real(number_as_double(a))
                    : Datum::real(std::numeric_limits<double>::quiet_NaN());
    }
    Decimal dividend = to_decimal(a);
    Decimal divisor = to_decimal(b);
    if (divisor.mantissa == 0) {
        return fail(divided_by_zero);
    }
    align(dividend, divisor);
    const Decimal rest{floor_modulo(dividend.mantissa, divisor.mantissa), dividend.exponent, false};
    return is_whole(a) && is_whole(b) ? keep_whole(rest.mantissa) : Datum::real(to_double(rest));
}

Datum Arithmetic::round(const Datum& number, std::int64_t digits) {
    constexpr std::int64_t places_max = 2 * static_cast<std::int64_t>(number_digits_max);
    if (is_whole(number) && digits >= 0) {
        return number;
    }
    if (!is_finite(number)) {
        return digits < 1 ? fail(not_finite(number.as_double())) : number;
    }
    const auto places = static_cast<int>(std::clamp(digits, -places_max, places_max));
    const Decimal rounded = round_decimal(to_decimal(number), places);
    return places < 1 ? keep_whole(whole_part(rounded)) : Datum::real(to_double(rounded));
}

Datum Arithmetic::floor(const Datum& number) {
    if (is_whole(number)) {
        return number;
    }
    return is_finite(number) ? keep_whole(floor_decimal(to_decimal(number)))
                             : fail(not_finite(number.as_double()));
}

Datum Arithmetic::ceil(const Datum& number) {
    if (is_whole(number)) {
        return number;
    }
    return is_finite(number) ? keep_whole(ceil_decimal(to_decimal(number)))
                             : fail(not_finite(number.as_double()));
}

Datum Arithmetic::absolute(const Datum& number) {
    if (number.is(Datum::Kind::Int)) {
        return number.as_int() < 0 ? subtract(Datum::integer(0), number) : number;
    }
    if (number.is(Datum::Kind::Double)) {
        return Datum::real(std::fabs(number.as_double()));
    }
    const std::string_view text = number.as_text();
    const std::string_view size = text.substr(text.starts_with('-') ? 1 : 0);
    return is_whole(number) ? Datum::big_integer(size) : result(Datum::text(size));
}

Datum Arithmetic::sum(std::span<const Datum> numbers) {
    std::int64_t small = 0;
    std::size_t at = 0;
    while (at < numbers.size() && numbers[at].is(Datum::Kind::Int) &&
           !__builtin_add_overflow(small, numbers[at].as_int(), &small)) {
        ++at;
    }
    if (at == numbers.size()) {
        return Datum::integer(small);
    }
    Decimal exact;
    double binary = 0;  // Counts once a number is not finite.
    bool finite = true;
    bool whole = true;
    for (const Datum& number : numbers) {
        finite = finite && is_finite(number);
        whole = whole && is_whole(number);
        binary += number_as_double(number);
        if (finite) {
            exact = add_decimals(std::move(exact), to_decimal(number));
        }
    }
    if (!finite) {
        return Datum::real(binary);
    }
    return whole ? keep_whole(exact.mantissa) : Datum::real(to_double(exact));
}

Datum number_literal(std::string_view text) {
    if (text.find('.') != std::string_view::npos) {
        return Datum::real(nearest_double(text, 0));
    }
    std::int64_t number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool negative = text.starts_with('-');
    if (end.ec == std::errc{}) {
        return Datum::integer(number);
    }
    const std::string_view digits = text.substr(negative ? 1 : 0);
    const std::size_t zeros = digits.find_first_not_of('0');
    const bool shortest = !negative || zeros == 0;
    return shortest && digits.size() - zeros <= number_digits_max
               ? Datum::big_integer(negative ? text : digits.substr(zeros))
               : Datum::real(nearest_double(text, 0));
}

int compare_numbers(const Datum& a, const Datum& b) {
    if (a.is(Datum::Kind::Int) && b.is(Datum::Kind::Int)) {
        return a.as_int() < b.as_int() ? -1 : a.as_int() > b.as_int() ? 1 : 0;
    }
    const double x = number_as_double(a);
    const double y = number_as_double(b);
    const bool doubles = a.is(Datum::Kind::Double) && b.is(Datum::Kind::Double);
    if (doubles || x != y || !std::isfinite(x)) {
        return x < y ? -1 : x > y ? 1 : 0;
    }
    return add_decimals(to_decimal(a), negate(to_decimal(b))).mantissa.sign();
}

std::int64_t whole_byte_count(const Datum& number) {
    return static_cast<std::int64_t>(msb(BigInt(abs(to_decimal(number).mantissa))) / 8) + 1;
}

}  // namespace winback::liquid
