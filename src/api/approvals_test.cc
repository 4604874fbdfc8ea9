#include "api/approvals.h"

#include <fstream>

#include <gtest/gtest.h>

#include "api/access.h"
#include "api/api.h"
#include "api/guide.h"
#include "api/people.h"
#include "api/playbook_versions.h"
#include "api/templates.h"
#include "api/test_call.h"
#include "host/audit.h"
#include "host/password.h"
#include "host/setting.h"
#include "host/test_folder.h"
#include "host/users.h"

namespace winback::api {
namespace {

namespace fs = std::filesystem;
using host::Approval;
using host::ApprovalState;
using playbook::Files;

class ApprovalTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        begin(host::test_playbook());
    }
    void TearDown() override {
        end();
        host::HostTest::TearDown();
    }
    void begin(const Files& files) {
        host_ = open();
        load(*host_, files);
        work();
    }
    void work() {
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        templates_ = std::make_shared<TemplateDesk>(
            *desk_, TemplateDeskOptions{.playbook_folder = base_ + "/playbook",
                                        .sender = sender_,
                                        .delivers = true,
                                        .threads = 0,
                                        .counts_age_max = {}});
    }
    void end() {
        templates_.reset();
        desk_.reset();
        host_.reset();
    }
    // One with one order, one with two, one with three.
    void fill() {
        int orders = 0;
        for (const std::string user : {"one", "two", "three"}) {
            ++orders;
            for (int i = 0; i < orders; ++i) {
                submit(*host_, order(user));
            }
        }
    }
    void write_folder(const Files& files) {
        fs::remove_all(base_ + "/playbook");
        for (const auto& [path, text] : files) {
            fs::create_directories(fs::path(base_ + "/playbook/" + path).parent_path());
            std::ofstream(base_ + "/playbook/" + path) << text;
        }
    }
    Files shop_without_sending();
    Reach reach(const Files& before, const Files& after) {
        engine::Definitions old = host::compile_playbook(before).value();
        engine::Definitions next = host::compile_playbook(after).value();
        return reach_of_change(*desk_, {old, next, before, after});
    }
    Reach reach(const Files& after) { return reach(host::test_playbook(), after); }
    host::Key user(const std::string& name, host::Role role) {
        host::User wanted;
        wanted.name = name;
        wanted.email = name + "@example.test";
        wanted.role = role;
        const std::string id = host_->users().create(wanted, wall_clock()).value().id;
        secret_ = host_->keys().start_session(id, "", wall_clock()).value().secret;
        return host_->keys().find(host::KeyKind::Session, secret_, wall_clock()).value();
    }
    Result<PlaybookSaved> load_folder(const host::Key& who) {
        const std::string print = print_of(propose_folder(*templates_).value().files);
        return accept_proposal(*templates_, {.base = host_->definitions()->version, .print = print},
                               who);
    }

    std::string secret_;  // Of the session that was begun last.
    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
    std::shared_ptr<TemplateDesk> templates_;
};

Files with(Files files, const std::string& path, const std::string& from, const std::string& to) {
    std::string& text = files.at(path);
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return files;
}

constexpr const char* greet = "journeys/greet.yaml";

// Three customers; all is ready, and sending waits to be turned on.
Files ApprovalTest::shop_without_sending() {
    end();
    fs::remove_all(folder_);
    Files files = host::test_playbook();
    std::string& workspace = files["workspace.yaml"];
    workspace =
        "name: Shop\nzone: Europe/London\ncurrency: GBP\n"
        "from: {name: Shop, address: hello@shop.com}\naddress: 1 Long Street\n"
        "base_url: https://shop.com/\nbrand_url: https://shop.com\n";
    files = with(files, greet, "share: 0}", "share: 0.1}");
    begin(files);
    fill();
    submit(*host_, identify("two"));
    consent(*host_, "two");
    ValueMap state;
    state.set("made", true);
    state.set("sending", false);
    EXPECT_TRUE(host::write_setting(host_->store(), "guide", Value(std::move(state))).has_value());
    note_test_sent(*host_);
    return files;
}

