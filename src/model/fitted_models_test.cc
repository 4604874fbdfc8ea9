#include "model/fitted_models.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "model/mbg_nbd.h"

namespace winback::model {
namespace {

FittedModels sample() {
    FittedModels models;
    models.version = 3;
    models.parameters = {0.525, 6.183, 0.891, 1.614};
    models.value = ValueModel{{6.25, 3.74, 15.44}, 35.1};
    models.rfm = RfmEdges{{10, 20, 40, 90}, {1, 2, 3, 5}, {20, 50, 120, 400}};
    models.fitted_until = Timestamp{1'322'000'000'000};
    models.customers = 2357;
    models.log_likelihood = -9582.135716;
    models.notes = {"a is at its limit"};
    return models;
}

OrderHistory history(std::uint64_t order_days, int last_day, int now_day) {
    const Timestamp first{1'300'000'000'000};
    return {order_days, first, first + days(last_day), 22.345, first + days(now_day)};
}

TEST(FittedModels, PredictAsTheModelsDo) {
    const FittedModels models = sample();
    const OrderHistory past = history(3, 210, 280);
    const RepeatSummary summary{2, 30, 40};
    EXPECT_NEAR(p_alive(models, past), mbg_nbd::p_alive(models.parameters, summary), 1e-14);
    EXPECT_NEAR(p_order(models, past),
                mbg_nbd::p_order_within(models.parameters, summary, 90.0 / 7), 1e-14);
    EXPECT_NEAR(expected_orders(models, past, 273),
                mbg_nbd::expected_orders(models.parameters, summary, 39), 1e-13);
    EXPECT_NEAR(*expected_order_value(models, past), 24.659613, 6e-7);
    EXPECT_NEAR(*expected_value(models, past),
                expected_orders(models, past) * *expected_order_value(models, past), 1e-13);
}

TEST(FittedModels, GiveTheSameAnswerInDaysAndWeeks) {
    const FittedModels weeks = sample();
    FittedModels in_days = weeks;
    in_days.unit = TimeUnit::Day;
    in_days.parameters.alpha *= 7;
    for (const auto& past : {history(1, 0, 50), history(8, 200, 280)}) {
        EXPECT_NEAR(p_alive(weeks, past), p_alive(in_days, past), 1e-14);
        EXPECT_NEAR(p_order(weeks, past), p_order(in_days, past), 1e-14);
        EXPECT_NEAR(*expected_value(weeks, past), *expected_value(in_days, past), 1e-10);
    }
}

TEST(FittedModels, ExpectNothingOfACustomerWithoutOrders) {
    const OrderHistory none;
    EXPECT_EQ(p_alive(sample(), none), 0);
    EXPECT_EQ(p_order(sample(), none), 0);
    EXPECT_EQ(expected_orders(sample(), none), 0);
    EXPECT_EQ(*expected_value(sample(), none), 0);
}

TEST(FittedModels, TakeTimeThatRunsBackwardsAsNoTime) {
    const OrderHistory past = history(3, 30, 10);
    const RepeatSummary summary = summary_of(sample(), past);
    EXPECT_EQ(summary.age, summary.recency);
    const OrderHistory wrong = history(3, -30, -60);
    EXPECT_EQ(summary_of(sample(), wrong).recency, 0);
    EXPECT_EQ(summary_of(sample(), wrong).age, 0);
    EXPECT_TRUE(std::isfinite(expected_orders(sample(), wrong)));
}

TEST(FittedModels, OrdersOfTheFirstDayAreOneOrder) {
    OrderHistory past = history(1, 0, 50);
    past.last = past.first + hours(5);
    EXPECT_EQ(summary_of(sample(), past).recency, 0);
    EXPECT_EQ(summary_of(sample(), past).repeats, 0);
}

TEST(FittedModels, HaveNoValueWithoutAValueModelAndTheObservedMeanWithoutAFiniteOne) {
    FittedModels models = sample();
    models.value->parameters.q = 0.9;
    EXPECT_EQ(*expected_order_value(models, history(1, 0, 50)), 35.1);
    EXPECT_GT(*expected_order_value(models, history(2, 10, 50)), 0);
    models.value.reset();
    EXPECT_FALSE(expected_value(models, history(2, 10, 50)).has_value());
}

TEST(FittedModels, SurviveTheRoundTripThroughBytes) {
    FittedModels plain = sample();
    plain.value.reset();
    plain.kind = TransactionModel::BgNbd;
    plain.unit = TimeUnit::Day;
    plain.horizon_days = 30;
    for (const FittedModels& models : {sample(), plain}) {
        std::string bytes;
        ByteWriter out(bytes);
        encode(out, models);
        ByteReader in(bytes);
        const auto decoded = decode_fitted_models(in);
        ASSERT_TRUE(decoded.has_value());
        EXPECT_TRUE(in.finished());
        EXPECT_EQ(*decoded, models);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            ByteReader cut(std::string_view(bytes).substr(0, size));
            EXPECT_FALSE(decode_fitted_models(cut).has_value()) << size;
        }
    }
}

TEST(FittedModels, RefuseParametersThatCannotBe) {
    for (const double bad : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
        FittedModels models = sample();
        models.parameters.alpha = bad;
        std::string bytes;
        ByteWriter out(bytes);
        encode(out, models);
        ByteReader in(bytes);
        EXPECT_EQ(decode_fitted_models(in).error().code, ErrorCode::Corrupt);
    }
}

TEST(FittedModels, AreReadableAsAValue) {
    const Value value = to_value(sample());
    EXPECT_EQ(*value.as_map()->find("model")->as_string(), "mbg-nbd");
    EXPECT_EQ(*value.as_map()->find("horizon_days")->as_int(), 90);
}

}  // namespace
}  // namespace winback::model
