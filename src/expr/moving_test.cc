#include "expr/moving.h"

#include <gtest/gtest.h>

namespace winback::expr {
namespace {

Timestamp at(std::string_view text) {
    return parse_iso8601(text).value();
}

// Looks at every half minute; the answers must agree to it and be exact at the millisecond.
Timestamp scan(const Moment& moment, const CalendarStep& step, Timestamp bound, bool above) {
    for (Timestamp t = moment.now; t < moment.now + days(12); t = t + seconds(30)) {
        if ((add(moment.zone, t, step) > bound) == above) {
            return t;
        }
    }
    return timestamp_max;
}

void agree(const Moment& moment, const CalendarStep& step, Timestamp bound) {
    const bool is_above = moved(moment, step) > bound;
    const Timestamp flip =
        is_above ? falls_to(moment, step, bound) : rises_above(moment, step, bound);
    const Timestamp seen = scan(moment, step, bound, !is_above);
    const std::string what = std::string(zone_name(moment.zone)) + " now " +
                             format_iso8601(moment.now) + " step " + std::to_string(step.months) +
                             "mo " + std::to_string(step.days) + "d bound " + format_iso8601(bound);
    ASSERT_GT(flip, moment.now) << what;
    if (flip == timestamp_max || seen == timestamp_max) {
        ASSERT_EQ(flip == timestamp_max || flip > moment.now + days(11), seen == timestamp_max)
            << what;
        return;
    }
    ASSERT_LE(flip, seen) << what;
    ASSERT_GT(flip, seen - seconds(30)) << what;
    EXPECT_NE(add(moment.zone, flip, step) > bound, is_above) << what;
    EXPECT_EQ(add(moment.zone, flip - milliseconds(1), step) > bound, is_above) << what;
}

TEST(Moving, FlipsExactlyWhenEveryHalfMinuteIsLookedAt) {
    const CalendarStep steps[] = {{-1, 0, 0},     {0, -30, 0}, {-6, 0, 0},
                                  {-1, -2, 1000}, {1, 0, 0},   {0, 7, 0}};
    const std::string_view moments[] = {"2026-02-27T10:20:00Z", "2026-03-28T23:30:00Z",
                                        "2026-03-29T00:59:00Z", "2026-10-24T22:10:00Z",
                                        "2026-10-25T00:30:00Z", "2026-04-30T23:59:59.999Z",
                                        "2024-02-29T12:00:00Z"};
    for (const std::string_view name : {"Europe/London", "Asia/Tehran", "America/New_York"}) {
        const Zone& zone = *find_zone(name).value();
        for (const std::string_view now : moments) {
            const Moment moment{at(now), zone};
            for (const CalendarStep& step : steps) {
                const Timestamp here = moved(moment, step);
                for (const std::int64_t hours_off : {-73, -30, -5, 0, 1, 20, 47, 95}) {
                    agree(moment, step, here + hours(hours_off) + milliseconds(7));
                }
            }
        }
    }
}

TEST(Moving, FallsBackAtTheEndOfMarch) {
    const Moment moment{at("2026-03-28T18:00:00Z"), utc_zone()};
    const CalendarStep month{-1, 0, 0};
    EXPECT_EQ(moved(moment, month), at("2026-02-28T18:00:00Z"));
    EXPECT_EQ(falls_to(moment, month, at("2026-02-28T12:00:00Z")), at("2026-03-29T00:00:00Z"));
    EXPECT_EQ(falls_to(moment, month, at("2026-02-27T12:00:00Z")), timestamp_max);
}

TEST(Moving, NeverHappensPastTheCalendar) {
    const Moment moment{at("2026-03-28T18:00:00Z"), utc_zone()};
    EXPECT_EQ(rises_above(moment, {-2400, 0, 0}, at("9900-01-01")), timestamp_max);
    EXPECT_EQ(rises_above(moment, {0, 0, 0}, Timestamp{time_limit_high.ms + 5}), timestamp_max);
}

}  // namespace
}  // namespace winback::expr
