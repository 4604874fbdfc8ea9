// Filters on dates.
#include "base/strings.h"
#include "template/calendar.h"
#include "template/filters.h"
#include "template/strftime.h"

namespace winback::liquid {
namespace {

std::optional<Moment> moment_of(const Datum& datum, const Zone& zone, Timestamp now) {
    if (datum.is(Datum::Kind::Time)) {
        return moment_at(datum.as_time(), zone);
    }
    if (datum.is(Datum::Kind::Int)) {
        return moment_of_seconds(datum.as_int(), zone);
    }
    if (!datum.is(Datum::Kind::Text)) {
        return std::nullopt;
    }
    const std::string_view text = datum.as_text();
    const bool now_word = equals_ignoring_case(text, "now") || equals_ignoring_case(text, "today");
    return now_word ? moment_at(now, zone) : parse_date(text, zone, now);
}

// 'short', 'medium', 'long' and 'full' are dates as the language writes them. Plain English, in
// which templates of others are judged, has the formats of Ruby alone.
std::optional<DateLength> named_length(const FilterInput& in, std::string_view format) {
    return in.options.locale == "en" ? std::nullopt : date_length_named(format);
}

constexpr std::size_t format_bytes_max = 16 * 1024;  // Six bytes of it may print a thousand.

// Reading and writing a date takes as long as this many plain filters.
constexpr std::int64_t date_steps = 8;

// What is not a date, and a date without a format, stays as it is.
Datum date(FilterInput& in) {
    in.meter.spend(date_steps);
    const std::string_view format = in.arg_text(0);
    const Datum wanted = in.keyword("calendar");
    Calendar calendar = calendar_of(in.options.locale);
    if (!wanted.is_nil()) {
        const std::optional<Calendar> named = calendar_named(in.text(wanted));
        if (!named) {
            return in.fail("there is no calendar '" + std::string(in.text(wanted)) +
                           "'; there are gregorian, persian and islamic");
        }
        calendar = *named;
    }
    if (format.empty()) {
        return in.value;
    }
    if (format.size() > format_bytes_max) {
        return in.fail("the format of the date is too long");
    }
    const std::optional<Moment> moment = moment_of(in.value, in.zone, in.options.now);
    if (!moment) {
        return in.value;
    }
    if (const std::optional<DateLength> length = named_length(in, format)) {
        return in.keep(format_date(in.options.locale, calendar, *length, moment->civil));
    }
    const DateStyle style = date_style(in.options.locale, calendar, moment->civil);
    return append_strftime(in.buffer, format, *moment, style)
               ? in.keep(in.buffer)
               : in.fail("invalid format: " + std::string(format));
}

// The same moment on the wall clock of another zone, as text with its offset, which `date` keeps:
// {{ order.time | time_zone: 'America/New_York' | date: '%H:%M' }}
Datum time_zone(FilterInput& in) {
    in.meter.spend(date_steps);
    const Result<const Zone*> zone = find_zone(in.arg_text(0));
    if (!zone) {
        return in.fail("there is no time zone '" + std::string(in.arg_text(0)) + "'");
    }
    const std::optional<Moment> moment = moment_of(in.value, in.zone, in.options.now);
    if (!moment) {
        return in.value;
    }
    append_strftime(in.buffer, "%Y-%m-%d %H:%M:%S %z", moment->time, **zone);
    return in.keep(in.buffer);
}

constexpr FilterSpec table[] = {
    {"date", date, 1, 1, {"calendar"}},
    {"time_zone", time_zone, 1, 1},
};

}  // namespace

std::span<const FilterSpec> date_filters() {
    return table;
}

}  // namespace winback::liquid
