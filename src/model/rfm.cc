#include "model/rfm.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

namespace winback::model {
namespace {

// All orders of one customer, by day; days may repeat.
CustomerSummary summarise_customer(std::span<const Order> orders, const Period& period) {
    CustomerSummary row;
    row.customer = orders.front().customer;
    const std::int32_t first = orders.front().day;
    std::int32_t last = first;
    double repeat_value = 0;
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const Order& order = orders[i];
        const bool is_new_day = i > 0 && order.day != orders[i - 1].day;
        if (order.day == first) {
            row.first_value += order.amount;
        } else if (order.day <= period.until) {
            row.summary.repeats += is_new_day ? 1 : 0;
            repeat_value += order.amount;
            last = order.day;
        } else if (std::int64_t{order.day} - period.until <= period.holdout_days) {
            row.holdout_orders += is_new_day ? 1 : 0;
            row.holdout_value += order.amount;
        }
    }
    const double unit = days_per(period.unit);
    row.summary.recency = static_cast<double>(std::int64_t{last} - first) / unit;
    row.summary.age = static_cast<double>(std::int64_t{period.until} - first) / unit;
    if (row.summary.repeats > 0) {
        row.summary.mean_value = repeat_value / row.summary.repeats;
    }
    return row;
}

bool is_possible(const RepeatSummary& row) {
    const bool finite = std::isfinite(row.repeats) && std::isfinite(row.age) &&
                        std::isfinite(row.mean_value) && std::isfinite(row.weight);
    const bool ordered = row.repeats >= 0 && row.recency >= 0 && row.recency <= row.age;
    return finite && ordered && row.weight > 0 && (row.repeats > 0 || row.recency == 0);
}

}  // namespace

double days_per(TimeUnit unit) {
    return unit == TimeUnit::Week ? 7 : 1;
}

Result<std::vector<CustomerSummary>> summarise(std::span<const Order> orders,
                                               const Period& period) {
    if (period.holdout_days < 0) {
        return Error{ErrorCode::InvalidArgument, "the holdout must not be negative"};
    }
    std::vector<Order> sorted;
    sorted.reserve(orders.size());
    for (const Order& order : orders) {
        if (!std::isfinite(order.amount)) {
            return Error{ErrorCode::InvalidArgument, "an order of customer " +
                                                         std::to_string(order.customer) +
                                                         " has an amount that is not a number"};
        }
        if (order.amount >= 0) {
            sorted.push_back(order);
        }
    }
    // By amount too, so that sums do not depend on the order of the input.
    std::sort(sorted.begin(), sorted.end(), [](const Order& a, const Order& b) {
        return std::tie(a.customer, a.day, a.amount) < std::tie(b.customer, b.day, b.amount);
    });
    std::vector<CustomerSummary> rows;
    for (std::size_t from = 0; from < sorted.size();) {
        std::size_t to = from + 1;
        while (to < sorted.size() && sorted[to].customer == sorted[from].customer) {
            ++to;
        }
        if (sorted[from].day <= period.until) {
            rows.push_back(summarise_customer(std::span(sorted).subspan(from, to - from), period));
        }
        from = to;
    }
    return rows;
}

Status check_summaries(std::span<const RepeatSummary> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!is_possible(rows[i])) {
            return Error{ErrorCode::InvalidArgument,
                         "row " + std::to_string(i) + " cannot be: repeats " +
                             std::to_string(rows[i].repeats) + ", recency " +
                             std::to_string(rows[i].recency) + ", age " +
                             std::to_string(rows[i].age) + ", weight " +
                             std::to_string(rows[i].weight)};
        }
    }
    return Ok{};
}

std::vector<RepeatSummary> repeat_summaries(std::span<const CustomerSummary> customers) {
    std::vector<RepeatSummary> rows;
    rows.reserve(customers.size());
    for (const CustomerSummary& customer : customers) {
        rows.push_back(customer.summary);
    }
    return rows;
}

}  // namespace winback::model
