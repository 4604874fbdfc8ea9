#include "base/zone.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include <date/tz.h>

#include "base/zone_rule.h"

namespace winback {
namespace {

using SysMs = date::sys_time<std::chrono::milliseconds>;

const date::time_zone& native(const Zone& zone) {
    return *reinterpret_cast<const date::time_zone*>(&zone);
}

// Zone is date::time_zone under another name, so that no header of ours includes the library.
const Zone& wrap(const date::time_zone& zone) {
    return *reinterpret_cast<const Zone*>(&zone);
}

// A stretch of time in which a zone keeps one offset.
struct Stretch {
    const Zone* zone = nullptr;
    std::int64_t begin_ms = 0;
    std::int64_t end_ms = 0;  // Exclusive.
    std::int64_t offset_ms = 0;
};

// What stands in the last line of the zone's file; the library does not read it.
std::optional<ZoneRule> read_rule(std::string_view name) {
    std::FILE* file = nullptr;
    for (const char* folder : {"/usr/share/zoneinfo/", "/usr/share/uclibc/zoneinfo/"}) {
        file = file == nullptr ? std::fopen((folder + std::string(name)).c_str(), "rb") : file;
    }
    if (file == nullptr) {
        return std::nullopt;
    }
    // The line and the two ends of lines around it; the longest are some fifty bytes.
    std::array<char, 256> bytes;
    std::fseek(file, -static_cast<long>(bytes.size()), SEEK_END);  // Shorter: from its beginning.
    std::string_view text(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), file));
    std::fclose(file);
    if (!text.ends_with('\n')) {
        return std::nullopt;
    }
    text.remove_suffix(1);
    const std::size_t begin = text.rfind('\n');
    return begin == std::string_view::npos ? std::nullopt : parse_zone_rule(text.substr(begin + 1));
}

// Each thread reads a rule once, when it first asks behind the last change of a file.
const std::optional<ZoneRule>& rule_of(const Zone& zone) {
    static thread_local std::map<const Zone*, std::optional<ZoneRule>> read;
    const auto found = read.find(&zone);
    return found != read.end() ? found->second
                               : read.emplace(&zone, read_rule(zone_name(zone))).first->second;
}

// The library's first and last stretch reach to the ends of its calendar.
constexpr date::sys_seconds calendar_end = date::sys_days(date::year::max() / date::December / 31);

Stretch find_stretch(const Zone& zone, std::int64_t ms) {
    const auto info = native(zone).get_info(SysMs{std::chrono::milliseconds{ms}});
    constexpr std::int64_t seconds_max = std::numeric_limits<std::int64_t>::max() / 1000;
    const auto in_ms = [&](std::int64_t seconds) {
        return std::clamp<std::int64_t>(seconds, -seconds_max, seconds_max) * 1000;
    };
    const std::int64_t begin_s = info.begin.time_since_epoch().count();
    if (info.end >= calendar_end) {
        if (const std::optional<ZoneRule>& rule = rule_of(zone)) {
            const RuleStretch by_rule = stretch_at(*rule, ms / 1000 - (ms % 1000 < 0 ? 1 : 0));
            return {&zone, in_ms(std::max(begin_s, by_rule.begin_s)), in_ms(by_rule.end_s),
                    by_rule.offset_s * 1000};
        }
    }
    return {&zone, in_ms(begin_s), in_ms(info.end.time_since_epoch().count()),
            std::chrono::milliseconds(info.offset).count()};
}

// Looking a stretch up in the library costs ten times what computing with it does, and the
// same few are asked for again and again: those used last are kept. A memory of constants, so
// it changes no answer.
Stretch stretch_at(const Zone& zone, std::int64_t ms) {
    static thread_local std::array<Stretch, 64> kept;
    Stretch& place = kept[static_cast<std::uint64_t>(ms >> 30) % kept.size()];  // 12 days each.
    if (place.zone != &zone || ms < place.begin_ms || ms >= place.end_ms) {
        place = find_stretch(zone, ms);
    }
    return place;
}

// Farther from a change of offset than this the answer is certain; none is of more than a day.
constexpr std::int64_t change_reach_ms = 2 * 86'400'000;

Timestamp move(const Zone& zone, Timestamp time, const CalendarStep& step, int sign) {
    Timestamp moved = time;
    if (step.months == 0 && step.days != 0) {
        // Days alone need no calendar, only the offsets: conditions ask for many of these.
        const std::int64_t local_ms =
            time.ms + stretch_at(zone, time.ms).offset_ms + days(sign * std::int64_t{step.days}).ms;
        const Stretch there = stretch_at(zone, local_ms);
        const bool far = local_ms - change_reach_ms > there.begin_ms &&
                         local_ms + change_reach_ms < there.end_ms;
        moved = far ? Timestamp{local_ms - there.offset_ms}
                    : from_local(zone, civil_from_timestamp({local_ms}));
    } else if (step.months != 0) {
        CivilTime c = local_time(zone, time).civil;
        const int month_index = c.year * 12 + (c.month - 1) + sign * step.months;
        c.year = month_index / 12;
        c.month = month_index % 12 + 1;
        c.day = std::min(c.day, days_in_month(c.year, c.month));
        const Timestamp shifted = timestamp_from_civil(c) + days(sign * std::int64_t{step.days});
        moved = from_local(zone, civil_from_timestamp(shifted));
    }
    return moved + milliseconds(sign * step.ms);
}

struct StepUnit {
    std::string_view name;
    int months;
    int days;
    std::int64_t ms;
};

