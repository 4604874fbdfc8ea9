#include "ingest/amount.h"

#include <string>

#include <gtest/gtest.h>

namespace winback::ingest {
namespace {

std::string amount(std::string_view text, bool decimal_comma = false) {
    const auto parsed = parse_amount(text, decimal_comma);
    return parsed ? std::to_string(parsed->value) : "no";
}

TEST(ParseAmount, ReadsWhatPeopleWrite) {
    EXPECT_EQ(amount("2.55"), "2550000");
    EXPECT_EQ(amount("-3"), "-3000000");
    EXPECT_EQ(amount(" +7. "), "7000000");
    EXPECT_EQ(amount(".5"), "500000");
    EXPECT_EQ(amount("1,234,567.8"), "1234567800000");
    EXPECT_EQ(amount("1.234,50", true), "1234500000");
    EXPECT_EQ(amount("1 234,5", true), "1234500000");
    EXPECT_EQ(amount("1'234.5"), "1234500000");
    EXPECT_EQ(amount("£2.55"), "2550000");
    EXPECT_EQ(amount("12,50 €", true), "12500000");
    EXPECT_EQ(amount("-$3.00"), "-3000000");
    EXPECT_EQ(amount("$-3.00"), "-3000000");
    EXPECT_EQ(amount("USD 5"), "5000000");
    EXPECT_EQ(amount("(4.25)"), "-4250000");
    EXPECT_EQ(amount("15.299999999999999"), "15300000");
    EXPECT_EQ(amount("0.0000005"), "1");
    EXPECT_EQ(amount("0.00000049"), "0");
    EXPECT_EQ(amount("9000000000000"), "9000000000000000000");
}

TEST(ParseAmount, RefusesWhatIsNoNumber) {
    for (const std::string_view text :
         {"", "-", ".", "abc", "1.2.3", "1,5", "12,34", "1e5", "1-2", "--1", "zwei", "0x10",
          "9000000000001", "1,2345", "1.5,000", "()", "12 monkeys"}) {
        EXPECT_EQ(amount(text), "no") << text;
    }
    EXPECT_EQ(amount("1.5", true), "no");
}

TEST(Multiply, IsExactOrRefuses) {
    EXPECT_EQ(multiply(Micros{3'000'000}, Micros{2'550'000}), Micros{7'650'000});
    EXPECT_EQ(multiply(Micros{-1}, Micros{500'000}), Micros{-1});
    EXPECT_EQ(multiply(Micros{9'000'000'000'000}, Micros{9'000'000'000'000'000}), std::nullopt);
}

std::string date(std::string_view text, std::string_view format, const char* zone = "UTC") {
    const auto time = parse_date(text, format, **find_zone(zone));
    return time ? format_iso8601(*time) : "no";
}

TEST(ParseDate, FollowsItsFormat) {
    EXPECT_EQ(date("2010-12-01 08:26:00", "%Y-%m-%d %H:%M:%S", "Europe/London"),
              "2010-12-01T08:26:00Z");
    EXPECT_EQ(date("2011-07-01 08:26:00", "%F %T", "Europe/London"), "2011-07-01T07:26:00Z");
    EXPECT_EQ(date("1/31/2024 2:05 PM", "%m/%d/%Y %I:%M %p"), "2024-01-31T14:05:00Z");
    EXPECT_EQ(date("12/1/2023 12:30 AM", "%m/%d/%Y %I:%M %p"), "2023-12-01T00:30:00Z");
    EXPECT_EQ(date("3.2.24", "%d.%m.%y"), "2024-02-03T00:00:00Z");
    EXPECT_EQ(date("5 Jan 2024", "%d %b %Y"), "2024-01-05T00:00:00Z");
    EXPECT_EQ(date("January 5, 2024", "%B %d, %Y"), "2024-01-05T00:00:00Z");
    EXPECT_EQ(date("20240105T101112.5+0200", "%Y%m%dT%H%M%S.%f%z"), "2024-01-05T08:11:12.500Z");
    EXPECT_EQ(date("1700000000", "%s"), "2023-11-14T22:13:20Z");
    EXPECT_EQ(date("1700000000123", "epoch_ms"), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(date("2024-07-01T10:00:00", "iso8601", "Europe/Berlin"), "2024-07-01T08:00:00Z");
    EXPECT_EQ(date("2024-07-01T10:00:00Z", "iso8601", "Europe/Berlin"), "2024-07-01T10:00:00Z");
    EXPECT_EQ(date("2024-07-01", "iso8601", "Europe/Berlin"), "2024-06-30T22:00:00Z");
}

TEST(ParseDate, RefusesWhatIsNoDate) {
    EXPECT_EQ(date("2024-02-30", "%F"), "no");
    EXPECT_EQ(date("2024-02-03 25:00", "%F %R"), "no");
    EXPECT_EQ(date("2024-02-03x", "%F"), "no");
    EXPECT_EQ(date("", "%F"), "no");
    EXPECT_EQ(date("13:00 PM", "%I:%M %p"), "no");
    EXPECT_EQ(date("0000-01-01", "%F"), "no");
    EXPECT_EQ(date("12a", "epoch_ms"), "no");
    EXPECT_FALSE(is_date_format("%Q"));
    EXPECT_FALSE(is_date_format("Y-m-d"));
    EXPECT_TRUE(is_date_format("%d.%m.%Y"));
}

}  // namespace
}  // namespace winback::ingest
