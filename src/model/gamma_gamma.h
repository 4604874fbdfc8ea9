// Gamma-Gamma: the mean value of a customer's orders, shrunk to the population.
//
// Fader, Hardie, "The Gamma-Gamma Model of Monetary Value" (note 025, 2013). Order values are
// gamma(p, nu), nu differs between customers as gamma(q, gamma). Values must not depend on how
// often a customer orders; the fit notes when they do. Likelihood of the mean m of x orders:
//   lgamma(px+q) - lgamma(px) - lgamma(q) + q ln g + (px-1) ln m + px ln x - (px+q) ln(xm+g)
// Numerics and guards: docs/design/models.md.
#pragma once

#include <span>

#include "model/fit.h"
#include "model/rfm.h"

namespace winback::model::gamma_gamma {

// `gamma` is in the currency of the data; all are > 0 and finite. The population has a finite
// mean only when q > 1.
struct Parameters {
    double p = 1;
    double q = 2;
    double gamma = 1;
    bool operator==(const Parameters&) const = default;
};

// Beyond these the fit carries a note: the model's assumption is in doubt, or data are few.
constexpr double correlation_max = 0.3;
constexpr double repeat_customers_advised = 100;
// What `finite_mean` keeps q above.
constexpr double finite_mean_q_min = 1.001;

struct Options {
    FitOptions enough{50, 50};
    // Keeps q above 1.001, so that every expected value is finite. Off: plain likelihood.
    bool finite_mean = false;
    // Mean values above this quantile are lowered to it; 1 leaves them. Advised: 0.995.
    double winsorise_quantile = 1;
};

struct Fit {
    Parameters parameters;
    FitReport report;
    double correlation = 0;      // Of repeats and mean value between customers.
    double population_mean = 0;  // Mean over customers of their mean value, as observed.
};

// Rows without repeats or without a positive mean value do not take part; `repeats` must be the
// number of orders that `mean_value` was taken over. Fails as bg_nbd::fit does.
Result<Fit> fit(std::span<const RepeatSummary> rows, const Options& options = {});

double log_likelihood(const Parameters& parameters, std::span<const RepeatSummary> rows);

// E[value of an order | mean value of `repeats` orders]; of the population without repeats.
// Infinite when p * repeats + q <= 1.
double expected_value(const Parameters& parameters, double repeats, double mean_value);

// Rows with mean values above the quantile lowered to it. Pre: 0 < quantile <= 1.
std::vector<RepeatSummary> winsorised(std::span<const RepeatSummary> rows, double quantile);

}  // namespace winback::model::gamma_gamma
