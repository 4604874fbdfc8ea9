#include "api/live_events.h"

#include <gtest/gtest.h>

#include "api/ingest.h"
#include "api/test_call.h"
#include "http/authorization.h"

namespace winback::api {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

class LiveEventsTest : public testing::Test {
protected:
    LiveEventsTest()
        : live_(std::make_shared<LiveEvents>([](std::string_view) { return "Shop"; }, true)) {
        IngestPorts ports;
        ports.is_write_key = [](std::string_view key) { return key == "wk1"; };
        ports.submit = [](const std::vector<event::Event>&,
                          const std::function<void(Status)>& done) { done(Ok{}); };
        ports.retry_after = [] { return seconds(1); };
        ports.now = [] { return Timestamp{1'800'000'000'000}; };
        ports.live = live_;
        add_ingest_routes(router_, ports);
    }

    int send(const std::string& path, const std::string& body, std::string_view key = "wk1") {
        const std::string user = http::encode_base64(std::string(key) + ":");
        return call(router_, {.method = "POST",
                              .target = path,
                              .headers = {{"Authorization", "Basic " + user}},
                              .body = body})
            .status;
    }
    // The newest, as JSON.
    std::string recent(const LiveFilter& filter = {}, std::size_t limit = 100) {
        return to_json(live_->recent(filter, limit).events);
    }
    static std::string read(http::PushStream& stream) {
        std::string text;
        stream.take(text);
        return text;
    }

    std::shared_ptr<LiveEvents> live_;
    http::Router router_;
};

TEST_F(LiveEventsTest, ShowsWhatArrivedAsSentAndAsUnderstood) {
    EXPECT_EQ(send("/v1/track", R"({"userId":"ada","event":"Seen","properties":{"a":1}})"), 200);
    const std::string shown = recent();
    EXPECT_TRUE(contains(shown, R"("key":"Shop","kind":"track","name":"Seen","customer":"ada")"));
    EXPECT_TRUE(contains(shown, R"("taken":true)"));
    EXPECT_TRUE(contains(shown, R"("raw":"{\"userId\":\"ada\",)"));
    EXPECT_TRUE(contains(shown, R"(\"properties\":{\"a\":1})"));
    EXPECT_TRUE(contains(shown, R"("problems":[])"));
}

TEST_F(LiveEventsTest, ShowsEachEventOfABatchWithItsOwnProblems) {
    EXPECT_EQ(send("/v1/batch", R"({"batch":[{"type":"track","userId":"a","event":"One"},
        {"type":"track","event":"Two"},{"type":"page","userId":"c","name":"Three"}]})"),
              200);
    const LiveEvents::Page page = live_->recent({}, 100);
    ASSERT_EQ(page.events.size(), 3U);
    EXPECT_EQ(page.last, 3U);
    const std::string second = to_json(page.events[1]);
    EXPECT_TRUE(contains(second, R"("taken":false)"));
    EXPECT_TRUE(contains(second, R"("code":"no_user_anon_id")"));
    EXPECT_TRUE(contains(second, R"(\"Two\")"));
    EXPECT_TRUE(contains(to_json(page.events[0]), R"("name":"Page Viewed","customer":"c")"));
}

TEST_F(LiveEventsTest, ShowsBodiesThatWereNotTakenButNothingOfStrangers) {
    EXPECT_EQ(send("/v1/track", "{broken"), 400);
    EXPECT_TRUE(contains(recent(), R"("code":"invalid_json")"));
    EXPECT_TRUE(contains(recent(), "{broken"));
    EXPECT_EQ(send("/v1/track", R"({"userId":"stranger","event":"X"})", "other"), 401);
    const std::string shown = to_json(live_->recent({}, 1).events);
    EXPECT_TRUE(contains(shown, R"("code":"invalid_write_key")"));
    EXPECT_FALSE(contains(shown, "stranger"));
    EXPECT_FALSE(contains(shown, "other"));
}

TEST_F(LiveEventsTest, FiltersByNameCustomerKeyAndProblems) {
    recent();  // From now on somebody looks.
    send("/v1/track", R"({"userId":"ada","event":"Order Seen"})");
    send("/v1/track", R"({"userId":"bob","event":"Basket Seen"})");
    send("/v1/track", R"({"event":"Nobody"})");
    const auto count = [this](const LiveFilter& filter) {
        return live_->recent(filter, 100).events.size();
    };
    EXPECT_EQ(count({}), 3U);
    EXPECT_EQ(count({.name = "seen"}), 2U);
    EXPECT_EQ(count({.name = "track"}), 3U);
    EXPECT_EQ(count({.customer = "bob"}), 1U);
    EXPECT_EQ(count({.key = "Shop"}), 3U);
    EXPECT_EQ(count({.key = "Till"}), 0U);
    EXPECT_EQ(count({.problems = true}), 1U);
    EXPECT_EQ((LiveFilter{.name = "a&b", .problems = true}).query(), "?name=a%26b&problems=true");
}

