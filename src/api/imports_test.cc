#include "api/imports.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "api/guide.h"
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
    host::Key ada;
    ada.user = "u1";
    for (int times = 0; times < 2; ++times) {
        ASSERT_TRUE(guide.workspace_done(ada).has_value());
        ASSERT_TRUE(guide.dismiss(ada).has_value());
    }
    EXPECT_FALSE(guide.is_open());
    for (const char* what : {"workspace.guide_step", "workspace.guide_end"}) {
        const host::AuditPage page = host_->audit().list({.what = what}).value();
        ASSERT_EQ(page.entries.size(), 1U) << what;
        EXPECT_EQ(page.entries.front().who.id, "u1");
    }
}

}  // namespace
}  // namespace winback::api
