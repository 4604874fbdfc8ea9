// The course of a segment over 30 days, against counts that were made at each midnight.
#include "api/segment_course.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "api/segments.h"
#include "host/segment_days.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

class SegmentCourseTest : public host::HostTest {
protected:
    void start(const host::PlaybookFiles& files = within("10d")) {
        host_ = open(options());
        load(*host_, files);
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
    }
    void TearDown() override {
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }

    static host::PlaybookFiles within(const std::string& span) {
        return host::test_playbook("ev(\"Order Completed\").within(\"" + span + "\").count() >= 2");
    }
    static const Zone& zone() { return **find_zone("Europe/London"); }
    std::int64_t today() const { return host::local_day(zone(), clock_->now()); }
    SegmentCourse course() const {
        return segment_courses(*desk_, *host_->definitions()).of.at("regulars");
    }
    ValueMap told() const {
        ValueMap map;
        put_course(course(), map);
        return map;
    }

    // To eight in the morning of the next day; counts one millisecond before midnight.
    void sleep() {
        const Timestamp midnight = next_midnight(zone(), clock_->now());
        pass(*host_, midnight - milliseconds(1) - clock_->now());
        counted_[today()] = course().customers;
        pass(*host_, hours(8));
    }
    void buy_twice(int user) {
        ASSERT_TRUE(submit(*host_, order("user" + std::to_string(user))));
        ASSERT_TRUE(submit(*host_, order("user" + std::to_string(user))));
    }

    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
    std::map<std::int64_t, std::uint64_t> counted_;
};

TEST_F(SegmentCourseTest, IsWhatWasCountedAtEachMidnight) {
    start();
    for (int day = 0; day < 45; ++day) {
        if (day % 9 < 5) {
            buy_twice(day % 7);
        }
        sleep();
        const SegmentCourse now = course();
        const auto length = static_cast<std::size_t>(std::min(day + 2, 31));
        ASSERT_EQ(now.points.size(), length);
        EXPECT_EQ(now.points.back().day, today());
        EXPECT_EQ(now.points.back().customers, now.customers);
        for (std::size_t i = 0; i + 1 < length; ++i) {
            EXPECT_EQ(now.points[i].customers, counted_.at(now.points[i].day)) << day;
            EXPECT_FALSE(now.points[i].changed);
        }
    }
    std::set<std::uint64_t> different;
    for (const auto& [day, count] : counted_) {
        different.insert(count);
    }
    EXPECT_GE(different.size(), 4U) << "the shop was too dull for this test";
}

TEST_F(SegmentCourseTest, IsTheSameAfterAStart) {
    start();
    for (int day = 0; day < 12; ++day) {
        buy_twice(day % 5);
        sleep();
    }
    const std::string before = to_json(Value(told()));
    desk_.reset();
    crash(host_);
    host_ = open(options());
    desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
    EXPECT_EQ(to_json(Value(told())), before);
}

TEST_F(SegmentCourseTest, BeginsWithTheDayOfThePlaybook) {
    start();
    buy_twice(1);
    const ValueMap first = told();
    EXPECT_EQ(first.find("series")->as_list()->size(), 1U);
    EXPECT_TRUE(first.find("trend")->is_null()) << "there is no day before today";
    sleep();
    buy_twice(2);
    EXPECT_EQ(to_json(*told().find("trend")),
              R"({"since":"2026-06-01","customers":1,"change":1,"share":1})");
}

TEST_F(SegmentCourseTest, AChangedConditionBeginsTheTrendAnew) {
    start();
    buy_twice(1);
    sleep();
    buy_twice(2);
    load(*host_, host::test_playbook("ev(\"Order Completed\").count() >= 1"));
    pass(*host_, minutes(2));
    ASSERT_TRUE(submit(*host_, order("user3")));
    const ValueMap changed = told();
    EXPECT_EQ(to_json(*changed.find("series")),
              R"([{"day":"2026-06-01","customers":1,"changed":false},)"
              R"({"day":"2026-06-02","customers":3,"changed":true}])");
    EXPECT_TRUE(changed.find("trend")->is_null());
    sleep();
    ASSERT_TRUE(submit(*host_, order("user4")));
    EXPECT_EQ(to_json(*told().find("trend")),
              R"({"since":"2026-06-02","customers":3,"change":1,"share":0.3333333333333333})");
}

TEST_F(SegmentCourseTest, SomebodyWhoIsErasedStaysInTheDaysBefore) {
    start();
    buy_twice(1);
    buy_twice(2);
    sleep();
    ASSERT_TRUE(command(*host_, {.kind = engine::Command::Kind::Erase, .customer = "user2"}));
    const SegmentCourse now = course();
    EXPECT_EQ(now.points.front().customers, 2U);
    EXPECT_EQ(now.customers, 1U);
    EXPECT_EQ(to_json(*told().find("trend")),
              R"({"since":"2026-06-01","customers":2,"change":-1,"share":-0.5})");
}

}  // namespace
}  // namespace winback::api