TEST_F(LiveEventsTest, PushesWhatFitsToThoseWhoWatch) {
    recent();
    send("/v1/track", R"({"userId":"ada","event":"Before"})");
    const auto all = live_->watch({}, 0, "me");
    const auto later = live_->watch({.customer = "bob"}, 1, "me");
    ASSERT_TRUE(all.has_value() && later.has_value());
    EXPECT_TRUE(contains(read(**all), "id: 1\nevent: arrival\ndata: {\"id\":1,"));
    EXPECT_EQ(read(**later), "retry: 2000\n\n");
    send("/v1/track", R"({"userId":"ada","event":"After"})");
    send("/v1/track", R"({"userId":"bob","event":"After"})");
    const std::string seen = read(**all);
    EXPECT_TRUE(contains(seen, "id: 2\n") && contains(seen, "id: 3\n"));
    EXPECT_EQ(read(**later).find("id: 3\n"), 0U);
}

TEST_F(LiveEventsTest, BeginsAnewAfterTheServerDid) {
    recent();
    send("/v1/track", R"({"userId":"ada","event":"First"})");
    const auto stream = live_->watch({}, 4711, "me");
    ASSERT_TRUE(stream.has_value());
    EXPECT_TRUE(contains(read(**stream), "id: 1\n"));
}

TEST_F(LiveEventsTest, LimitsThoseWhoWatchAndForgetsThoseWhoWent) {
    std::vector<std::shared_ptr<http::PushStream>> streams;
    for (std::size_t i = 0; i < live_watchers_max; ++i) {
        streams.push_back(*live_->watch({}, 0, std::to_string(i)));
    }
    EXPECT_FALSE(live_->watch({}, 0, "me").has_value());
    streams.pop_back();
    EXPECT_TRUE(live_->watch({}, 0, "me").has_value());
}

TEST_F(LiveEventsTest, OneKeyDoesNotTakeAllStreams) {
    std::vector<std::shared_ptr<http::PushStream>> streams;
    for (std::size_t i = 0; i < live_watchers_of_one_max; ++i) {
        streams.push_back(*live_->watch({}, 0, "greedy"));
    }
    EXPECT_EQ(live_->watch({}, 0, "greedy").error().code, ErrorCode::Unavailable);
    EXPECT_TRUE(live_->watch({}, 0, "other").has_value());
    streams.pop_back();
    EXPECT_TRUE(live_->watch({}, 0, "greedy").has_value());
}

TEST_F(LiveEventsTest, ForgetsWhoWasErased) {
    recent();
    send("/v1/track", R"({"userId":"ada","event":"Seen","properties":{"email":"ada@x.test"}})");
    send("/v1/track", R"({"userId":"bob","event":"Seen"})");
    send("/v1/identify", R"({"userId":"ada","anonymousId":"cookie7"})");
    send("/v1/track", R"({"anonymousId":"cookie7","event":"Before"})");
    send("/v1/track", R"({"userId":"ada","event":)");
    ASSERT_EQ(live_->recent({}, 100).events.size(), 5U);
    live_->forget({"cookie7", "ada"});
    const std::string left = recent();
    EXPECT_EQ(live_->recent({}, 100).events.size(), 1U);
    EXPECT_TRUE(contains(left, "bob"));
    EXPECT_FALSE(contains(left, "ada") || contains(left, "cookie7"));
    const auto stream = live_->watch({}, 0, "me");
    EXPECT_FALSE(contains(read(**stream), "ada"));
}

TEST_F(LiveEventsTest, CountsWhatItPassesOver) {
    recent();
    std::string batch = R"({"batch":[)";
    for (int i = 0; i < 250; ++i) {
        batch += std::string(i == 0 ? "" : ",") + R"({"type":"track","userId":"a","event":"E"})";
    }
    EXPECT_EQ(send("/v1/batch", batch + "]}"), 200);
    const LiveEvents::Page page = live_->recent({}, 500);
    EXPECT_EQ(page.events.size(), live_events_of_body);
    EXPECT_EQ(page.missed, 150U);
    for (int i = 0; i < 1000; ++i) {
        send("/v1/track", R"({"userId":"ada","event":"E"})");
    }
    const LiveEvents::Page after = live_->recent({}, 500);
    EXPECT_EQ(after.last - page.last + after.missed - page.missed, 1000U);
    EXPECT_LT(after.last, 100U + 1000U);
}

TEST_F(LiveEventsTest, KeepsABoundedNumberAndCutsWhatIsLong) {
    recent();
    const std::string body =
        R"({"userId":"ada","event":"E","properties":{"a":")" + std::string(20'000, 'x') + R"("}})";
    EXPECT_EQ(send("/v1/track", body), 200);
    const std::string shown = recent();
    EXPECT_TRUE(contains(shown, R"("raw_cut":true)"));
    EXPECT_TRUE(contains(shown, R"("decoded":null)"));
    EXPECT_LT(shown.size(), 6000U);
}

}  // namespace
}  // namespace winback::api
