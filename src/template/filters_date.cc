// Filters on dates.
#include "base/strings.h"
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

// What is not a date, and a date without a format, stays as it is.
Datum date(FilterInput& in) {
    const std::string_view format = in.arg_text(0);
    if (format.empty()) {
        return in.value;
    }
    const std::optional<Moment> moment = moment_of(in.value, in.zone, in.options.now);
    if (!moment) {
        return in.value;
    }
    DateStyle style;
    style.names = &calendar_names(in.options.locale);
    style.locale = in.options.locale;
    return append_strftime(in.buffer, format, *moment, style)
               ? in.keep(in.buffer)
               : in.fail("invalid format: " + std::string(format));
}

// The same moment on the wall clock of another zone, as text with its offset, which `date` keeps:
// {{ order.time | time_zone: 'America/New_York' | date: '%H:%M' }}
Datum time_zone(FilterInput& in) {
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
    {"date", date, 1, 1},
    {"time_zone", time_zone, 1, 1},
};

}  // namespace

std::span<const FilterSpec> date_filters() {
    return table;
}

}  // namespace winback::liquid
