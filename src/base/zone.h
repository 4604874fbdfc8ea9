// Time zones of the IANA database, and steps of the calendar in a zone.
//
// The database is read once, at the first look-up, from the system's tzdata through the `date`
// library; after that a Zone is immutable data. It is the one thing of the outside world that
// the core may see, because a zone is named by an input and never by the machine's settings.
#pragma once

#include <string>
#include <string_view>

#include "base/civil.h"
#include "base/result.h"
#include "base/time.h"

namespace winback {

class Zone;  // Lives for ever; compare by address.

// Fails with NotFound.
Result<const Zone*> find_zone(std::string_view iana_name);
const Zone& utc_zone();
std::string_view zone_name(const Zone& zone);

// A moment as the clock on the wall of `zone` shows it.
struct LocalTime {
    CivilTime civil;
    int weekday = 0;     // 0 = Sunday
    int offset_min = 0;  // Local minus UTC.
};
LocalTime local_time(const Zone& zone, Timestamp time);

// The moment at which the wall clock shows `local`. In a gap (clocks go forward) the first
// moment after it; when it happens twice (clocks go back) the earlier one.
Timestamp from_local(const Zone& zone, const CivilTime& local);

// A step of the calendar: months first, then days, then milliseconds.
struct CalendarStep {
    int months = 0;
    int days = 0;
    std::int64_t ms = 0;
    auto operator<=>(const CalendarStep&) const = default;
};

// "90d", "2w", "6mo", "1y", "36h", "15m", "30s", or a sum ("1d12h"). Days and longer are steps
// of the calendar; hours and shorter are exact. Fails with InvalidArgument.
Result<CalendarStep> parse_calendar_step(std::string_view text);
std::string format_calendar_step(const CalendarStep& step);

// `time` moved by the step, wall clock kept over days and months; the day of the month is
// clamped to the month's length (31 January + 1 month = 28 or 29 February).
Timestamp add(const Zone& zone, Timestamp time, const CalendarStep& step);
Timestamp subtract(const Zone& zone, Timestamp time, const CalendarStep& step);

// The first local midnight strictly after `time`.
Timestamp next_midnight(const Zone& zone, Timestamp time);

}  // namespace winback
