#include "ui/cohort_links.h"

#include "base/civil.h"
#include "base/time.h"
#include "event/names.h"
#include "http/url.h"

namespace winback::ui {
namespace {

// Local midnight at which the k-th week or month after `day` begins.
Timestamp begin_of(const CivilTime& day, std::string_view unit, int k, const Zone& zone) {
    if (unit == "week") {
        const std::int64_t number = days_from_civil(day.year, day.month, day.day) + 7 * k;
        const CivilTime first = civil_from_timestamp({days(number).ms});
        return from_local(zone, {.year = first.year, .month = first.month, .day = first.day});
    }
    const int month = day.year * 12 + day.month - 1 + k;
    return from_local(zone, {.year = month / 12, .month = month % 12 + 1, .day = 1});
}

std::string moment(Timestamp time) {
    return "timestamp(\"" + format_iso8601(time) + "\")";
}

}  // namespace

std::string cohort_address(const CohortRow& row, int period, const Zone& zone) {
    const auto from = parse_iso8601(row.from);
    if (!from) {
        return {};
    }
    const CivilTime day = civil_from_timestamp(*from);
    const auto begin = [&](int k) { return moment(begin_of(day, row.unit, k, zone)); };
    const bool by_order = row.by == "first_order";
    const std::string events =
        by_order ? "ev(\"" + std::string(event::order_completed) + "\")" : "ev(\"*\")";
    const std::string first = by_order ? events + ".first_time()" : "user.first_seen";
    std::string where = first + " >= " + begin(0) + " && " + first + " < " + begin(1);
    if (period >= 0) {
        where +=
            " && " + events + ".between(" + begin(period) + ", " + begin(period + 1) + ").any()";
    }
    return "/customers?where=" + http::percent_encode(where);
}

}  // namespace winback::ui
