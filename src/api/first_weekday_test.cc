#include "api/first_weekday.h"

#include <gtest/gtest.h>

namespace winback::api {
namespace {

// Source: CLDR 42, supplemental weekData, firstDay.
TEST(FirstWeekday, IsThatOfTheCountry) {
    constexpr int sunday = 0;
    constexpr int monday = 1;
    constexpr int friday = 5;
    constexpr int saturday = 6;
    EXPECT_EQ(first_weekday("US"), sunday);
    EXPECT_EQ(first_weekday("SA"), sunday);
    EXPECT_EQ(first_weekday("IR"), saturday);
    EXPECT_EQ(first_weekday("EG"), saturday);
    EXPECT_EQ(first_weekday("AE"), saturday);
    EXPECT_EQ(first_weekday("MV"), friday);
    EXPECT_EQ(first_weekday("TR"), monday);
    EXPECT_EQ(first_weekday("MA"), monday);
    EXPECT_EQ(first_weekday(""), monday);
    EXPECT_EQ(first_weekday("QQ"), monday);
}

}  // namespace
}  // namespace winback::api
