#include "api/sweep.h"

#include <gtest/gtest.h>

#include "api/templates.h"
#include "api/workspace.h"
#include "host/audit.h"
#include "host/outbound.h"
#include "host/setting.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

class SweepTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        start();
        load(*host_);
    }
    void TearDown() override {
        end();
        host::HostTest::TearDown();
    }
    void start(std::size_t erased_max = sweep_erased_max) {
        end();
        host_ = open();
        desk_ = std::make_unique<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        sweep_ = std::make_unique<Sweep>(*desk_,
                                         SweepOptions{.threads = false, .erased_max = erased_max});
    }
    void end() {
        sweep_.reset();
        desk_.reset();
        host_.reset();
    }
    void keep(const std::string& silent) {
        TemplateDesk templates(*desk_, TemplateDeskOptions{.threads = 0});
        ValueMap changes;
        changes.set("keep_silent_customers", silent);
        const auto saved =
            save_workspace(*desk_, templates.writer(), {}, host_->definitions()->version, changes);
        ASSERT_TRUE(saved.has_value()) << saved.error().message;
        ASSERT_EQ(saved->kind, PlaybookSaved::Kind::Saved);
        sweep_->look();  // Sets the next run.
    }
    void fill(int silent) {
        for (int i = 0; i < silent; ++i) {
            submit(*host_, order("silent" + std::to_string(i)));
        }
        pass(*host_, days(200));
        submit(*host_, order("ada"));
    }
    bool is_there(const std::string& id) {
        bool there = false;
        host_->query_customer(id, [&](host::ShardView view) {
            const auto found = view.shard.customers().find(id);
            there = found && !view.shard.customers().erased(*found);
        });
        return there;
    }
    std::vector<host::AuditEntry> runs() {
        return host_->audit().list({.what = "workspace.sweep"}).value().entries;
    }
    std::int64_t number(const Value& tree, std::string_view name) {
        const Value* value = tree.as_map()->find(name);
        return value == nullptr || value->as_int() == nullptr ? -1 : *value->as_int();
    }

    std::unique_ptr<host::Host> host_;
    std::unique_ptr<Desk> desk_;
    std::unique_ptr<Sweep> sweep_;
};

TEST_F(SweepTest, ErasesAtTheNextThreeInTheMorningAndNotBefore) {
    fill(3);
    keep("6mo");
    const ValueMap told = describe_keep(*desk_);
    EXPECT_EQ(number(Value(told), "would_erase"), 3);
    // 200 days after 1 June 2026, 08:00Z: the next 03:00 in London is the morning after.
    const Timestamp next = *parse_iso8601("2026-12-19T03:00:00Z");
    EXPECT_EQ(*told.find("next_run"), Value(next));
    clock_->set(next - milliseconds(1));
    sweep_->look();
    EXPECT_TRUE(is_there("silent0"));
    EXPECT_TRUE(runs().empty());
    clock_->set(next);
    sweep_->look();
    EXPECT_FALSE(is_there("silent0"));
    EXPECT_FALSE(is_there("silent2"));
    EXPECT_TRUE(is_there("ada"));
    sweep_->look();  // Once a day.
    ASSERT_EQ(runs().size(), 1U);
    const host::AuditEntry run = runs().front();
    EXPECT_EQ(run.who.kind, host::ActorKind::Rule);
    EXPECT_EQ(run.target, "workspace");
    EXPECT_EQ(to_json(run.after), R"({"silent_customers":"6mo","erased":3,"left":0})");
    EXPECT_EQ(*describe_keep(*desk_).find("next_run"), Value(next + days(1)));
}

TEST_F(SweepTest, IsTheSameErasureAsByHand) {
    fill(1);
    submit(*host_, order("by hand"));
    command(*host_, {.kind = engine::Command::Kind::Erase, .customer = "by hand", .reason = "r"});
    keep("6mo");
    clock_->advance(days(1));
    sweep_->look();
    const auto after = [&](const std::string& id) {
        submit(*host_, order(id));  // What still comes under the id is dropped.
        return is_there(id);
    };
    EXPECT_FALSE(after("by hand"));
    EXPECT_FALSE(after("silent0"));
    EXPECT_TRUE(host_->timeline("silent0", 10).value().empty());
    const auto before = fingerprint(*host_);
    crash(host_);  // The log alone says it again.
    start();
    EXPECT_EQ(difference(before, fingerprint(*host_)), "");
}

