// BG/NBD: a customer may stop after each repeat order.
//
// Fader, Hardie, Lee, "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD
// Model", Marketing Science 24(2), 2005. P(alive) is 1 for every customer with one order, for ever,
// so it cannot find those who leave: mbg_nbd.h is the default.
// Likelihood of (x, t_x, T), note 027 of the authors:
//   G(r+x) alpha^r / G(r) * B(a,b+x) / B(a,b)
//     * { (alpha+T)^-(r+x) + [x>0] a/(b+x-1) (alpha+t_x)^-(r+x) }
// Formulas and numerics: docs/design/models.md.
#pragma once

#include <span>

#include "model/beta_geometric.h"

namespace winback::model::bg_nbd {

using Parameters = BetaGeometric;
using Fit = BetaGeometricFit;

// Fails with InvalidArgument on rows that cannot be or are too few, and with Unavailable when no
// maximum was found. `mean_value` of the rows is not read.
Result<Fit> fit(std::span<const RepeatSummary> rows, const FitOptions& options = {});

double log_likelihood(const Parameters& parameters, std::span<const RepeatSummary> rows);

// Of one customer. Times are in the unit of the fit; P(alive) is 1 without repeats.
double p_alive(const Parameters& parameters, const RepeatSummary& summary);
double p_order_within(const Parameters& parameters, const RepeatSummary& summary, double horizon);
double expected_orders(const Parameters& parameters, const RepeatSummary& summary, double horizon);

// Of a customer of whom nothing is known, counted from the first order: expected number of repeat
// orders within `time`, and the probability of exactly `repeats`.
double expected_repeats(const Parameters& parameters, double time);
double repeat_probability(const Parameters& parameters, int repeats, double time);

}  // namespace winback::model::bg_nbd
