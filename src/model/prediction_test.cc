// Properties of the predictions, far from the published numbers too.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "model/bg_nbd.h"
#include "model/cdnow_test.h"
#include "model/mbg_nbd.h"

namespace winback::model {
namespace {

constexpr TransactionModel both[] = {TransactionModel::MbgNbd, TransactionModel::BgNbd};

// The 2F1 form as published, by its plain series: an independent way to the same number. Its terms
// do not cancel, and it is good where x is small, a is not near 1 and the horizon moderate.
double published_form(TransactionModel model,
                      const BetaGeometric& p,
                      const RepeatSummary& row,
                      double horizon) {
    const double s = row.repeats + (model == TransactionModel::MbgNbd ? 1 : 0);
    const double c = p.a + p.b + s - 1;
    const double z = horizon / (p.alpha + row.age + horizon);
    double term = 1;
    double series = 0;
    for (int n = 0; n < 100'000; ++n) {
        series += term;
        term *= (p.r + row.repeats + n) / (c + n) * ((p.b + s + n) / (n + 1)) * z;
    }
    const double rest = std::pow(1 - z, p.r + row.repeats);
    return p_alive(model, p, row) * c / (p.a - 1) * (1 - rest * series);
}

TEST(Prediction, AgreesWithThePublishedHypergeometricForm) {
    test::Generator random(7);
    for (int i = 0; i < 300; ++i) {
        const auto draw = [&](double low, double high) {
            return low * std::pow(high / low, random.uniform());
        };
        BetaGeometric p;
        p.r = draw(0.05, 5);
        p.alpha = draw(0.5, 50);
        p.a = draw(0.05, 5);
        p.b = draw(0.2, 10);
        if (std::abs(p.a - 1) < 0.05) {
            p.a += 0.2;
        }
        RepeatSummary row;
        row.repeats = std::floor(draw(0.5, 15));
        row.age = draw(1, 100);
        row.recency = row.repeats > 0 ? row.age * random.uniform() : 0;
        const double horizon = draw(0.1, 200);
        for (const TransactionModel model : both) {
            const double expected = published_form(model, p, row, horizon);
            EXPECT_NEAR(expected_orders(model, p, row, horizon) / expected, 1, 1e-7)
                << p.r << ' ' << p.alpha << ' ' << p.a << ' ' << p.b << ' ' << row.repeats;
        }
    }
}

TEST(Prediction, IsSmoothThroughTheSingularPlacesOfTheFormula) {
    // a = 1 divides by zero in the published form; a + b = 1 without repeats does in the series.
    for (const TransactionModel model : both) {
        for (const double b : {2.0, 0.25}) {
            const double a = b == 2.0 ? 1 : 0.75;
            const RepeatSummary row{0, 0, 20};
            const double low = expected_orders(model, {0.5, 6, a - 1e-6, b}, row, 39);
            const double here = expected_orders(model, {0.5, 6, a, b}, row, 39);
            const double high = expected_orders(model, {0.5, 6, a + 1e-6, b}, row, 39);
            EXPECT_NEAR(here, (low + high) / 2, 1e-11);
        }
    }
}

TEST(Prediction, OfCornersIsFiniteAndInBounds) {
    for (const TransactionModel model : both) {
        for (const double r : {1e-6, 0.3, 40.0, 1e6}) {
            for (const double alpha : {1e-6, 5.0, 1e6}) {
                for (const double a : {1e-6, 1.0, 1e6}) {
                    for (const double b : {1e-6, 2.5, 1e6}) {
                        for (const RepeatSummary& row :
                             {RepeatSummary{0, 0, 0}, RepeatSummary{1000, 10, 100},
                              RepeatSummary{1e6, 3000, 3000}, RepeatSummary{1, 0.01, 3000}}) {
                            const BetaGeometric p{r, alpha, a, b};
                            const double alive = p_alive(model, p, row);
                            const double order = p_order_within(model, p, row, 13);
                            const double orders = expected_orders(model, p, row, 13);
                            ASSERT_TRUE(alive >= 0 && alive <= 1);
                            ASSERT_TRUE(order >= 0 && order <= alive);
                            // At least one order is at least one order.
                            ASSERT_TRUE(std::isfinite(orders) && orders >= order * (1 - 1e-9))
                                << r << ' ' << alpha << ' ' << a << ' ' << b << ' ' << row.repeats
                                << ": " << orders << ' ' << order;
                        }
                    }
                }
            }
        }
    }
}

TEST(Prediction, ManyOrdersAndLongSilenceMeanGone) {
    const BetaGeometric bg{0.243, 4.414, 0.793, 2.426};
    const RepeatSummary row{1000, 10, 100};
    const double alive = bg_nbd::p_alive(bg, row);
    EXPECT_TRUE(std::isfinite(alive));
    EXPECT_LT(alive, 1e-300);
    EXPECT_EQ(bg_nbd::expected_orders(bg, row, 39), alive * 0);
}

TEST(Prediction, BgNbdThinksEveryOneTimeBuyerAliveAndMbgNbdDoesNot) {
    const BetaGeometric p{0.5, 6, 0.9, 1.6};
    EXPECT_EQ(bg_nbd::p_alive(p, {0, 0, 1e5}), 1);
    EXPECT_LT(mbg_nbd::p_alive(p, {0, 0, 1e5}), 0.02);
}

TEST(Prediction, RisesWithTheLastOrderAndFallsWithSilence) {
    const BetaGeometric p{0.525, 6.183, 0.891, 1.614};
    for (const TransactionModel model : both) {
        for (const double x : {1.0, 5.0, 60.0}) {
            double before = -1;
            for (double recency = 0; recency <= 40; recency += 0.5) {
                const double now = p_alive(model, p, {x, recency, 40});
                EXPECT_GT(now, before);
                before = now;
            }
            before = 2;
            for (double age = 20; age <= 400; age += 5) {
                const double now = p_order_within(model, p, {x, 20, age}, 13);
                EXPECT_LT(now, before);
                before = now;
            }
        }
    }
}

TEST(Prediction, GrowsWithTheHorizonAndTellsNothingOfNone) {
    const BetaGeometric p{0.525, 6.183, 0.891, 1.614};
    const RepeatSummary row{3, 20, 30};
    for (const TransactionModel model : both) {
        double probability = 0;
        double orders = 0;
        for (double horizon = 1; horizon < 1e7; horizon *= 3) {
            const double next_probability = p_order_within(model, p, row, horizon);
            const double next_orders = expected_orders(model, p, row, horizon);
            EXPECT_GE(next_probability, probability);
            EXPECT_GT(next_orders, orders);
            EXPECT_GT(next_orders, next_probability);
            probability = next_probability;
            orders = next_orders;
        }
        EXPECT_NEAR(probability, p_alive(model, p, row), 1e-9);
        for (const double none : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
            EXPECT_EQ(p_order_within(model, p, row, none), 0);
            EXPECT_EQ(expected_orders(model, p, row, none), 0);
        }
    }
}

TEST(Prediction, ProbabilitiesOfCountsSumToOneAndHaveTheExpectedMean) {
    for (const TransactionModel model : both) {
        for (const BetaGeometric& p :
             {BetaGeometric{0.525, 6.183, 0.891, 1.614}, BetaGeometric{3, 8, 2, 9}}) {
            double sum = 0;
            double mean = 0;
            for (int x = 0; x < 600; ++x) {
                const double probability = repeat_probability(model, p, x, 26);
                EXPECT_GE(probability, 0);
                sum += probability;
                mean += x * probability;
            }
            EXPECT_NEAR(sum, 1, 1e-10);
            EXPECT_NEAR(mean, expected_orders(model, p, {}, 26), 1e-8);
            EXPECT_NEAR(1 - repeat_probability(model, p, 0, 26), p_order_within(model, p, {}, 26),
                        1e-12);
        }
    }
}

}  // namespace
}  // namespace winback::model
