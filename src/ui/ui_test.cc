#include "ui/ui.h"

#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/customers.h"
#include "api/form_token.h"
#include "api/test_call.h"
#include "base/strings.h"
#include "ui/charts.h"
#include "ui/test_pages.h"

namespace winback::ui {
namespace {

TEST_F(UiTest, ShowsAnEmptyShop) {
    EXPECT_TRUE(contains(page("/"), "There are no customers yet"));
    EXPECT_TRUE(contains(page("/customers"), "There are no customers yet"));
}

TEST_F(UiTest, SaysInWordsHowACustomerStands) {
    fill();
    const std::string ada = page("/customers/ada");
    EXPECT_TRUE(contains(ada, "Usually orders every <strong>10 days</strong>"));
    EXPECT_TRUE(contains(ada, "Silent for <strong>40 days</strong>."));
    EXPECT_TRUE(contains(ada, "<dd>£60</dd>"));
    EXPECT_TRUE(contains(ada, "ada@example.test"));
    EXPECT_TRUE(contains(page("/"), "of 2 customers are at risk"));
    EXPECT_TRUE(contains(page("/customers"), "2</strong> customers"));
    EXPECT_TRUE(contains(page("/customers?q=ada"), "<strong>1</strong> customer matches."));
}

TEST_F(UiTest, SaysWhyAMessageWasNotSent) {
    fill();
    const std::string refused = page("/messages/" + message_of("bob"));
    EXPECT_TRUE(contains(refused, "It was not sent. The customer has not agreed"));
    EXPECT_TRUE(contains(refused, "<li class=\"no\">"));
    const std::string sent = page("/messages/" + message_of("ada"));
    EXPECT_TRUE(contains(sent, "every gate said yes"));
    EXPECT_FALSE(contains(sent, "<li class=\"no\"><span aria-hidden=\"true\">✗</span><div><p>Has"));
    EXPECT_TRUE(contains(page("/customers/bob?kind=message"), "has not agreed"));
    EXPECT_TRUE(contains(page("/customers/bob?kind=decision"), "Entered the journey"));
}

TEST_F(UiTest, ShowsAMessageUnderItsOwnPolicy) {
    fill();
    const std::string path = "/messages/" + message_of("ada");
    const http::Response frame = get(path);
    const std::string* policy = http::find_field(frame.headers, "content-security-policy");
    EXPECT_TRUE(contains(*policy, "frame-src 'self'"));
    const http::Response body = get(path + "/body");
    EXPECT_EQ(body.status, 200);
    EXPECT_TRUE(contains(body.body, "Hello ada"));
    policy = http::find_field(body.headers, "content-security-policy");
    EXPECT_TRUE(contains(*policy, "sandbox") && !contains(*policy, "script-src"));
    EXPECT_EQ(get("/messages/" + std::string(32, '0') + "/body").status, 404);
    EXPECT_EQ(get("/messages/" + std::string(32, '0')).status, 404);
    EXPECT_EQ(get("/messages/xyz").status, 404);
}

TEST_F(UiTest, AsksStrangersToSignIn) {
    fill();
    const std::set<std::string> open{
        "/sign-in",  "/sign-out",       "/u/:token",     "/p/:token",    "/v/:token",
        "/l/:token", "/u/sample",       "/p/sample",     "/v/sample",    "/assets/*file",
        "/*path",    "/language/:code", "/sign-in/code", "/sign-in/link"};
    int guarded = 0;
    for (const http::Route& route : router_.routes()) {
        if (!open.contains(route.pattern)) {
            const http::Response response =
                api::call(router_, {.method = route.method, .target = route.pattern});
            EXPECT_EQ(response.status, 401) << route.pattern;
            EXPECT_TRUE(contains(response.body, "serve --sign-in")) << route.pattern;
            ++guarded;
        }
    }
    EXPECT_GE(guarded, 12);
    // An API token is for programs; a page wants a person.
    const auto token =
        host_->keys().create(host::KeyKind::Api, "t", {"admin"}, api::wall_clock()).value();
    EXPECT_EQ(api::call(router_,
                        {.target = "/", .headers = {{"Authorization", "Bearer " + token.secret}}})
                  .status,
              401);
}

TEST_F(UiTest, SignsInOnceAndOut) {
    const std::string link = "/sign-in?token=" + sign_in_link();
    // A scanner's look does not use the link up.
    EXPECT_EQ(api::call(router_, {.method = "HEAD", .target = link}).status, 200);
    const http::Response in =
        api::call(router_, {.target = link, .headers = {{"X-Forwarded-Proto", "https"}}});
    EXPECT_EQ(in.status, 303);
    const std::string cookie = *http::find_field(in.headers, "set-cookie");
    for (const char* part : {"HttpOnly", "SameSite=Lax", "; Secure", "Path=/"}) {
        EXPECT_TRUE(contains(cookie, part)) << cookie;
    }
    EXPECT_EQ(api::call(router_, {.target = link}).status, 403);
    session_ = cookie.substr(0, cookie.find(';'));
    EXPECT_EQ(get("/").status, 200);
    api::Call out{.method = "POST", .target = "/sign-out", .headers = {{"Cookie", session_}}};
    EXPECT_EQ(api::call(router_, out).status, 403);
    EXPECT_EQ(get("/").status, 200);
    http::Request shown;
    shown.headers = out.headers;
    out.body = "token=" + api::form_token(shown);
    EXPECT_EQ(api::call(router_, out).status, 303);
    EXPECT_EQ(get("/").status, 401);
}

TEST_F(UiTest, UnsubscribesWithOneClickAndNotByLooking) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    const std::string path = unsubscribe_path("ada");
    const http::Response asked = api::call(router_, {.target = path});
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(StrictHtml(asked.body).problem(), "");
    EXPECT_TRUE(contains(asked.body, "Yes, unsubscribe me"));
    EXPECT_EQ(consent_of("ada"), expr::ConsentState::Granted);
    for (const std::string body :
         {"List-Unsubscribe=One-Click",
          "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n"
          "--b--\r\n"}) {
        const http::Response done =
            api::call(router_, {.method = "POST", .target = path, .headers = {}, .body = body});
        EXPECT_EQ(done.status, 200);
        EXPECT_TRUE(http::find_field(done.headers, "set-cookie") == nullptr);
        EXPECT_TRUE(contains(done.body, "We will not send you"));
        EXPECT_EQ(consent_of("ada"), expr::ConsentState::Denied);
    }
    const std::string customer = page("/customers/ada");
    EXPECT_TRUE(contains(customer, "unsubscribe link"));
}

TEST_F(UiTest, UnsubscribesInTheCustomersLanguage) {
    for (const auto& [language, word, direction] :
         {std::tuple("tr-TR", "aboneliğimi bitir", "ltr"), std::tuple("ar", "اشتراكي", "rtl"),
          std::tuple("fa-IR", "اشتراکم", "rtl"), std::tuple("de", "unsubscribe me", "ltr")}) {
        event::Event event = identify(language);
        event.properties.set("locale", language);
        submit(*host_, std::move(event));
        const http::Response response = api::call(router_, {.target = unsubscribe_path(language)});
        EXPECT_TRUE(contains(response.body, word)) << language;
        EXPECT_TRUE(contains(response.body, "dir=\"" + std::string(direction) + "\"")) << language;
    }
    EXPECT_TRUE(contains(api::call(router_, {.target = unsubscribe_path("de") + "?lang=fa"}).body,
                         "dir=\"rtl\""));
}

TEST_F(UiTest, RefusesAForgedUnsubscribeLink) {
    submit(*host_, identify("ada"));
    std::string path = unsubscribe_path("ada");
    path.back() = path.back() == '0' ? '1' : '0';
    for (const char* method : {"GET", "POST"}) {
        const http::Response response = api::call(router_, {.method = method, .target = path});
        EXPECT_EQ(response.status, 404);
        EXPECT_TRUE(contains(response.body, "not complete"));
    }
    EXPECT_EQ(consent_of("ada"), expr::ConsentState::Unset);
}

TEST_F(UiTest, KeepsAssetsForEverByTheirContent) {
    const std::string home = page("/");
    const std::size_t at = home.find("/assets/styles/page.css?v=");
    ASSERT_NE(at, std::string::npos);
    const std::string address = home.substr(at, home.find('"', at) - at);
    const http::Response current = get(address, false);
    EXPECT_EQ(current.status, 200);
    EXPECT_TRUE(contains(*http::find_field(current.headers, "cache-control"), "immutable"));
    const http::Response other = get("/assets/styles/page.css?v=1", false);
    EXPECT_EQ(*http::find_field(other.headers, "cache-control"), "no-cache");
    EXPECT_EQ(get("/assets/templates/layout.liquid", false).status, 404);
    EXPECT_EQ(get("/assets/../CMakeLists.txt", false).status, 404);
}

TEST_F(UiTest, AnswersUnknownPathsInTheReadersForm) {
    const http::Response page = get("/nowhere");
    EXPECT_EQ(page.status, 404);
    EXPECT_TRUE(contains(page.body, "<h1>Not found</h1>"));
    EXPECT_TRUE(contains(get("/api/v1/nowhere").body, "\"code\":\"not_found\""));
    EXPECT_EQ(get("/customers/nobody").status, 404);
    EXPECT_EQ(get("/customers?state=strange").status, 400);
}

TEST_F(UiTest, SpeaksTheLanguageOfItsReader) {
    fill();
    const http::Response chosen =
        api::call(router_, {.target = "/language/fa?back=/customers%3Fq%3Da"});
    EXPECT_EQ(chosen.status, 303);
    EXPECT_EQ(*http::find_field(chosen.headers, "location"), "/customers?q=a");
    EXPECT_TRUE(contains(*http::find_field(chosen.headers, "set-cookie"), "winback_language=fa"));
    for (const std::string_view back : {"//evil.test", "/\\evil.test", "https://evil.test"}) {
        const http::Response astray =
            api::call(router_, {.target = "/language/tr?back=" + std::string(back)});
        EXPECT_EQ(*http::find_field(astray.headers, "location"), "/") << back;
    }
    const std::string persian =
        api::call(router_, {.target = "/customers",
                            .headers = {{"Cookie", session_ + "; winback_language=fa"}}})
            .body;
    EXPECT_TRUE(contains(persian, "<html lang=\"fa\" dir=\"rtl\" data-locale=\"fa"));
    EXPECT_TRUE(contains(persian, "-nu-arabext\">"));  // As scripts are to write numbers.
    EXPECT_TRUE(contains(persian, "مشتریان"));
    EXPECT_TRUE(contains(page("/ui?lang=tr"), "<html lang=\"tr\" dir=\"ltr\" data-locale=\"tr"));
    const std::string accepted =
        api::call(router_,
                  {.target = "/sign-in", .headers = {{"Accept-Language", "de, ar-EG;q=0.5"}}})
            .body;
    EXPECT_TRUE(contains(accepted, "تسجيل الدخول"));
}

TEST_F(UiTest, NamesOnlyPagesThatThereAre) {
    fill();
    const std::string body = page("/");
    EXPECT_TRUE(contains(body, "href=\"/templates\""));
    for (const std::string_view path : {"/nowhere", "/builder"}) {
        EXPECT_FALSE(contains(body, "href=\"" + std::string(path) + "\"")) << path;
    }
}

// Nothing that the security policy forbids is on any page. Only lists and editors bring scripts of
// their own.
TEST_F(UiTest, NeedsNeitherScriptsNorInlineStyles) {
    fill();
    for (const std::string& target :
         {std::string("/"), std::string("/customers"), std::string("/customers/ada"),
          "/messages/" + message_of("ada"), std::string("/nowhere"), std::string("/templates"),
          std::string("/templates/hello")}) {
        const std::string body = get(target).body;
        const bool editor = target == "/templates/hello";
        const bool scripts = editor || target == "/customers";
        EXPECT_EQ(contains(body, "<script src=\"/assets/scripts/"), scripts) << target;
        EXPECT_FALSE(contains(body, "<script>")) << target;
        // The editor shows the source of the message, escaped.
        EXPECT_EQ(contains(body, "style="), editor) << target;
        EXPECT_EQ(StrictHtml(body).problem(), "") << target;
        EXPECT_FALSE(contains(body, "<style")) << target;
    }
}

TEST_F(UiTest, SaysThatAFolderIsAReplay) {
    fill();
    EXPECT_FALSE(contains(page("/"), "is a replay of"));
    ASSERT_TRUE(host_->set_origin({.replay_of = "shop & <sons>", .clock_offset = {}}));
    const std::string home = page("/");
    EXPECT_TRUE(contains(home, "is a replay of <bdi>shop &amp; &lt;sons&gt;</bdi>"));
    EXPECT_TRUE(contains(home, "A/A test"));
}

TEST_F(UiTest, EscapesWhateverCustomersSend) {
    std::ifstream file("test/data/blns/blns.json");
    const auto strings = nlohmann::json::parse(file);
    ASSERT_GT(strings.size(), 400U);
    int taken = 0;
    for (const auto& entry : strings) {
        const std::string text = entry.get<std::string>();
        if (text.empty() || !is_valid_utf8(text) || contains(text, std::string_view("\0", 1))) {
            continue;
        }
        ++taken;
        event::Event who = identify(text);
        for (const char* trait : {"name", "first_name", "email", "country", "locale"}) {
            who.properties.set(trait, text);
        }
        who.properties.set(text, text);
        submit(*host_, std::move(who));
        event::Event act = event(text, text);
        act.properties.set(text, text);
        act.properties.set("revenue", text);
        submit(*host_, std::move(act));
        consent(*host_, text);
        submit(*host_, order(text));
        submit(*host_, order(text));
        const std::string path = "/customers/" + http::percent_encode(text);
        const std::string shown = page(path);
        EXPECT_TRUE(contains(shown, "Order Completed")) << text;
        if (text.size() <= api::search_bytes_max) {
            page("/customers?q=" + http::percent_encode(text));
        }
        if (const std::string key = message_of(text); !key.empty()) {
            page("/messages/" + key);
        }
    }
    EXPECT_GT(taken, 400);
    page("/");
    page("/customers");
}

TEST(StrictHtml, SeesWhatIsNotEscaped) {
    EXPECT_EQ(StrictHtml("<p class=\"a\">x &lt; y</p>").problem(), "");
    for (const char* bad : {"<script>", "<p onclick=\"x\">", "<p class='a'>", "<p class=a>",
                            "<p class=\"<\">", "a > b", "<b", "<img src=\"x\" onerror=\"y\">"}) {
        EXPECT_NE(StrictHtml(bad).problem(), "") << bad;
    }
}

TEST(Charts, SurviveOddNumbers) {
    const double odd[] = {0, -1, 1e300, std::nan(""), INFINITY};
    for (const double a : odd) {
        for (const double b : odd) {
            const BarPart parts[] = {{"a", a}, {"b", b}};
            for (const std::string& svg :
                 {stacked_bar(parts, "\"<>"), share_bar(a), interval_chart({a, b, a}, 0.1, "x"),
                  order_chart(
                      {.days = {{10, a}, {20, b}}, .today = 15, .gap_low = a, .gap_high = b},
                      "x")}) {
                EXPECT_EQ(StrictHtml(svg).problem(), "");
                EXPECT_FALSE(contains(svg, "nan") || contains(svg, "inf")) << svg;
            }
        }
    }
}

TEST(Charts, DrawAnIntervalOverZero) {
    const std::string svg = interval_chart({-0.05, 0, 0.05}, 0.1, "");
    EXPECT_TRUE(contains(svg, "class=\"range open\" x=\"250.00\" y=\"15.00\" width=\"500.00\""));
    EXPECT_TRUE(contains(interval_chart({0.01, 0.03, 0.05}, 0.1, ""), "class=\"range\""));
}

}  // namespace
}  // namespace winback::ui