TEST_F(SweepTest, ErasesAtMostSoManyInARunAndSaysHowManyAreLeft) {
    start(4);
    fill(11);
    keep("6mo");
    for (const std::int64_t left : {7, 3, 0}) {
        clock_->advance(days(1));
        sweep_->look();
        EXPECT_EQ(number(runs().front().after, "left"), left);
    }
    EXPECT_EQ(runs().size(), 3U);
    EXPECT_EQ(number(runs().front().after, "erased"), 3);
    EXPECT_EQ(number(Value(describe_keep(*desk_)), "would_erase"), 0);
}

TEST_F(SweepTest, CatchesUpAfterARestartAndGoesOnWhereItWasCutOff) {
    fill(3);
    keep("6mo");
    end();
    clock_->advance(days(2));  // The moment passes while the server is down.
    start();
    // As if two had been erased before it ended.
    ValueMap state = *host::read_setting(host_->store(), "sweep").value().as_map();
    state.set("under_way", 2);
    ASSERT_TRUE(host::write_setting(host_->store(), "sweep", Value(state)).has_value());
    sweep_->look();
    EXPECT_FALSE(is_there("silent1"));
    EXPECT_EQ(number(runs().front().after, "erased"), 5);
}

TEST_F(SweepTest, LeavesWhoCameBackSinceTheyWereFound) {
    fill(1);
    // The command says since when nothing may have been heard; the engine asks again.
    const std::string since = format_iso8601(clock_->now() - days(180));
    submit(*host_, order("silent0"));
    command(*host_, {.kind = engine::Command::Kind::Erase,
                     .customer = "silent0",
                     .reason = "silent for 6mo",
                     .text = since});
    EXPECT_TRUE(is_there("silent0"));
    // And who was merged into somebody who is here.
    submit(*host_, identify("ada", "visitor"));
    command(*host_, {.kind = engine::Command::Kind::Erase,
                     .customer = "visitor",
                     .reason = "silent for 6mo",
                     .text = since});
    host_->run_until_idle();
    EXPECT_TRUE(is_there("ada"));
}

TEST_F(SweepTest, WaitsForTheNextDayAfterEveryChangeOfTheRule) {
    fill(2);
    keep("20y");
    clock_->advance(days(1));
    sweep_->look();
    keep("6mo");  // Due at once by the old clock, but the rule is new.
    sweep_->look();
    EXPECT_TRUE(is_there("silent0"));
    keep("off");
    clock_->advance(days(5));
    sweep_->look();
    EXPECT_TRUE(is_there("silent0"));
    EXPECT_TRUE(describe_keep(*desk_).find("would_erase")->is_null());
}

TEST_F(SweepTest, NeverSweepsAReplay) {
    fill(2);
    keep("6mo");
    ASSERT_TRUE(host_->set_origin({.replay_of = "/data/shop", .clock_offset = {}}).has_value());
    clock_->advance(days(3));
    sweep_->look();
    EXPECT_TRUE(is_there("silent0"));
    EXPECT_TRUE(describe_keep(*desk_).find("next_run")->is_null());
}

TEST(NextSweep, KeepsTheClockOfTheZone) {
    const Zone& berlin = **find_zone("Europe/Berlin");
    const auto next = [&](const char* after, int at_min) {
        return format_iso8601(next_sweep(berlin, *parse_iso8601(after), at_min));
    };
    EXPECT_EQ(next("2026-06-01T00:59:59.999Z", 180), "2026-06-01T01:00:00Z");
    EXPECT_EQ(next("2026-06-01T01:00:00Z", 180), "2026-06-02T01:00:00Z");
    EXPECT_EQ(next("2026-12-31T23:30:00Z", 0), "2027-01-01T23:00:00Z");
    // 02:30 does not exist on 29 March 2026: the first moment after the gap.
    EXPECT_EQ(next("2026-03-28T12:00:00Z", 150), "2026-03-29T01:00:00Z");
}

}  // namespace
}  // namespace winback::api
