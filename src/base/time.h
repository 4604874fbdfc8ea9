// Points in time and spans of time, both as whole milliseconds. No clock lives here.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"

namespace winback {

// A span of time in milliseconds; may be negative.
struct Duration {
    std::int64_t ms = 0;
    auto operator<=>(const Duration&) const = default;
};

// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds (as in POSIX).
struct Timestamp {
    std::int64_t ms = 0;
    auto operator<=>(const Timestamp&) const = default;
};

constexpr Timestamp timestamp_min{std::numeric_limits<std::int64_t>::min()};
constexpr Timestamp timestamp_max{std::numeric_limits<std::int64_t>::max()};

// Events and definitions outside 0001-01-01 .. 9999-12-31 are refused at the border, so that
// sums of a timestamp and a duration cannot overflow inside.
constexpr Timestamp time_limit_low{-62135596800000};
constexpr Timestamp time_limit_high{253402300799999};

constexpr Duration milliseconds(std::int64_t n) {
    return {n};
}
constexpr Duration seconds(std::int64_t n) {
    return {n * 1000};
}
constexpr Duration minutes(std::int64_t n) {
    return {n * 60'000};
}
constexpr Duration hours(std::int64_t n) {
    return {n * 3'600'000};
}
constexpr Duration days(std::int64_t n) {
    return {n * 86'400'000};
}

constexpr Timestamp operator+(Timestamp t, Duration d) {
    return {t.ms + d.ms};
}
constexpr Timestamp operator-(Timestamp t, Duration d) {
    return {t.ms - d.ms};
}
constexpr Duration operator-(Timestamp a, Timestamp b) {
    return {a.ms - b.ms};
}
constexpr Duration operator+(Duration a, Duration b) {
    return {a.ms + b.ms};
}

// "2011-12-09T12:50:00Z", with ".123" only when the milliseconds are not zero.
std::string format_iso8601(Timestamp time);

// Reads ISO 8601 / RFC 3339: date alone, or date and time with optional seconds, fraction
// (digits past milliseconds are dropped) and offset ("Z", "+02:00", "+0200"). Text without an
// offset is read as UTC. Fails with InvalidArgument.
Result<Timestamp> parse_iso8601(std::string_view text);

// "90s", "36h", "14d", "2w" and sums such as "1d12h" as exact milliseconds (a day is 24 hours).
// Fails with InvalidArgument. Calendar steps are in base/zone.h.
Result<Duration> parse_duration(std::string_view text);

}  // namespace winback
