#include "engine/scores.h"

#include <algorithm>
#include <cmath>

namespace winback::engine {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;
constexpr double churn_days = 30;

// Orders before `now`, as the models count them.
struct Known {
    model::OrderHistory history;
    double revenue = 0;
};

Known known_orders(const customer::Customers& customers,
                   customer::CustomerIndex customer,
                   Timestamp now) {
    Known known;
    known.history.now = now;
    double first_value = 0;
    for (const auto& day : customers.order_days(customer)) {
        if (day.first_time >= now) {
            break;
        }
        const Timestamp start{std::int64_t{day.day} * ms_per_day};
        if (known.history.order_days == 0) {
            known.history.first = start;
            first_value = to_double(day.revenue);
        }
        known.history.last = start;
        known.history.order_days += 1;
        known.revenue += to_double(day.revenue);
    }
    if (known.history.order_days > 1) {
        known.history.mean_repeat_value =
            (known.revenue - first_value) / static_cast<double>(known.history.order_days - 1);
    }
    return known;
}

Value from_optional(const std::optional<double>& number) {
    return number.has_value() ? Value{*number} : Value{};
}

Value value_at_risk(const model::FittedModels& models, const model::OrderHistory& history) {
    // What a customer of this history would bring if he came back at all.
    const double alive = model::p_alive(models, history);
    const auto expected = model::expected_value(models, history);
    if (!expected.has_value() || alive <= 0) {
        return {};
    }
    return {*expected / alive * (1 - model::p_order(models, history))};
}

Value overdue(const customer::Customers& customers,
              customer::CustomerIndex customer,
              const model::OrderHistory& history) {
    const customer::Rhythm rhythm = customers.rhythm(customer);
    if (rhythm.gap_count < 2 || rhythm.median.ms <= 0) {
        return {};
    }
    return {static_cast<double>((history.now - history.last).ms) /
            static_cast<double>(rhythm.median.ms)};
}

Value quintile(const model::FittedModels& models, const Known& known, Score score) {
    if (!models.rfm.has_value()) {
        return {};
    }
    const model::RfmFacts facts{
        .days_since_last = static_cast<double>((known.history.now - known.history.last).ms) /
                           static_cast<double>(ms_per_day),
        .orders = static_cast<double>(known.history.order_days),
        .revenue = known.revenue};
    const model::RfmScore scores = model::rfm_score(*models.rfm, facts);
    switch (score) {
        case Score::Recency:
            return {scores.recency};
        case Score::Frequency:
            return {scores.frequency};
        case Score::Monetary:
            return {scores.monetary};
        case Score::PAlive:
        case Score::POrder:
        case Score::Churn30d:
        case Score::ExpectedOrders:
        case Score::ExpectedValue:
        case Score::ValueAtRisk:
        case Score::Overdue:
            return {};
    }
    return {};
}

}  // namespace

std::optional<Score> parse_score(std::string_view name) {
    const auto* const found = std::find(score_names.begin(), score_names.end(), name);
    if (found == score_names.end()) {
        return std::nullopt;
    }
    return static_cast<Score>(found - score_names.begin());
}

Value score_of(const customer::Customers& customers,
               customer::CustomerIndex customer,
               const std::optional<model::FittedModels>& models,
               Score score,
               Timestamp now) {
    const Known known = known_orders(customers, customer, now);
    if (known.history.order_days == 0) {
        return {};
    }
    if (score == Score::Overdue) {
        return overdue(customers, customer, known.history);
    }
    if (!models.has_value()) {
        return {};
    }
    switch (score) {
        case Score::PAlive:
            return {model::p_alive(*models, known.history)};
        case Score::POrder:
            return {model::p_order(*models, known.history)};
        case Score::Churn30d:
            return {1 - model::p_order(*models, known.history, churn_days)};
        case Score::ExpectedOrders:
            return {model::expected_orders(*models, known.history)};
        case Score::ExpectedValue:
            return from_optional(model::expected_value(*models, known.history));
        case Score::ValueAtRisk:
            return value_at_risk(*models, known.history);
        case Score::Recency:
        case Score::Frequency:
        case Score::Monetary:
            return quintile(*models, known, score);
        case Score::Overdue:
            break;
    }
    return {};
}

}  // namespace winback::engine
