// The overview as a tree of values: one form for the pages, the API and the printed report.
#include <array>
#include <string_view>

#include "report/overview.h"

namespace winback::report {
namespace {

double days_of(Duration duration) {
    return static_cast<double>(duration.ms) / static_cast<double>(days(1).ms);
}

ValueMap counts_value(const std::map<std::string, std::uint64_t>& counts) {
    ValueMap map;
    for (const auto& [key, count] : counts) {
        map.set(key, static_cast<std::int64_t>(count));
    }
    return map;
}

ValueMap states_value(const Totals& totals) {
    ValueMap states;
    for (std::size_t i = 0; i < totals.states.size(); ++i) {
        const StateTotals& state = totals.states[i];
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(state.customers));
        map.set("revenue", to_double(state.revenue));
        map.set("value_at_risk", to_double(state.value_at_risk));
        states.set(std::string(customer_state_name(static_cast<CustomerState>(i))), std::move(map));
    }
    return states;
}

ValueMap cohorts_value(const Totals& totals, const Zone& zone, const PassOptions& options) {
    constexpr std::array<std::string_view, 7> weekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
    const CalendarPlace current = place_of(zone, options.now, options.first_weekday);
    ValueMap map;
    map.set("by", options.by_seen ? "first_seen" : "first_order");
    map.set("week_begins", weekdays.at(static_cast<std::size_t>(options.first_weekday)));
    map.set("week", weeks_value(totals.cohorts, current, options.first_weekday));
    map.set("month", months_value(totals.cohorts, current));
    return map;
}

MeasureContext context_of(const Totals& totals,
                          const engine::Definitions* definitions,
                          bool has_models,
                          int current_month) {
    MeasureContext context{.has_models = has_models, .acquisition_cost = {}, .payback_month = {}};
    if (definitions != nullptr && definitions->workspace.acquisition_cost.has_value()) {
        context.acquisition_cost = definitions->workspace.acquisition_cost;
        context.payback_month =
            payback_month(totals.cohorts, current_month, *context.acquisition_cost);
    }
    return context;
}

ValueMap arm_value(const experiment::Arm& arm, Micros revenue) {
    ValueMap map;
    map.set("customers", static_cast<std::int64_t>(arm.customers));
    map.set("returned", static_cast<std::int64_t>(arm.returned));
    map.set("revenue", to_double(revenue));
    return map;
}

ValueMap lift_value(const experiment::Lift& lift) {
    ValueMap map;
    map.set("assigned_rate", lift.assigned_rate);
    map.set("holdout_rate", lift.holdout_rate);
    map.set("difference", lift.difference);
    map.set("low", lift.low);
    map.set("high", lift.high);
    map.set("smallest_effect", lift.smallest_effect);
    map.set("split_p", lift.split_p);
    map.set("meaningful", lift.meaningful);
    map.set("covers_zero", lift.low <= 0 && lift.high >= 0);
    return map;
}

ValueList journeys_value(const Totals& totals, const engine::Definitions* definitions) {
    ValueList list;
    for (const auto& [id, journey] : totals.journeys) {
        const journey::Journey* definition =
            definitions == nullptr ? nullptr : definitions->journey(id);
        const double share = definition == nullptr ? 0.1 : definition->holdout;
        ValueMap map;
        map.set("id", id);
        add_name(map, id, definition);
        map.set("holdout_share", share);
        map.set("assigned", arm_value(journey.assigned, journey.assigned_revenue));
        map.set("holdout", arm_value(journey.holdout, journey.holdout_revenue));
        map.set("control", static_cast<std::int64_t>(journey.control));
        map.set("waiting", static_cast<std::int64_t>(journey.waiting));
        map.set("messages", counts_value(journey.messages));
        map.set("lift", lift_value(experiment::lift_of(journey.assigned, journey.holdout, share)));
        list.emplace_back(std::move(map));
    }
    return list;
}

ValueList top_value(const Totals& totals) {
    ValueList list;
    for (const TopCustomer& top : totals.top) {
        ValueMap map;
        map.set("id", top.id);
        map.set("silent_days", days_of(top.silent));
        map.set("usual_gap_days", days_of(top.usual_gap));
        map.set("own_gap", top.own_gap);
        map.set("p_order", top.p_order);
        map.set("value_at_risk", top.value_at_risk);
        map.set("orders", std::int64_t{top.orders});
        map.set("revenue", to_double(top.revenue));
        ValueList segments;
        for (const std::string& segment : top.segments) {
            segments.emplace_back(segment);
        }
        map.set("segments", std::move(segments));
        list.emplace_back(std::move(map));
    }
    return list;
}

ValueList segments_value(const Totals& totals, const engine::Definitions* definitions) {
    ValueList list;
    for (const auto& [id, count] : totals.segments) {
        const segment::Segment* definition =
            definitions == nullptr ? nullptr : definitions->segment(id);
        ValueMap map;
        map.set("id", id);
        add_names(map, id, definition);
        map.set("customers", static_cast<std::int64_t>(count));
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace

ValueMap overview_value(const Totals& totals,
                        const engine::Definitions* definitions,
                        const std::optional<model::FittedModels>& models,
                        const PassOptions& options) {
    std::uint64_t customers = 0;
    Micros value_at_risk;
    for (const StateTotals& state : totals.states) {
        customers += state.customers;
        value_at_risk = value_at_risk + state.value_at_risk;
    }
    const Zone& zone = definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
    const MeasureContext context =
        context_of(totals, definitions, models.has_value(),
                   place_of(zone, options.now, options.first_weekday).month);
    ValueMap map;
    map.set("now", options.now);
    map.set("workspace", definitions == nullptr ? "" : definitions->workspace.name);
    map.set("currency", definitions == nullptr ? totals.currency : definitions->workspace.currency);
    map.set("customers", static_cast<std::int64_t>(customers));
    map.set("other_currency", static_cast<std::int64_t>(totals.other_currency));
    map.set("orders", static_cast<std::int64_t>(totals.orders));
    map.set("repeat_customers", static_cast<std::int64_t>(totals.repeat_customers));
    map.set("revenue", to_double(totals.revenue));
    map.set("value_at_risk", to_double(value_at_risk));
    map.set("shop_gap_days", days_of(options.shop_gap));
    map.set("acquisition_cost", context.acquisition_cost.has_value()
                                    ? Value(to_double(*context.acquisition_cost))
                                    : Value());
    map.set("states", states_value(totals));
    map.set("flows", to_value(totals.flows, options.now));
    map.set("measures", to_value(totals.measures, totals.flows, context));
    map.set("cohorts", cohorts_value(totals, zone, options));
    map.set("segments", segments_value(totals, definitions));
    map.set("journeys", journeys_value(totals, definitions));
    map.set("messages", counts_value(totals.messages));
    map.set("worth_winning_back", top_value(totals));
    map.set("models", models.has_value() ? model::to_value(*models) : Value{});
    return map;
}

}  // namespace winback::report
