#include "api/imports.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "api/guide.h"
#include "api/playbook_versions.h"
#include "api/shipped_playbook.h"
#include "api/templates.h"
#include "api/workspace.h"
#include "host/audit.h"
#include "host/outbound.h"
#include "host/setting.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

constexpr std::string_view orders =
    "order,customer,date,total\n"
    "1,a,2026-01-03 10:00:00,10.00\n2,b,2026-02-05 11:00:00,12.00\n"
    "3,a,2026-03-06 12:00:00,9.50\n4,c,never,1.00\n";

// Remembers what was announced.
class Heard : public host::Outbound {
public:
    Status open(store::Store&) override { return Ok{}; }
    std::function<void()> gather(const engine::Input&,
                                 const engine::Effects&,
                                 const engine::Shard&,
                                 store::Batch&) override {
        return {};
    }
    void forget(const std::vector<std::string>&, store::Batch&) override {}
    void announce(std::string_view type, ValueMap data) override {
        told.push_back(std::string(type) + " " + to_json(Value(std::move(data))));
    }
    void stop() override {}

    std::vector<std::string> told;
};

class ImportsTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        host_ = open();
        load(*host_);
        desk_ = std::make_unique<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        begin();
    }
    void TearDown() override {
        imports_.reset();
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }
    void begin() {
        imports_.reset();
        imports_ = std::make_unique<Imports>(
            *desk_,
            ImportsOptions{
                .folder = base_ + "/imports", .log = {}, .threads = false, .outbound = heard_});
    }
    std::string state(const std::string& id) {
        return *imports_->describe(id)->find("state")->as_string();
    }
    std::int64_t result(const std::string& id, const char* name) {
        const ValueMap map = *imports_->describe(id);
        return *map.find("result")->as_map()->find(name)->as_int();
    }

    std::shared_ptr<Heard> heard_ = std::make_shared<Heard>();
    std::unique_ptr<host::Host> host_;
    std::unique_ptr<Desk> desk_;
    std::unique_ptr<Imports> imports_;
};

// Columns that were explained once are not asked about again, also after a restart, and the same
// file brings nothing new then.
TEST_F(ImportsTest, BeginsWithWhatWasSaidOfTheSameColumns) {
    const std::string file =
        "Kim,Mail,Ne zaman,Tutar,Haber\n"
        "a,a@example.test,2026-01-03 10:00,10.00,olur\n"
        "b,b@example.test,2026-01-05 10:00,12.00,olmaz\n";
    const std::string first = imports_->add("ocak.csv", file, "Ada").value();
    ValueMap changes;
    changes.set("roles", ValueList{Value("customer"), Value("email"), Value("time"), Value("total"),
                                   Value("consent")});
    changes.set("shape", "orders");
    changes.set("consent_yes", ValueList{Value("olur")});
    changes.set("consent_source", "the form at the till");
    changes.set("currency", "TRY");
    ASSERT_TRUE(imports_->change_plan(first, changes).has_value());
    ASSERT_TRUE(imports_->start(first).has_value());
    EXPECT_EQ(result(first, "new_events"), 4);
    const Value used = *imports_->describe(first)->find("plan");

    begin();
    EXPECT_EQ(*imports_->describe(first)->find("plan"), used);
    const std::string again = imports_->add("ocak (1).csv", file, "Ada").value();
    const ValueMap described = *imports_->describe(again);
    EXPECT_EQ(*described.find("plan"), used);
    EXPECT_EQ(*described.find("remembered"), Value("ocak.csv"));
    ASSERT_TRUE(imports_->start(again).has_value());
    EXPECT_EQ(result(again, "new_events"), 0);

    // Other columns are another matter.
    const std::string other = imports_->add("x.csv", "Kim,Mail\na,a@example.test\n", "Ada").value();
    EXPECT_EQ(*imports_->describe(other)->find("remembered"), Value(""));
}

