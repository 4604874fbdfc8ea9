#include <algorithm>
#include <array>
#include <cmath>

#include "api/access.h"
#include "host/host.h"
#include "ui/charts.h"
#include "ui/page_data.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

constexpr std::array<std::string_view, 6> states{"new",     "active", "returned",
                                                 "at_risk", "lapsed", "no_order"};
constexpr std::array<std::string_view, 6> state_classes{"s-new",     "s-active", "s-returned",
                                                        "s-at-risk", "s-lapsed", "s-no-order"};
constexpr int heat_levels = 8;

double number_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? 0 : value->number_or(0);
}

const ValueMap& map_at(const ValueMap& map, std::string_view key) {
    static const ValueMap none;
    const Value* value = map.find(key);
    return value == nullptr || value->as_map() == nullptr ? none : *value->as_map();
}

ValueList list_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_list() == nullptr ? ValueList() : *value->as_list();
}

double share_of(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

void add_states(const ValueMap& tree, ValueMap& data) {
    const double customers = number_at(tree, "customers");
    std::array<BarPart, states.size()> parts;
    ValueList list;
    std::string label = "Customers by state:";
    for (std::size_t i = 0; i < states.size(); ++i) {
        ValueMap state = map_at(map_at(tree, "states"), states[i]);
        const double count = number_at(state, "customers");
        parts[i] = {state_classes[i], count};
        state.set("id", states[i]);
        state.set("share", share_of(count, customers));
        label += " " + std::string(states[i]) + " " + std::to_string(std::llround(count));
        list.emplace_back(std::move(state));
    }
    std::replace(label.begin(), label.end(), '_', ' ');
    const ValueMap& known = map_at(tree, "states");
    data.set("value_leaving", number_at(map_at(known, "at_risk"), "value_at_risk") +
                                  number_at(map_at(known, "lapsed"), "value_at_risk"));
    data.set("state_list", std::move(list));
    data.set("state_chart", stacked_bar(parts, label));
}

// Each cell with its share and how dark it is; the first month is the whole cohort.
void add_cohorts(const ValueMap& tree, ValueMap& data) {
    ValueList rows;
    std::size_t columns = 0;
    for (const Value& value : list_at(tree, "cohorts")) {
        const ValueMap& cohort = *value.as_map();
        const double customers = number_at(cohort, "customers");
        const ValueList active = list_at(cohort, "active");
        ValueList cells;
        for (std::size_t i = 1; i < active.size(); ++i) {
            const double share = share_of(active[i].number_or(0), customers);
            ValueMap cell;
            cell.set("share", share);
            cell.set("count", active[i]);
            // Darkest from one half: more is rare, and differences below it matter.
            cell.set("level", static_cast<int>(std::clamp(std::ceil(share * 2 * heat_levels), 0.0,
                                                          double{heat_levels})));
            cells.emplace_back(std::move(cell));
        }
        columns = std::max(columns, cells.size());
        ValueMap row = cohort;
        row.set("cells", std::move(cells));
        rows.emplace_back(std::move(row));
    }
    data.set("cohort_rows", std::move(rows));
    data.set("cohort_columns", static_cast<std::int64_t>(columns));
}

void add_top(const ValueMap& tree, ValueMap& data) {
    ValueList list = list_at(tree, "worth_winning_back");
    double most = 0;
    for (const Value& customer : list) {
        most = std::max(most, number_at(*customer.as_map(), "value_at_risk"));
    }
    for (Value& customer : list) {
        const double share = share_of(number_at(*customer.as_map(), "value_at_risk"), most);
        customer.as_map()->set("bar", share_bar(share));
    }
    data.set("top", std::move(list));
}

void add_segments(const ValueMap& tree, ValueMap& data) {
    ValueList list = list_at(tree, "segments");
    const double customers = number_at(tree, "customers");
    for (Value& segment : list) {
        const double share = share_of(number_at(*segment.as_map(), "customers"), customers);
        segment.as_map()->set("share", share);
        segment.as_map()->set("bar", share_bar(share));
    }
    std::stable_sort(list.begin(), list.end(), [](const Value& a, const Value& b) {
        return number_at(*a.as_map(), "customers") > number_at(*b.as_map(), "customers");
    });
    data.set("segment_list", std::move(list));
}

// All journeys on one scale, so that their intervals can be compared.
void add_journeys(const ValueMap& tree, ValueMap& data) {
    ValueList list = list_at(tree, "journeys");
    double reach = 0.02;
    for (const Value& journey : list) {
        const ValueMap& lift = map_at(*journey.as_map(), "lift");
        reach =
            std::max({reach, std::abs(number_at(lift, "low")), std::abs(number_at(lift, "high"))});
    }
    reach = std::min(reach * 1.05, 1.0);
    std::int64_t enrolled = 0;
    for (Value& value : list) {
        ValueMap& journey = *value.as_map();
        const ValueMap lift = map_at(journey, "lift");
        const Interval interval{number_at(lift, "low"), number_at(lift, "difference"),
                                number_at(lift, "high")};
        journey.set("chart", interval_chart(interval, reach, ""));
        enrolled += std::llround(number_at(map_at(journey, "assigned"), "customers") +
                                 number_at(map_at(journey, "holdout"), "customers"));
    }
    data.set("journey_list", std::move(list));
    data.set("journey_reach", reach);
    data.set("enrolled", enrolled);
}

void add_messages(const ValueMap& tree, ValueMap& data) {
    const ValueMap& counts = map_at(tree, "messages");
    ValueMap by_state;
    std::int64_t refused = 0;
    std::int64_t all = 0;
    for (const auto& [key, count] : counts) {
        const std::int64_t n = std::llround(count.number_or(0));
        all += n;
        if (key.starts_with("refused")) {
            refused += n;
        } else {
            by_state.set(key, n);
        }
    }
    if (refused > 0) {
        by_state.set("refused", refused);
    }
    data.set("message_states", counts_list(by_state, ""));
    data.set("refusals", counts_list(counts, "refused: "));
    data.set("messages_decided", all);
    data.set("messages_refused", refused);
}

}  // namespace

