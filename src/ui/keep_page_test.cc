// How long data is kept, on the page of the workspace.
#include <filesystem>
#include <fstream>

#include "api/form_token.h"
#include "http/url.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

class KeepPage : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        for (const auto& [path, text] : host::test_playbook()) {
            const std::filesystem::path file = std::filesystem::path(base_) / "playbook" / path;
            std::filesystem::create_directories(file.parent_path());
            std::ofstream(file) << text;
        }
        submit(*host_, order("gone"));
        pass(*host_, days(400));
        submit(*host_, order("here"));
        sign_in_as({"admin"});
    }
    void sign_in_as(const std::vector<std::string>& scopes) {
        const auto link =
            host_->keys().create(host::KeyKind::SignIn, "eva", scopes, api::wall_clock()).value();
        session_ = "winback_session=" +
                   host_->keys().sign_in(link.secret, api::wall_clock()).value().secret;
    }
    http::Response post(http::Pairs form) {
        http::Request shown;
        shown.headers = {{"Cookie", session_},
                         {"Content-Type", "application/x-www-form-urlencoded"}};
        form.emplace_back("token", api::form_token(shown));
        form.emplace_back("version", std::to_string(host_->definitions()->version));
        return api::call(router_, {.method = "POST",
                                   .target = "/settings/workspace/keep",
                                   .headers = shown.headers,
                                   .body = http::format_query(form)});
    }
    bool keeps() const { return host_->definitions()->workspace.keep.silent_customers.has_value(); }
};

TEST_F(KeepPage, SaysThatNothingIsErasedAndWhatElseIsKept) {
    const std::string shown = page("/settings/workspace");
    EXPECT_TRUE(contains(shown, "no rule erases"));
    EXPECT_TRUE(contains(shown, "Audit trail"));
    EXPECT_TRUE(contains(shown, "14 days"));
    sign_in_as({"read"});
    EXPECT_FALSE(contains(page("/settings/workspace"), "/settings/workspace/keep"));
}

TEST_F(KeepPage, AsksOnceMoreBeforeARuleThatErasesSomebody) {
    const http::Response asked = post({{"keep_silent_customers", "12mo"}});
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(StrictHtml(asked.body).problem(), "");
    EXPECT_TRUE(contains(asked.body, "would erase 1 customer now"));
    EXPECT_TRUE(contains(asked.body, "name=\"agreed\" value=\"1\""));
    EXPECT_FALSE(keeps());
    // Who agreed to fewer is asked again.
    EXPECT_EQ(post({{"keep_silent_customers", "12mo"}, {"agreed", "0"}}).status, 200);
    EXPECT_FALSE(keeps());
    EXPECT_EQ(post({{"keep_silent_customers", "12mo"}, {"agreed", "1"}}).status, 303);
    EXPECT_TRUE(keeps());
    EXPECT_TRUE(contains(page("/settings/workspace"), "Due now: 1 customer."));
}

TEST_F(KeepPage, SavesAtOnceWhatErasesNobody) {
    EXPECT_EQ(post({{"keep_silent_customers", "36mo"}}).status, 303);
    EXPECT_TRUE(keeps());
    EXPECT_EQ(post({{"keep_silent_customers", "off"}}).status, 303);
    EXPECT_FALSE(keeps());
    EXPECT_EQ(post({{"keep_silent_customers", "5mo"}}).status, 400);
}

}  // namespace
}  // namespace winback::ui