// Such a file has no times: what it says is of the day on which it came first.
TEST_F(ImportsTest, AFileOfCustomersIsTheSameOnAnotherDay) {
    const std::string file = "Email,Country\na@example.test,GB\nb@example.test,TR\n";
    const std::string first = imports_->add("people.csv", file, "Ada").value();
    ASSERT_TRUE(imports_->start(first).has_value());
    EXPECT_EQ(result(first, "new_events"), 2);
    const std::string again = imports_->add("people.csv", file, "Ada").value();
    ASSERT_TRUE(imports_->start(again).has_value());
    EXPECT_EQ(result(again, "new_events"), 0);
    const std::string newer =
        imports_->add("people.csv", file + "c@example.test,GB\n", "Ada").value();
    ASSERT_TRUE(imports_->start(newer).has_value());
    EXPECT_EQ(result(newer, "new_events"), 3);
}

TEST_F(ImportsTest, TakesAFileOnceHoweverOftenItComes) {
    const std::string id = imports_->add("../../orders.csv", orders, "ada").value();
    EXPECT_EQ(*imports_->describe(id)->find("name")->as_string(), "orders.csv");
    EXPECT_EQ(state(id), "ready");
    ASSERT_TRUE(imports_->start(id).has_value());
    EXPECT_EQ(state(id), "done");
    EXPECT_EQ(result(id, "new_events"), 3);
    EXPECT_EQ(result(id, "rejected_count"), 1);
    EXPECT_TRUE(imports_->rejects(id).has_value());
    EXPECT_FALSE(std::filesystem::exists(base_ + "/imports/" + id + ".upload"));

    const std::string again = imports_->add("orders.csv", orders, "ada").value();
    ASSERT_TRUE(imports_->start(again).has_value());
    EXPECT_EQ(result(again, "events"), 3);
    EXPECT_EQ(result(again, "new_events"), 0);
    EXPECT_EQ(imports_->start(again).error().code, ErrorCode::Conflict);
}

TEST_F(ImportsTest, ADownloadOfRejectedLinesSaysWhereItWasCut) {
    const std::string path = base_ + "/7.rejects";
    std::ofstream(path) << "line,why\n1,one\n2,two\n";
    EXPECT_EQ(rejects_answer(path).body, "line,why\n1,one\n2,two\n");
    EXPECT_LT(rejects_answer(path).body.capacity(), std::size_t{4096});
    EXPECT_EQ(rejects_answer(path, 17).body,
              "line,why\n1,one\n# cut here: 6 more bytes stand in the data folder, in "
              "imports/7.rejects\n");
    EXPECT_EQ(rejects_answer(base_ + "/none").body, "");
}

TEST_F(ImportsTest, TellsOtherProgramsWhenItHasFinished) {
    const std::string id = imports_->add("orders.csv", orders, "ada").value();
    EXPECT_TRUE(heard_->told.empty());
    ASSERT_TRUE(imports_->start(id).has_value());
    EXPECT_EQ(heard_->told,
              std::vector<std::string>{
                  R"(import.finished {"import":"1","state":"done","events":3,"new_events":3,)"
                  R"("customers":2,"rejected_count":1})"});
}

TEST_F(ImportsTest, WhatWasUnderWayCanBeStartedAgain) {
    const std::string id = imports_->add("orders.csv", orders, "ada").value();
    ValueMap kept = *host::read_setting(host_->store(), "imports")->as_map();
    kept.set("jobs", Value(*kept.find("jobs")));
    ValueMap job = *kept.find("jobs")->as_list()->front().as_map();
    job.set("state", "running");  // As a crash leaves it.
    kept.set("jobs", ValueList{Value(std::move(job))});
    ASSERT_TRUE(host::write_setting(host_->store(), "imports", Value(std::move(kept))).has_value());
    begin();
    EXPECT_EQ(state(id), "interrupted");
    ASSERT_TRUE(imports_->start(id).has_value());
    EXPECT_EQ(state(id), "done");
}

