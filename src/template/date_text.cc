// Text as a date: parse_date of strftime.h.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/civil.h"
#include "base/strings.h"
#include "template/date_parts.h"
#include "template/strftime.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

constexpr int seconds_per_hour = 3600;
constexpr int seconds_per_day = 24 * seconds_per_hour;
constexpr std::int64_t year_max = 999'999;
constexpr std::int64_t zone_year_max = 9999;  // In zones other than UTC.

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int two_digits(std::string_view text) {
    return (text[0] - '0') * 10 + (text[1] - '0');
}

// +hh, +hhmm, +hh:mm, +hhmmss, +hh:mm:ss
std::optional<int> numeric_offset(std::string_view zone) {
    if (!zone.starts_with('+') && !zone.starts_with('-')) {
        return std::nullopt;
    }
    const int sign = zone[0] == '-' ? -1 : 1;
    const std::string_view rest = zone.substr(1);
    const bool colons = rest.size() > 2 && rest[2] == ':';
    std::string digits;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (colons && i % 3 == 2 && rest[i] == ':') {
            continue;
        }
        digits += rest[i];
    }
    const bool form = digits.size() == 2 || digits.size() == 4 || digits.size() == 6;
    if (!form || !is_digits(digits) ||
        rest.size() != digits.size() + (colons ? digits.size() / 2 - 1 : 0)) {
        return std::nullopt;
    }
    digits.resize(6, '0');
    return sign * (two_digits(digits) * seconds_per_hour +
                   two_digits(std::string_view(digits).substr(2)) * 60 +
                   two_digits(std::string_view(digits).substr(4)));
}

// Names of zones that Ruby knows by heart; others mean the zone of the reader.
std::optional<int> named_offset(std::string_view zone) {
    struct Named {
        std::string_view name;
        int hours;
    };
    static constexpr Named names[] = {
        {"utc", 0},  {"ut", 0},   {"gmt", 0},  {"z", 0},    {"est", -5}, {"edt", -4},
        {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7},
        {"a", 1},    {"b", 2},    {"c", 3},    {"d", 4},    {"e", 5},    {"f", 6},
        {"g", 7},    {"h", 8},    {"i", 9},    {"k", 10},   {"l", 11},   {"m", 12},
        {"n", -1},   {"o", -2},   {"p", -3},   {"q", -4},   {"r", -5},   {"s", -6},
        {"t", -7},   {"u", -8},   {"v", -9},   {"w", -10},  {"x", -11},  {"y", -12},
    };
    for (const Named& named : names) {
        if (named.name == zone) {
            return named.hours * seconds_per_hour;
        }
    }
    return std::nullopt;
}

std::optional<int> zone_offset(std::string_view zone) {
    const std::optional<int> numeric = numeric_offset(zone);
    return numeric ? numeric : named_offset(zone);
}

bool means_utc(std::string_view zone) {
    return zone == "utc" || zone == "ut" || zone == "z" || zone == "-00:00" || zone == "-0000" ||
           zone == "-00";
}

// Takes what is missing in front from `now`; what is missing behind is the first.
void complete(DateParts& parts, const CivilTime& now) {
    struct Part {
        std::optional<std::int64_t>* value;
        int now;
        int first;
    };
    const Part row[] = {
        {&parts.year, now.year, 1970},  {&parts.month, now.month, 1},
        {&parts.day, now.day, 1},       {&parts.hour, now.hour, 0},
        {&parts.minute, now.minute, 0}, {&parts.second, now.second, 0},
    };
    bool missing = true;
    for (const Part& part : row) {
        missing = missing && !*part.value;
        if (!*part.value) {
            *part.value = missing ? part.now : part.first;
        }
    }
}

bool in_range(const DateParts& parts) {
    const bool midnight = parts.hour == 24 && parts.minute == 0 && parts.second == 0;
    return *parts.year >= -year_max && *parts.year <= year_max && *parts.month >= 1 &&
           *parts.month <= 12 && *parts.day >= 1 && *parts.day <= 31 && *parts.hour >= 0 &&
           (*parts.hour <= 23 || midnight) && *parts.minute >= 0 && *parts.minute <= 59 &&
           *parts.second >= 0 && *parts.second <= 60;
}

// The day of the year as a day of a month; false when the year has no such day.
bool set_day_of_year(DateParts& parts, int year_now) {
    const std::int64_t year = parts.year.value_or(year_now);
    if (year < -year_max || year > year_max) {
        return false;
    }
    const auto number = static_cast<int>(year);
    const std::int64_t first = days_from_civil(number, 1, 1);
    const std::int64_t length = days_from_civil(number + 1, 1, 1) - first;
    if (*parts.day_of_year < 1 || *parts.day_of_year > length) {
        return false;
    }
    const CivilTime civil =
        civil_from_timestamp(Timestamp{} + days(first + *parts.day_of_year - 1));
    parts.month = civil.month;
    parts.day = civil.day;
    return true;
}