TEST_F(ApprovalTest, WordsAndNamesReachNobodyNew) {
    fill();
    const Files now = host::test_playbook();
    for (const Files& next :
         {with(now, "templates/hello.en.liquid", "<p>Hello", "<p>Good morning"),
          with(now, greet, "name: Greet", "name: Greet them\ndescription: All of them"),
          with(now, greet, "share: 0}", "share: 0.5}"),
          with(now, "policies.yaml", "23:00", "22:00"),
          with(now, "segments/regulars.yaml", "count() >= 2", "count()>=2"),
          with(now, "segments/regulars.yaml", "name: Regulars", "name: The regulars")}) {
        const Reach found = reach(next);
        EXPECT_TRUE(found.journeys.empty());
        EXPECT_EQ(found.people, 0U);
    }
}

TEST_F(ApprovalTest, AWiderSegmentCountsThoseWhoWereNotInIt) {
    fill();
    const Reach wider = reach(host::test_playbook("ev(\"Order Completed\").count() >= 1"));
    EXPECT_EQ(wider.people, 1U);
    EXPECT_EQ(wider.journeys, std::vector<std::string>{"greet"});
    // Others that are as many are others.
    EXPECT_EQ(reach(host::test_playbook("ev(\"Order Completed\").count() == 1")).people, 1U);
    EXPECT_EQ(reach(host::test_playbook("ev(\"Order Completed\").count() >= 3")).people, 0U);
}

TEST_F(ApprovalTest, WhatMayWidenAJourneyCountsAllItsMembers) {
    fill();
    Files now = host::test_playbook();
    now[greet] += "exit:\n  - ev(\"Order Completed\").count() >= 9\n";
    now = with(now, greet, "share: 0}", "share: 0.5}");
    now["policies.yaml"] += "control_group: {share: 0.2, salt: c}\n";
    now["templates/hello.en.liquid"] +=
        "{% if customer.id == 'x' %}{% abort_message 'no' %}{% endif %}";
    ASSERT_TRUE(host::compile_playbook(now).has_value())
        << host::compile_playbook(now).error().message;
    for (const Files& next :
         {with(now, greet, "share: 0.5}", "share: 0.4}"), with(now, greet, ">= 9", ">= 10"),
          with(now, greet, "wait: 1d", "wait: 2d"),
          with(now, greet, "enter: {segment: regulars}",
               "enter: {segment: regulars, again_after: 30d}"),
          with(now, greet, "within: 30d", "within: 31d"),
          with(now, "policies.yaml", "share: 0.2", "share: 0.1"),
          with(now, "templates/hello.en.liquid", "'x'", "'y'"),
          with(now, "templates/hello.en.liquid", "subject: Hello",
               "subject: Hello\ntransactional: true"),
          with(now, "templates/hello.en.liquid", "subject: Hello",
               "subject: Hello\ntopic: news")}) {
        ASSERT_TRUE(host::compile_playbook(next).has_value())
            << host::compile_playbook(next).error().message;
        const Reach found = reach(now, next);
        EXPECT_EQ(found.people, 2U);
        EXPECT_EQ(found.journeys.size(), 1U);
    }
}

TEST_F(ApprovalTest, NewcomersWhoEnterAreCountedWithWhateverLetsThemIn) {
    fill();
    Files now = host::test_playbook();
    now["segments/regulars.yaml"] += "newcomers: enter\n";
    // Nobody comes in because they may.
    EXPECT_EQ(reach(host::test_playbook(), now).people, 0U);
    EXPECT_EQ(reach(now, with(now, "segments/regulars.yaml", ">= 2", ">= 1")).people, 1U);
    const Files zone = with(now, "workspace.yaml", "Europe/London", "Asia/Tehran");
    EXPECT_EQ(reach(now, zone).people, 2U);
    EXPECT_EQ(reach(with(now, "segments/regulars.yaml", "enter", "stay"),
                    with(zone, "segments/regulars.yaml", "enter", "stay"))
                  .people,
              0U);
}

