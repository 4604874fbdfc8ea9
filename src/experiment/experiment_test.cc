#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "experiment/assignment.h"
#include "experiment/lift.h"

namespace winback::experiment {
namespace {

TEST(Assignment, HoldsOutTheShareAndKeepsItsWord) {
    int held_out = 0;
    int both = 0;
    constexpr int customers = 100'000;
    for (int i = 0; i < customers; ++i) {
        const std::string id = "customer-" + std::to_string(i);
        const bool first = is_held_out("lapsing", "2026", id, 0.1);
        EXPECT_EQ(first, is_held_out("lapsing", "2026", id, 0.1));
        held_out += first ? 1 : 0;
        both += first && is_held_out("vip", "2026", id, 0.1) ? 1 : 0;
    }
    EXPECT_NEAR(held_out, customers / 10, 300);  // Three standard deviations are 285.
    EXPECT_NEAR(both, customers / 100, 100);     // Journeys are independent of each other.
}

// Relative effect by the delta method, as in GrowthBook's published test of sequential intervals.
TEST(Lift, ReproducesPublishedSequentialInterval) {
    const double n_a = 3000;
    const double n_b = 3461;
    const double a = 1396 / n_a;
    const double b = 2422 / n_b;
    const double estimate = (b - a) / a;
    const double variance =
        b * (1 - b) / n_b / (a * a) + a * (1 - a) / n_a * b * b / std::pow(a, 4);
    const double half = sequence_half_width(std::sqrt(variance), n_a + n_b, 0.05, 5000);
    EXPECT_NEAR(estimate, 0.50386, 1e-5);
    EXPECT_NEAR(estimate - half, 0.40098, 1e-5);
    EXPECT_NEAR(estimate + half, 0.60675, 1e-5);
}

TEST(Lift, ReproducesPublishedSplitChecks) {
    EXPECT_NEAR(split_p_value(1000, 1200, 0.5), 0.000020079, 1e-9);
    EXPECT_NEAR(split_p_value(135, 115, 0.5), 0.205903211, 1e-9);
    EXPECT_NEAR(split_p_value(310, 98, 0.75), 0.647434186, 1e-9);
}

TEST(Lift, SaysNothingWithoutAHoldOutOrWithABrokenSplit) {
    EXPECT_FALSE(lift_of({100, 10}, {0, 0}, 0.1).meaningful);
    const Lift none = lift_of({0, 0}, {0, 0}, 0.1);
    EXPECT_EQ(none.low, -1);
    EXPECT_EQ(none.high, 1);
    EXPECT_FALSE(lift_of({900, 90}, {500, 20}, 0.1).meaningful);
    const Lift sound = lift_of({9000, 900}, {1000, 40}, 0.1);
    EXPECT_TRUE(sound.meaningful);
    EXPECT_GT(sound.low, 0);
    EXPECT_NEAR(sound.difference, 0.06, 1e-12);
}

}  // namespace
}  // namespace winback::experiment
