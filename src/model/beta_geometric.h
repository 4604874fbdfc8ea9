// What BG/NBD and MBG/NBD have in common: Poisson orders with gamma rates until the customer stops,
// which happens with a beta-distributed probability at an order.
//
// The two differ in one thing only: BG/NBD (Fader, Hardie, Lee 2005) lets a customer stop after a
// repeat order; MBG/NBD (Batislam, Denizel, Filiztekin 2007; Hoppe, Wagner 2007) after the first
// order already. With s, the number of times that the customer could have stopped and did not
// (BG: s = x, MBG: s = x + 1), every formula is the same for both. Use bg_nbd.h and mbg_nbd.h,
// or this when the model is a choice made at run time.
//
// Formulas and numerics: docs/design/models.md.
#pragma once

#include <cstdint>
#include <span>

#include "model/fit.h"
#include "model/rfm.h"

namespace winback::model {

enum class TransactionModel : std::uint8_t {
    MbgNbd,
    BgNbd,
};

// Order rates are gamma(r, alpha) per unit of time; stopping probabilities are beta(a, b). alpha
// is in the unit of time of the data, the others have none. All are > 0 and finite.
struct BetaGeometric {
    double r = 1;
    double alpha = 1;
    double a = 1;
    double b = 1;
    bool operator==(const BetaGeometric&) const = default;
};

// The series of expected_orders needs 5 to 50 terms. Where this many are not enough, or where its
// terms cancel, a quadrature of 900 points takes over.
constexpr int series_terms_max = 2000;

struct BetaGeometricFit {
    BetaGeometric parameters;
    FitReport report;
};

// Plain maximum likelihood. Fails with InvalidArgument on rows that cannot be or are too few, and
// with Unavailable when no maximum was found.
Result<BetaGeometricFit> fit_beta_geometric(TransactionModel model,
                                            std::span<const RepeatSummary> rows,
                                            const FitOptions& options);

double log_likelihood(TransactionModel model,
                      const BetaGeometric& parameters,
                      std::span<const RepeatSummary> rows);

// P(the customer has not stopped).
double p_alive(TransactionModel model,
               const BetaGeometric& parameters,
               const RepeatSummary& summary);

// P(at least one order within the next `horizon`); 0 when horizon <= 0.
double p_order_within(TransactionModel model,
                      const BetaGeometric& parameters,
                      const RepeatSummary& summary,
                      double horizon);

// E[orders within the next `horizon`]; 0 when horizon <= 0.
double expected_orders(TransactionModel model,
                       const BetaGeometric& parameters,
                       const RepeatSummary& summary,
                       double horizon);

// P(a customer makes exactly `repeats` repeat orders within `time` of the first order).
double repeat_probability(TransactionModel model,
                          const BetaGeometric& parameters,
                          int repeats,
                          double time);

}  // namespace winback::model
