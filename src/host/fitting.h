// From the orders of a data folder to fitted models, with a row of history for every attempt.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/host.h"
#include "model/calibration.h"
#include "model/fit.h"
#include "model/fitted_models.h"
#include "model/rfm.h"

namespace winback::host {

struct OrderList {
    std::vector<model::Order> orders;
    std::int32_t last_day = 0;  // Of any order; days since the epoch (UTC).
};

enum class FitStep : std::uint8_t {
    Reading,   // The orders, shard by shard.
    Fitting,   // On everything until the last day.
    Checking,  // On all but the last horizon, against what was ordered within it.
    Loading,
};
constexpr int fit_step_count = 4;
std::string_view fit_step_name(FitStep step);  // "reading"
// `share` of the step that is done, 0..1.
using FitProgress = std::function<void(FitStep step, double share)>;

// One order per customer and day, of every customer that was not merged. Slices, as of a report.
OrderList orders_of(Host& host, const FitProgress& progress = {});

// The models that decisions use: MBG/NBD, Gamma-Gamma with guards when there is enough, and RFM
// edges, from orders up to and with `until_day`. `version` counts fits. Fails as the fit does.
struct DecisionFit {
    model::FittedModels models;
    model::FitReport report;  // Of the transaction model.
};
Result<DecisionFit> fit_for_decisions(const std::vector<model::Order>& orders,
                                      std::int32_t until_day,
                                      std::uint64_t version);

// Fits on orders up to `until_day` and compares with the `holdout_days` after it.
Result<model::Calibration> calibrate(const std::vector<model::Order>& orders,
                                     std::int32_t until_day,
                                     int holdout_days);

// Fits on `orders` until `until_day` and loads the models; the present ones stay when that fails.
// Keeps a row of history either way, with the error on the last horizon. `by` says who asked.
Status refit(Host& host,
             const OrderList& orders,
             std::int32_t until_day,
             std::string_view by,
             const FitProgress& progress = {});

}  // namespace winback::host
