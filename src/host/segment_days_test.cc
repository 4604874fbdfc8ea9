// The sizes of segments at the ends of days: against a count at each midnight, whatever the number
// of shards, through crashes, and when a condition is changed.
#include "host/segment_days.h"

#include <map>

#include <gtest/gtest.h>

#include "host/test_folder.h"

namespace winback::host {
namespace {

// By days since 1970-01-01; nothing where a shard has no row.
using Sizes = std::map<std::int64_t, std::uint64_t>;

class SegmentDaysTest : public HostTest {
protected:
    static const Zone& zone() { return **find_zone("Europe/London"); }

    static std::uint64_t members(Host& host) {
        std::vector<std::uint64_t> sizes(host.shard_count());
        host.query([&](ShardView view) { sizes[view.id] = view.shard.segment_size("regulars"); });
        std::uint64_t sum = 0;
        for (const std::uint64_t size : sizes) {
            sum += size;
        }
        return sum;
    }

    // What the rows say of each day before `today`; shards without a later row are as they are.
    static Sizes told(Host& host, std::int64_t first, std::int64_t today) {
        std::vector<std::uint64_t> now(host.shard_count());
        host.query([&](ShardView view) { now[view.id] = view.shard.segment_size("regulars"); });
        Sizes sizes;
        for (std::int64_t day = first; day < today; ++day) {
            std::uint64_t sum = 0;
            for (std::uint32_t s = 0; s < host.shard_count(); ++s) {
                const auto rows = read_segment_days(host.store(), static_cast<ShardId>(s), day);
                EXPECT_TRUE(rows.has_value());
                if (rows->empty()) {
                    sum += now[s];
                    continue;
                }
                EXPECT_LE(rows->front().from, day) << "a hole in the rows of shard " << s;
                for (const SegmentSize& size : rows->front().sizes) {
                    sum += size.segment == "regulars" ? size.customers : 0;
                }
            }
            sizes[day] = sum;
        }
        return sizes;
    }

    // People buy now and then for `length` days; who bought twice within ten days is in. Returns
    // what was counted at the last millisecond of each day.
    Sizes live(std::unique_ptr<Host>& host, int length, int crash_every) {
        Sizes counted;
        for (int day = 0; day < length; ++day) {
            for (int i = 0; i < 6; ++i) {
                // Some weeks are quiet for everybody.
                if ((day * 7 + i * 5) % 11 < 4 && day % 21 < 12) {
                    EXPECT_TRUE(submit(*host, order("user" + std::to_string(i * (day % 4)))));
                    pass(*host, minutes(70));
                }
            }
            if (crash_every > 0 && day % crash_every == crash_every - 1) {
                crash(host);
                host = open();
            }
            const Timestamp midnight = next_midnight(zone(), clock_->now());
            pass(*host, midnight - milliseconds(1) - clock_->now());
            counted[local_day(zone(), clock_->now())] = members(*host);
            pass(*host, hours(8));
        }
        return counted;
    }

    static PlaybookFiles within(const std::string& span) {
        return test_playbook("ev(\"Order Completed\").within(\"" + span + "\").count() >= 2");
    }
};

TEST_F(SegmentDaysTest, AreTheSizesAtMidnightForAnyNumberOfShards) {
    for (const std::uint32_t shards : {8U, 1U}) {
        shards_ = shards;
        auto host = open();
        load(*host, within("10d"));
        const Sizes counted = live(host, 40, 0);
        std::uint64_t most = 0;
        for (const auto& [day, size] : counted) {
            most = std::max(most, size);
        }
        EXPECT_GE(most, 3U);
        EXPECT_LT(counted.rbegin()->second, most) << "some left in the quiet week";
        EXPECT_EQ(told(*host, counted.begin()->first, counted.rbegin()->first + 1), counted)
            << shards << " shards";
        ASSERT_TRUE(host->close().has_value());
        host.reset();
        std::filesystem::remove_all(folder_);
        clock_ = std::make_shared<VirtualClock>(test_start);
    }
}

TEST_F(SegmentDaysTest, SurviveCrashesAndStarts) {
    auto host = open();
    load(*host, within("10d"));
    const Sizes counted = live(host, 30, 3);
    const std::int64_t today = counted.rbegin()->first + 1;
    EXPECT_EQ(told(*host, counted.begin()->first, today), counted);
    ASSERT_TRUE(host->close().has_value());
    host.reset();
    host = open();
    EXPECT_EQ(told(*host, counted.begin()->first, today), counted);
}

TEST_F(SegmentDaysTest, AShardThatSleptWritesOneRow) {
    auto host = open();
    load(*host, within("30d"));
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    const ShardId shard = engine::shard_of("ann", 8);
    const std::int64_t first = local_day(zone(), clock_->now());
    clock_->advance(days(7));
    ASSERT_TRUE(submit(*host, order("ann")));
    const auto rows = read_segment_days(host->store(), shard, first);
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 1U);
    EXPECT_EQ(rows->front().from, first);
    EXPECT_EQ(rows->front().through, first + 6);
    EXPECT_EQ(rows->front().sizes.at(0).customers, 1U);
    EXPECT_TRUE(*ended_with(host->store(), shard, first + 6));
    EXPECT_FALSE(*ended_with(host->store(), shard, first + 5));
}

TEST_F(SegmentDaysTest, AChangedConditionMeansSomethingElse) {
    auto host = open();
    load(*host, within("10d"));
    ASSERT_TRUE(submit(*host, order("ann")) && submit(*host, order("ann")));
    const ShardId shard = engine::shard_of("ann", 8);
    const std::int64_t first = local_day(zone(), clock_->now());
    const auto next_day = [&] {
        pass(*host, days(1));
        ASSERT_TRUE(submit(*host, event("ann", "Seen")));
    };
    next_day();
    load(*host, test_playbook("ev(\"Order Completed\") .within( \"10d\").count()>= 2"));
    next_day();
    load(*host, within("11d"));
    next_day();
    const auto rows = read_segment_days(host->store(), shard, first);
    ASSERT_TRUE(rows.has_value());
    ASSERT_EQ(rows->size(), 3U);
    const auto meaning = [&](std::size_t i) { return rows->at(i).sizes.at(0).meaning; };
    EXPECT_EQ(meaning(0), meaning(1)) << "written with other blanks";
    EXPECT_NE(meaning(1), meaning(2));
}

TEST_F(SegmentDaysTest, OldRowsGo) {
    shards_ = 1;
    auto host = open();
    load(*host, within("10d"));
    const std::int64_t first = local_day(zone(), clock_->now());
    for (int day = 0; day < 130; ++day) {
        ASSERT_TRUE(submit(*host, event("ann", "Seen")));
        clock_->advance(days(1));
    }
    const auto rows = read_segment_days(host->store(), 0, first - 10);
    ASSERT_TRUE(rows.has_value());
    EXPECT_EQ(rows->size(), static_cast<std::size_t>(segment_days_kept));
    EXPECT_EQ(rows->front().through, first + 129 - segment_days_kept);
}

}  // namespace
}  // namespace winback::host
