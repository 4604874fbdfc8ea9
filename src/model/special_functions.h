// The few special functions that the models need, the same on every platform.
//
// The C library's lgamma writes a global (`signgam`), so it is not safe with threads, and its last
// digits differ between libraries. Own Stirling series with upward shift (Abramowitz and Stegun
// 6.1.40, 6.1.15, 6.3.18, 6.3.5); absolute error below 1e-14 near the origin, relative error below
// 4e-16 for large arguments.
#pragma once

namespace winback::model {

// ln Gamma(x). Pre: x > 0.
double log_gamma(double x);

// The derivative of log_gamma. Pre: x > 0.
double digamma(double x);

// ln Gamma(z + n) - ln Gamma(z) and its derivative by z, without cancellation when n is a small
// whole number, however large z is. Pre: z > 0, n >= 0.
struct LogRising {
    double value;
    double slope;
};
LogRising log_rising(double z, double n);

// 1 / (1 + exp(-x)) and ln(1 + exp(x)); neither overflows.
double sigmoid(double x);
double log1p_exp(double x);

}  // namespace winback::model