TEST_F(ApprovalTest, TwoJourneysReachAPersonOnce) {
    fill();
    Files next = host::test_playbook();
    next["segments/all.yaml"] = "name: All\ncondition: 'ev(\"Order Completed\").count() >= 1'\n";
    next["journeys/second.yaml"] = next[greet];
    next["journeys/third.yaml"] = with(next, greet, "segment: regulars", "segment: all")[greet];
    const Reach found = reach(next);
    EXPECT_EQ(found.people, 3U);
    EXPECT_EQ(found.journeys.size(), 2U);
    EXPECT_EQ(reach_of_all(*desk_, *host_->definitions()).people, 2U);
}

TEST_F(ApprovalTest, WhatCannotBeCountedSaysSo) {
    fill();
    Files now = host::test_playbook("in_segment(\"buyers\")");
    now["segments/buyers.yaml"] = "name: B\ncondition: 'ev(\"Order Completed\").count() >= 2'\n";
    Files next = with(now, "segments/buyers.yaml", ">= 2", ">= 1");
    EXPECT_FALSE(reach(now, next).people.has_value());
    EXPECT_FALSE(reach(now, next).journeys.empty());
    // A property that no definition has read is not in memory.
    EXPECT_FALSE(reach(host::test_playbook(
                           "ev(\"Order Completed\").where(e, e.colour == \"red\").count() >= 1"))
                     .people.has_value());
}

TEST_F(ApprovalTest, WhatCannotBeCountedNeedsAnApproval) {
    const host::Key ada = user("ada", host::Role::Admin);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 1'000).has_value());
    write_folder(
        host::test_playbook("ev(\"Order Completed\").where(e, e.colour == \"red\").count() >= 1"));
    const PlaybookSaved saved = load_folder(ada).value();
    ASSERT_EQ(saved.kind, PlaybookSaved::Kind::Waits);
    EXPECT_FALSE(host_->approvals().find(saved.approval, wall_clock())->people.has_value());
    const host::Key bob = user("bob", host::Role::Approver);
    EXPECT_EQ(approve(*templates_, bob, saved.approval).value().version, 2U);
}

TEST_F(ApprovalTest, WithNobodyThereARuleOfNoneHoldsItBackNonetheless) {
    const host::Key ada = user("ada", host::Role::Admin);
    const Files wider = host::test_playbook("ev(\"Order Completed\").count() >= 1");
    write_folder(wider);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 1).has_value());
    ASSERT_EQ(load_folder(ada).value().kind, PlaybookSaved::Kind::Saved);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 0).has_value());
    write_folder(with(wider, "templates/hello.en.liquid", "<p>Hello", "<p>Good morning"));
    ASSERT_EQ(load_folder(ada).value().kind, PlaybookSaved::Kind::Saved);
    write_folder(host::test_playbook("ev(\"Order Completed\").count() >= 0"));
    EXPECT_EQ(load_folder(ada).value().kind, PlaybookSaved::Kind::Waits);
}

TEST_F(ApprovalTest, WhoLostTheRightToAskGetsNothingApproved) {
    host_->users().set_password_cost(host::password_cost_least);
    const host::Key ada = user("ada", host::Role::Admin);
    ASSERT_TRUE(host_->users().set_password(ada.user, "a long pass phrase 7").has_value());
    const host::Key bob = user("bob", host::Role::Approver);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 0).has_value());
    int orders = 2;
    const auto ask_as = [&](const host::Key& who) {
        write_folder(
            host::test_playbook("ev(\"Order Completed\").count() >= " + std::to_string(++orders)));
        return load_folder(who).value().approval;
    };
    const auto outcome = [&](std::uint64_t id) {
        const Result<host::Approval> done = approve(*templates_, bob, id);
        EXPECT_EQ(done.error().code, ErrorCode::Conflict);
        const host::Approval now = host_->approvals().find(id, wall_clock()).value();
        EXPECT_EQ(now.state, host::ApprovalState::Outdated);
        return now.reason;
    };
    const host::Key eve = user("eve", host::Role::Marketer);
    const std::uint64_t of_who_left = ask_as(eve);
    ASSERT_TRUE(host_->users().set_rights(eve.user, host::Role::Marketer, false, false));
    EXPECT_NE(outcome(of_who_left).find("eve left or has another role"), std::string::npos);

    const host::Key cem = user("cem", host::Role::Marketer);
    const std::uint64_t of_who_was_demoted = ask_as(cem);
    EXPECT_EQ(
        *approval_value(*desk_, *host_->approvals().find(of_who_was_demoted, wall_clock()), bob)
             .find("asker_may"),
        Value(true));
    ASSERT_TRUE(host_->users().set_rights(cem.user, host::Role::Viewer, true, true));
    EXPECT_EQ(
        *approval_value(*desk_, *host_->approvals().find(of_who_was_demoted, wall_clock()), bob)
             .find("asker_may"),
        Value(false));
    EXPECT_NE(outcome(of_who_was_demoted).find("cem left"), std::string::npos);
    EXPECT_EQ(host_->definitions()->version, 1U);
}

