// Maximises a smooth function of a few logarithms of parameters, from several starts.
//
// L-BFGS (NLopt) runs from every start; the best end is polished by Newton steps, whose Hessian
// comes from differences of the analytic gradient, until the gradient is rounding noise. When that
// fails, Nelder-Mead (NLopt) looks for a better place and the polish runs again. Whether the
// result is a maximum is decided by the gradient alone, never by the optimiser's flag (which
// reports loss of precision at a perfectly good optimum, and success at limits of iterations).
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace winback::model {

// Returns the value and fills the gradient, which has the size of the point.
using Objective = std::function<double(std::span<const double> point, std::span<double> gradient)>;

// Parameters, in scaled units, stay within exp(-limit) .. exp(limit), about 1e-6 .. 1e6.
constexpr double log_parameter_limit = 13.8;

struct Maximum {
    std::vector<double> point;
    double value = 0;
    // Largest component; one that points out of the box at its wall does not count.
    double gradient_norm = 0;
    // Inverse of minus the Hessian of `value`, diagonal only; NaN when it is not a strict maximum.
    std::vector<double> variance;
    std::vector<bool> at_limit;
    int evaluations = 0;
    bool converged = false;  // By the gradient, and moved away from the start.
};

// Pre: starts is not empty, and all have the same size.
Maximum maximise(const Objective& objective, std::span<const std::vector<double>> starts);

}  // namespace winback::model
