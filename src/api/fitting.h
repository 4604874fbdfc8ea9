// From the orders of a data folder or a file to fitted models.
#pragma once

#include <string>
#include <vector>

#include "host/host.h"
#include "model/calibration.h"
#include "model/fitted_models.h"
#include "model/rfm.h"

namespace winback::api {

struct OrderList {
    std::vector<model::Order> orders;
    std::int32_t last_day = 0;  // Of any order; days since the epoch (UTC).
};

// One order per customer and day, of every customer that was not merged.
OrderList orders_of(host::Host& host);
Result<OrderList> orders_of_file(const std::string& path);

// The models that decisions use: MBG/NBD, Gamma-Gamma with guards when there is enough, and RFM
// edges, from orders up to and with `until_day`. `version` counts fits. Fails as the fit does.
Result<model::FittedModels> fit_for_decisions(const std::vector<model::Order>& orders,
                                              std::int32_t until_day,
                                              std::uint64_t version);

// Fits on orders up to `until_day` and compares with the `holdout_days` after it.
Result<model::Calibration> calibrate(const std::vector<model::Order>& orders,
                                     std::int32_t until_day,
                                     int holdout_days);

std::string day_name(std::int32_t day);  // "2011-09-10"

}  // namespace winback::api
