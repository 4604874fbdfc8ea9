#include "experiment/lift.h"

#include <algorithm>
#include <cmath>

namespace winback::experiment {

double sequence_half_width(double standard_error, double n, double alpha, double planned) {
    const double rho2 = (-2 * std::log(alpha) + std::log(-2 * std::log(alpha) + 1)) / planned;
    const double scaled = n * rho2 + 1;
    return standard_error * std::sqrt(n) *
           std::sqrt(2 * scaled / (n * n * rho2) * std::log(std::sqrt(scaled) / alpha));
}

double split_p_value(std::uint64_t first, std::uint64_t second, double first_share) {
    const double total = static_cast<double>(first + second);
    const double expected_first = total * first_share;
    const double expected_second = total - expected_first;
    if (expected_first <= 0 || expected_second <= 0) {
        return 1;
    }
    const double d1 = static_cast<double>(first) - expected_first;
    const double d2 = static_cast<double>(second) - expected_second;
    const double chi2 = d1 * d1 / expected_first + d2 * d2 / expected_second;
    return std::erfc(std::sqrt(chi2 / 2));
}

Lift lift_of(const Arm& assigned, const Arm& holdout, double holdout_share) {
    Lift lift;
    const auto n1 = static_cast<double>(assigned.customers);
    const auto n2 = static_cast<double>(holdout.customers);
    if (n1 > 0) {
        lift.assigned_rate = static_cast<double>(assigned.returned) / n1;
    }
    if (n2 > 0) {
        lift.holdout_rate = static_cast<double>(holdout.returned) / n2;
    }
    lift.split_p = split_p_value(holdout.customers, assigned.customers, holdout_share);
    if (n1 == 0 || n2 == 0) {
        lift.low = -1;
        lift.high = 1;
        lift.smallest_effect = 1;
        return lift;
    }
    lift.difference = lift.assigned_rate - lift.holdout_rate;
    // One success and one failure added to each arm, so that an arm of zeros has a variance.
    const auto variance = [](double n, std::uint64_t returned) {
        const double p = (static_cast<double>(returned) + 1) / (n + 2);
        return p * (1 - p) / (n + 2);
    };
    const double standard_error =
        std::sqrt(variance(n1, assigned.returned) + variance(n2, holdout.returned));
    const double half = sequence_half_width(standard_error, n1 + n2, 0.05, planned_customers);
    lift.low = std::max(-1.0, lift.difference - half);
    lift.high = std::min(1.0, lift.difference + half);
    lift.smallest_effect = half;
    lift.meaningful = lift.split_p >= split_p_min;
    return lift;
}

}  // namespace winback::experiment
