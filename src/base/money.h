// Amounts of money as whole millionths of a currency's unit, so that sums are exact.
//
// 8,911,407.904 pounds is Micros{8'911'407'904'000}. The currency stands beside the amount, as
// its ISO 4217 code; amounts of two currencies are never added.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace winback {

struct Micros {
    std::int64_t value = 0;
    auto operator<=>(const Micros&) const = default;
};

constexpr Micros operator+(Micros a, Micros b) {
    return {a.value + b.value};
}
constexpr Micros operator-(Micros a, Micros b) {
    return {a.value - b.value};
}

// Rounds half away from zero; amounts beyond nine trillion units are clamped.
Micros micros_from_double(double amount);
double to_double(Micros amount);

// Digits after the decimal point by ISO 4217 (2 when the code is unknown; JPY 0, KWD 3).
int currency_digits(std::string_view iso_code);

// "8,911,407.90": grouped by thousands, rounded to the currency's digits. English form; local
// forms come from the template filters.
std::string format_amount(Micros amount, std::string_view iso_code);

}  // namespace winback
