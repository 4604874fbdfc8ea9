// The list of customers, the page of one, and the forms on both.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/form_token.h"
#include "http/url.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

class CustomerList : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        // Somebody who may do everything.
        const auto link =
            host_->keys()
                .create(host::KeyKind::SignIn, "Ada Admin", {"admin"}, api::wall_clock())
                .value();
        session_ = "winback_session=" +
                   host_->keys().sign_in(link.secret, api::wall_clock()).value().secret;
    }

    http::Response post(const std::string& path, http::Pairs form) {
        api::Call request{.method = "POST", .target = path};
        request.headers.emplace_back("Cookie", session_);
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        http::Request shown;
        shown.headers = request.headers;
        form.emplace_back("token", api::form_token(shown));
        request.body = http::format_query(form);
        return api::call(router_, request);
    }
    std::string location(const http::Response& response) {
        const std::string* found = http::find_field(response.headers, "location");
        return found == nullptr ? std::to_string(response.status) : *found;
    }
    std::vector<std::string> naughty() {
        std::ifstream file("test/data/blns/blns.json");
        std::vector<std::string> texts;
        for (const auto& text : nlohmann::json::parse(file)) {
            texts.push_back(text.get<std::string>());
        }
        return texts;
    }
};

TEST_F(CustomerList, KeepsWhatTheTeamSays) {
    fill();
    EXPECT_EQ(location(post("/customers/ada/note", {{"text", "Called back <b>on</b> Monday"}})),
              "/customers/ada?said=customer_note");
    EXPECT_EQ(location(post("/customers/ada/tag", {{"tag", "vip"}})),
              "/customers/ada?said=customer_tag");
    const std::string ada = page("/customers/ada?kind=note");
    EXPECT_TRUE(contains(ada, "Called back &lt;b&gt;on&lt;/b&gt; Monday"));
    EXPECT_TRUE(contains(ada, "Ada Admin"));
    EXPECT_TRUE(contains(ada, "/customers?tag=vip"));
    EXPECT_TRUE(contains(page("/customers?tag=vip"), "<strong>1</strong> customer matches."));
    EXPECT_TRUE(contains(page("/customers?where=%22vip%22%20in%20user.team_tags"),
                         "<strong>1</strong> customer matches."));
    EXPECT_EQ(location(post("/customers/ada/untag", {{"tag", "vip"}})),
              "/customers/ada?said=customer_untag");
    EXPECT_TRUE(contains(page("/customers?tag=vip"), "Nobody matches"));
}

TEST_F(CustomerList, ForgetsANoteThatIsDeleted) {
    fill();
    post("/customers/ada/note", {{"text", "not for ever"}});
    const std::string ada = page("/customers/ada?kind=note");
    const std::string field = "name=\"note\" value=\"";
    const std::size_t at = ada.find(field);
    ASSERT_NE(at, std::string::npos);
    const std::size_t from = at + field.size();
    const std::string note = ada.substr(from, ada.find('"', from) - from);
    EXPECT_EQ(location(post("/customers/ada/note_delete", {{"note", note}})),
              "/customers/ada?said=customer_note_delete");
    EXPECT_FALSE(contains(page("/customers/ada?kind=note"), "not for ever"));
    EXPECT_EQ(post("/customers/ada/note_delete", {{"note", note}}).status, 404);
}

TEST_F(CustomerList, LeavesSomebodyAloneAndNotAnyMore) {
    fill();
    EXPECT_EQ(post("/customers/ada/suppress", {{"reason", " "}}).status, 422);
    EXPECT_EQ(location(post("/customers/ada/suppress", {{"reason", "asked by phone"}})),
              "/customers/ada?said=customer_suppress");
    EXPECT_TRUE(contains(page("/customers/ada"), "asked by phone"));
    EXPECT_TRUE(contains(page("/customers?suppressed=true"), "<strong>1</strong>"));
    EXPECT_EQ(post("/customers/ada/lift", {{"reason", ""}}).status, 422);
    EXPECT_EQ(location(post("/customers/ada/lift", {{"reason", "wants news again"}})),
              "/customers/ada?said=customer_lift");
    EXPECT_TRUE(contains(page("/customers?suppressed=true"), "Nobody matches"));
}

