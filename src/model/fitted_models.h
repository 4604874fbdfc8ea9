// The models as the engine holds them: an input like any other, plain data, replayable.
//
// Fitting happens elsewhere; predictions are computed from a customer's history when they are read,
// so they are never stale. Decisions use p_order (at least one order within the horizon), not
// p_alive. All functions are pure and take well below a microsecond.
//
// Binary form: docs/design/models.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "model/beta_geometric.h"
#include "model/gamma_gamma.h"
#include "model/rfm_score.h"

namespace winback::model {

constexpr int horizon_days_default = 90;
constexpr int horizon_days_max = 3660;

struct ValueModel {
    gamma_gamma::Parameters parameters;
    double population_mean = 0;  // Observed; used where the model has no finite mean.
    bool operator==(const ValueModel&) const = default;
};

struct FittedModels {
    std::uint64_t version = 0;  // Counted up by whoever fits; 0 means never fitted.
    TransactionModel kind = TransactionModel::MbgNbd;
    BetaGeometric parameters;
    TimeUnit unit = TimeUnit::Week;  // Of parameters.alpha.
    int horizon_days = horizon_days_default;
    std::optional<ValueModel> value;
    std::optional<RfmEdges> rfm;  // Quintiles of the base at fitted_until.
    Timestamp fitted_until;
    std::uint64_t customers = 0;
    double log_likelihood = 0;
    std::vector<std::string> notes;  // FitReport::notes of the transaction model.
    bool operator==(const FittedModels&) const = default;
};

// What the engine knows of a customer's orders, as of `now`.
struct OrderHistory {
    std::uint64_t order_days = 0;  // Distinct days with an order.
    Timestamp first;
    Timestamp last;
    double mean_repeat_value = 0;  // Of the orders after the first day, by day; 0 without.
    Timestamp now;
};

// What the models want: repeats = order_days - 1, times in the unit of the models. Times that run
// backwards (now before last, last before first) count as no time. Pre: order_days > 0.
RepeatSummary summary_of(const FittedModels& models, const OrderHistory& history);

// Of a customer without orders all of these are 0.
double p_alive(const FittedModels& models, const OrderHistory& history);
double p_order(const FittedModels& models, const OrderHistory& history);
double p_order(const FittedModels& models, const OrderHistory& history, double horizon_days);
double expected_orders(const FittedModels& models, const OrderHistory& history);
double expected_orders(const FittedModels& models,
                       const OrderHistory& history,
                       double horizon_days);
// Expected value of one order, and of all orders within the horizon, in the currency of the data.
// Nothing when there is no value model.
std::optional<double> expected_order_value(const FittedModels& models, const OrderHistory& history);
std::optional<double> expected_value(const FittedModels& models, const OrderHistory& history);

void encode(ByteWriter& out, const FittedModels& models);
// Fails with Corrupt on bytes of another version or parameters that cannot be; reads no further
// than its own end, so it may be part of a larger record.
Result<FittedModels> decode_fitted_models(ByteReader& in);

Value to_value(const FittedModels& models);
std::string_view name_of(TransactionModel model);  // "mbg-nbd", "bg-nbd"
std::string_view name_of(TimeUnit unit);           // "week", "day"

}  // namespace winback::model