TEST_F(ImportsTest, APlanIsChangedAndAMappingWritten) {
    const std::string id = imports_->add("orders.csv", orders, "ada").value();
    ValueMap changes;
    changes.set("zone", "Mars/Olympus");
    EXPECT_FALSE(imports_->change_plan(id, changes).has_value());
    changes.set("zone", "Europe/Berlin");
    ASSERT_TRUE(imports_->change_plan(id, changes).has_value());
    EXPECT_NE(imports_->describe(id)->find("mapping")->as_string()->find("zone: Europe/Berlin"),
              std::string::npos);
    ASSERT_TRUE(imports_->write_mapping(id, "format: csv\n").has_value());
    EXPECT_FALSE(imports_->preview(id)->find("mistakes")->as_list()->empty());
    EXPECT_EQ(imports_->start(id).error().code, ErrorCode::InvalidArgument);
    ASSERT_TRUE(imports_->write_mapping(id, "").has_value());
    EXPECT_TRUE(imports_->preview(id)->find("mistakes")->as_list()->empty());
    EXPECT_EQ(imports_->describe("77").error().code, ErrorCode::NotFound);
    EXPECT_EQ(imports_->describe("../1").error().code, ErrorCode::NotFound);
    ASSERT_TRUE(imports_->remove(id).has_value());
    EXPECT_TRUE(imports_->list().empty());
}

TEST_F(ImportsTest, KeepsTwentyAndForgetsTheOldestThatEnded) {
    const std::string first = imports_->add("0.csv", orders, "ada").value();
    ASSERT_TRUE(imports_->start(first).has_value());
    for (std::size_t i = 1; i < imports_max; ++i) {
        ASSERT_TRUE(imports_->add("n.csv", orders, "ada").has_value());
    }
    ASSERT_TRUE(imports_->add("one more.csv", orders, "ada").has_value());
    EXPECT_FALSE(imports_->describe(first).has_value());
    EXPECT_EQ(imports_->add("too many.csv", orders, "ada").error().code, ErrorCode::LimitExceeded);
}

TEST_F(ImportsTest, AWorkspaceIsChangedWithItsCommentsKept) {
    TemplateDesk templates(*desk_, TemplateDeskOptions{.threads = 0});
    ValueMap changes;
    changes.set("name", "Tea: & Cups");
    changes.set("country", "TR");
    changes.set("quiet_on", "yes");
    changes.set("quiet_from", "22:00");
    const auto saved =
        save_workspace(*desk_, templates.writer(), {}, host_->definitions()->version, changes);
    ASSERT_TRUE(saved.has_value()) << saved.error().message;
    EXPECT_EQ(saved->kind, PlaybookSaved::Kind::Saved);
    const ValueMap space = describe_workspace(*desk_);
    EXPECT_EQ(*space.find("name")->as_string(), "Tea: & Cups");
    EXPECT_EQ(*space.find("country")->as_string(), "TR");
    EXPECT_EQ(*space.find("quiet")->as_map()->find("from")->as_string(), "22:00");
    changes.set("zone", "Nowhere");
    EXPECT_FALSE(save_workspace(*desk_, templates.writer(), {}, 1, changes).has_value());
}

