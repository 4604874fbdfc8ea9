#include "report/person.h"

#include <algorithm>

namespace winback::report {
namespace {

constexpr double days_per_year = 365;

Timestamp day_of(const customer::Customers::OrderDay& day) {
    return {std::int64_t{day.day} * days(1).ms};
}

model::OrderHistory history_at(OrderDays order_days, Timestamp at) {
    model::OrderHistory history;
    history.now = at;
    double repeat_revenue = 0;
    for (const auto& day : order_days) {
        if (day.first_time >= at) {
            break;
        }
        if (history.order_days == 0) {
            history.first = day_of(day);
        } else {
            repeat_revenue += to_double(day.revenue);
        }
        history.last = day_of(day);
        history.order_days += 1;
    }
    if (history.order_days > 1) {
        history.mean_repeat_value = repeat_revenue / static_cast<double>(history.order_days - 1);
    }
    return history;
}

bool pays_otherwise(const customer::Customers& customers,
                    customer::CustomerIndex customer,
                    std::string_view currency) {
    if (currency.empty()) {
        return false;
    }
    const Value own = customers.trait(customer, "orders.currency");
    return own.as_string() != nullptr && !own.as_string()->empty() && *own.as_string() != currency;
}

void leave_out_money(Person& person) {
    for (auto& day : person.order_days) {
        day.revenue = {};
    }
    for (Forecast& ahead : person.ahead) {
        ahead.value_at_risk = 0;
        ahead.next_year = 0;
    }
}

}  // namespace

Forecast forecast(const std::optional<model::FittedModels>& models,
                  OrderDays order_days,
                  Timestamp at) {
    Forecast ahead;
    if (!models.has_value()) {
        return ahead;
    }
    const model::OrderHistory history = history_at(order_days, at);
    if (history.order_days == 0) {
        return ahead;
    }
    ahead.p_order = model::p_order(*models, history);
    const std::optional<double> value = model::expected_order_value(*models, history);
    if (!value.has_value()) {
        return ahead;
    }
    const double alive = model::p_alive(*models, history);
    if (alive > 0) {
        ahead.value_at_risk =
            model::expected_orders(*models, history) * *value / alive * (1 - ahead.p_order);
    }
    ahead.next_year = model::expected_orders(*models, history, days_per_year) * *value;
    return ahead;
}

bool Person::was_seen(Timestamp from, Timestamp to, const std::vector<std::string>& names) const {
    if (last_seen <= to) {
        return last_seen >= from;
    }
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        const std::vector<Timestamp> times = customers().event_times(index, name);
        const auto first = std::lower_bound(times.begin(), times.end(), from);
        return first != times.end() && *first <= to;
    });
}

Person read_person(const engine::Shard& shard,
                   customer::CustomerIndex customer,
                   const PassOptions& options,
                   const std::array<Timestamp, moment_count>& midnights,
                   std::string_view currency) {
    const customer::Customers& customers = shard.customers();
    Person person{.shard = &shard,
                  .index = customer,
                  .order_days = customers.order_days(customer),
                  .first_seen = customers.first_seen(customer),
                  .last_seen = customers.last_seen(customer),
                  .standing = {},
                  .ahead = {}};
    person.standing = standing_now(person.order_days, options.shop_gap, options.now);
    for (std::size_t i = 0; i < midnights.size() && !person.order_days.empty(); ++i) {
        person.ahead[i] = forecast(shard.models(), person.order_days, midnights[i]);
    }
    person.foreign = !person.order_days.empty() && pays_otherwise(customers, customer, currency);
    if (person.foreign) {
        leave_out_money(person);
    }
    return person;
}

}  // namespace winback::report
