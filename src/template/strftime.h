// Dates as text and text as dates, for the `date` and `time_zone` filters.
//
// Formats are those of Ruby's strftime, which Liquid promises: %Y %m %d ..., flags - _ 0 ^ # and
// : (for %z), and a width. A directive that does not exist is printed as it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/zone.h"
#include "template/locale.h"

namespace winback::liquid {

// A moment and the wall clock that shows it.
struct Moment {
    enum class ZoneName : std::uint8_t {
        Utc,      // %Z is "UTC"; it stood in a text, so %-z is "-0000".
        UtcZone,  // %Z is "UTC": the zone in which dates are shown.
        Offset,   // %Z is the offset: another zone of the database.
        None,     // %Z is empty: an offset that stood in a text.
    };
    Timestamp time;
    int nanosecond = 0;  // Of the second.
    CivilTime civil;
    int weekday = 0;   // 0 = Sunday
    int offset_s = 0;  // Local minus UTC.
    ZoneName zone_name = ZoneName::UtcZone;
};

Moment moment_at(Timestamp time, const Zone& zone);
Moment moment_at_offset(Timestamp time, int offset_s);

// False when the format ends inside a directive ("100%"), which Ruby refuses.
bool append_strftime(std::string& out,
                     std::string_view format,
                     const Moment& moment,
                     const DateStyle& style);
void append_strftime(std::string& out, std::string_view format, Timestamp time, const Zone& zone);

// Reads what Ruby's Time.parse reads: ISO 8601, RFC 2822, "January 31, 2025", "31/01/2025",
// "20250131T0900", "9:00 pm", and whole seconds since 1970. Text with an offset keeps it; without
// one it is the wall clock of `zone`. What is missing in front (the day of "9:00") is that of
// `now`, what is missing behind is the first. Nothing when the text is not a date.
std::optional<Moment> parse_date(std::string_view text, const Zone& zone, Timestamp now);
std::optional<Moment> moment_of_seconds(std::int64_t seconds, const Zone& zone);

}  // namespace winback::liquid
