// The page of what is arriving, without JavaScript.
#include <algorithm>

#include <gtest/gtest.h>

#include "api/event_problems.h"
#include "api/form_token.h"
#include "api/ingest.h"
#include "api/live_events.h"
#include "http/authorization.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

class EventsPage : public UiTest {
protected:
    void SetUp() override {
        UiTest::SetUp();
        live_ = &desk_->part<api::LiveEvents>();
        api::IngestPorts ports = api::ingest_ports(*host_);
        ports.live = std::shared_ptr<api::LiveEvents>(desk_, live_);
        router_ = {};
        api::add_ingest_routes(router_, std::move(ports));
        add_ui_routes(router_, *host_, {.desk = desk_, .templates = templates_});
        key_ = host_->keys()
                   .create(host::KeyKind::Write, "Till <b>", {}, api::wall_clock())
                   .value()
                   .secret;
        live_->recent({}, 1);  // Somebody looks, so nothing is passed over.
    }
    std::string session(std::vector<std::string> scopes) {
        const auto link = host_->keys().create(host::KeyKind::SignIn, "link", std::move(scopes),
                                               api::wall_clock());
        return "winback_session=" +
               host_->keys().sign_in(link.value().secret, api::wall_clock()).value().secret;
    }
    int send(const std::string& body) {
        return api::call(
                   router_,
                   {.method = "POST",
                    .target = "/v1/batch",
                    .headers = {{"Authorization", "Basic " + http::encode_base64(key_ + ":")}},
                    .body = R"({"batch":[)" + body + "]}"})
            .status;
    }
    http::Response get_as(const std::string& target, const std::string& cookie) {
        http::Response response =
            api::call(router_, {.target = target,
                                .headers = {{"Cookie", cookie}, {"Host", "winback.example:8080"}},
                                .body = {}});
        EXPECT_EQ(StrictHtml(response.body).problem(), "") << target;
        return response;
    }
    std::string see(const std::string& target) {
        const http::Response response = get_as(target, session({"read", "personal"}));
        EXPECT_EQ(response.status, 200);
        return response.body;
    }

    api::LiveEvents* live_ = nullptr;
    std::string key_;
};

TEST_F(EventsPage, TeachesHowToConnectBeforeAnythingArrived) {
    const std::string body = see("/events");
    EXPECT_TRUE(contains(body, "Nothing has arrived"));
    EXPECT_TRUE(contains(body, "@segment/analytics-node"));
    EXPECT_TRUE(contains(body, "@segment/analytics-next"));
    EXPECT_TRUE(contains(body, "curl http://winback.example:8080/v1/track"));
}

TEST_F(EventsPage, ShowsWhatArrivedAndHowToMendIt) {
    EXPECT_EQ(send(R"({"type":"track","userId":"ada","event":"order_completed"},
                      {"type":"track","event":"Nobody"})"),
              200);
    const std::string body = see("/events");
    EXPECT_TRUE(contains(body, "Of the newest 2, 2 need a look."));
    EXPECT_TRUE(contains(body, "Order Completed"));
    EXPECT_TRUE(contains(body, "/customers/ada"));
    EXPECT_TRUE(contains(body, "Nobody knows whose event this is."));
    EXPECT_TRUE(contains(body, "not taken"));
    EXPECT_TRUE(contains(body, ">taken, needs a look</span>"));
    // Nobody is no link.
    EXPECT_FALSE(contains(body, "href=\"/customers\">–"));
    // What a script says instead of the lead when more arrives.
    EXPECT_TRUE(contains(body, "data-good=\"Events are arriving, and those below are all fine.\""));
}

TEST_F(EventsPage, KeepsFiltersInItsAddress) {
    send(R"({"type":"track","userId":"ada","event":"One"},
            {"type":"track","userId":"bob","event":"Two"})");
    const std::string body = see("/events?name=two&problems=false");
    EXPECT_TRUE(contains(body, "/customers/bob"));
    EXPECT_FALSE(contains(body, "/customers/ada"));
    EXPECT_TRUE(contains(body, "data-live=\"/api/v1/events/live?name=two\""));
    EXPECT_TRUE(contains(see("/events?customer=nobody"), "None of the newest events"));
}

TEST_F(EventsPage, ShowsNothingOfWhatWasSentAsMarkup) {
    send(R"({"type":"track","userId":"<img src=x onerror=alert(1)>",
             "event":"\"><script>alert(1)</script>","properties":{"</pre><b>":"<i>"}})");
    const std::string body = see("/events?name=" + std::string("%22%3E%3Cscript%3E"));
    EXPECT_FALSE(contains(body, "<script>alert"));
    EXPECT_FALSE(contains(body, "<img src=x"));
    EXPECT_FALSE(contains(body, "</pre><b>"));
    EXPECT_FALSE(contains(body, "Till <b>"));
}

TEST_F(EventsPage, IsForThoseWhoMaySeePersons) {
    EXPECT_EQ(get_as("/events", session({"read"})).status, 403);
    EXPECT_EQ(get_as("/events", "").status, 401);
}

TEST_F(EventsPage, MakesAKeyAndShowsItOnce) {
    const std::string cookie = session({"admin"});
    http::Request request;
    request.headers = {{"Cookie", cookie}};
    const std::string form =
        http::format_query({{"name", "New till"}, {"token", api::form_token(request)}});
    const auto post = [&](const std::string& who) {
        return api::call(
            router_,
            {.method = "POST",
             .target = "/events/key",
             .headers = {{"Cookie", who}, {"Content-Type", "application/x-www-form-urlencoded"}},
             .body = form});
    };
    const http::Response made = post(cookie);
    EXPECT_EQ(made.status, 200);
    const std::size_t at = made.body.find("wk_");
    ASSERT_NE(at, std::string::npos);
    EXPECT_FALSE(contains(get_as("/events", cookie).body, made.body.substr(at, 20)));
    EXPECT_EQ(post(session({"read", "personal"})).status, 403);
}

TEST_F(EventsPage, HasATextForEveryProblem) {
    const std::string body = see("/events");
    for (const std::string_view code : api::event_problem_codes()) {
        const std::string item = "<li data-code=\"" + std::string(code) + "\">";
        const std::size_t at = body.find(item);
        ASSERT_NE(at, std::string::npos) << code;
        // A text that is missing would be its key, written as words.
        EXPECT_TRUE(contains(body.substr(at + item.size(), 400), ".</li>")) << code;
    }
}

}  // namespace
}  // namespace winback::ui
