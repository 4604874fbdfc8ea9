#include "base/time.h"

#include <array>
#include <cstdio>

#include "base/civil.h"

namespace winback {
namespace {

// Reads exactly `count` digits at `pos` and moves past them.
bool read_digits(std::string_view text, std::size_t& pos, int count, int& value) {
    value = 0;
    for (int i = 0; i < count; ++i, ++pos) {
        if (pos >= text.size() || text[pos] < '0' || text[pos] > '9') {
            return false;
        }
        value = value * 10 + (text[pos] - '0');
    }
    return true;
}

bool accept(std::string_view text, std::size_t& pos, char c) {
    if (pos < text.size() && text[pos] == c) {
        ++pos;
        return true;
    }
    return false;
}

// Reads a fraction of a second, dropping what is finer than a millisecond.
bool read_fraction(std::string_view text, std::size_t& pos, int& ms) {
    int digits = 0;
    int scale = 100;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, ++digits) {
        ms += (text[pos] - '0') * scale;
        scale /= 10;
    }
    return digits > 0;
}

// Reads "Z" or "+hh:mm" and returns the offset in minutes; absent means UTC.
bool read_offset(std::string_view text, std::size_t& pos, int& offset_min) {
    offset_min = 0;
    if (pos == text.size() || accept(text, pos, 'Z') || accept(text, pos, 'z')) {
        return true;
    }
    const bool negative = text[pos] == '-';
    if (!accept(text, pos, '+') && !accept(text, pos, '-')) {
        return false;
    }
    int hour = 0;
    int minute = 0;
    if (!read_digits(text, pos, 2, hour)) {
        return false;
    }
    accept(text, pos, ':');
    if (pos < text.size() && !read_digits(text, pos, 2, minute)) {
        return false;
    }
    offset_min = (hour * 60 + minute) * (negative ? -1 : 1);
    return hour <= 23 && minute <= 59;
}

Error bad_time(std::string_view text) {
    return {ErrorCode::InvalidArgument,
            "'" + std::string(text.substr(0, 40)) +
                "' is not a date or time; write 2025-10-01 or 2025-10-01T10:00:00Z"};
}

struct Unit {
    std::string_view name;
    Duration length;
};

constexpr std::array<Unit, 6> units{{{"ms", {1}},
                                     {"s", seconds(1)},
                                     {"m", minutes(1)},
                                     {"h", hours(1)},
                                     {"d", days(1)},
                                     {"w", days(7)}}};

}  // namespace

std::string format_iso8601(Timestamp time) {
    const CivilTime c = civil_from_timestamp(time);
    std::array<char, 48> buffer{};
    const int length =
        c.millisecond == 0
            ? std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year,
                            c.month, c.day, c.hour, c.minute, c.second)
            : std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                            c.year, c.month, c.day, c.hour, c.minute, c.second, c.millisecond);
    return {buffer.data(), static_cast<std::size_t>(length)};
}

Result<Timestamp> parse_iso8601(std::string_view text) {
    std::size_t pos = 0;
    CivilTime c;
    const bool date_read = read_digits(text, pos, 4, c.year) && accept(text, pos, '-') &&
                           read_digits(text, pos, 2, c.month) && accept(text, pos, '-') &&
                           read_digits(text, pos, 2, c.day);
    if (!date_read || !is_valid_date(c.year, c.month, c.day)) {
        return bad_time(text);
    }
    int offset_min = 0;
    if (pos != text.size()) {
        if (!accept(text, pos, 'T') && !accept(text, pos, 't') && !accept(text, pos, ' ')) {
            return bad_time(text);
        }
        if (!read_digits(text, pos, 2, c.hour) || !accept(text, pos, ':') ||
            !read_digits(text, pos, 2, c.minute)) {
            return bad_time(text);
        }
        if (accept(text, pos, ':') && !read_digits(text, pos, 2, c.second)) {
            return bad_time(text);
        }
        if (accept(text, pos, '.') && !read_fraction(text, pos, c.millisecond)) {
            return bad_time(text);
        }
        if (!read_offset(text, pos, offset_min) || pos != text.size()) {
            return bad_time(text);
        }
    }
    if (c.hour > 23 || c.minute > 59 || c.second > 60) {
        return bad_time(text);
    }
    return timestamp_from_civil(c) - minutes(offset_min);
}

Result<Duration> parse_duration(std::string_view text) {
    const auto fail = [&] {
        return Error{ErrorCode::InvalidArgument,
                     "'" + std::string(text.substr(0, 40)) +
                         "' is not a duration; write a number and a unit, such as 90s, 36h, 14d"};
    };
    Duration total;
    std::size_t pos = 0;
    while (pos < text.size()) {
        std::int64_t number = 0;
        const std::size_t start = pos;
        for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos) {
            if (pos - start >= 9) {
                return fail();
            }
            number = number * 10 + (text[pos] - '0');
        }
        const std::size_t unit_start = pos;
        while (pos < text.size() && text[pos] >= 'a' && text[pos] <= 'z') {
            ++pos;
        }
        const std::string_view unit_name = text.substr(unit_start, pos - unit_start);
        const Unit* unit = nullptr;
        for (const Unit& candidate : units) {
            if (candidate.name == unit_name) {
                unit = &candidate;
            }
        }
        if (unit_start == start || unit == nullptr) {
            return fail();
        }
        total.ms += number * unit->length.ms;
    }
    if (text.empty()) {
        return fail();
    }
    return total;
}

}  // namespace winback
