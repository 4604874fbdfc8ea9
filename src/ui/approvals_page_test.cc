// The pages of what waits for a second person.
#include <fstream>

#include "api/api.h"
#include "api/approvals.h"
#include "host/approvals.h"
#include "host/playbook_log.h"
#include "ui/test_people.h"

namespace winback::ui {
namespace {

class ApprovalPages : public PeopleTest {
protected:
    void SetUp() override {
        PeopleTest::SetUp();
        fill();
        ada_ = make("ada", host::Role::Admin);
        bob_ = make("bob", host::Role::Approver);
        cem_ = make("cem", host::Role::Marketer);
    }
    // The value of a hidden field.
    static std::string field(const std::string& page, const std::string& name) {
        const std::string begin = "name=\"" + name + "\" value=\"";
        const std::size_t at = page.find(begin);
        EXPECT_NE(at, std::string::npos) << name;
        const std::size_t from = at + begin.size();
        return page.substr(from, page.find('"', from) - from);
    }
    void write_folder(const host::PlaybookFiles& files) {
        for (const auto& [path, text] : files) {
            const std::filesystem::path file = base_ + "/playbook/" + path;
            std::filesystem::create_directories(file.parent_path());
            std::ofstream(file) << text;
        }
    }
    // What reaches everybody, asked for by whoever is signed in; where the browser is led.
    std::string ask() {
        write_folder(host::test_playbook("ev(\"Order Completed\").count() >= 0"));
        const std::string proposal = page("/playbook/folder");
        const http::Response answer =
            post("/playbook/folder", {{"version", field(proposal, "version")},
                                      {"print", field(proposal, "print")},
                                      {"note", "<b>for Monday</b>"}});
        EXPECT_EQ(answer.status, 303);
        const std::string* location = http::find_field(answer.headers, "location");
        return location == nullptr ? std::string() : *location;
    }
    http::Response set_rule(const std::string& above, bool on = true) {
        http::Pairs form{{"above", above}};
        if (on) {
            form.emplace_back("on", "yes");
        }
        return post("/settings/approvals", form);
    }
    std::string ada_;
    std::string bob_;
    std::string cem_;
};

TEST_F(ApprovalPages, TheRuleIsSetInTheSettingsByAdminsAlone) {
    become(ada_);
    EXPECT_TRUE(contains(page("/settings/workspace"), "The four-eyes rule is off"));
    EXPECT_EQ(set_rule("1000").status, 303);
    EXPECT_EQ(newest_audit(), "approval.rule");
    EXPECT_TRUE(contains(page("/settings/workspace"), "more than 1,000 people"));
    for (const std::string wrong : {"-1", "many", "", "100000001", "1.5"}) {
        EXPECT_EQ(set_rule(wrong).status, 400) << wrong;
    }
    EXPECT_EQ(api::approval_rule(*host_).value(), 1'000U);
    become(bob_);
    EXPECT_TRUE(contains(page("/settings/workspace"), "more than 1,000 people"));
    EXPECT_EQ(set_rule("0", false).status, 403);
    become(ada_);
    // Nobody turns it off alone.
    const http::Response waits = set_rule("", false);
    EXPECT_EQ(*http::find_field(waits.headers, "location"), "/approvals/1?said=approval_asked");
    EXPECT_EQ(api::approval_rule(*host_).value(), 1'000U);
    EXPECT_TRUE(contains(page("/approvals"), "Loosen the rule about a second person"));
    const std::string shown = page("/approvals/1");
    EXPECT_TRUE(contains(shown, "This changes the rule itself."));
    EXPECT_TRUE(contains(shown, "The four-eyes rule is off"));
    EXPECT_FALSE(contains(shown, "print of the texts"));
    become(bob_);
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 303);
    EXPECT_FALSE(api::approval_rule(*host_).value().has_value());
}

TEST_F(ApprovalPages, WhatWaitsIsShownWhereItMatters) {
    become(ada_);
    EXPECT_TRUE(contains(page("/approvals"), "Nothing waits"));
    ASSERT_EQ(set_rule("0").status, 303);
    ASSERT_EQ(ask(), "/approvals/1?said=approval_asked");
    EXPECT_EQ(host_->definitions()->version, 1U);
    const std::string own = page("/approvals/1?said=approval_asked");
    EXPECT_TRUE(contains(own, "It waits until a second person approves it."));
    EXPECT_TRUE(contains(own, "&lt;b&gt;for Monday"));
    EXPECT_TRUE(contains(own, "d-added"));  // What would change.
    EXPECT_TRUE(contains(own, "action=\"/approvals/1/withdraw\""));
    EXPECT_FALSE(contains(own, "action=\"/approvals/1/approve\""));
    for (const std::string path : {"/playbook", "/journeys/greet", "/settings/workspace", "/"}) {
        EXPECT_TRUE(contains(page(path), "/approvals")) << path;
    }
    EXPECT_TRUE(contains(page("/"), "1 request waits"));
    EXPECT_TRUE(contains(page("/playbook"), "href=\"/approvals/1\""));
    EXPECT_TRUE(contains(page("/journeys/greet"), "href=\"/approvals/1\""));
    for (const std::string language : {"tr", "ar", "fa"}) {
        for (const std::string path : {"/approvals", "/approvals/1"}) {
            EXPECT_TRUE(contains(page(path + "?lang=" + language), "lang=\"" + language + "\""));
        }
    }
    become(cem_);
    EXPECT_TRUE(contains(page("/approvals"), "Somebody else who may send decides."));
    become(bob_);
    EXPECT_TRUE(contains(page("/approvals"), "action=\"/approvals/1/approve\""));
    EXPECT_EQ(get("/approvals/2").status, 404);
    EXPECT_EQ(get("/approvals/x").status, 404);
}

TEST_F(ApprovalPages, ASecondPersonApprovesAndNobodyElse) {
    become(ada_);
    ASSERT_EQ(set_rule("0").status, 303);
    ask();
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 403);
    become(ada_);  // Another browser of the same person.
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 403);
    become(cem_);
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 403);
    EXPECT_EQ(post("/approvals/1/withdraw", {}).status, 403);
    become(bob_);
    EXPECT_EQ(send("/approvals/1/approve", {}, {{"Cookie", session_}}).status, 403);  // No token.
    EXPECT_EQ(host_->definitions()->version, 1U);
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 303);
    EXPECT_EQ(host_->definitions()->version, 2U);
    EXPECT_EQ(host::playbook_note(host_->store(), 2).value()->by, "ada");
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 409);
    EXPECT_TRUE(contains(page("/approvals/1"), "approved"));
    EXPECT_TRUE(contains(page("/approvals"), "bob"));
    EXPECT_FALSE(contains(page("/playbook"), "href=\"/approvals/1\""));
}

