// What a fit says about itself, whatever the model.
//
// A fit is plain maximum likelihood. One that did not converge is never handed out: `fit` returns
// an Error that says so, and the caller keeps the last good one.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace winback::model {

// Below these a fit is refused: the likelihood is too flat to mean anything.
struct FitOptions {
    double customers_min = 200;
    double repeat_customers_min = 50;
};

// The largest norm of the gradient (of the mean log-likelihood of a customer, by the logarithms of
// the parameters) at which a fit counts as converged. The optimiser's own flag is not asked.
constexpr double gradient_norm_max = 1e-8;

struct Parameter {
    std::string name;
    double value = 0;
    // From the inverse Hessian at the maximum; NaN where the likelihood is flat.
    double standard_error = 0;
};

struct FitReport {
    std::string model;  // "mbg-nbd", "bg-nbd", "gamma-gamma"
    std::vector<Parameter> parameters;
    double log_likelihood = 0;  // Full: with its gamma functions, without a combinatorial constant.
    bool converged = false;
    double customers = 0;         // That the likelihood was taken over.
    double repeat_customers = 0;  // Of these, with at least one repeat order.
    double distinct_rows = 0;     // After equal rows were collapsed.
    double gradient_norm = 0;
    int evaluations = 0;  // Of likelihood and gradient, all starts together.
    // What a reader of the figures must know: a parameter at its limit, a flat likelihood.
    std::vector<std::string> notes;
};

// A map with `model`, `parameters` and `standard_errors` by name, `log_likelihood`, `converged`,
// `customers`, `repeat_customers`, `gradient_norm`, `evaluations`, `notes`. The caller adds the
// time, since no clock lives here.
Value to_value(const FitReport& report);

// Refuses too few customers or repeat customers, with what is there and what is needed.
Status check_enough(double customers, double repeat_customers, const FitOptions& options);

}  // namespace winback::model
