// What a journey brought: those assigned against those held out, by intention to treat.
//
// Everybody who qualified counts in the arm that the hash gave, whether a message reached them
// or not. Intervals are asymptotic confidence sequences: they hold at every moment at which
// somebody looks, not only at one that was fixed before.
//
// Sources: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2021), "Time-uniform central limit
// theory and asymptotic confidence sequences", arXiv 2103.06476, eq. 9; Agresti and Caffo (2000)
// for the variance of small counts; sample-ratio check: Pearson's chi-squared, one degree of
// freedom.
#pragma once

#include <cstdint>

namespace winback::experiment {

// Customers of one arm and how many of them reached the goal.
struct Arm {
    std::uint64_t customers = 0;
    std::uint64_t returned = 0;
};

struct Lift {
    double assigned_rate = 0;
    double holdout_rate = 0;
    double difference = 0;  // assigned - hold-out, as a share of customers.
    double low = 0;         // 95 % confidence sequence of the difference.
    double high = 0;
    double smallest_effect = 0;  // Half-width of the interval: what this sample can show.
    double split_p = 1;          // Chance of a split this uneven; below 0.001 the arms are not
                                 // what they should be and the difference means nothing.
    bool meaningful = false;     // Both arms have customers and the split is sound.
};

// Planned size at which the confidence sequence is tightest.
constexpr double planned_customers = 5000;
constexpr double split_p_min = 0.001;

// `holdout_share` is the share that the journey holds out, 0..1.
Lift lift_of(const Arm& assigned, const Arm& holdout, double holdout_share);

// Half-width of the confidence sequence for an estimate with this standard error from `n` units.
double sequence_half_width(double standard_error, double n, double alpha, double planned);

// p-value of Pearson's chi-squared for two counts against an expected share of the first.
double split_p_value(std::uint64_t first, std::uint64_t second, double first_share);

}  // namespace winback::experiment
