// The pages of webhooks, and the page for programs.
#include "api/form_token.h"
#include "host/audit.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

class WebhookPagesTest : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        const auto link =
            host_->keys().create(host::KeyKind::SignIn, "admin", {"admin"}, api::wall_clock());
        session_ = "winback_session=" +
                   host_->keys().sign_in(link->secret, api::wall_clock()).value().secret;
    }
    http::Response send(const std::string& target, std::string form, bool with_token = true) {
        api::Call request{.method = "POST", .target = target};
        request.headers.emplace_back("Cookie", session_);
        request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        http::Request asked;
        asked.headers = request.headers;
        request.body = std::move(form) + (with_token ? "&token=" + api::form_token(asked) : "");
        return api::call(router_, request);
    }
};

TEST_F(WebhookPagesTest, MakesOneShowsItsSecretOnceAndRemovesIt) {
    EXPECT_TRUE(contains(page("/settings/webhooks"), "message.sent"));
    const std::string form =
        "url=https%3A%2F%2Fexample.com%2Fhook&description=Till&event=message.sent";
    EXPECT_EQ(send("/settings/webhooks", form, false).status, 403);
    const http::Response made = send("/settings/webhooks", form);
    ASSERT_EQ(made.status, 200);
    ASSERT_EQ(courier_->list().size(), 1U);
    const webhook::Endpoint endpoint = courier_->list()[0];
    EXPECT_TRUE(contains(made.body, endpoint.secret));
    EXPECT_EQ(StrictHtml(made.body).problem(), "");
    const std::string path = "/settings/webhooks/" + endpoint.id;
    EXPECT_FALSE(contains(page(path), endpoint.secret));
    EXPECT_EQ(send(path, "action=test").status, 303);
    EXPECT_TRUE(contains(page(path), "webhook.test"));
    EXPECT_TRUE(contains(page(path + "?state=waiting"), "webhook.test"));
    EXPECT_FALSE(contains(page(path + "?state=failed"), "webhook.test"));
    EXPECT_EQ(send(path, "action=replay_failed").status, 303);
    for (const char* what : {"webhook.test", "webhook.replay_failed"}) {
        const host::AuditPage trail = host_->audit().list({.what = what}).value();
        ASSERT_EQ(trail.entries.size(), 1U) << what;
        EXPECT_EQ(trail.entries.front().target, endpoint.id);
    }
    EXPECT_EQ(send(path, "action=off").status, 303);
    EXPECT_FALSE(courier_->find(endpoint.id)->enabled);
    EXPECT_EQ(send(path, "action=test").status, 400) << "it is off";
    EXPECT_EQ(send(path, "action=nothing").status, 400);
    const std::string renewed = send(path, "action=secret").body;
    EXPECT_TRUE(contains(renewed, courier_->find(endpoint.id)->secret));
    EXPECT_EQ(courier_->find(endpoint.id)->former_secret, endpoint.secret);
    EXPECT_FALSE(contains(renewed, endpoint.secret));
    EXPECT_EQ(send(path, "action=remove").status, 303);
    EXPECT_TRUE(courier_->list().empty());
    EXPECT_EQ(get(path).status, 404);
}

TEST_F(WebhookPagesTest, SaysWhatIsWrongAndKeepsWhatWasTyped) {
    const http::Response refused =
        send("/settings/webhooks", "url=http%3A%2F%2F10.0.0.1%2F%22%3E&description=%3Cb%3E");
    EXPECT_EQ(refused.status, 400);
    EXPECT_TRUE(contains(refused.body, "http://10.0.0.1/&quot;&gt;"));
    EXPECT_TRUE(contains(refused.body, "role=\"alert\""));
    EXPECT_EQ(StrictHtml(refused.body).problem(), "");
    EXPECT_TRUE(courier_->list().empty());
}

TEST_F(WebhookPagesTest, AreForAdminsAlone) {
    session_ = "winback_session=" + sign_in().secret;
    EXPECT_EQ(get("/settings/webhooks").status, 403);
    EXPECT_EQ(send("/settings/webhooks", "url=x").status, 403);
    EXPECT_EQ(get("/api").status, 200) << "the description is for everybody who may read";
}

TEST_F(WebhookPagesTest, ShowEveryRouteToProgrammersWithTheirOwnAddress) {
    api::Call request{.target = "/api"};
    request.headers = {{"Cookie", session_}, {"Host", "shop.example:8080"}};
    const http::Response shown = api::call(router_, request);
    ASSERT_EQ(shown.status, 200);
    EXPECT_EQ(StrictHtml(shown.body).problem(), "");
    for (const char* part :
         {"/api/v1/customers/{id}/consent", "http://shop.example:8080/api/v1/overview",
          "id=\"not_found\"", "Idempotency-Key"}) {
        EXPECT_TRUE(contains(shown.body, part)) << part;
    }
    request.headers[1].second = "evil\"><script>";
    EXPECT_TRUE(contains(api::call(router_, request).body, "http://localhost:8080/api/v1/"));
}

}  // namespace
}  // namespace winback::ui
