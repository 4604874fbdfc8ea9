// Parts of a moment as the clock on a wall shows them: the year, the hour, the day of the week.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "base/zone.h"

namespace winback::expr {

// As CEL counts them: months, days of the month and of the year from 0, but Date from 1; days of
// the week from Sunday, 0.
enum class TimePart : std::uint8_t {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfWeek,
    DayOfYear,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
};

// The part that a method such as getHours gives.
std::optional<TimePart> part_named(std::string_view method);

// Whose clock: a zone's, or one that is always as far from UTC.
struct Place {
    const Zone* zone = &utc_zone();
    Duration offset;  // Added to the zone's.
};

// "Europe/Berlin", "UTC", "+02:00", "-09:30", "02:00".
std::optional<Place> find_place(std::string_view name);

std::int64_t part_of(TimePart part, Timestamp time, const Place& place);

// The first moment after `now` at which the part of the time that it is then may be another one:
// exact, but where clocks change in between it is that moment. Pre: not a part of an hour.
Timestamp next_change(TimePart part, Timestamp now, const Place& place);

// The whole hours, minutes or seconds of a span; of milliseconds those beyond its whole seconds,
// as CEL has it. Empty for other parts.
std::optional<std::int64_t> part_of_span(TimePart part, std::int64_t milliseconds);

}  // namespace winback::expr
