// Are the predictions true? Fit on the first part of the orders, predict the rest, compare.
//
// Groups are totals over customers: a model that is right has `predicted` near `actual` in every
// row. Ranking is measured apart (auc), since these models are good at counts, not at ranking.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "model/beta_geometric.h"
#include "model/rfm.h"

namespace winback::model {

struct CalibrationRow {
    std::string group;
    std::size_t customers = 0;
    double predicted = 0;
    double actual = 0;
};

struct Calibration {
    double horizon_days = 0;
    double predicted_orders = 0;
    double actual_orders = 0;
    // Orders in the holdout by repeat orders before: "0" .. "6", "7+". Empty groups are left out.
    std::vector<CalibrationRow> by_repeats;
    // Customers with an order in the holdout, by tenth of P(order within it): "1" is the least
    // likely. Ties of probability are split by customer number.
    std::vector<CalibrationRow> by_probability;
    double brier = 0;
    double auc = 0.5;
};

// `customers` come from summarise() with the same period; empty input gives an empty table.
Calibration calibrate(TransactionModel model,
                      const BetaGeometric& parameters,
                      std::span<const CustomerSummary> customers,
                      const Period& period);

Value to_value(const Calibration& calibration);

// Mean squared difference of probability and outcome (0 or 1). Pre: equal sizes. 0 when empty.
double brier_score(std::span<const double> probabilities, std::span<const bool> outcomes);

// P(a customer with the outcome has a higher score than one without), ties counting half; 0.5 when
// all outcomes are the same. Pre: equal sizes.
double auc(std::span<const double> scores, std::span<const bool> outcomes);

}  // namespace winback::model