TEST_F(ApprovalTest, NobodyLoosensTheRuleAlone) {
    host_->users().set_password_cost(host::password_cost_least);
    const host::Key ada = user("ada", host::Role::Admin);
    const auto rule = [&] { return approval_rule(*host_).value(); };
    ASSERT_EQ(set_approval_rule(*desk_, ada, 10).value(), 0U);
    // While there is nobody who could approve, it takes effect, and the trail says so.
    ASSERT_EQ(set_approval_rule(*desk_, ada, 20).value(), 0U);
    EXPECT_EQ(rule(), 20U);
    EXPECT_EQ(to_json(host_->audit().list({.limit = 1}).value().entries.front().after),
              R"({"above":20,"alone":true})");
    const host::Key bob = user("bob", host::Role::Approver);
    ASSERT_TRUE(host_->users().set_password(bob.user, "a long pass phrase 7").has_value());
    EXPECT_EQ(set_approval_rule(*desk_, ada, 5).value(), 0U);  // Stricter.
    EXPECT_EQ(rule(), 5U);
    const std::uint64_t more = set_approval_rule(*desk_, ada, 1'000).value();
    const std::uint64_t off = set_approval_rule(*desk_, ada, std::nullopt).value();
    EXPECT_NE(more, 0U);
    EXPECT_NE(off, more);
    EXPECT_EQ(set_approval_rule(*desk_, ada, std::nullopt).value(), off);  // The same wish.
    EXPECT_EQ(rule(), 5U);
    EXPECT_EQ(approve(*templates_, ada, off).error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(rule(), 5U);
    EXPECT_TRUE(approve(*templates_, bob, off).has_value());
    EXPECT_FALSE(rule().has_value());
    // It was asked when the rule was another.
    EXPECT_EQ(approve(*templates_, bob, more).error().code, ErrorCode::Conflict);
    EXPECT_FALSE(rule().has_value());
    ASSERT_EQ(set_approval_rule(*desk_, ada, 1).value(), 0U);
    // Who cannot sign in cannot approve.
    ASSERT_TRUE(host_->users().set_password(ada.user, "a long pass phrase 7").has_value());
    ASSERT_TRUE(host_->users().set_rights(bob.user, host::Role::Approver, false, false));
    EXPECT_EQ(set_approval_rule(*desk_, ada, std::nullopt).value(), 0U);
    EXPECT_FALSE(rule().has_value());
}

TEST_F(ApprovalTest, AnApprovalDoesWhatWasAskedAlsoAfterACrash) {
    fill();
    const host::Key ada = user("ada", host::Role::Admin);
    const host::Key bob = user("bob", host::Role::Approver);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 0).has_value());
    const Files wanted = host::test_playbook("ev(\"Order Completed\").count() >= 1");
    write_folder(wanted);
    const std::uint64_t id = load_folder(ada).value().approval;
    ASSERT_NE(id, 0U);
    EXPECT_EQ(host_->definitions()->version, 1U);
    templates_.reset();
    desk_.reset();
    crash(host_);
    host_ = open();
    work();
    const Approval done = approve(*templates_, bob, id).value();
    EXPECT_EQ(done.state, ApprovalState::Approved);
    EXPECT_EQ(host_->playbook_files(done.version).value(), wanted);
}