TEST_F(ApprovalPages, DecliningNeedsAReasonAndChangesNothing) {
    become(ada_);
    ASSERT_EQ(set_rule("0").status, 303);
    ask();
    become(bob_);
    EXPECT_EQ(post("/approvals/1/decline", {}).status, 400);
    EXPECT_EQ(post("/approvals/1/decline", {{"reason", "<i>no</i>"}}).status, 303);
    EXPECT_TRUE(contains(page("/approvals"), "&lt;i&gt;no"));
    EXPECT_EQ(host_->definitions()->version, 1U);
    // The rule off releases nothing, and what was withdrawn may be asked again.
    become(ada_);
    ask();
    ASSERT_EQ(set_rule("", false).status, 303);
    become(bob_);
    ASSERT_EQ(post("/approvals/3/approve", {}).status, 303);
    become(ada_);
    EXPECT_EQ(ask(), "/approvals/2?said=approval_asked");
    EXPECT_EQ(host_->definitions()->version, 1U);
    EXPECT_EQ(post("/approvals/2/withdraw", {}).status, 303);
    EXPECT_EQ(ask(), "/playbook?said=playbook_loaded");
}

TEST_F(ApprovalPages, SavingATemplateOrTheWorkspaceMayWaitToo) {
    become(ada_);
    ASSERT_EQ(set_rule("0").status, 303);
    const std::string version = std::to_string(host_->definitions()->version);
    write_folder(host_->playbook_files(host_->definitions()->version).value());
    // Words reach nobody new.
    EXPECT_EQ(post("/settings/workspace", {{"version", version}, {"name", "Tea"}}).status, 303);
    EXPECT_EQ(host_->definitions()->workspace.name, "Tea");
    EXPECT_EQ(host::playbook_note(host_->store(), 2).value()->how, "page");
    become(cem_);
    const http::Response saved =
        post("/templates/hello/save",
             {{"language", "en"},
              {"version", "2"},
              {"source", "---\nsubject: Hello\ntransactional: true\n---\n<p>Hi</p>\n"}});
    EXPECT_EQ(saved.status, 303);
    EXPECT_EQ(*http::find_field(saved.headers, "location"), "/approvals/1?said=approval_asked");
    EXPECT_EQ(host_->approvals().find(1, api::wall_clock())->what, "template.save");
    EXPECT_TRUE(contains(page("/templates/hello"), "href=\"/approvals/1\""));
    become(bob_);
    EXPECT_EQ(post("/approvals/1/approve", {}).status, 303);
    EXPECT_TRUE(host_->definitions()->templates.at("hello").transactional);
    EXPECT_EQ(newest_audit(), "template.save");
}

}  // namespace
}  // namespace winback::ui
