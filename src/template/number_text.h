// Numbers in texts, by the several rules that Ruby has for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace winback::liquid {

bool is_decimal_text(std::string_view text);  // -?\d+\.\d+

// The whole number at the start of a text, as text.to_i finds it: white space and a sign before
// it, single underscores inside, whatever behind. No digits mean 0.
struct LeadingDigits {
    std::string digits;
    bool negative = false;
};
LeadingDigits leading_digits(std::string_view text);

// Integer(text): "42", " -1_000 ", "0x1f", "0b101", "017"; numbers beyond 64 bits become the
// nearest that fits. Nothing for anything else, decimals included.
std::optional<std::int64_t> strict_integer(std::string_view text);

}  // namespace winback::liquid