TEST_F(ApprovalTest, OtherTextsInTheFolderAreNotWhatWasAsked) {
    const host::Key ada = user("ada", host::Role::Admin);
    const host::Key bob = user("bob", host::Role::Approver);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 0).has_value());
    write_folder(host::test_playbook("ev(\"Order Completed\").count() >= 1"));
    const std::uint64_t id = load_folder(ada).value().approval;
    write_folder(host::test_playbook("ev(\"Order Completed\").count() >= 0"));
    EXPECT_EQ(approve(*templates_, bob, id).error().code, ErrorCode::Conflict);
    EXPECT_EQ(host_->approvals().find(id, wall_clock())->state, ApprovalState::Outdated);
    EXPECT_EQ(host_->definitions()->version, 1U);
}

TEST_F(ApprovalTest, WhoLeftOrMayNotSendAnyMoreDecidesNothing) {
    const host::Key ada = user("ada", host::Role::Admin);
    const host::Key bob = user("bob", host::Role::Approver);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 0).has_value());
    write_folder(host::test_playbook("ev(\"Order Completed\").count() >= 1"));
    const std::uint64_t id = load_folder(ada).value().approval;
    // Also by a token of theirs that was looked up before they left.
    const host::Key his =
        create_key(*desk_, bob, host::KeyKind::Api, "his", {"send"}, 0).value().key;
    EXPECT_EQ(his.maker, bob.user);
    const auto become = [&](host::Role role, bool active) {
        ASSERT_TRUE(host_->users().set_rights(bob.user, role, false, active).has_value());
    };
    become(host::Role::Approver, false);
    EXPECT_EQ(approve(*templates_, his, id).error().code, ErrorCode::PermissionDenied);
    become(host::Role::Marketer, true);
    EXPECT_EQ(approve(*templates_, his, id).error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(decline(*desk_, his, id, "no").error().code, ErrorCode::PermissionDenied);
    become(host::Role::Approver, true);
    EXPECT_TRUE(approve(*templates_, his, id).has_value());
}

TEST_F(ApprovalTest, TurningSendingOnCountsAllJourneys) {
    const Files files = shop_without_sending();
    const host::Key ada = user("ada", host::Role::Admin);
    const host::Key bob = user("bob", host::Role::Approver);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 1).has_value());
    // While sending is off a playbook sends nothing, and waits for nobody.
    write_folder(with(files, "segments/regulars.yaml", ">= 2", ">= 1"));
    ASSERT_EQ(load_folder(ada).value().kind, PlaybookSaved::Kind::Saved);

    std::vector<bool> turned;
    Guide guide(
        *desk_, *templates_,
        {.delivers = true, .turn_sending = [&](bool on) { turned.push_back(on); }, .age_max = {}});
    const Result<std::uint64_t> asked = guide.turn_sending(true, {.who = ada, .note = "go"});
    ASSERT_TRUE(asked.has_value()) << asked.error().message;
    ASSERT_NE(*asked, 0U);
    EXPECT_TRUE(turned.empty());
    EXPECT_FALSE(*sending_allowed(*host_));
    EXPECT_EQ(host_->approvals().find(*asked, wall_clock())->people, 3U);
    EXPECT_EQ(guide.turn_sending(true, {.who = bob}).value(), *asked);
    EXPECT_EQ(approve(*templates_, ada, *asked).error().code, ErrorCode::PermissionDenied);

    // Another playbook is another question.
    write_folder(files);
    ASSERT_EQ(load_folder(ada).value().kind, PlaybookSaved::Kind::Saved);
    EXPECT_EQ(approve(*templates_, bob, *asked).error().code, ErrorCode::Conflict);
    const std::uint64_t again = guide.turn_sending(true, {.who = ada}).value();
    ASSERT_NE(again, *asked);
    ASSERT_TRUE(approve(*templates_, bob, again).has_value());
    EXPECT_EQ(turned, std::vector<bool>{true});
    EXPECT_TRUE(*sending_allowed(*host_));
    const host::AuditEntry entry =
        host_->audit().list({.what = "workspace.sending"}).value().entries.at(0);
    EXPECT_EQ(entry.who.id, ada.user);
    EXPECT_EQ(entry.after.as_map()->find("approved_by")->as_string()[0], "bob");
    // Turning it off waits for nobody; from now on a wider playbook does.
    write_folder(with(files, "segments/regulars.yaml", ">= 2", ">= 0"));
    EXPECT_EQ(guide.turn_sending(false, {.who = ada}).value(), 0U);
    EXPECT_EQ(turned.size(), 2U);
}

