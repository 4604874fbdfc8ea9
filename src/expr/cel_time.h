// Moments and spans of strict CEL, to the nanosecond.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "expr/cel_value.h"
#include "expr/time_parts.h"

namespace winback::expr {

// RFC 3339: a date, a time and an offset. Empty when it is none or out of range.
std::optional<CelInstant> read_instant(std::string_view text);
std::optional<CelInstant> instant_of(std::int64_t seconds, std::int64_t nanoseconds);
std::string text_of(const CelInstant& instant);  // In UTC, with the fraction that it has.
std::string text_of(const CelSpan& span);        // "1.5s"

// `op` is Add or Subtract. Errors when the result leaves the calendar or 64 bits of nanoseconds.
CelValue moved(const CelInstant& instant, const CelSpan& span, BinaryOp op);
CelValue sum(const CelSpan& a, const CelSpan& b, BinaryOp op);
CelValue difference(const CelInstant& a, const CelInstant& b);

std::int64_t part_of(TimePart part, const CelInstant& instant, const Place& place);

}  // namespace winback::expr