TEST_F(ImportsTest, AFolderOfTheGuideSendsNothingUntilAllIsThere) {
    EXPECT_TRUE(*sending_allowed(*host_));  // An older folder has no switch.
    ASSERT_TRUE(begin_guide(*host_).has_value());
    EXPECT_FALSE(*sending_allowed(*host_));
    TemplateDesk templates(*desk_, TemplateDeskOptions{.threads = 0});
    Guide guide(*desk_, templates, GuideOptions{.age_max = {}});
    EXPECT_TRUE(guide.is_open());
    EXPECT_FALSE(guide.has_customers());
    EXPECT_EQ(guide.turn_sending(true, {}).error().code, ErrorCode::Conflict);
    EXPECT_FALSE(*sending_allowed(*host_));
    const ValueMap sending = guide.describe_sending();
    EXPECT_EQ(*sending.find("switch"), Value(true));
    EXPECT_EQ(*sending.find("on"), Value(false));
    EXPECT_EQ(guide.switch_sending(true, {}).error().code, ErrorCode::Conflict);
    EXPECT_EQ(guide.switch_sending(false, {}).value(), 0U);
    EXPECT_EQ(host_->audit().list({.what = "workspace.sending"}).value().entries.size(), 0U);
    EXPECT_EQ(describe_workspace(*desk_).find("name")->as_string()->substr(0, 7), "My shop");
    ASSERT_TRUE(guide.dismiss().has_value());
    EXPECT_FALSE(guide.is_open());
}

ValueMap check_of(const ValueMap& described, std::string_view id) {
    for (const Value& one : *described.find("checks")->as_list()) {
        if (*one.as_map()->find("id") == Value(id)) {
            return *one.as_map();
        }
    }
    return {};
}

// Whoever agreed and cannot be written to is nobody whom sending could be turned on for.
TEST_F(ImportsTest, ConsentWithoutAnAddressIsNotEnough) {
    ASSERT_TRUE(begin_guide(*host_).has_value());
    TemplateDesk templates(*desk_, TemplateDeskOptions{.threads = 0});
    Guide guide(*desk_, templates, GuideOptions{.age_max = {}});
    const auto know = [&](const std::string& user, Value email) {
        event::Event event = identify(user);
        event.properties.set("email", std::move(email));
        ASSERT_TRUE(submit(*host_, std::move(event)));
        ASSERT_TRUE(consent(*host_, user));
    };
    know("bad", "not-an-email");
    know("none", Value());
    ValueMap found = check_of(guide.describe_sending(), "consent");
    EXPECT_EQ(*found.find("ok"), Value(false));
    EXPECT_EQ(*found.find("count"), Value(0));
    EXPECT_EQ(*found.find("addressless"), Value(2));
    know("good", "good@example.test");
    found = check_of(guide.describe_sending(), "consent");
    EXPECT_EQ(*found.find("ok"), Value(true));
    EXPECT_EQ(*found.find("count"), Value(1));
}

// The page of the playbook and the guide have one answer.
TEST_F(ImportsTest, TheGuideKnowsWhatTheCheckOfThePlaybookFound) {
    ASSERT_TRUE(begin_guide(*host_).has_value());
    TemplateDesk templates(*desk_, TemplateDeskOptions{.threads = 0});
    Guide guide(*desk_, templates, GuideOptions{.age_max = {}});
    const ValueMap found = check_of(guide.describe(false), "playbook");
    const auto check = desk_->part<PlaybookChecks>().latest();
    ASSERT_NE(check, nullptr);
    EXPECT_EQ(*found.find("count"), Value(check->errors));
    EXPECT_EQ(*found.find("ok"), Value(check->errors == 0));
    EXPECT_EQ(*found.find("pending"), Value(false));
}

// Counts of before an import are not shown as what was found.
TEST_F(ImportsTest, TheGuideSaysThatItStillCounts) {
    ASSERT_TRUE(begin_guide(*host_).has_value());
    Desk slow(*host_, DeskOptions{.threads = 0, .overview_age_max = hours(1)});
    TemplateDesk templates(slow, TemplateDeskOptions{.threads = 0});
    Guide guide(slow, templates, GuideOptions{.age_max = hours(1)});
    const std::string id = imports_->add("orders.csv", orders, "Ada").value();
    ASSERT_TRUE(imports_->start(id).has_value());
    guide.look_again();
    EXPECT_EQ(*guide.describe(false).find("counting"), Value(false));
    clock_->set(clock_->now() + minutes(1));
    guide.look_again();
    EXPECT_EQ(*guide.describe(false).find("counting"), Value(true));
}

}  // namespace
}  // namespace winback::api
