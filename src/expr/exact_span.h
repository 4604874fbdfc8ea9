// Spans of time of CEL: sums of hours to nanoseconds, with a sign and fractions.
//
// "1h30m", "-1.5s", "250ms". Held as 64 bits of nanoseconds, about 292 years either way. Spans of
// the calendar (days, months) are base/zone.h's CalendarStep.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback::expr {

constexpr std::int64_t nanoseconds_per_millisecond = 1'000'000;
constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

// Units h m s ms us ns; parts of a nanosecond are dropped. Fails with InvalidArgument.
Result<std::int64_t> parse_exact_span(std::string_view text);

// In seconds: "5400s", "-0.0000001s".
std::string format_exact_span(std::int64_t nanoseconds);

// ".5", ".000000001" or nothing at all. Pre: 0 <= nanoseconds < one second.
std::string format_fraction(std::int64_t nanoseconds);

}  // namespace winback::expr
