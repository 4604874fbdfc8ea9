#include "report/state.h"

#include <vector>

#include <gtest/gtest.h>

namespace winback::report {
namespace {

using Day = customer::Customers::OrderDay;

constexpr Timestamp day_start(int day) {
    return {days(day).ms};
}

std::vector<Day> orders_on(std::initializer_list<int> list) {
    std::vector<Day> order_days;
    for (const int day : list) {
        order_days.push_back({.day = day, .revenue = {}, .first_time = day_start(day)});
    }
    return order_days;
}

// The shop's gap is 30 days, customers are seen from day 100 on.
std::string_view state_on(std::initializer_list<int> order_days, int day) {
    return customer_state_name(
        standing_at(orders_on(order_days), day_start(100), days(30), day_start(day)).state);
}

TEST(State, OneOrderIsNewThenAtRiskThenLapsed) {
    EXPECT_EQ(state_on({110}, 99), "unknown");
    EXPECT_EQ(state_on({110}, 100), "no_order");
    EXPECT_EQ(state_on({110}, 110), "new");
    EXPECT_EQ(state_on({110}, 170), "new");
    EXPECT_EQ(state_on({110}, 171), "at_risk");
    EXPECT_EQ(state_on({110}, 230), "at_risk");
    EXPECT_EQ(state_on({110}, 231), "lapsed");
}

TEST(State, ASecondOrderMakesActiveAndOneAfterALapseReturned) {
    EXPECT_EQ(state_on({110, 140}, 140), "active");
    EXPECT_EQ(state_on({110, 230}, 230), "active");    // 120 days: at risk, not lapsed.
    EXPECT_EQ(state_on({110, 231}, 231), "returned");  // 121 days: lapsed before.
    EXPECT_EQ(state_on({110, 231, 240}, 240), "active");
}

TEST(State, TheOwnGapCountsFromTwoGapsOn) {
    // Gaps of 20 and 40 days: the median is 30. With a third of 100 days it is 40.
    EXPECT_EQ(state_on({100, 120, 160}, 220), "active");
    EXPECT_EQ(state_on({100, 120, 160}, 221), "at_risk");
    EXPECT_EQ(state_on({100, 120, 160, 260}, 340), "active");
    EXPECT_EQ(state_on({100, 120, 160, 260}, 341), "at_risk");
    // At least two weeks: who orders daily is not leaving after three days.
    EXPECT_EQ(state_on({100, 101, 102}, 130), "active");
    EXPECT_EQ(state_on({100, 101, 102}, 131), "at_risk");
}

TEST(State, WhatCameLaterDoesNotCount) {
    for (int day = 100; day < 300; ++day) {
        EXPECT_EQ(state_on({110, 120, 180, 300, 310}, day), state_on({110, 120, 180}, day)) << day;
    }
}

TEST(State, NobodyIsUnknownNow) {
    EXPECT_EQ(standing_now({}, days(30), day_start(5)).state, CustomerState::NoOrder);
}

TEST(Move, IsReadFromItsNames) {
    const auto move = parse_move("at_risk:lapsed");
    ASSERT_TRUE(move.has_value());
    EXPECT_EQ(move->from, 1U << 3U);
    EXPECT_EQ(move->to, 1U << 4U);
    EXPECT_EQ(parse_move("unknown:new")->from, 1U << 6U);
    EXPECT_EQ(parse_move("any:any")->from, 0x7fU);
    EXPECT_EQ(parse_move("current:lapsed")->from, 0x07U);
    EXPECT_EQ(parse_move("any:kept")->to, 0x0fU);
    for (const char* wrong : {"", "at_risk", "at_risk:unknown", "x:lapsed", "lapsed:", ":", "::"}) {
        EXPECT_FALSE(parse_move(wrong).has_value()) << wrong;
    }
}

}  // namespace
}  // namespace winback::report