TEST_F(CustomerList, ChangesConsentWithItsSource) {
    fill();
    EXPECT_EQ(
        location(post("/customers/bob/consent",
                      {{"channel", "email"}, {"state", "granted"}, {"reason", "at the till"}})),
        "/customers/bob?said=customer_consent");
    EXPECT_EQ(consent_of("bob"), expr::ConsentState::Granted);
    EXPECT_TRUE(contains(page("/customers/bob"), "at the till"));
    EXPECT_EQ(post("/customers/bob/consent",
                   {{"channel", "pigeon"}, {"state", "granted"}, {"reason", "x"}})
                  .status,
              422);
}

TEST_F(CustomerList, ErasesOnlyWhoWasNamedTwice) {
    fill();
    EXPECT_EQ(post("/customers/ada/erase", {{"reason", "asked"}, {"confirm", "bob"}}).status, 422);
    EXPECT_EQ(get("/customers/ada").status, 200);
    EXPECT_EQ(location(post("/customers/ada/erase", {{"reason", "asked"}, {"confirm", "ada"}})),
              "/customers?said=customer_erase");
    EXPECT_FALSE(contains(page("/customers"), "ada@example.test"));
    EXPECT_TRUE(contains(page("/customers?q=ada"), "Nobody matches"));
}

TEST_F(CustomerList, SavesViewsForOneAndForAll) {
    fill();
    EXPECT_EQ(location(post("/customers/views", {{"name", "Sleepers <i>"},
                                                 {"query", "state=at_risk&order=revenue"},
                                                 {"shared", "true"}})),
              "/customers?state=at_risk&order=revenue&said=customers_view_saved");
    const std::string list = page("/customers?state=at_risk&order=revenue");
    EXPECT_TRUE(contains(list, "Sleepers &lt;i&gt;"));
    EXPECT_TRUE(contains(list, "<option value=\"at_risk\" selected>"));
    session_ = "winback_session=" + host_->keys()
                                        .sign_in(host_->keys()
                                                     .create(host::KeyKind::SignIn, "Bob",
                                                             {"personal"}, api::wall_clock())
                                                     .value()
                                                     .secret,
                                                 api::wall_clock())
                                        .value()
                                        .secret;
    EXPECT_TRUE(contains(page("/customers"), "Sleepers &lt;i&gt;"));
    EXPECT_FALSE(contains(page("/customers?state=at_risk&order=revenue"), "views/delete"));
}

TEST_F(CustomerList, ShowsMistakesOfAConditionUnderTheCaret) {
    fill();
    const http::Response response = get("/customers?where=user.orders.count%20%3E%20%22x%22");
    EXPECT_EQ(response.status, 422);
    EXPECT_TRUE(contains(response.body, "^"));
    EXPECT_EQ(StrictHtml(response.body).problem(), "");
}

TEST_F(CustomerList, EscapesWhateverCustomersAndTheTeamSay) {
    int n = 0;
    for (const std::string& text : naughty()) {
        if (text.empty() || ++n > 120) {
            continue;
        }
        event::Event event = identify("c" + std::to_string(n));
        event.properties.set("name", text);
        event.properties.set("plan", text);
        submit(*host_, std::move(event));
        post("/customers/c" + std::to_string(n) + "/note", {{"text", text}});
        post("/customers/c" + std::to_string(n) + "/tag", {{"tag", text.substr(0, 40)}});
    }
    page("/customers?columns=tags,user.plan,state");
    for (int i = 1; i <= 120; i += 7) {
        page("/customers/c" + std::to_string(i));
    }
    for (const std::string& text : naughty()) {
        const std::string q = http::percent_encode(text.substr(0, 60));
        const http::Response found = get("/customers?q=" + q + "&tag=" + q + "&where=" + q);
        EXPECT_LT(found.status, 500) << text;
        EXPECT_EQ(StrictHtml(found.body).problem(), "") << text;
    }
}

}  // namespace
}  // namespace winback::ui