ValueList counts_list(const ValueMap& counts, std::string_view prefix) {
    ValueList list;
    double total = 0;
    for (const auto& [key, count] : counts) {
        if (key.starts_with(prefix)) {
            ValueMap entry;
            entry.set("name", key.substr(prefix.size()));
            entry.set("count", count);
            total += count.number_or(0);
            list.emplace_back(std::move(entry));
        }
    }
    for (Value& entry : list) {
        const double share = share_of(number_at(*entry.as_map(), "count"), total);
        entry.as_map()->set("share", share);
        entry.as_map()->set("bar", share_bar(share));
    }
    std::stable_sort(list.begin(), list.end(), [](const Value& a, const Value& b) {
        return number_at(*a.as_map(), "count") > number_at(*b.as_map(), "count");
    });
    return list;
}

ValueMap overview_data(api::Desk& desk) {
    const api::OverviewPtr overview = desk.overview();
    const ValueMap& tree = overview->tree;
    ValueMap data = tree;
    add_states(tree, data);
    add_cohorts(tree, data);
    add_top(tree, data);
    add_segments(tree, data);
    add_journeys(tree, data);
    add_messages(tree, data);
    data.set("repeat_share",
             share_of(number_at(tree, "repeat_customers"), number_at(tree, "customers")));
    return data;
}

http::Response overview_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "overview.title");
    frame.active = "overview";
    ValueMap data = overview_data(desk);
    if (!api::may(request, desk.host().keys(), "personal")) {
        data.set("top", ValueList{});  // It names customers.
    }
    return pages.render(200, "overview", frame, data);
}

}  // namespace winback::ui
