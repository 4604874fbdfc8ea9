#include "model/mbg_nbd.h"

namespace winback::model::mbg_nbd {

Result<Fit> fit(std::span<const RepeatSummary> rows, const FitOptions& options) {
    return fit_beta_geometric(TransactionModel::MbgNbd, rows, options);
}

double log_likelihood(const Parameters& parameters, std::span<const RepeatSummary> rows) {
    return model::log_likelihood(TransactionModel::MbgNbd, parameters, rows);
}

double p_alive(const Parameters& parameters, const RepeatSummary& summary) {
    return model::p_alive(TransactionModel::MbgNbd, parameters, summary);
}

double p_order_within(const Parameters& parameters, const RepeatSummary& summary, double horizon) {
    return model::p_order_within(TransactionModel::MbgNbd, parameters, summary, horizon);
}

double expected_orders(const Parameters& parameters, const RepeatSummary& summary, double horizon) {
    return model::expected_orders(TransactionModel::MbgNbd, parameters, summary, horizon);
}

double expected_repeats(const Parameters& parameters, double time) {
    return expected_orders(parameters, RepeatSummary{}, time);
}

double repeat_probability(const Parameters& parameters, int repeats, double time) {
    return model::repeat_probability(TransactionModel::MbgNbd, parameters, repeats, time);
}

}  // namespace winback::model::mbg_nbd
