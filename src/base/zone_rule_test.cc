#include "base/zone_rule.h"

#include <string>

#include <gtest/gtest.h>

#include "base/time.h"

namespace winback {
namespace {

std::string utc(std::int64_t second) {
    return format_iso8601({second * 1000});
}

// The stretch at a moment: "begin end offset".
std::string stretch(std::string_view line, std::string_view at) {
    const std::optional<ZoneRule> rule = parse_zone_rule(line);
    if (!rule) {
        return "no rule";
    }
    const RuleStretch found = stretch_at(*rule, parse_iso8601(at)->ms / 1000);
    return utc(found.begin_s) + " " + utc(found.end_s) + " " + std::to_string(found.offset_s);
}

TEST(ZoneRule, ReadsDaysOfTheWeek) {
    EXPECT_EQ(stretch("CET-1CEST,M3.5.0,M10.5.0/3", "2040-07-01"),
              "2040-03-25T01:00:00Z 2040-10-28T01:00:00Z 7200");
    EXPECT_EQ(stretch("CET-1CEST,M3.5.0,M10.5.0/3", "2041-01-01"),
              "2040-10-28T01:00:00Z 2041-03-31T01:00:00Z 3600");
    EXPECT_EQ(stretch("EST5EDT,M3.2.0,M11.1.0", "2100-03-14T07:00:00Z"),
              "2100-03-14T07:00:00Z 2100-11-07T06:00:00Z -14400");
    EXPECT_EQ(stretch("EST5EDT,M3.2.0,M11.1.0", "2100-03-14T06:59:59Z"),
              "2099-11-01T06:00:00Z 2100-03-14T07:00:00Z -18000");
    // The fifth is the last: here the fourth Thursday of February.
    EXPECT_EQ(stretch("AAA0BBB,M2.5.4/0,M9.5.5/0", "2041-05-01"),
              "2041-02-28T00:00:00Z 2041-09-26T23:00:00Z 3600");
}

TEST(ZoneRule, ReadsOtherHemispheresOffsetsAndSummersInWinter) {
    EXPECT_EQ(stretch("AEST-10AEDT,M10.1.0,M4.1.0/3", "2050-01-01"),
              "2049-10-02T16:00:00Z 2050-04-02T16:00:00Z 39600");
    EXPECT_EQ(stretch("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-07-01"),
              "2050-04-02T15:00:00Z 2050-10-01T15:30:00Z 37800");
    EXPECT_EQ(stretch("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-01-01"),
              "2049-10-31T01:00:00Z 2050-03-27T01:00:00Z 0");
    EXPECT_EQ(stretch("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-07-01"),
              "2050-03-27T01:00:00Z 2050-10-30T01:00:00Z 3600");
}

TEST(ZoneRule, ReadsHoursOfOtherDays) {
    // In Nuuk on Saturday, an hour before the last Sunday begins.
    EXPECT_EQ(stretch("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2050-07-01"),
              "2050-03-27T01:00:00Z 2050-10-30T01:00:00Z -3600");
    EXPECT_EQ(stretch("IST-2IDT,M3.4.4/26,M10.5.0", "2050-07-01"),
              "2050-03-25T00:00:00Z 2050-10-29T23:00:00Z 10800");
    // A week behind the end of the year, and before its beginning.
    EXPECT_EQ(stretch("AAA0BBB,J200/0,J365/167", "2051-01-06T21:00:00Z"),
              "2050-07-19T00:00:00Z 2051-01-06T22:00:00Z 3600");
    EXPECT_EQ(stretch("AAA0BBB,J1/-167,J200/0", "2050-12-26T00:00:00Z"),
              "2050-12-25T01:00:00Z 2051-07-18T23:00:00Z 3600");
}

TEST(ZoneRule, CountsDaysOfTheYearWithAndWithoutTheLeapDay) {
    EXPECT_EQ(stretch("AAA0BBB,J60/0,J365/0", "2044-06-01"),
              "2044-03-01T00:00:00Z 2044-12-30T23:00:00Z 3600");
    EXPECT_EQ(stretch("AAA0BBB,J60/0,J365/0", "2045-06-01"),
              "2045-03-01T00:00:00Z 2045-12-30T23:00:00Z 3600");
    EXPECT_EQ(stretch("AAA0BBB,59/0,364/0", "2044-06-01"),
              "2044-02-29T00:00:00Z 2044-12-29T23:00:00Z 3600");
    EXPECT_EQ(stretch("AAA0BBB,59/0,364/0", "2045-06-01"),
              "2045-03-01T00:00:00Z 2045-12-30T23:00:00Z 3600");
    EXPECT_EQ(stretch("AAA0BBB,0/0,J59/0:30:15", "2044-01-01T00:00:00Z"),
              "2044-01-01T00:00:00Z 2044-02-27T23:30:15Z 3600");
}

TEST(ZoneRule, KeepsASummerThatNeverEnds) {
    EXPECT_EQ(stretch("XXX3EDT4,0/0,J365/23", "2050-01-01T02:59:59Z"),
              "2049-01-01T03:00:00Z 2050-01-01T03:00:00Z -14400");
    EXPECT_EQ(stretch("XXX3EDT4,0/0,J365/23", "2050-01-01T03:00:00Z"),
              "2050-01-01T03:00:00Z 2051-01-01T03:00:00Z -14400");
}

TEST(ZoneRule, IsNoneWhereOneOffsetHoldsOrTheLineIsNone) {
    for (const char* line :
         {"", "UTC0", "<+01>-1", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M3.2.0,M11.1.0x",
          "EST5EDT,M13.2.0,M11.1.0", "EST5EDT,M3.6.0,M11.1.0", "EST5EDT,M3.0.0,M11.1.0",
          "EST5EDT,M3.2.7,M11.1.0", "EST5EDT,J0,J60", "EST5EDT,J366,J60", "EST5EDT,366,60",
          "E5EDT,M3.2.0,M11.1.0", "<+05-5EDT,M3.2.0,M11.1.0", "EST99EDT,M3.2.0,M11.1.0",
          "EST5EDT,M3.2.0/168,M11.1.0", "EST5:60EDT,M3.2.0,M11.1.0", "TZif2"}) {
        EXPECT_EQ(stretch(line, "2050-01-01"), "no rule") << line;
    }
}

}  // namespace
}  // namespace winback
