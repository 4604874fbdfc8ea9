// Dates as text and text as dates. What is expected was compared with Ruby.
#include "template/strftime.h"

#include <gtest/gtest.h>

namespace winback::liquid {
namespace {

const Timestamp now{1'704'067'318'000};  // 2024-01-01T00:01:58Z, a Monday.

// What the date in `text` looks like; "none" when it is no date.
std::string shown(std::string_view text, std::string_view format, const Zone& zone = utc_zone()) {
    const std::optional<Moment> moment = parse_date(text, zone, now);
    if (!moment) {
        return "none";
    }
    std::string out;
    return append_strftime(out, format, *moment, {}) ? out : "refused";
}

void check(std::string_view text, std::string_view expected) {
    EXPECT_EQ(shown(text, "%F %T %z"), expected) << text;
}

void check_format(std::string_view format, std::string_view expected) {
    EXPECT_EQ(shown("2006-07-05 09:05:03.0625", format), expected) << format;
}

TEST(ParseDate, ReadsTheCommonForms) {
    check("2006-05-05 10:00:00", "2006-05-05 10:00:00 +0000");
    check("2006-05-05T10:00:00.123+02:00", "2006-05-05 10:00:00 +0200");
    check("20060505T100000Z", "2006-05-05 10:00:00 +0000");
    check("Fri, 05 May 2006 10:00:00 GMT", "2006-05-05 10:00:00 +0000");
    check("Fri Jul 16 01:00:00 2004", "2004-07-16 01:00:00 +0000");
    check("May 5 2006", "2006-05-05 00:00:00 +0000");
    check("5 May 2006", "2006-05-05 00:00:00 +0000");
    check("3rd Feb 2001 04:05:06 PM", "2001-02-03 16:05:06 +0000");
    check("05/06/2006", "2006-06-05 00:00:00 +0000");
    check("2006/05/06", "2006-05-06 00:00:00 +0000");
    check("5.6.2006", "2006-06-05 00:00:00 +0000");
    check("1-Jan-99", "1999-01-01 00:00:00 +0000");
    check("2006-123", "2006-05-03 00:00:00 +0000");
    check("H31.04.30", "2019-04-30 00:00:00 +0000");
    check("R1.5.1", "2019-05-01 00:00:00 +0000");
    check("10:00 EST", "2023-12-31 10:00:00 -0500");
    check("2006-05-05 10:00 CEST", "2006-05-05 10:00:00 +0000");
}

TEST(ParseDate, FillsWhatIsMissing) {
    check("10:00", "2024-01-01 10:00:00 +0000");
    check("5pm", "2024-01-01 17:00:00 +0000");
    check("12am", "2024-01-01 00:00:00 +0000");
    check("May 2006", "2006-05-01 00:00:00 +0000");
    check("5 May", "2024-05-05 00:00:00 +0000");
    check("March", "2024-03-01 00:00:00 +0000");
    check("3rd", "2024-01-03 00:00:00 +0000");
    check("'85", "1985-01-01 00:00:00 +0000");
}

TEST(ParseDate, ReadsSecondsSince1970) {
    check("1152098955", "2006-07-05 11:29:15 +0000");
    check("-86400", "1969-12-31 00:00:00 +0000");
    check("99999999999999999999", "none");
}

TEST(ParseDate, CarriesOverAsRubyDoes) {
    check("2023-02-31", "2023-03-03 00:00:00 +0000");
    check("2023-12-31 24:00:00", "2024-01-01 00:00:00 +0000");
    check("2023-12-31 23:59:60", "2024-01-01 00:00:00 +0000");
    check("2023-02-32", "none");
    check("2023-13-01", "none");
    check("25:00", "none");
    check("2023-366", "none");
}

TEST(ParseDate, LeavesTheRest) {
    for (const char* text :
         {"", "no date", "-", "Friday", "2023-W05", "2006-05-05 10:00 +3000", "2006-05"}) {
        check(text, "none");
    }
    check(std::string(129, '1') + "-01-01", "none");
}

TEST(ParseDate, TakesTheWallClockOfTheZone) {
    const Zone& berlin = *find_zone("Europe/Berlin").value();
    EXPECT_EQ(shown("2025-07-01 12:00", "%T %z", berlin), "12:00:00 +0200");
    EXPECT_EQ(shown("2025-07-01 12:00Z", "%T %z %Z", berlin), "12:00:00 +0000 UTC");
    EXPECT_EQ(shown("2025-07-01 12:00 +0200", "%T %Z", berlin), "12:00:00 +0200");
    EXPECT_EQ(shown("2025-07-01 12:00 +0500", "%T %z [%Z]", berlin), "12:00:00 +0500 []");
    EXPECT_EQ(shown("1152098955", "%T", berlin), "13:29:15");
}

TEST(Strftime, KnowsEveryDirective) {
    check_format("%a %A %b %B %h", "Wed Wednesday Jul July Jul");
    check_format("%c|%x|%X|%r|%R|%v",
                 "Wed Jul  5 09:05:03 2006|07/05/06|09:05:03|09:05:03 AM|09:05| 5-JUL-2006");
    check_format("%C %y %Y %G %g %V %U %W %u %w %j", "20 06 2006 2006 06 27 27 27 3 3 186");
    check_format("%d %e %H %k %I %l %M %S %p %P", "05  5 09  9 09  9 05 03 AM am");
    check_format("%D %F %T %s", "07/05/06 2006-07-05 09:05:03 1152090303");
    check_format("%L %N %3N %6N %12N %1L", "062 062500000 062 062500 062500000000 0");
    check_format("%z %:z %::z %:::z %Z", "+0000 +00:00 +00:00:00 +00 UTC");
    check_format("%n|%t|%%", "\n|\t|%");
}

TEST(Strftime, KnowsFlagsAndWidths) {
    check_format("%-d %-m %_m %05d %^b %#B %#p %#P %^p", "5 7  7 00005 JUL JULY am AM AM");
    check_format("%10A|%-10A|%010A|%^10a", " Wednesday|Wednesday|0Wednesday|       WED");
    check_format("%3Y %6Y %_6Y %-y %_5S %3H", "2006 002006   2006 6     3 009");
    check_format("%10F|%12F|%^c", "2006-07-05|  2006-07-05|WED JUL  5 09:05:03 2006");
    check_format("%6z %_6z %-z %010:z %_8:z", "+00000   +000 +0000 +000000:00    +0:00");
    check_format("%Ey %Od %Ed", "06 05 %Ed");
}

TEST(Strftime, KeepsWhatIsNoDirective) {
    check_format("%Q %f %i %+ %5Q %:d %", "refused");
    check_format("%Q %f %i %+ %5Q %:d", "%Q %f %i %+ %5Q %:d");
    check_format("100%", "refused");
    check_format("%-5", "refused");
    check_format("% d é", "% d é");
}

TEST(Strftime, WritesYearsBeforeTheFirst) {
    EXPECT_EQ(shown("44-03-15 BC", "%Y %C %y"), "-0043 -1 57");
    EXPECT_EQ(shown("-0044-03-15", "%Y"), "-0044");
    EXPECT_EQ(shown("0005-03-15", "%Y %C"), "0005 00");
}

TEST(Calendars, CountAsIranDoes) {
    // The last days of leap years and the first days after them.
    const std::pair<const char*, const char*> cases[] = {
        {"2017-03-20", "1395-12-30"}, {"2017-03-21", "1396-01-01"}, {"2018-03-20", "1396-12-29"},
        {"2021-03-20", "1399-12-30"}, {"2021-03-21", "1400-01-01"}, {"2024-03-19", "1402-12-29"},
        {"2024-03-20", "1403-01-01"}, {"2025-03-20", "1403-12-30"}, {"2025-03-21", "1404-01-01"},
        {"2030-03-20", "1408-12-30"}, {"1979-02-11", "1357-11-22"},
    };
    for (const auto& [gregorian, persian] : cases) {
        const std::optional<Moment> moment = parse_date(gregorian, utc_zone(), now);
        std::string out;
        append_strftime(out, "%F", *moment, date_style("en", Calendar::Persian, moment->civil));
        EXPECT_EQ(out, persian) << gregorian;
    }
}

}  // namespace
}  // namespace winback::liquid
