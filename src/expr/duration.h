// Questions about durations that comparing and arithmetic share. Internal to expr.
#pragma once

#include <cstdint>
#include <limits>

#include "expr/operand.h"

namespace winback::expr {

inline bool has_calendar(const Operand& duration) {
    return duration.ends == Ends::None && (duration.step.months != 0 || duration.step.days != 0);
}

inline CalendarStep whole_step(const Operand& duration) {
    return {duration.step.months, duration.step.days, duration.integer};
}

// Of a duration without ends: a month counts 30.436875 days (a year of 365.2425), a day 24 h.
// Saturates at the ends of 64 bits.
inline std::int64_t nominal_ms(const Operand& duration) {
    if (!has_calendar(duration)) {
        return duration.integer;
    }
    constexpr std::int64_t month_ms = 2'629'746'000;
    const std::int64_t calendar = duration.step.months * month_ms + duration.step.days * days(1).ms;
    std::int64_t sum = 0;
    if (__builtin_add_overflow(calendar, duration.integer, &sum)) {
        return duration.integer < 0 ? std::numeric_limits<std::int64_t>::min()
                                    : std::numeric_limits<std::int64_t>::max();
    }
    return sum;
}

}  // namespace winback::expr
