#include "model/calibration.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/check.h"

namespace winback::model {
namespace {

constexpr int last_repeat_group = 7;  // And more.
constexpr std::size_t probability_groups = 10;

struct Prediction {
    const CustomerSummary* customer;
    double orders;
    double probability;
};

std::vector<CalibrationRow> group_by_repeats(std::span<const Prediction> predictions) {
    std::vector<CalibrationRow> groups(last_repeat_group + 1);
    for (int i = 0; i <= last_repeat_group; ++i) {
        groups[static_cast<std::size_t>(i)].group =
            std::to_string(i) + (i == last_repeat_group ? "+" : "");
    }
    for (const Prediction& prediction : predictions) {
        const double repeats = prediction.customer->summary.repeats;
        const double index = std::min<double>(repeats, last_repeat_group);
        CalibrationRow& row = groups[static_cast<std::size_t>(index)];
        row.customers += 1;
        row.predicted += prediction.orders;
        row.actual += prediction.customer->holdout_orders;
    }
    std::erase_if(groups, [](const CalibrationRow& row) { return row.customers == 0; });
    return groups;
}

std::vector<CalibrationRow> group_by_probability(std::vector<Prediction> predictions) {
    std::sort(predictions.begin(), predictions.end(), [](const auto& a, const auto& b) {
        return a.probability != b.probability ? a.probability < b.probability
                                              : a.customer->customer < b.customer->customer;
    });
    std::vector<CalibrationRow> groups(probability_groups);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
        CalibrationRow& row = groups[i * probability_groups / predictions.size()];
        row.customers += 1;
        row.predicted += predictions[i].probability;
        row.actual += predictions[i].customer->holdout_orders > 0 ? 1 : 0;
    }
    for (std::size_t i = 0; i < groups.size(); ++i) {
        groups[i].group = std::to_string(i + 1);
    }
    std::erase_if(groups, [](const CalibrationRow& row) { return row.customers == 0; });
    return groups;
}

Value rows_value(const std::vector<CalibrationRow>& rows) {
    ValueList list;
    for (const CalibrationRow& row : rows) {
        ValueMap map;
        map.set("group", row.group);
        map.set("customers", static_cast<std::int64_t>(row.customers));
        map.set("predicted", row.predicted);
        map.set("actual", row.actual);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace

Calibration calibrate(TransactionModel model,
                      const BetaGeometric& parameters,
                      std::span<const CustomerSummary> customers,
                      const Period& period) {
    const double horizon = period.holdout_days / days_per(period.unit);
    Calibration result;
    result.horizon_days = period.holdout_days;
    std::vector<Prediction> predictions;
    std::vector<double> probabilities;
    const auto outcomes = std::make_unique<bool[]>(customers.size());
    for (const CustomerSummary& customer : customers) {
        predictions.push_back({&customer,
                               expected_orders(model, parameters, customer.summary, horizon),
                               p_order_within(model, parameters, customer.summary, horizon)});
        outcomes[probabilities.size()] = customer.holdout_orders > 0;
        probabilities.push_back(predictions.back().probability);
        result.predicted_orders += predictions.back().orders;
        result.actual_orders += customer.holdout_orders;
    }
    const std::span<const bool> outcome_span(outcomes.get(), customers.size());
    result.brier = brier_score(probabilities, outcome_span);
    result.auc = auc(probabilities, outcome_span);
    result.by_repeats = group_by_repeats(predictions);
    result.by_probability = group_by_probability(std::move(predictions));
    return result;
}

Value to_value(const Calibration& calibration) {
    ValueMap map;
    map.set("horizon_days", calibration.horizon_days);
    map.set("predicted_orders", calibration.predicted_orders);
    map.set("actual_orders", calibration.actual_orders);
    map.set("brier", calibration.brier);
    map.set("auc", calibration.auc);
    map.set("by_repeats", rows_value(calibration.by_repeats));
    map.set("by_probability", rows_value(calibration.by_probability));
    return map;
}

double brier_score(std::span<const double> probabilities, std::span<const bool> outcomes) {
    WINBACK_CHECK(probabilities.size() == outcomes.size());
    double sum = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const double miss = probabilities[i] - (outcomes[i] ? 1 : 0);
        sum += miss * miss;
    }
    return outcomes.empty() ? 0 : sum / static_cast<double>(outcomes.size());
}

double auc(std::span<const double> scores, std::span<const bool> outcomes) {
    WINBACK_CHECK(scores.size() == outcomes.size());
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    double positives = 0;
    double rank_sum = 0;  // Of the positives; equal scores share their mean rank.
    for (std::size_t from = 0; from < order.size();) {
        std::size_t to = from;
        double here = 0;
        for (; to < order.size() && scores[order[to]] == scores[order[from]]; ++to) {
            here += outcomes[order[to]] ? 1 : 0;
        }
        rank_sum += here * (static_cast<double>(from + to + 1) / 2);
        positives += here;
        from = to;
    }
    const double negatives = static_cast<double>(order.size()) - positives;
    if (positives == 0 || negatives == 0) {
        return 0.5;
    }
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives);
}

}  // namespace winback::model
