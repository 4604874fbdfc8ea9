#include "model/bg_nbd.h"

namespace winback::model::bg_nbd {

Result<Fit> fit(std::span<const RepeatSummary> rows, const FitOptions& options) {
    return fit_beta_geometric(TransactionModel::BgNbd, rows, options);
}

double log_likelihood(const Parameters& parameters, std::span<const RepeatSummary> rows) {
    return model::log_likelihood(TransactionModel::BgNbd, parameters, rows);
}

double p_alive(const Parameters& parameters, const RepeatSummary& summary) {
    return model::p_alive(TransactionModel::BgNbd, parameters, summary);
}

double p_order_within(const Parameters& parameters, const RepeatSummary& summary, double horizon) {
    return model::p_order_within(TransactionModel::BgNbd, parameters, summary, horizon);
}

double expected_orders(const Parameters& parameters, const RepeatSummary& summary, double horizon) {
    return model::expected_orders(TransactionModel::BgNbd, parameters, summary, horizon);
}

double expected_repeats(const Parameters& parameters, double time) {
    return expected_orders(parameters, RepeatSummary{}, time);
}

double repeat_probability(const Parameters& parameters, int repeats, double time) {
    return model::repeat_probability(TransactionModel::BgNbd, parameters, repeats, time);
}

}  // namespace winback::model::bg_nbd
