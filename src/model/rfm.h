// From orders to what the models need of a customer: how often, how lately, for how long, how much.
//
// Orders of one customer on one day are one order, whose amounts add up. Time is counted in whole
// days and divided by the unit. The first order only starts the clock: `repeats` and `mean_value`
// are of the orders after it, so that `repeats` is always the number of orders that the mean was
// taken over (a mean of some orders with the count of others is the usual mistake with
// Gamma-Gamma). See docs/design/models.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace winback::model {

enum class TimeUnit : std::uint8_t {
    Day,
    Week,
};
double days_per(TimeUnit unit);

struct Order {
    std::uint32_t customer = 0;
    std::int32_t day = 0;  // Since any fixed day, e.g. days_from_civil(..).
    double amount = 0;     // In one currency for all orders.
};

// The sufficient statistics of one customer, or of `weight` customers who are alike.
struct RepeatSummary {
    double repeats = 0;     // x: orders after the first.
    double recency = 0;     // t_x: from the first order to the last, 0 without repeats.
    double age = 0;         // T: from the first order to the end of the period.
    double mean_value = 0;  // Of the repeat orders; 0 without repeats.
    double weight = 1;
};

struct CustomerSummary {
    std::uint32_t customer = 0;
    RepeatSummary summary;
    double first_value = 0;     // Of the first order.
    double holdout_orders = 0;  // On distinct days in (until, until + holdout_days].
    double holdout_value = 0;
};

struct Period {
    std::int32_t until = 0;  // The last day of the fitting period.
    TimeUnit unit = TimeUnit::Week;
    std::int32_t holdout_days = 0;
};

// One row for each customer whose first order is not after `until`, by ascending customer number.
// Negative amounts are returns and are left out; an order of nothing is an order.
// Fails with InvalidArgument on an amount that is not finite or a negative holdout.
Result<std::vector<CustomerSummary>> summarise(std::span<const Order> orders, const Period& period);

// Fails with InvalidArgument on the first row that cannot be: a number that is not finite,
// repeats < 0, recency outside 0..age, recency without repeats, weight <= 0.
Status check_summaries(std::span<const RepeatSummary> rows);

std::vector<RepeatSummary> repeat_summaries(std::span<const CustomerSummary> customers);

}  // namespace winback::model
