// MBG/NBD: a customer may stop after every order, the first included. The default model.
//
// Batislam, Denizel, Filiztekin, "Empirical validation and comparison of models for customer base
// analysis", International Journal of Research in Marketing 24(3), 2007; Hoppe, Wagner, "Customer
// base analysis: the case for a central variant of the betageometric/NBD model", Marketing -
// Journal of Research and Management 3(2), 2007. Likelihood of (x, t_x, T):
//   G(r+x) alpha^r / G(r) * B(a,b+x+1) / B(a,b)
//     * { (alpha+T)^-(r+x) + a/(b+x) (alpha+t_x)^-(r+x) }
// Formulas and numerics: docs/design/models.md.
#pragma once

#include <span>

#include "model/beta_geometric.h"

namespace winback::model::mbg_nbd {

using Parameters = BetaGeometric;
using Fit = BetaGeometricFit;

// Fails with InvalidArgument on rows that cannot be or are too few, and with Unavailable when no
// maximum was found. `mean_value` of the rows is not read.
Result<Fit> fit(std::span<const RepeatSummary> rows, const FitOptions& options = {});

double log_likelihood(const Parameters& parameters, std::span<const RepeatSummary> rows);

// Of one customer. Times are in the unit of the fit; P(alive) is below 1 for all.
double p_alive(const Parameters& parameters, const RepeatSummary& summary);
double p_order_within(const Parameters& parameters, const RepeatSummary& summary, double horizon);
double expected_orders(const Parameters& parameters, const RepeatSummary& summary, double horizon);

// Of a customer of whom nothing is known, counted from the first order: expected number of repeat
// orders within `time`, and the probability of exactly `repeats`.
double expected_repeats(const Parameters& parameters, double time);
double repeat_probability(const Parameters& parameters, int repeats, double time);

}  // namespace winback::model::mbg_nbd
