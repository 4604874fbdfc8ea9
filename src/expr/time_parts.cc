#include "expr/time_parts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace winback::expr {
namespace {

constexpr std::array<std::pair<std::string_view, TimePart>, 10> methods{{
    {"getFullYear", TimePart::FullYear},
    {"getMonth", TimePart::Month},
    {"getDate", TimePart::Date},
    {"getDayOfMonth", TimePart::DayOfMonth},
    {"getDayOfWeek", TimePart::DayOfWeek},
    {"getDayOfYear", TimePart::DayOfYear},
    {"getHours", TimePart::Hours},
    {"getMinutes", TimePart::Minutes},
    {"getSeconds", TimePart::Seconds},
    {"getMilliseconds", TimePart::Milliseconds},
}};

std::optional<int> two_digits(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.size() != 2 || !digit(text[0]) || !digit(text[1])) {
        return std::nullopt;
    }
    return (text[0] - '0') * 10 + (text[1] - '0');
}

// "+02:00", "-09:30", "02:00".
std::optional<Duration> fixed_offset(std::string_view text) {
    const bool minus = text.starts_with('-');
    text.remove_prefix(minus || text.starts_with('+') ? 1 : 0);
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const std::optional<int> hour = two_digits(text.substr(0, 2));
    const std::optional<int> minute = two_digits(text.substr(3));
    if (!hour || !minute || *hour > 23 || *minute > 59) {
        return std::nullopt;
    }
    return minutes((minus ? -1 : 1) * (*hour * 60 + *minute));
}

// The first moment in (from, to] at which the clock is as far from UTC as at `to`.
Timestamp clock_change(const Zone& zone, Timestamp from, Timestamp to) {
    const int after = local_time(zone, to).offset_min;
    while (to.ms - from.ms > 1) {
        const Timestamp middle{from.ms + (to.ms - from.ms) / 2};
        (local_time(zone, middle).offset_min == after ? to : from) = middle;
    }
    return to;
}

}  // namespace

std::optional<TimePart> part_named(std::string_view method) {
    for (const auto& [name, part] : methods) {
        if (name == method) {
            return part;
        }
    }
    return std::nullopt;
}

std::optional<Place> find_place(std::string_view name) {
    if (const std::optional<Duration> offset = fixed_offset(name)) {
        return Place{&utc_zone(), *offset};
    }
    const Result<const Zone*> zone = find_zone(name);
    return zone ? std::optional(Place{*zone, {}}) : std::nullopt;
}

std::int64_t part_of(TimePart part, Timestamp time, const Place& place) {
    const LocalTime local = local_time(*place.zone, time + place.offset);
    const CivilTime& civil = local.civil;
    switch (part) {
        case TimePart::FullYear:
            return civil.year;
        case TimePart::Month:
            return civil.month - 1;
        case TimePart::Date:
            return civil.day;
        case TimePart::DayOfMonth:
            return civil.day - 1;
        case TimePart::DayOfWeek:
            return local.weekday;
        case TimePart::DayOfYear:
            return days_from_civil(civil.year, civil.month, civil.day) -
                   days_from_civil(civil.year, 1, 1);
        case TimePart::Hours:
            return civil.hour;
        case TimePart::Minutes:
            return civil.minute;
        case TimePart::Seconds:
            return civil.second;
        case TimePart::Milliseconds:
            return civil.millisecond;
    }
    return 0;
}

Timestamp next_change(TimePart part, Timestamp now, const Place& place) {
    const Timestamp shown = now + place.offset;
    const CivilTime civil = local_time(*place.zone, shown).civil;
    const Duration into_hour =
        minutes(civil.minute) + seconds(civil.second) + milliseconds(civil.millisecond);
    const Timestamp next =
        part == TimePart::Hours ? shown - into_hour + hours(1) : next_midnight(*place.zone, shown);
    const bool steady =
        local_time(*place.zone, shown).offset_min == local_time(*place.zone, next).offset_min;
    const Timestamp end = steady ? next : clock_change(*place.zone, shown, next);
    return std::min(next, end) - place.offset;
}

std::optional<std::int64_t> part_of_span(TimePart part, std::int64_t milliseconds) {
    switch (part) {
        case TimePart::Hours:
            return milliseconds / hours(1).ms;
        case TimePart::Minutes:
            return milliseconds / minutes(1).ms;
        case TimePart::Seconds:
            return milliseconds / seconds(1).ms;
        case TimePart::Milliseconds:
            return milliseconds % seconds(1).ms;
        default:
            return std::nullopt;
    }
}

}  // namespace winback::expr
