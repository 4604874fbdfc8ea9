#include "report/cohorts.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/check.h"
#include "base/civil.h"

namespace winback::report {
namespace {

// From the first day of the week that 1 January 1970, a Thursday, is in until that day.
int days_before_epoch(int first_weekday) {
    WINBACK_CHECK(first_weekday >= 0 && first_weekday <= 6);
    return (weekday_from_days(0) - first_weekday + 7) % 7;
}

struct Visit {
    CalendarPlace place;
    Micros revenue;
};

// Adds one customer, whose visits are in order of time, to the cohort of `first`.
void add(std::map<int, Cohort>& table,
         int CalendarPlace::*unit,
         int first,
         int current,
         const std::vector<Visit>& visits) {
    if (first > current || first <= current - cohorts_max) {
        return;
    }
    Cohort& cohort = table[first];
    ++cohort.customers;
    int last_counted = -1;
    for (const Visit& visit : visits) {
        const int offset = visit.place.*unit - first;
        if (offset < 0 || first + offset > current) {
            continue;
        }
        const auto slot = static_cast<std::size_t>(offset);
        if (cohort.cells.size() <= slot) {
            cohort.cells.resize(slot + 1);
        }
        CohortCell& cell = cohort.cells[slot];
        cell.customers += offset == last_counted ? 0U : 1U;
        cell.revenue = cell.revenue + visit.revenue;
        last_counted = offset;
    }
}

std::vector<Visit> visits_of(const Person& person,
                             const PassOptions& options,
                             const Zone& zone,
                             const std::vector<std::string>& event_names) {
    std::vector<Visit> visits;
    if (!options.by_seen) {
        for (const auto& day : person.order_days) {
            visits.push_back({place_of(zone, day.first_time, options.first_weekday), day.revenue});
        }
        return visits;
    }
    std::vector<Timestamp> times;
    for (const std::string& name : event_names) {
        const std::vector<Timestamp> more = person.customers().event_times(person.index, name);
        times.insert(times.end(), more.begin(), more.end());
    }
    std::sort(times.begin(), times.end());
    for (const Timestamp time : times) {
        visits.push_back({place_of(zone, time, options.first_weekday), {}});
    }
    return visits;
}

void merge_table(std::map<int, Cohort>& into, const std::map<int, Cohort>& from) {
    for (const auto& [key, cohort] : from) {
        Cohort& sum = into[key];
        sum.customers += cohort.customers;
        sum.cells.resize(std::max(sum.cells.size(), cohort.cells.size()));
        for (std::size_t i = 0; i < cohort.cells.size(); ++i) {
            sum.cells[i].customers += cohort.cells[i].customers;
            sum.cells[i].revenue = sum.cells[i].revenue + cohort.cells[i].revenue;
        }
    }
}

std::string day_name(const CivilTime& civil) {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    return text.data();
}

template <typename NameOf>
ValueList table_value(const std::map<int, Cohort>& table, int current, NameOf name_of) {
    ValueList list;
    for (const auto& [key, cohort] : table) {
        ValueMap map;
        map.set("from", name_of(key));
        map.set("customers", static_cast<std::int64_t>(cohort.customers));
        ValueList cells;
        for (int i = 0; i <= current - key; ++i) {
            const auto slot = static_cast<std::size_t>(i);
            const CohortCell cell = slot < cohort.cells.size() ? cohort.cells[slot] : CohortCell{};
            ValueMap one;
            one.set("customers", static_cast<std::int64_t>(cell.customers));
            one.set("revenue", to_double(cell.revenue));
            cells.emplace_back(std::move(one));
        }
        map.set("cells", std::move(cells));
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace

CalendarPlace place_of(const Zone& zone, Timestamp time, int first_weekday) {
    const CivilTime civil = local_time(zone, time).civil;
    const std::int64_t day = days_from_civil(civil.year, civil.month, civil.day);
    const std::int64_t since = day + days_before_epoch(first_weekday);
    return {.week = static_cast<int>(since >= 0 ? since / 7 : (since - 6) / 7),
            .month = civil.year * 12 + civil.month - 1};
}

void collect(Cohorts& cohorts,
             const Person& person,
             const PassOptions& options,
             const Zone& zone,
             const std::vector<std::string>& event_names) {
    const bool never_began =
        options.by_seen ? person.first_seen > options.now : person.order_days.empty();
    if (never_began) {
        return;
    }
    const Timestamp began =
        options.by_seen ? person.first_seen : person.order_days.front().first_time;
    const CalendarPlace first = place_of(zone, began, options.first_weekday);
    const CalendarPlace current = place_of(zone, options.now, options.first_weekday);
    if (first.month <= current.month - cohorts_max) {
        return;  // Too old for both tables.
    }
    const std::vector<Visit> visits = visits_of(person, options, zone, event_names);
    add(cohorts.weeks, &CalendarPlace::week, first.week, current.week, visits);
    add(cohorts.months, &CalendarPlace::month, first.month, current.month, visits);
}

void merge(Cohorts& into, const Cohorts& from) {
    merge_table(into.weeks, from.weeks);
    merge_table(into.months, from.months);
}

std::optional<int> payback_month(const Cohorts& cohorts, int current_month, Micros cost) {
    double brought = 0;  // By one customer, on average.
    for (int month = 0; month < cohorts_max; ++month) {
        std::uint64_t customers = 0;
        Micros revenue;
        for (const auto& [first, cohort] : cohorts.months) {
            if (first + month >= current_month) {
                continue;
            }
            customers += cohort.customers;
            const auto slot = static_cast<std::size_t>(month);
            revenue =
                revenue + (slot < cohort.cells.size() ? cohort.cells[slot].revenue : Micros{});
        }
        if (customers == 0) {
            return std::nullopt;
        }
        brought += to_double(revenue) / static_cast<double>(customers);
        if (brought >= to_double(cost)) {
            return month;
        }
    }
    return std::nullopt;
}

ValueList weeks_value(const Cohorts& cohorts, const CalendarPlace& current, int first_weekday) {
    return table_value(cohorts.weeks, current.week, [first_weekday](int week) {
        const std::int64_t day = std::int64_t{week} * 7 - days_before_epoch(first_weekday);
        return day_name(civil_from_timestamp({days(day).ms}));
    });
}

ValueList months_value(const Cohorts& cohorts, const CalendarPlace& current) {
    return table_value(cohorts.months, current.month, [](int month) {
        return day_name({.year = month / 12, .month = month % 12 + 1, .day = 1});
    });
}

}  // namespace winback::report
