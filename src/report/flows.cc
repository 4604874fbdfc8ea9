#include "report/flows.h"

namespace winback::report {
namespace {

void add(Kept& sum, CustomerState from, CustomerState to) {
    if (is_kept(from)) {
        sum.base += 1;
        sum.kept += is_kept(to) ? 1U : 0U;
    }
}

void merge_kept(Kept& into, const Kept& from) {
    into.base += from.base;
    into.kept += from.kept;
}

void merge_cell(FlowCell& into, const FlowCell& from) {
    into.customers += from.customers;
    into.revenue = into.revenue + from.revenue;
    into.value_at_risk = into.value_at_risk + from.value_at_risk;
}

}  // namespace

void collect(Flows& flows, const Person& person, const PassOptions& options) {
    const auto state_at = [&](Timestamp at) {
        return standing_at(person.order_days, person.first_seen, options.shop_gap, at).state;
    };
    Micros revenue;
    for (const auto& day : person.order_days) {
        revenue = revenue + day.revenue;
    }
    const Micros at_risk = micros_from_double(person.ahead[0].value_at_risk);
    const CustomerState now = person.standing.state;
    for (std::size_t i = 0; i < period_count; ++i) {
        const Duration length = length_of(static_cast<Period>(i));
        const Timestamp since = options.now - length;
        const CustomerState then = state_at(since);
        FlowCell& cell =
            flows[i].cells[static_cast<std::size_t>(then)][static_cast<std::size_t>(now)];
        merge_cell(cell, {.customers = 1, .revenue = revenue, .value_at_risk = at_risk});
        add(flows[i].now, then, now);
        add(flows[i].before, state_at(since - length), then);
    }
}

void merge(Flows& into, const Flows& from) {
    for (std::size_t i = 0; i < period_count; ++i) {
        for (std::size_t then = 0; then < past_state_count; ++then) {
            for (std::size_t now = 0; now < customer_state_count; ++now) {
                merge_cell(into[i].cells[then][now], from[i].cells[then][now]);
            }
        }
        merge_kept(into[i].now, from[i].now);
        merge_kept(into[i].before, from[i].before);
    }
}

ValueMap to_value(const Flows& flows, Timestamp now) {
    ValueMap all;
    for (std::size_t i = 0; i < period_count; ++i) {
        ValueList cells;
        for (std::size_t then = 0; then < past_state_count; ++then) {
            for (std::size_t to = 0; to < customer_state_count; ++to) {
                const FlowCell& cell = flows[i].cells[then][to];
                if (cell.customers == 0) {
                    continue;
                }
                ValueMap map;
                map.set("from", customer_state_name(static_cast<CustomerState>(then)));
                map.set("to", customer_state_name(static_cast<CustomerState>(to)));
                map.set("customers", static_cast<std::int64_t>(cell.customers));
                map.set("revenue", to_double(cell.revenue));
                map.set("value_at_risk", to_double(cell.value_at_risk));
                cells.emplace_back(std::move(map));
            }
        }
        ValueMap flow;
        flow.set("since", now - length_of(static_cast<Period>(i)));
        flow.set("cells", std::move(cells));
        all.set(std::string(period_names[i]), std::move(flow));
    }
    return all;
}

}  // namespace winback::report
