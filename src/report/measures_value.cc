// The measures as a tree, and what they are computed from the totals by.
#include <algorithm>
#include <cmath>

#include "report/measures.h"

namespace winback::report {
namespace {

constexpr double z_95 = 1.959964;

using Ratio = std::optional<double>;

Ratio divide(double part, double whole) {
    return whole > 0 ? Ratio(part / whole) : std::nullopt;
}

Ratio divide(std::uint64_t part, std::uint64_t whole) {
    return divide(static_cast<double>(part), static_cast<double>(whole));
}

Ratio divide(Micros part, std::uint64_t whole) {
    return divide(to_double(part), static_cast<double>(whole));
}

Value value_of(const Ratio& ratio) {
    return ratio.has_value() ? Value(*ratio) : Value();
}

struct Measure {
    std::string id;
    std::string_view kind;
    Ratio value;
    Ratio before;
    std::uint64_t of = 0;  // The customers or orders that it is divided by.
};

void add(ValueList& list, const Measure& measure) {
    ValueMap map;
    map.set("id", measure.id);
    map.set("kind", measure.kind);
    map.set("value", value_of(measure.value));
    map.set("before", value_of(measure.before));
    map.set("of", static_cast<std::int64_t>(measure.of));
    list.emplace_back(std::move(map));
}

Ratio complement(const Ratio& ratio) {
    return ratio.has_value() ? Ratio(1 - *ratio) : std::nullopt;
}

Ratio lifetime(const MomentTotals& moment) {
    return divide(moment.revenue + moment.next_year, moment.buyers);
}

Ratio to_cost(const Ratio& value, Micros cost) {
    return value.has_value() ? divide(*value, to_double(cost)) : std::nullopt;
}

void add_orders(ValueList& list,
                const MomentTotals& now,
                const MomentTotals& then,
                const std::array<WindowTotals, 2>& windows) {
    add(list, {"repeat_rate", "share", divide(now.year_repeaters, now.year_buyers),
               divide(then.year_repeaters, then.year_buyers), now.year_buyers});
    add(list, {"frequency", "number", divide(now.year_orders, now.year_buyers),
               divide(then.year_orders, then.year_buyers), now.year_buyers});
    add(list, {"order_value", "money", divide(windows[0].revenue, windows[0].orders),
               divide(windows[1].revenue, windows[1].orders), windows[0].orders});
    add(list, {"lifetime_so_far", "money", divide(now.revenue, now.buyers),
               divide(then.revenue, then.buyers), now.buyers});
}

void add_cost(ValueList& list,
              const MomentTotals& now,
              const MomentTotals& then,
              const MeasureContext& context) {
    if (!context.acquisition_cost.has_value()) {
        return;
    }
    const Micros cost = *context.acquisition_cost;
    const bool forecast = context.has_models;
    const Ratio value = forecast ? lifetime(now) : divide(now.revenue, now.buyers);
    const Ratio before = forecast ? lifetime(then) : divide(then.revenue, then.buyers);
    add(list, {"value_to_cost", "number", to_cost(value, cost), to_cost(before, cost), now.buyers});
    const Ratio payback = context.payback_month.has_value()
                              ? Ratio(static_cast<double>(*context.payback_month + 1))
                              : std::nullopt;
    add(list, {"payback", "months", payback, std::nullopt, now.buyers});
}

ValueMap worth_value(const Worth& worth) {
    ValueMap map;
    map.set("customers", worth.customers);
    map.set("amount", worth.amount);
    map.set("low", worth.low);
    map.set("high", worth.high);
    return map;
}

// Variance of the mean.
double mean_variance(const Expectation& group, double mean) {
    const auto n = static_cast<double>(group.customers);
    return n > 1 ? std::max(group.squares / n - mean * mean, 0.0) / (n - 1) : 0;
}

}  // namespace

std::optional<Worth> worth_of_retention(const Kept& kept, const Measures& measures) {
    const Expectation& stay = measures.kept;
    const Expectation& go = measures.lapsed;
    if (kept.base == 0 || kept.kept == 0 || stay.customers == 0 || go.customers == 0 ||
        stay.sum.value == 0) {
        return std::nullopt;
    }
    const auto base = static_cast<double>(kept.base);
    const double rate = static_cast<double>(kept.kept) / base;
    const double gain = std::min(1.0, rate * (1 + retention_gain)) - rate;
    const double stay_mean = to_double(stay.sum) / static_cast<double>(stay.customers);
    const double go_mean = to_double(go.sum) / static_cast<double>(go.customers);
    const double difference = stay_mean - go_mean;
    // Delta method: the product of two independent estimates.
    const bool capped = rate * (1 + retention_gain) >= 1;
    const double gain_slope = capped ? -1 : retention_gain;
    const double rate_variance = rate * (1 - rate) / base;
    const double variance =
        difference * difference * gain_slope * gain_slope * rate_variance +
        gain * gain * (mean_variance(stay, stay_mean) + mean_variance(go, go_mean));
    Worth worth{.customers = base * gain, .amount = base * gain * difference};
    const double half = z_95 * base * std::sqrt(variance);
    worth.low = worth.amount - half;
    worth.high = worth.amount + half;
    return worth;
}

ValueMap to_value(const Measures& measures, const Flows& flows, const MeasureContext& context) {
    ValueMap all;
    const MomentTotals& now = measures.moments[0];
    for (std::size_t i = 0; i < period_count; ++i) {
        const MomentTotals& then = measures.moments[i + 1];
        const Ratio kept = divide(flows[i].now.kept, flows[i].now.base);
        const Ratio kept_before = divide(flows[i].before.kept, flows[i].before.base);
        ValueList list;
        add(list, {"retention", "share", kept, kept_before, flows[i].now.base});
        add(list, {"churn", "share", complement(kept), complement(kept_before), flows[i].now.base});
        add_orders(list, now, then, measures.windows[i]);
        if (context.has_models) {
            add(list, {"lifetime", "money", lifetime(now), lifetime(then), now.buyers});
        }
        add_cost(list, now, then, context);
        for (std::size_t d = 0; d < retention_days.size(); ++d) {
            add(list, {"day_" + std::to_string(retention_days[d]), "share",
                       divide(now.by_day[d].kept, now.by_day[d].base),
                       divide(then.by_day[d].kept, then.by_day[d].base), now.by_day[d].base});
        }
        ValueMap period;
        period.set("list", std::move(list));
        const std::optional<Worth> worth =
            context.has_models ? worth_of_retention(flows[i].now, measures) : std::nullopt;
        period.set("worth", worth.has_value() ? Value(worth_value(*worth)) : Value());
        period.set("value_at_risk_before", to_double(then.value_at_risk));
        period.set("first_orders", static_cast<std::int64_t>(measures.windows[i][0].first_orders));
        period.set("first_orders_before",
                   static_cast<std::int64_t>(measures.windows[i][1].first_orders));
        all.set(std::string(period_names[i]), std::move(period));
    }
    return all;
}

}  // namespace winback::report
