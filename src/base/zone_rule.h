// The rule by which the clocks of a zone go on behind the last change that its file lists.
//
// Zone files list changes until 2037 at the latest; their last line says in the form of the
// POSIX variable TZ how it goes on (RFC 8536, section 3.3): "CET-1CEST,M3.5.0,M10.5.0/3" is an
// hour more from the last Sunday of March to the last of October. All in seconds since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace winback {

// A day of each year, and when in it by the clock before the change.
struct YearlyChange {
    enum class Form : std::uint8_t {
        Weekday,    // "M3.5.0": of `month`, the `week`th `day` of the week; week 5 is the last.
        JulianDay,  // "J60": `day` 1 to 365, 29 February is never counted.
        DayOfYear,  // "59": `day` 0 to 365, 29 February is counted.
    };
    Form form = Form::Weekday;
    int month = 1;
    int week = 1;
    int day = 0;
    std::int64_t second = 7200;  // After midnight; of days around it, too: -167 to 167 hours.
};

// Summer is what the line names second: in Dublin it is the winter, an hour less.
struct ZoneRule {
    std::int64_t standard_s = 0;  // Local minus UTC.
    std::int64_t summer_s = 0;
    YearlyChange to_summer;
    YearlyChange to_standard;
};

// Nothing when the zone keeps one offset ("<+01>-1"), and when this is no such line.
std::optional<ZoneRule> parse_zone_rule(std::string_view text);

// A stretch of time in which one offset holds; the one before may have the same.
struct RuleStretch {
    std::int64_t begin_s = 0;
    std::int64_t end_s = 0;  // Exclusive.
    std::int64_t offset_s = 0;
};
RuleStretch stretch_at(const ZoneRule& rule, std::int64_t second);

}  // namespace winback
