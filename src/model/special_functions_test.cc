#include "model/special_functions.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace winback::model {
namespace {

TEST(SpecialFunctions, LogGammaAgreesWithTheLibraryEverywhere) {
    for (double x = 1e-6; x < 1e9; x *= 1.037) {
        const double expected = std::lgamma(x);
        EXPECT_NEAR(log_gamma(x), expected, 2e-14 + 1e-15 * std::abs(expected)) << x;
    }
}

TEST(SpecialFunctions, DigammaHasItsKnownValues) {
    EXPECT_NEAR(digamma(1), -0.57721566490153286, 1e-15);
    EXPECT_NEAR(digamma(0.5), -1.9635100260214235, 1e-14);
    EXPECT_NEAR(digamma(10), 2.2517525890667211, 1e-15);
    EXPECT_NEAR(digamma(1e-3), -1000.5755719318103, 1e-12);
    for (double x = 0.01; x < 1e6; x *= 1.3) {
        EXPECT_NEAR(digamma(x + 1), digamma(x) + 1 / x, 1e-13 * (1 + 1 / x)) << x;
    }
}

TEST(SpecialFunctions, LogRisingIsTheSameByProductAndByDifference) {
    for (const double z : {0.01, 0.7, 3.0, 55.0}) {
        for (const double n : {0.0, 1.0, 7.0, 48.0, 49.0, 300.0}) {
            const LogRising rising = log_rising(z, n);
            EXPECT_NEAR(rising.value, log_gamma(z + n) - log_gamma(z), 1e-12) << z << ' ' << n;
            EXPECT_NEAR(rising.slope, digamma(z + n) - digamma(z), 1e-12) << z << ' ' << n;
        }
    }
    // ln Gamma alone has 9 digits left here.
    EXPECT_NEAR(log_rising(1e9, 2).value, 2 * std::log(1e9) + 1e-9, 1e-14);
    EXPECT_TRUE(std::isfinite(log_rising(1e-300, 40).value));
    EXPECT_NEAR(log_rising(1e-6, 1).value, std::log(1e-6), 1e-15);
}

TEST(SpecialFunctions, SigmoidAndSoftplusNeitherOverflowNorVanish) {
    EXPECT_EQ(sigmoid(0), 0.5);
    EXPECT_EQ(sigmoid(1e4), 1);
    EXPECT_EQ(sigmoid(-1e4), 0);
    EXPECT_GT(sigmoid(-700), 0);
    EXPECT_EQ(log1p_exp(1e4), 1e4);
    EXPECT_NEAR(log1p_exp(-40), std::exp(-40.0), 1e-30);
}

}  // namespace
}  // namespace winback::model
