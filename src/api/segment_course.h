// How the number of a segment's members went: one for the end of each of the last 30 days, and now.
//
// Every shard keeps the numbers of its own days (host/segment_days.h); a day is told when all of
// them know it. docs/design/segments.md "The course of a segment".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "base/value.h"
#include "engine/definitions.h"

namespace winback::api {

constexpr std::int64_t course_days = 30;

struct SegmentCourse {
    struct Point {
        std::int64_t day = 0;  // Since 1970-01-01, in the zone of the workspace.
        std::uint64_t customers = 0;
        bool changed = false;  // The condition came to mean something else on that day.
    };
    std::uint64_t customers = 0;  // Now.
    std::vector<Point> points;    // Oldest first; the last is that of today, as it is now.
};

std::string iso_day(std::int64_t day);  // "2026-11-26"

struct SegmentCourses {
    std::uint64_t customers = 0;  // The whole base at the same moments as the segments' numbers.
    std::map<std::string, SegmentCourse> of;  // By id.
};
// Of each segment of the definitions. Blocks. Days before the first that is known, or of
// which a row cannot be read, are left out.
SegmentCourses segment_courses(Desk& desk, const engine::Definitions& definitions);

// `series`: [{day, customers, changed}], and `trend`: {since, customers, change, share}, from the
// first of these days, or from the last on which the condition was changed, to now; null where
// there is none before today.
void put_course(const SegmentCourse& course, ValueMap& map);

// What the rows of all shards say of the days that are over, kept until another day is over for
// some shard.
class EndedDays {
public:
    struct Sum {
        std::uint64_t customers = 0;
        std::uint64_t meaning = 0;
        std::size_t shards = 0;  // Of how many it is the sum.
    };
    struct Days {
        std::vector<std::map<std::string, Sum>> days;  // course_days of them, up to yesterday.
        // By shard: from which of these days on no row stands, so that it is as it is now;
        // course_days when all have one. Shards without any row: none of them.
        std::vector<std::size_t> open_from;
        std::vector<bool> known;  // By shard: it has rows.
    };

    explicit EndedDays(Desk& desk) : desk_(desk) {}
    std::shared_ptr<const Days> get(std::int64_t today);

private:
    std::shared_ptr<const Days> read(std::int64_t today) const;

    Desk& desk_;
    std::mutex mutex_;
    std::int64_t today_ = 0;
    std::vector<bool> ended_;  // By shard: yesterday is over for it.
    std::shared_ptr<const Days> days_;
};

}  // namespace winback::api
