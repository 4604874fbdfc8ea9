// Numbers in texts, by the several rules that Ruby has for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "template/datum.h"

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

// Bounds of ranges and loops are kept within these, so that counting items cannot overflow.
constexpr std::int64_t count_limit = std::int64_t{1} << 60U;
// A number towards zero, a text by its leading digits, anything else 0; within count_limit.
std::int64_t leading_count(const Datum& datum);
// Whole numbers and texts that are whole numbers; nothing for anything else.
std::optional<std::int64_t> strict_count(const Datum& datum);

}  // namespace winback::liquid
