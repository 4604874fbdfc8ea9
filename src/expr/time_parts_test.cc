#include "expr/time_parts.h"

#include <vector>

#include <gtest/gtest.h>

namespace winback::expr {
namespace {

struct Stretch {
    const char* place;
    const char* from;  // Days in which clocks change there, most of them.
};

constexpr Stretch stretches[] = {
    {"Europe/Berlin", "2026-03-27T00:00:00Z"},
    {"Europe/Berlin", "2026-10-23T00:00:00Z"},
    {"America/St_Johns", "2006-10-27T00:00:00Z"},     // From 0:01 to 23:01.
    {"Australia/Lord_Howe", "2026-04-03T00:00:00Z"},  // Half an hour.
    {"Asia/Tehran", "2021-03-20T00:00:00Z"},          // From 0:00 to 1:00.
    {"+05:45", "2026-12-30T00:00:00Z"}};

// Minute by minute: a part does not change before it is said to, and mostly changes then.
TEST(TimeParts, OfNowHoldUntilTheNextChange) {
    constexpr int minutes_seen = 5 * 1440;
    int exact = 0;
    int asked = 0;
    for (const Stretch& stretch : stretches) {
        const Place place = find_place(stretch.place).value();
        const Timestamp from = parse_iso8601(stretch.from).value();
        for (const TimePart part : {TimePart::Hours, TimePart::Date, TimePart::DayOfWeek,
                                    TimePart::Month, TimePart::FullYear}) {
            std::vector<std::int64_t> values;
            for (int i = 0; i < minutes_seen; ++i) {
                values.push_back(part_of(part, from + minutes(i), place));
            }
            int change = minutes_seen;
            for (int i = minutes_seen - 2; i >= 0; --i) {
                change =
                    values[static_cast<std::size_t>(i)] == values[static_cast<std::size_t>(i) + 1]
                        ? change
                        : i + 1;
                const Timestamp now = from + minutes(i);
                const Timestamp next = next_change(part, now, place);
                ASSERT_GT(next, now) << stretch.place << " " << format_iso8601(now);
                ASSERT_TRUE(change == minutes_seen || next <= from + minutes(change))
                    << stretch.place << " " << format_iso8601(now) << ": said "
                    << format_iso8601(next) << ", was " << format_iso8601(from + minutes(change));
                asked += part == TimePart::Hours || part == TimePart::Date ? 1 : 0;
                exact += next == from + minutes(change) ? 1 : 0;
            }
        }
    }
    EXPECT_GT(exact, asked * 8 / 10);
}

TEST(TimeParts, KnowPlacesByNameAndByOffset) {
    EXPECT_TRUE(find_place("Europe/Berlin"));
    EXPECT_TRUE(find_place("UTC"));
    EXPECT_EQ(find_place("-09:30")->offset, minutes(-570));
    EXPECT_EQ(find_place("02:00")->offset, hours(2));
    for (const char* none : {"", "+2", "+24:00", "+02:60", "Europe", "2:00", "+02:00:00"}) {
        EXPECT_FALSE(find_place(none)) << none;
    }
}

}  // namespace
}  // namespace winback::expr
