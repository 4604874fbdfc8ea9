#include "report/measures.h"

#include <algorithm>

namespace winback::report {
namespace {

constexpr Duration year = days(365);

void add(Expectation& sum, double expected) {
    sum.customers += 1;
    sum.sum = sum.sum + micros_from_double(expected);
    sum.squares += expected * expected;
}

void merge_expectation(Expectation& into, const Expectation& from) {
    into.customers += from.customers;
    into.sum = into.sum + from.sum;
    into.squares += from.squares;
}

void count_orders(MomentTotals& moment, const Person& person, Timestamp at) {
    std::uint64_t in_year = 0;
    bool any = false;
    for (const auto& day : person.order_days) {
        if (day.first_time > at) {
            break;
        }
        any = true;
        moment.revenue = moment.revenue + day.revenue;
        in_year += day.first_time > at - year ? 1U : 0U;
    }
    moment.buyers += any ? 1U : 0U;
    moment.year_orders += in_year;
    moment.year_buyers += in_year > 0 ? 1U : 0U;
    moment.year_repeaters += in_year > 1 ? 1U : 0U;
}

void count_retention(MomentTotals& moment,
                     const Person& person,
                     Timestamp at,
                     const std::vector<std::string>& event_names) {
    if (person.first_seen > at) {
        return;
    }
    for (std::size_t i = 0; i < retention_days.size(); ++i) {
        const Duration wait = days(retention_days[i]);
        if (person.first_seen > at - wait || person.first_seen <= at - wait - year) {
            continue;
        }
        moment.by_day[i].base += 1;
        moment.by_day[i].kept +=
            person.was_seen(person.first_seen + wait, at, event_names) ? 1U : 0U;
    }
}

void count_window(WindowTotals& window, const Person& person, Timestamp after, Timestamp until) {
    for (const auto& day : person.order_days) {
        if (day.first_time > until) {
            break;
        }
        if (day.first_time > after) {
            window.orders += 1;
            window.revenue = window.revenue + day.revenue;
            window.first_orders += &day == &person.order_days.front() ? 1U : 0U;
        }
    }
}

}  // namespace

void collect(Measures& measures,
             const Person& person,
             const PassOptions& options,
             const std::vector<std::string>& event_names) {
    const auto moments = moments_of(options.now);
    for (std::size_t i = 0; i < moments.size(); ++i) {
        MomentTotals& moment = measures.moments[i];
        count_orders(moment, person, moments[i]);
        count_retention(moment, person, moments[i], event_names);
        moment.next_year = moment.next_year + micros_from_double(person.ahead[i].next_year);
        moment.value_at_risk =
            moment.value_at_risk + micros_from_double(person.ahead[i].value_at_risk);
    }
    for (std::size_t i = 0; i < period_count; ++i) {
        const Duration length = length_of(static_cast<Period>(i));
        const Timestamp since = options.now - length;
        count_window(measures.windows[i][0], person, since, options.now);
        count_window(measures.windows[i][1], person, since - length, since);
    }
    if (is_kept(person.standing.state)) {
        add(measures.kept, person.ahead[0].next_year);
    } else if (person.standing.state == CustomerState::Lapsed) {
        add(measures.lapsed, person.ahead[0].next_year);
    }
}

void merge(Measures& into, const Measures& from) {
    for (std::size_t i = 0; i < moment_count; ++i) {
        MomentTotals& sum = into.moments[i];
        const MomentTotals& part = from.moments[i];
        sum.buyers += part.buyers;
        sum.revenue = sum.revenue + part.revenue;
        sum.next_year = sum.next_year + part.next_year;
        sum.value_at_risk = sum.value_at_risk + part.value_at_risk;
        sum.year_buyers += part.year_buyers;
        sum.year_repeaters += part.year_repeaters;
        sum.year_orders += part.year_orders;
        for (std::size_t d = 0; d < retention_days.size(); ++d) {
            sum.by_day[d].base += part.by_day[d].base;
            sum.by_day[d].kept += part.by_day[d].kept;
        }
    }
    for (std::size_t i = 0; i < period_count; ++i) {
        for (std::size_t w = 0; w < 2; ++w) {
            WindowTotals& sum = into.windows[i][w];
            sum.orders += from.windows[i][w].orders;
            sum.revenue = sum.revenue + from.windows[i][w].revenue;
            sum.first_orders += from.windows[i][w].first_orders;
        }
    }
    merge_expectation(into.kept, from.kept);
    merge_expectation(into.lapsed, from.lapsed);
}

}  // namespace winback::report