// Out of the month means its neighbour's nearest day, as in Ruby, which looks in the direction of
// the offset alone.
void move_day(DateParts& parts, std::int64_t change, bool forward) {
    *parts.day += change;
    const auto length = [&] {
        return days_in_month(static_cast<int>(*parts.year), static_cast<int>(*parts.month));
    };
    if (forward && *parts.day > length()) {
        *parts.year += *parts.month == 12 ? 1 : 0;
        *parts.month = *parts.month % 12 + 1;
        *parts.day = 1;
    } else if (!forward && *parts.day < 1) {
        *parts.year -= *parts.month == 1 ? 1 : 0;
        *parts.month = *parts.month == 1 ? 12 : *parts.month - 1;
        *parts.day = length();
    }
}

// Hours and minutes beyond their range are carried over when the text has an offset, for Ruby
// moves the clock to UTC before it looks; without one they are no time.
void carry(DateParts& parts, int offset_s) {
    const auto step = [](std::optional<std::int64_t>& part, std::int64_t& change, int size) {
        if (change % size != 0) {
            *part += change % size;
            const std::int64_t floor = *part >= 0 ? *part / size : -((size - 1 - *part) / size);
            *part -= floor * size;
            change = change / size + floor;
        } else {
            change /= size;
        }
    };
    std::int64_t change = -offset_s;
    step(parts.second, change, 60);
    step(parts.minute, change, 60);
    step(parts.hour, change, 24);
    if (change == 0) {
        return;
    }
    const bool plain = *parts.month >= 1 && *parts.month <= 12 && *parts.year >= -year_max &&
                       *parts.year <= year_max;
    if (plain) {
        move_day(parts, change, offset_s < 0);
    }
}

// Pre: in_range. 31 February is 3 March, second 60 the next minute.
CivilTime normalized(const DateParts& parts) {
    const std::int64_t day =
        days_from_civil(static_cast<int>(*parts.year), static_cast<int>(*parts.month), 1) +
        *parts.day - 1;
    return civil_from_timestamp(Timestamp{} + days(day) + hours(*parts.hour) +
                                minutes(*parts.minute) + seconds(*parts.second));
}

std::optional<Moment> make_moment(DateParts parts, const Zone& zone, Timestamp now) {
    if (!parts.any()) {
        return std::nullopt;
    }
    const std::optional<int> offset = zone_offset(parts.zone);
    if (offset && std::abs(*offset) >= seconds_per_day) {
        return std::nullopt;
    }
    const Moment here = offset ? moment_at_offset(now, *offset) : moment_at(now, zone);
    if (parts.day_of_year && !set_day_of_year(parts, here.civil.year)) {
        return std::nullopt;
    }
    complete(parts, here.civil);
    if (offset) {
        carry(parts, *offset);
    }
    const bool far = parts.year < 0 || parts.year > zone_year_max;
    if (!in_range(parts) || (far && &zone != &utc_zone())) {
        return std::nullopt;
    }
    const CivilTime civil = normalized(parts);
    if (!offset) {
        Moment moment = moment_at(from_local(zone, civil), zone);
        moment.nanosecond = parts.nanosecond.value_or(0);
        return moment;
    }
    const Timestamp time = timestamp_from_civil(civil);
    Moment moment = moment_at(time, means_utc(parts.zone) ? utc_zone() : zone);
    if (moment.offset_s != *offset) {
        moment = moment_at_offset(time, *offset);
    }
    if (means_utc(parts.zone)) {
        moment.zone_name = Moment::ZoneName::Utc;
    }
    moment.nanosecond = parts.nanosecond.value_or(0);
    return moment;
}

}  // namespace

std::optional<Moment> moment_of_seconds(std::int64_t seconds_since_1970, const Zone& zone) {
    constexpr std::int64_t utc_limit = 31'000'000'000'000;  // About a million years.
    const bool utc = &zone == &utc_zone();
    const std::int64_t low = utc ? -utc_limit : time_limit_low.ms / 1000;
    const std::int64_t high = utc ? utc_limit : time_limit_high.ms / 1000;
    if (seconds_since_1970 < low || seconds_since_1970 > high) {
        return std::nullopt;
    }
    return moment_at(Timestamp{} + seconds(seconds_since_1970), zone);
}

std::optional<Moment> parse_date(std::string_view text, const Zone& zone, Timestamp now) {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (is_digits(digits)) {
        std::int64_t number = 0;
        const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
        return end.ec == std::errc{} ? moment_of_seconds(number, zone) : std::nullopt;
    }
    if (text.empty() || text.size() > date_text_bytes_max) {
        return std::nullopt;
    }
    std::string lower;
    append_lower(lower, text, "");
    return make_moment(read_date_parts(lower), zone, now);
}

}  // namespace winback::liquid
