// What models say of a customer, under the names that conditions and pages use.
//
//   p_alive           still a customer at all, 0..1 (explains; never decides)
//   p_order           at least one order within the model's horizon, 0..1
//   churn_30d         no order within the next 30 days, whatever the horizon is, 0..1
//   expected_orders   number of orders within the horizon
//   expected_value    revenue within the horizon, in the workspace's currency
//   value_at_risk     revenue that is lost within the horizon if the customer does not return:
//                     expected_value if surely alive, times (1 - p_order)
//   overdue           time since the last order / usual gap; null with fewer than two gaps
//   recency, frequency, monetary   RFM quintiles, 1 (lowest) .. 5
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/value.h"
#include "customer/customers.h"
#include "model/fitted_models.h"

namespace winback::engine {

enum class Score : std::uint8_t {
    PAlive,
    POrder,
    Churn30d,
    ExpectedOrders,
    ExpectedValue,
    ValueAtRisk,
    Overdue,
    Recency,
    Frequency,
    Monetary,
};
inline constexpr std::array<std::string_view, 10> score_names{
    "p_alive",       "p_order", "churn_30d", "expected_orders", "expected_value",
    "value_at_risk", "overdue", "recency",   "frequency",       "monetary"};
std::optional<Score> parse_score(std::string_view name);

// As of `now`: orders at or after it are not known yet. Null without a model, or when the
// customer has no order before `now`.
Value score_of(const customer::Customers& customers,
               customer::CustomerIndex customer,
               const std::optional<model::FittedModels>& models,
               Score score,
               Timestamp now);

}  // namespace winback::engine
