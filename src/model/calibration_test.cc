#include "model/calibration.h"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "model/cdnow_test.h"
#include "model/mbg_nbd.h"

namespace winback::model {
namespace {

TEST(Calibration, OfAModelThatIsTrueHasPredictedNearActualInEveryGroup) {
    const BetaGeometric truth{0.8, 6, 0.7, 3};
    test::Generator random(21);
    std::vector<CustomerSummary> customers;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        const double rate = random.gamma(truth.r) / truth.alpha;
        const double stop = random.beta(truth.a, truth.b);
        CustomerSummary customer{i, {0, 0, 40}};
        double time = 0;
        bool is_there = random.uniform() >= stop;
        while (is_there && (time += random.exponential(rate)) <= 53) {
            if (time <= 40) {
                customer.summary.repeats += 1;
                customer.summary.recency = time;
            } else {
                customer.holdout_orders += 1;
            }
            is_there = random.uniform() >= stop;
        }
        customers.push_back(customer);
    }
    const Calibration table =
        calibrate(TransactionModel::MbgNbd, truth, customers, {0, TimeUnit::Week, 91});
    ASSERT_EQ(table.by_repeats.size(), 8U);
    EXPECT_EQ(table.by_repeats.back().group, "7+");
    ASSERT_EQ(table.by_probability.size(), 10U);
    double actual = 0;
    for (const CalibrationRow& row : table.by_repeats) {
        EXPECT_NEAR(row.predicted, row.actual, 6 * std::sqrt(row.predicted)) << row.group;
        actual += row.actual;
    }
    EXPECT_EQ(actual, table.actual_orders);
    for (const CalibrationRow& row : table.by_probability) {
        EXPECT_EQ(row.customers, 2000U);
        EXPECT_NEAR(row.predicted, row.actual, 4 * std::sqrt(row.predicted)) << row.group;
    }
    EXPECT_GT(table.auc, 0.7);
    EXPECT_LT(table.brier, 0.2);
}

TEST(Calibration, OfNobodyIsEmpty) {
    const Calibration table = calibrate(TransactionModel::MbgNbd, {}, {}, {0, TimeUnit::Day, 90});
    EXPECT_TRUE(table.by_repeats.empty());
    EXPECT_TRUE(table.by_probability.empty());
    EXPECT_EQ(to_json(to_value(table)),
              R"({"horizon_days":90,"predicted_orders":0,"actual_orders":0,)"
              R"("brier":0,"auc":0.5,"by_repeats":[],"by_probability":[]})");
}

TEST(Auc, CountsPairsInOrderAndTiesHalf) {
    const std::array<bool, 4> outcomes{false, true, false, true};
    EXPECT_EQ(auc(std::array{0.1, 0.9, 0.2, 0.8}, outcomes), 1);
    EXPECT_EQ(auc(std::array{0.9, 0.1, 0.8, 0.2}, outcomes), 0);
    EXPECT_EQ(auc(std::array{0.5, 0.5, 0.5, 0.5}, outcomes), 0.5);
    EXPECT_EQ(auc(std::array{0.3, 0.3, 0.1, 0.2}, outcomes), 0.625);
    EXPECT_EQ(auc(std::array{0.3, 0.4}, std::array{true, true}), 0.5);
}

TEST(Brier, IsTheMeanSquaredMiss) {
    EXPECT_EQ(brier_score(std::array{1.0, 0.0}, std::array{true, false}), 0);
    EXPECT_EQ(brier_score(std::array{0.5, 0.5}, std::array{true, false}), 0.25);
    EXPECT_EQ(brier_score({}, {}), 0);
}

}  // namespace
}  // namespace winback::model