constexpr std::array<StepUnit, 7> step_units{{{"s", 0, 0, 1000},
                                              {"m", 0, 0, 60'000},
                                              {"h", 0, 0, 3'600'000},
                                              {"d", 0, 1, 0},
                                              {"w", 0, 7, 0},
                                              {"mo", 1, 0, 0},
                                              {"y", 12, 0, 0}}};

// Steps longer than this (two hundred years) are mistakes, and would leave the calendar.
constexpr std::int64_t step_count_max = 73'050;

Error bad_step(std::string_view text) {
    return {ErrorCode::InvalidArgument,
            "'" + std::string(text.substr(0, 40)) +
                "' is not a span of time; write a number and one of s m h d w mo y, such as "
                "90d or 6mo (at most 200 years)"};
}

}  // namespace

Result<const Zone*> find_zone(std::string_view iana_name) {
    try {
        return &wrap(*date::locate_zone(std::string(iana_name)));
    } catch (const std::exception&) {
        return Error{ErrorCode::NotFound, "unknown time zone '" +
                                              std::string(iana_name.substr(0, 60)) +
                                              "'; use an IANA name such as Europe/London"};
    }
}

const Zone& utc_zone() {
    static const Zone& zone = wrap(*date::locate_zone("Etc/UTC"));
    return zone;
}

std::string_view zone_name(const Zone& zone) {
    return native(zone).name();
}

LocalTime local_time(const Zone& zone, Timestamp time) {
    const std::int64_t offset_ms = stretch_at(zone, time.ms).offset_ms;
    const Timestamp shifted{time.ms + offset_ms};
    LocalTime local;
    local.civil = civil_from_timestamp(shifted);
    local.weekday =
        weekday_from_days(days_from_civil(local.civil.year, local.civil.month, local.civil.day));
    local.offset_min = static_cast<int>(offset_ms / 60'000);
    return local;
}

Timestamp from_local(const Zone& zone, const CivilTime& civil) {
    const std::int64_t local_ms = timestamp_from_civil(civil).ms;
    const Stretch stretch = stretch_at(zone, local_ms);
    if (local_ms - change_reach_ms > stretch.begin_ms &&
        local_ms + change_reach_ms < stretch.end_ms) {
        return {local_ms - stretch.offset_ms};
    }
    // The first stretch in which that clock is not over yet; where it begins later, in a gap.
    Stretch at = stretch_at(zone, local_ms - change_reach_ms);
    while (local_ms - at.offset_ms >= at.end_ms) {
        const Stretch next = stretch_at(zone, at.end_ms);
        if (next.end_ms <= at.end_ms) {
            break;  // Behind the end of the library's calendar.
        }
        at = next;
    }
    return {std::max(local_ms - at.offset_ms, at.begin_ms)};
}

Result<CalendarStep> parse_calendar_step(std::string_view text) {
    CalendarStep step;
    std::size_t pos = 0;
    while (pos < text.size()) {
        std::int64_t number = 0;
        const std::size_t start = pos;
        for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos) {
            if (pos - start >= 9) {
                return bad_step(text);
            }
            number = number * 10 + (text[pos] - '0');
        }
        const std::size_t unit_start = pos;
        while (pos < text.size() && text[pos] >= 'a' && text[pos] <= 'z') {
            ++pos;
        }
        const std::string_view name = text.substr(unit_start, pos - unit_start);
        const StepUnit* unit = nullptr;
        for (const StepUnit& candidate : step_units) {
            if (candidate.name == name) {
                unit = &candidate;
            }
        }
        if (unit_start == start || unit == nullptr) {
            return bad_step(text);
        }
        const std::int64_t as_days =
            number * (unit->months * 30 + unit->days) + number * unit->ms / 86'400'000;
        if (as_days > step_count_max) {
            return bad_step(text);
        }
        step.months += static_cast<int>(number) * unit->months;
        step.days += static_cast<int>(number) * unit->days;
        step.ms += number * unit->ms;
    }
    if (text.empty() || step.months > 2400 || step.days > step_count_max) {
        return bad_step(text);
    }
    return step;
}

std::string format_calendar_step(const CalendarStep& step) {
    std::string text;
    const auto append = [&](std::int64_t n, std::string_view unit) {
        if (n != 0) {
            text += std::to_string(n);
            text += unit;
        }
    };
    append(step.months / 12, "y");
    append(step.months % 12, "mo");
    append(step.days, "d");
    append(step.ms / 3'600'000, "h");
    append(step.ms / 60'000 % 60, "m");
    append(step.ms / 1000 % 60, "s");
    return text.empty() ? "0s" : text;
}

Timestamp add(const Zone& zone, Timestamp time, const CalendarStep& step) {
    return move(zone, time, step, 1);
}

Timestamp subtract(const Zone& zone, Timestamp time, const CalendarStep& step) {
    return move(zone, time, step, -1);
}

Timestamp next_midnight(const Zone& zone, Timestamp time) {
    const CivilTime now = local_time(zone, time).civil;
    const std::int64_t tomorrow = days_from_civil(now.year, now.month, now.day) + 1;
    const CivilTime midnight = civil_from_timestamp({tomorrow * 86'400'000});
    const Timestamp first = from_local(zone, midnight);
    // Where clocks go back over midnight it comes twice; the second counts by the clock of now.
    return first > time ? first
                        : time + (timestamp_from_civil(midnight) - timestamp_from_civil(now));
}

}  // namespace winback
