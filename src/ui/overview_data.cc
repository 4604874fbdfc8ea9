#include <algorithm>
#include <array>
#include <cmath>

#include "ui/charts.h"
#include "ui/overview.h"
#include "ui/page_data.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

void add_states(const ValueMap& tree, ValueMap& data) {
    const ValueMap& known = map_at(tree, "states");
    double current = 0;
    for (const std::string_view state : {"new", "active", "returned"}) {
        current += number_at(map_at(known, state), "customers");
    }
    data.set("current", whole(current));
    data.set("value_leaving", number_at(map_at(known, "at_risk"), "value_at_risk") +
                                  number_at(map_at(known, "lapsed"), "value_at_risk"));
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
        enrolled += whole(number_at(map_at(journey, "assigned"), "customers") +
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
        const std::int64_t n = whole(count.number_or(0));
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

ValueMap overview_data(const ValueMap& tree) {
    ValueMap data = tree;
    add_states(tree, data);
    add_top(tree, data);
    add_segments(tree, data);
    add_journeys(tree, data);
    add_messages(tree, data);
    return data;
}

}  // namespace winback::ui
