#include "model/rfm.h"

#include <cmath>

#include <gtest/gtest.h>

#include "model/rfm_score.h"

namespace winback::model {
namespace {

TEST(Summarise, MergesOrdersOfADayAndCountsOnlyRepeats) {
    const std::vector<Order> orders{{7, 110, 30}, {7, 100, 5},  {7, 100, 6},
                                    {7, 110, 10}, {7, 121, 20}, {7, 142, 99}};
    const auto rows = summarise(orders, {135, TimeUnit::Week, 14});
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 1U);
    const CustomerSummary& row = rows->front();
    EXPECT_EQ(row.customer, 7U);
    EXPECT_EQ(row.summary.repeats, 2);
    EXPECT_EQ(row.summary.recency, 3);
    EXPECT_EQ(row.summary.age, 5);
    EXPECT_EQ(row.summary.mean_value, 30);  // (40 + 20) / 2, the first day left out.
    EXPECT_EQ(row.first_value, 11);
    EXPECT_EQ(row.holdout_orders, 1);
    EXPECT_EQ(row.holdout_value, 99);
}

TEST(Summarise, TheLastDayBelongsToTheFitAndTheHoldoutEndsWhereItSays) {
    const std::vector<Order> orders{{1, 0, 1},  {1, 10, 1}, {1, 11, 1}, {1, 20, 1},
                                    {1, 20, 1}, {1, 21, 1}, {2, 11, 1}};
    const auto rows = summarise(orders, {10, TimeUnit::Day, 10});
    ASSERT_EQ(rows->size(), 1U);  // Customer 2 came later.
    EXPECT_EQ(rows->front().summary.repeats, 1);
    EXPECT_EQ(rows->front().summary.recency, 10);
    EXPECT_EQ(rows->front().holdout_orders, 2);
    const auto without = summarise(orders, {10, TimeUnit::Day, 0});
    EXPECT_EQ(without->front().holdout_orders, 0);
}

TEST(Summarise, LeavesReturnsOutAndKeepsOrdersOfNothing) {
    const std::vector<Order> orders{{1, 0, 10}, {1, 5, -10}, {1, 8, 0}, {2, 3, -1}};
    const auto rows = summarise(orders, {10, TimeUnit::Day, 0});
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().summary.repeats, 1);
    EXPECT_EQ(rows->front().summary.recency, 8);
    EXPECT_EQ(rows->front().summary.mean_value, 0);
}

TEST(Summarise, RefusesAmountsThatAreNoNumbers) {
    const std::vector<Order> orders{{1, 0, 10}, {42, 5, std::nan("")}};
    const auto rows = summarise(orders, {10, TimeUnit::Day, 0});
    ASSERT_FALSE(rows.has_value());
    EXPECT_NE(rows.error().message.find("customer 42"), std::string::npos);
    EXPECT_FALSE(summarise({}, {10, TimeUnit::Day, -1}).has_value());
    EXPECT_TRUE(summarise({}, {10, TimeUnit::Day, 1})->empty());
}

TEST(Summarise, SurvivesTheFarthestDays) {
    const std::vector<Order> orders{{1, INT32_MIN, 1}, {1, INT32_MAX, 1}};
    const auto rows = summarise(orders, {INT32_MAX, TimeUnit::Day, INT32_MAX});
    EXPECT_EQ(rows->front().summary.age, 4294967295.0);
    const auto early = summarise(orders, {INT32_MIN, TimeUnit::Day, INT32_MAX});
    EXPECT_EQ(early->front().holdout_orders, 0);
}

std::vector<RfmFacts> hundred() {
    std::vector<RfmFacts> base;
    for (int i = 1; i <= 100; ++i) {
        base.push_back({static_cast<double>(i), i <= 70 ? 1.0 : i - 69.0, i * 10.0});
    }
    return base;
}

TEST(RfmScore, SplitsABaseIntoFifthsAndShowsTheEdges) {
    const auto edges = rfm_edges(hundred());
    ASSERT_TRUE(edges.has_value());
    EXPECT_EQ(edges->days_since_last, (QuintileEdges{20, 40, 60, 80}));
    EXPECT_EQ(edges->revenue, (QuintileEdges{200, 400, 600, 800}));
    std::array<int, 6> count{};
    for (const RfmFacts& facts : hundred()) {
        count[static_cast<std::size_t>(rfm_score(*edges, facts).recency)] += 1;
    }
    EXPECT_EQ(count, (std::array<int, 6>{0, 20, 20, 20, 20, 20}));
    EXPECT_EQ(rfm_score(*edges, {1, 31, 1000}), (RfmScore{5, 5, 5}));
    EXPECT_EQ(rfm_score(*edges, {100, 1, 10}), (RfmScore{1, 1, 1}));
    EXPECT_EQ(rfm_score(*edges, {20, 1, 200}), (RfmScore{5, 1, 1}));
    EXPECT_EQ(rfm_score(*edges, {20.5, 1, 200.5}), (RfmScore{4, 1, 2}));
}

TEST(RfmScore, EqualValuesGetEqualScores) {
    const auto edges = rfm_edges(hundred());
    // 70 of 100 have one order: three edges coincide and no customer is in classes 2 and 3.
    EXPECT_EQ(edges->orders, (QuintileEdges{1, 1, 1, 11}));
    EXPECT_EQ(rfm_score(*edges, {1, 1, 0}).frequency, 1);
    EXPECT_EQ(rfm_score(*edges, {1, 2, 0}).frequency, 4);
    EXPECT_EQ(rfm_score(*edges, {1, 12, 0}).frequency, 5);
}

TEST(RfmScore, NeedsABaseOfNumbers) {
    EXPECT_FALSE(rfm_edges({}).has_value());
    const std::vector<RfmFacts> bad{{1, 1, std::nan("")}};
    EXPECT_FALSE(rfm_edges(bad).has_value());
    const std::vector<RfmFacts> one{{3, 2, 1}};
    EXPECT_EQ(rfm_score(*rfm_edges(one), one[0]), (RfmScore{5, 1, 1}));
}

}  // namespace
}  // namespace winback::model
