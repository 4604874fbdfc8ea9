#include "template/number_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "template/text.h"

namespace winback::liquid {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// What is read of "0x1f" before its digits.
struct Prefix {
    std::int64_t base = 10;
    std::size_t length = 0;
};

Prefix number_prefix(std::string_view text) {
    if (text.size() < 2 || text[0] != '0') {
        return {};
    }
    switch (lower(text[1])) {
        case 'x':
            return {16, 2};
        case 'b':
            return {2, 2};
        case 'd':
            return {10, 2};
        case 'o':
            return {8, 2};
        case '_':
            return {8, text.size() > 2 ? 2U : 1U};
        default:
            return {8, 1};
    }
}

}  // namespace

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

LeadingDigits leading_digits(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    LeadingDigits found;
    found.negative = text.starts_with('-');
    if (found.negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    if (text.starts_with("0d") || text.starts_with("0D")) {
        text.remove_prefix(2);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = text[i] == '_' && i > 0 && text[i - 1] != '_';
        if (is_digit(text[i])) {
            found.digits += text[i];
        } else if (!between) {
            break;
        }
    }
    return found;
}

std::optional<std::int64_t> strict_integer(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) {
        text.remove_prefix(1);
    }
    const Prefix prefix = number_prefix(text);
    const std::int64_t base = prefix.base;
    text.remove_prefix(prefix.length);
    std::int64_t value = 0;
    bool large = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = lower(text[i]);
        if (c == '_' && i > 0 && i + 1 < text.size() && text[i - 1] != '_') {
            continue;
        }
        const std::int64_t digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
        if (digit >= base) {
            return std::nullopt;
        }
        large = large || __builtin_mul_overflow(value, base, &value) ||
                __builtin_add_overflow(value, digit, &value);
    }
    if (text.empty()) {
        return std::nullopt;
    }
    if (large) {
        return negative ? INT64_MIN : INT64_MAX;
    }
    return negative ? -value : value;
}

std::int64_t leading_count(const Datum& datum) {
    const auto clamped = [](std::int64_t n) { return std::clamp(n, -count_limit, count_limit); };
    if (datum.is(Datum::Kind::Int)) {
        return clamped(datum.as_int());
    }
    if (datum.is(Datum::Kind::Double)) {
        constexpr auto bound = static_cast<double>(count_limit);
        const double real = datum.as_double();
        return std::isnan(real) ? 0 : static_cast<std::int64_t>(std::clamp(real, -bound, bound));
    }
    if (!datum.is(Datum::Kind::Text) && !datum.is(Datum::Kind::BigInt)) {
        return 0;
    }
    const LeadingDigits leading = leading_digits(datum.as_text());
    std::int64_t number = 0;
    const char* const end = leading.digits.data() + leading.digits.size();
    const auto read = std::from_chars(leading.digits.data(), end, number);
    const bool too_large = read.ec == std::errc::result_out_of_range;
    return clamped(leading.negative ? -(too_large ? count_limit : number)
                                    : (too_large ? count_limit : number));
}

std::optional<std::int64_t> strict_count(const Datum& datum) {
    if (datum.is(Datum::Kind::Int) || datum.is(Datum::Kind::BigInt)) {
        return leading_count(datum);
    }
    const std::optional<std::int64_t> number =
        datum.is(Datum::Kind::Text) ? strict_integer(datum.as_text()) : std::nullopt;
    return number ? std::optional(std::clamp(*number, -count_limit, count_limit)) : std::nullopt;
}

}  // namespace winback::liquid
