// The parts of the template desk that stories over HTTP do not reach.
#include "api/templates.h"

#include <atomic>
#include <latch>

#include <gtest/gtest.h>

#include "api/access.h"
#include "api/routes.h"
#include "api/template_previews.h"
#include "host/test_folder.h"

namespace winback::api {
namespace {

message::RenderedMessage message_in(std::string language) {
    message::RenderedMessage message;
    message.from = "hello@shop.example";
    message.from_name = "Shop";
    message.subject = "Hi";
    message.text = "Hi";
    message.language = std::move(language);
    message.unsubscribe_url = "https://shop.example/u/sample";
    return message;
}

// Keeps what it gets and answers when it is told to.
class SlowSender final : public sender::Sender {
public:
    std::vector<sender::Mail> mails;
    std::vector<sender::OutcomeCallback> waiting;
    bool full = false;

    bool try_submit(sender::Outgoing& outgoing, sender::OutcomeCallback& callback) override {
        if (!full) {
            mails.push_back(outgoing.mail);
            waiting.push_back(callback);
        }
        return !full;
    }
    bool submit(sender::Outgoing outgoing, sender::OutcomeCallback callback) override {
        return try_submit(outgoing, callback);
    }
    void drain() override {}
    void stop() override {}
};

TEST(TestMail, SaysWhatIsUnderWayAndSurvivesALateAnswer) {
    const auto sender = std::make_shared<SlowSender>();
    TestMail tests(sender, milliseconds(0));
    const auto outcomes =
        tests.send("k", message_in("en"), {"a@x.test", "b@x.test"}, host::test_start);
    ASSERT_TRUE(outcomes.has_value());
    EXPECT_EQ(outcomes->at(0).state, "under_way");
    EXPECT_EQ(outcomes->at(1).to, "b@x.test");
    for (const auto& callback : sender->waiting) {
        callback({.kind = sender::OutcomeKind::Sent, .code = 250, .enhanced = {}, .text = "ok"});
    }
}

TEST(TestMail, SaysWhenTheSenderTakesNothing) {
    const auto sender = std::make_shared<SlowSender>();
    sender->full = true;
    EXPECT_EQ(TestMail(sender)
                  .send("k", message_in("en"), {"a@x.test"}, host::test_start)
                  .value()[0]
                  .state,
              "failed");
    EXPECT_EQ(TestMail(nullptr)
                  .send("k", message_in("en"), {"a@x.test"}, host::test_start)
                  .value()[0]
                  .detail,
              "there is no mail server");
}

TEST(TestMail, MarksTheSubjectInItsLanguageAndOffersNoUnsubscribing) {
    for (const auto& [language, subject] :
         {std::pair("en", "[Test] Hi"), std::pair("tr", "[Deneme] Hi"),
          std::pair("pt-br", "[Teste] Hi"), std::pair("fa", "[آزمایشی] Hi"),
          std::pair("ar", "[تجربة] Hi"), std::pair("xx", "[Test] Hi")}) {
        const auto sender = std::make_shared<SlowSender>();
        TestMail tests(sender, milliseconds(0));
        ASSERT_TRUE(tests.send("k", message_in(language), {"a@x.test"}, host::test_start));
        EXPECT_EQ(sender->mails.at(0).subject, subject);
        EXPECT_EQ(sender->mails.at(0).list_unsubscribe_url, "");
        EXPECT_EQ(sender->mails.at(0).list_unsubscribe_mailto, "");
    }
}

TEST(TestMail, CountsTheLastHourOfEachKey) {
    const auto sender = std::make_shared<SlowSender>();
    TestMail tests(sender, milliseconds(0));
    const std::vector<std::string> five(test_recipients_max, "a@x.test");
    for (std::size_t i = 0; i < tests_per_hour_max / test_recipients_max; ++i) {
        ASSERT_TRUE(tests.send("k", message_in("en"), five, host::test_start));
    }
    const auto refused =
        tests.send("k", message_in("en"), {"a@x.test"}, host::test_start + minutes(59));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::LimitExceeded);
    EXPECT_TRUE(tests.send("other", message_in("en"), five, host::test_start));
    EXPECT_TRUE(tests.send("k", message_in("en"), five, host::test_start + hours(1)));
}

TEST(TestMail, ReadsAddressesAsPeopleTypeThem) {
    EXPECT_EQ(addresses_in(" a@x.test,b@x.test;\tc@x.test\n"),
              (std::vector<std::string>{"a@x.test", "b@x.test", "c@x.test"}));
    EXPECT_TRUE(addresses_in(" ,; ").empty());
}

TEST(TemplateDrafts, ForgetTheOldestFirst) {
    TemplateDrafts drafts;
    const std::string first = drafts.keep("me", "one");
    EXPECT_EQ(*drafts.find("me", first), "one");
    EXPECT_EQ(drafts.find("you", first), nullptr);
    for (std::size_t i = 0; i < drafts_max; ++i) {
        drafts.keep("me", "more");
    }
    EXPECT_EQ(drafts.find("me", first), nullptr);
    const std::string large = drafts.keep("me", std::string(draft_bytes_in_all_max + 1, 'x'));
    EXPECT_NE(drafts.find("me", large), nullptr);  // The newest stays, however large.
    EXPECT_EQ(drafts.find("me", "2"), nullptr);
}

class TemplateDeskTest : public host::HostTest {};

TEST_F(TemplateDeskTest, CountsWhatEachTemplateSent) {
    const auto host = open();
    load(*host);
    submit(*host, identify("ada"));
    submit(*host, identify("bob"));
    consent(*host, "ada");
    for (const char* who : {"ada", "bob", "ada", "bob"}) {
        submit(*host, order(who));
    }
    pass(*host, days(2));
    Desk desk(*host, {.threads = 0});
    TemplateDesk templates(desk, {.threads = 0, .counts_age_max = {}});
    const auto counted = [&] {
        return to_json(*templates.describe("hello").value().find("messages"));
    };
    EXPECT_EQ(counted(), R"({"sent":2,"previewed":0,"refused":2,"waiting":0,"days":30,)"
                         R"("since":"2026-05-04T08:00:00Z"})");
    pass(*host, days(40));
    EXPECT_EQ(counted(), R"({"sent":0,"previewed":0,"refused":0,"waiting":0,"days":30,)"
                         R"("since":"2026-06-13T08:00:00Z"})");
}

TEST_F(TemplateDeskTest, OnePersonDoesNotTakeAllPreviews) {
    const auto host = open();
    Desk desk(*host, {.threads = 0});
    auto& previews = desk.part<TemplatePreviews>();
    host::Key session;
    session.id = "s";
    session.user = "ada";
    host::Key token;
    token.id = "t";
    token.maker = "ada";
    host::Key other;
    other.id = "u";
    {
        const TemplatePreviews::Turn first(previews, session);
        const TemplatePreviews::Turn second(previews, token);
        EXPECT_TRUE(first.mine() && second.mine());
        EXPECT_FALSE(TemplatePreviews::Turn(previews, session).mine());
        EXPECT_FALSE(TemplatePreviews::Turn(previews, token).mine());
        EXPECT_TRUE(TemplatePreviews::Turn(previews, other).mine());
    }
    EXPECT_TRUE(TemplatePreviews::Turn(previews, session).mine());
}

// Sixteen heavy drafts at once: a page that takes a millisecond does not wait for them.
TEST_F(TemplateDeskTest, PagesDoNotWaitForPreviews) {
    const auto host = open();
    load(*host);
    const auto desk = std::make_shared<Desk>(*host, DeskOptions{.threads = 2});
    http::Router router;
    add_template_routes(router, desk,
                        std::make_shared<TemplateDesk>(*desk, TemplateDeskOptions{.threads = 0}));
    const std::string token =
        host->keys().create(host::KeyKind::Api, "t", {"read"}, wall_clock()).value().secret;
    const auto request = std::make_shared<http::Request>();
    request->method = "POST";
    request->path = "/api/v1/templates/hello/preview";
    request->headers = {{"Authorization", "Bearer " + token}, {"Content-Type", "application/json"}};
    request->params = {{"id", "hello"}};
    std::string heavy = "x";
    for (int i = 0; i < 6; ++i) {
        heavy = "{% for a" + std::to_string(i) + " in (1..10000) %}" + heavy + "{% endfor %}";
    }
    request->body = R"({"language":"en","body":")" + heavy + R"("})";
    auto& previews = desk->part<TemplatePreviews>();
    const http::Router::Match match = router.match("POST", request->path);
    ASSERT_NE(match.route, nullptr);
    constexpr int asked = 16;
    std::atomic<int> made{0};
    std::atomic<int> refused{0};
    std::latch answered(asked);
    for (int i = 0; i < asked; ++i) {
        match.route->handler(request, [&](const http::Response& response) {
            made += response.status == 200 ? 1 : 0;
            refused += response.status == 503 ? 1 : 0;
            answered.count_down();
        });
    }
    std::atomic<int> answered_before{0};
    std::latch page(1);
    ASSERT_TRUE(desk->post([&] {
        answered_before = made.load();
        page.count_down();
    }));
    page.wait();
    EXPECT_LE(answered_before, previews_of_one_max);  // Not one of those that waited was made.
    answered.wait();
    EXPECT_GE(made, previews_of_one_max);
    EXPECT_GE(refused, 1);
    EXPECT_EQ(made + refused, asked);
    previews.room()->stop();
}

TEST_F(TemplateDeskTest, MistakesOfALongLineStaySmall) {
    const auto host = open();
    load(*host);
    Desk desk(*host, {.threads = 0});
    TemplateDesk templates(desk, {.threads = 0});
    std::string body;
    for (int i = 0; i < 20'000; ++i) {
        body += "{{ a | nosuch }}";
    }
    const Result<ValueMap> answer =
        templates.preview({.id = "hello", .language = "en", .body = body}, {}, "");
    ASSERT_TRUE(answer.has_value());
    const Value& mistakes = *answer->find("diagnostics");
    EXPECT_FALSE(mistakes.as_list()->empty());
    EXPECT_LT(to_json(mistakes).size(), body.size());
}

TEST_F(TemplateDeskTest, KnowsNothingWithoutAPlaybook) {
    const auto host = open();
    Desk desk(*host, {.threads = 0});
    TemplateDesk templates(desk, {.threads = 0});
    EXPECT_TRUE(templates.list().find("templates")->as_list()->empty());
    EXPECT_FALSE(templates.describe("hello").has_value());
    EXPECT_EQ(templates.preview({.id = "hello", .language = "en"}, {}, "").error().code,
              ErrorCode::Conflict);
    EXPECT_FALSE(templates.save({.id = "hello", .language = "en", .source = "x"}, 1, {}));
}

}  // namespace
}  // namespace winback::api