// Over HTTP: asked by one, approved by the other, turned off by anybody who may send.
TEST_F(ApprovalTest, SendingIsTurnedOnOverTheApiByTwo) {
    shop_without_sending();
    const host::Key ada = user("ada", host::Role::Admin);
    const std::string hers = secret_;
    user("bob", host::Role::Approver);
    const std::string his = secret_;
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 1).has_value());
    http::Router router;
    const GuideOptions options{.delivers = true, .turn_sending = {}, .age_max = {}};
    add_api_routes(router, *host_,
                   {.desk = desk_,
                    .templates = templates_,
                    .guide = std::make_shared<Guide>(*desk_, *templates_, options)});
    const auto ask = [&](const std::string& who, const std::string& method,
                         const std::string& target, const std::string& body = "") {
        return call(router, {.method = method,
                             .target = "/api/v1" + target,
                             .headers = {{"Cookie", std::string(session_cookie) + "=" + who},
                                         {"Content-Type", "application/json"}},
                             .body = body});
    };
    const auto is_on = [&] {
        return ask(his, "GET", "/sending?fields=on").body == R"({"on":true})";
    };
    const http::Response waits = ask(hers, "PUT", "/sending", R"({"on":true,"note":"go"})");
    ASSERT_EQ(waits.status, 202) << waits.body;
    const std::string* place = http::find_field(waits.headers, "location");
    ASSERT_NE(place, nullptr);
    EXPECT_FALSE(is_on());
    EXPECT_EQ(ask(hers, "PUT", "/sending", R"({"on":true})").body, waits.body);
    const std::string request = place->substr(std::string("/api/v1").size());
    EXPECT_EQ(ask(hers, "POST", request + "/approve").status, 403);
    EXPECT_EQ(ask(his, "POST", request + "/approve").status, 200);
    EXPECT_TRUE(is_on());
    // What is so already asks nobody, and is no change.
    EXPECT_EQ(ask(hers, "PUT", "/sending", R"({"on":true})").status, 200);
    EXPECT_EQ(host_->audit().list({.what = "workspace.sending"}).value().entries.size(), 1U);
    EXPECT_EQ(ask(his, "PUT", "/sending", R"({"on":false})").status, 200);
    EXPECT_FALSE(is_on());
    EXPECT_EQ(ask(his, "PUT", "/sending", R"({"on":"no"})").status, 400);
}

TEST_F(ApprovalTest, ALinkOfTheCommandLineAsksAndWithdrawsButNeverDecides) {
    const host::Key ada = user("ada", host::Role::Admin);
    ASSERT_TRUE(set_approval_rule(*desk_, ada, 0).has_value());
    write_folder(host::test_playbook("ev(\"Order Completed\").count() >= 1"));
    const auto link = [&] {
        const auto made =
            host_->keys().create(host::KeyKind::SignIn, "link", {"admin"}, wall_clock()).value();
        return host_->keys().sign_in(made.secret, wall_clock()).value().key;
    };
    const host::Key first = link();
    const host::Key second = link();
    const std::uint64_t id = load_folder(first).value().approval;
    ASSERT_NE(id, 0U);
    EXPECT_EQ(approve(*templates_, second, id).error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(withdraw(*desk_, second, id).error().code, ErrorCode::PermissionDenied);
    EXPECT_EQ(withdraw(*desk_, first, id).value().state, ApprovalState::Withdrawn);
}

}  // namespace
}  // namespace winback::api
