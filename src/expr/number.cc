#include "expr/number.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

namespace winback::expr {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

std::partial_ordering order_int_double(std::int64_t i, double d) {
    if (std::isnan(d)) {
        return std::partial_ordering::unordered;
    }
    if (d >= two_to_63) {
        return std::partial_ordering::less;
    }
    if (d < -two_to_63) {
        return std::partial_ordering::greater;
    }
    const auto cut = static_cast<std::int64_t>(d);
    return i != cut ? std::partial_ordering(i <=> cut) : 0.0 <=> (d - std::trunc(d));
}

std::partial_ordering order_uint_double(std::uint64_t u, double d) {
    if (std::isnan(d)) {
        return std::partial_ordering::unordered;
    }
    if (d >= two_to_64) {
        return std::partial_ordering::less;
    }
    if (d < 0) {
        return std::partial_ordering::greater;
    }
    const auto cut = static_cast<std::uint64_t>(d);
    return u != cut ? std::partial_ordering(u <=> cut) : 0.0 <=> (d - std::trunc(d));
}

Computed fault(Fault fault) {
    return {std::nullopt, fault};
}

Computed computed(std::int64_t value) {
    return Computed{whole(value)};
}

Computed computed(std::uint64_t value) {
    return Computed{unsigned_whole(value)};
}

template <class Integer>
Computed integers(BinaryOp op, Integer a, Integer b) {
    Integer result = 0;
    bool overflow = false;
    switch (op) {
        case BinaryOp::Add:
            overflow = __builtin_add_overflow(a, b, &result);
            break;
        case BinaryOp::Subtract:
            overflow = __builtin_sub_overflow(a, b, &result);
            break;
        case BinaryOp::Multiply:
            overflow = __builtin_mul_overflow(a, b, &result);
            break;
        default:
            if (b == 0) {
                return fault(Fault::DividedByZero);
            }
            if constexpr (std::is_signed_v<Integer>) {
                overflow = a == std::numeric_limits<Integer>::min() && b == -1;
            }
            if (!overflow) {
                result = op == BinaryOp::Divide ? a / b : a % b;
            }
    }
    return overflow ? fault(Fault::Overflow) : computed(result);
}

Computed reals(BinaryOp op, double a, double b) {
    switch (op) {
        case BinaryOp::Add:
            return {real(a + b)};
        case BinaryOp::Subtract:
            return {real(a - b)};
        case BinaryOp::Multiply:
            return {real(a * b)};
        case BinaryOp::Divide:
            return {real(a / b)};
        default:
            return fault(Fault::NoOverload);
    }
}

template <class T>
std::optional<T> read_whole(std::string_view text) {
    text.remove_prefix(text.starts_with("+") && !text.starts_with("+-") ? 1 : 0);
    T value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

// Of a decimal number that no double holds: whether it is nearer to zero than all of them.
bool is_tiny(std::string_view text) {
    const std::size_t mark = text.find_first_of("eE");
    if (mark != std::string_view::npos && text.substr(mark + 1).starts_with('-')) {
        return true;
    }
    const std::size_t first = text.find_first_of("123456789");
    return first != std::string_view::npos && first > text.find('.');
}

}  // namespace

Number whole(std::int64_t value) {
    return {Kind::Int, value, 0};
}

Number unsigned_whole(std::uint64_t value) {
    return {Kind::Uint, static_cast<std::int64_t>(value), 0};
}

Number real(double value) {
    return {Kind::Double, 0, value};
}

std::partial_ordering order(const Number& a, const Number& b) {
    if (a.kind == Kind::Double && b.kind == Kind::Double) {
        return a.real <=> b.real;
    }
    if (a.kind == Kind::Double) {
        return 0 <=> order(b, a);
    }
    if (b.kind == Kind::Double) {
        return a.kind == Kind::Int ? order_int_double(a.integer, b.real)
                                   : order_uint_double(a.bits(), b.real);
    }
    if (a.kind == b.kind) {
        return a.kind == Kind::Int ? a.integer <=> b.integer : a.bits() <=> b.bits();
    }
    if (a.kind == Kind::Int) {
        return a.integer < 0 ? std::strong_ordering::less
                             : static_cast<std::uint64_t>(a.integer) <=> b.bits();
    }
    return b.integer < 0 ? std::strong_ordering::greater
                         : a.bits() <=> static_cast<std::uint64_t>(b.integer);
}

std::partial_ordering order_as_suite(const Number& a, const Number& b) {
    const bool mixed = a.kind != b.kind && (a.kind == Kind::Double || b.kind == Kind::Double);
    return mixed ? as_real(a) <=> as_real(b) : order(a, b);
}

Computed compute(BinaryOp op, const Number& a, const Number& b) {
    if (a.kind != b.kind) {
        return fault(Fault::NoOverload);
    }
    switch (a.kind) {
        case Kind::Int:
            return integers(op, a.integer, b.integer);
        case Kind::Uint:
            return integers(op, a.bits(), b.bits());
        default:
            return reals(op, a.real, b.real);
    }
}

Computed negated(const Number& a) {
    if (a.kind == Kind::Double) {
        return {real(-a.real)};
    }
    return a.kind == Kind::Int ? integers(BinaryOp::Subtract, std::int64_t{0}, a.integer)
                               : fault(Fault::NoOverload);
}

double as_real(const Number& a) {
    switch (a.kind) {
        case Kind::Int:
            return static_cast<double>(a.integer);
        case Kind::Uint:
            return static_cast<double>(a.bits());
        default:
            return a.real;
    }
}

std::optional<Number> converted(const Number& a, Kind kind) {
    if (kind == Kind::Double) {
        return real(as_real(a));
    }
    if (a.kind == Kind::Double) {
        // The bounds themselves are refused, as the reference does: a double near them stands for
        // whole numbers on both sides.
        const bool is_int = kind == Kind::Int;
        const bool fits =
            is_int ? a.real > -two_to_63 && a.real < two_to_63 : a.real >= 0 && a.real < two_to_64;
        if (!fits) {
            return std::nullopt;
        }
        return is_int ? whole(static_cast<std::int64_t>(a.real))
                      : unsigned_whole(static_cast<std::uint64_t>(a.real));
    }
    if (a.kind != kind && a.integer < 0) {
        return std::nullopt;
    }
    return Number{kind, a.integer, 0};
}

std::optional<Number> read_number(std::string_view text, Kind kind) {
    if (kind == Kind::Int) {
        const auto value = read_whole<std::int64_t>(text);
        return value ? std::optional(whole(*value)) : std::nullopt;
    }
    if (kind == Kind::Uint) {
        const auto value = read_whole<std::uint64_t>(text);
        return value ? std::optional(unsigned_whole(*value)) : std::nullopt;
    }
    const auto value = read_double(text);
    return value ? std::optional(real(*value)) : std::nullopt;
}

std::optional<double> read_double(std::string_view text) {
    text.remove_prefix(text.starts_with("+") && !text.starts_with("+-") ? 1 : 0);
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (stop != end || error == std::errc::invalid_argument) {
        return std::nullopt;
    }
    if (error == std::errc::result_out_of_range) {
        return is_tiny(text) ? std::optional(text.starts_with('-') ? -0.0 : 0.0) : std::nullopt;
    }
    return value;
}

std::string text_of(const Number& a) {
    if (a.kind == Kind::Int) {
        return std::to_string(a.integer);
    }
    if (a.kind == Kind::Uint) {
        return std::to_string(a.bits());
    }
    if (!std::isfinite(a.real)) {  // As CEL's own implementation in Go writes them.
        return std::isnan(a.real) ? "NaN" : a.real > 0 ? "+Inf" : "-Inf";
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), a.real).ptr;
    return {buffer.data(), end};
}

}  // namespace winback::expr
