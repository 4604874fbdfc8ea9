// Dates as text and text as dates, for the `date` and `time_zone` filters.
//
// Formats are those of Ruby's strftime, which Liquid promises: %Y %m %d ..., flags - _ 0 ^ # and
// : (for %z), and a width. A directive that does not exist is printed as it stands.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/zone.h"
#include "template/locale.h"

namespace winback::liquid {

// A moment and the wall clock that shows it.
struct Moment {
    Timestamp time;
    LocalTime local;
    bool utc = false;  // %Z is "UTC"; the name of other zones is their offset.
};

Moment moment_at(Timestamp time, const Zone& zone);

void append_strftime(std::string& out,
                     std::string_view format,
                     const Moment& moment,
                     const CalendarNames& names);
void append_strftime(std::string& out, std::string_view format, Timestamp time, const Zone& zone);

// Reads ISO 8601, "2025-01-31 09:00:00 +0100", RFC 2822, "January 31, 2025", "31 Jan 2025 9:00",
// and whole seconds since 1970. Text with an offset keeps it; without one it is the wall clock
// of `zone`. Nothing when the text is not a date.
std::optional<Moment> parse_date(std::string_view text, const Zone& zone);

}  // namespace winback::liquid
