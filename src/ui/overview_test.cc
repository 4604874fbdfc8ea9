#include <utility>

#include "ui/test_pages.h"

namespace winback::ui {
namespace {

class OverviewPage : public UiTest {};

TEST_F(OverviewPage, WithoutCustomersTeachesHowToBegin) {
    const std::string body = page("/");
    EXPECT_TRUE(contains(body, "There are no customers yet."));
    EXPECT_TRUE(contains(body, "href=\"/import\""));
}

TEST_F(OverviewPage, AnswersItsQuestionAndOpensThePeopleBehindTheNumbers) {
    fill();
    const std::string body = page("/");
    // Orders every ten days, which count as fourteen; silent for forty.
    EXPECT_TRUE(contains(body, "<strong>2</strong> of 2 customers are at risk of leaving"));
    EXPECT_TRUE(contains(body, "/customers?state=at_risk"));
    // Ten days after the third order, a month ago, they were active.
    EXPECT_TRUE(contains(body, "/customers?moved=active:at_risk&amp;since=2026-07-01T08:00:00Z"));
    EXPECT_TRUE(contains(body, "class=\"sankey\""));
    EXPECT_TRUE(contains(body, "Retention rate"));
    EXPECT_TRUE(contains(body, "The journey “Greet” leaves nobody alone"));
}

TEST_F(OverviewPage, TheAddressChoosesPeriodCohortsAndWhatTheyShow) {
    fill();
    const std::string body = page("/?period=week&cohort=week&show=revenue");
    EXPECT_TRUE(contains(body, "since=2026-07-24T08:00:00Z"));
    EXPECT_TRUE(contains(body, "Weeks begin on Monday."));
    EXPECT_TRUE(contains(body, "href=\"/?period=quarter&amp;cohort=week&amp;show=revenue#flows\""));
    // What does not exist is not chosen.
    EXPECT_EQ(page("/?period=%22x&cohort=day&show=..").find("\"x"), std::string::npos);
}

// And with the day that the page names, all cells lead to their people.
TEST_F(OverviewPage, WeeksBeginAsInTheCountryOfTheShop) {
    fill();
    for (const auto& [country, language, words] :
         {std::tuple("US", "en", "Weeks begin on Sunday."),
          std::tuple("TR", "tr", "Haftalar pazartesi günü başlar."),
          std::tuple("SA", "ar", "تبدأ الأسابيع يوم الأحد."),
          std::tuple("IR", "fa", "هفته‌ها از شنبه آغاز می‌شوند.")}) {
        host::PlaybookFiles files = host::test_playbook();
        files["workspace.yaml"] += "country: " + std::string(country) + "\n";
        files["segments/regulars.yaml"] += "description: " + std::string(country) + "\n";
        load(*host_, files);
        const std::string body = page("/?cohort=week&lang=" + std::string(language));
        EXPECT_TRUE(contains(body, words)) << country;
    }
    std::string body = page("/?show=count&cohort=week&lang=en");
    const std::size_t begin = body.find("<a href=\"/customers?where=") + 9;
    const std::string people = page(body.substr(begin, body.find('"', begin) - begin));
    EXPECT_TRUE(contains(people, "<strong>2</strong> customers")) << body.substr(begin, 300);
}

// Each cell of the heat map leads to as many customers as it says.
TEST_F(OverviewPage, CohortsOpenToTheirPeople) {
    fill();
    for (const char* unit : {"week", "month"}) {
        const std::string body = page("/?show=count&cohort=" + std::string(unit));
        int links = 0;
        const std::string_view begin = "<a href=\"/customers?where=";
        for (std::size_t at = body.find(begin); at != std::string::npos;
             at = body.find(begin, at + 1)) {
            const std::size_t address = at + std::string_view("<a href=\"").size();
            const std::size_t end = body.find('"', address);
            const std::size_t text = end + 2;
            const std::string count = body.substr(text, body.find('<', text) - text);
            const std::string list = page(body.substr(address, end - address));
            EXPECT_TRUE(contains(list, "<strong>" + count + "</strong> customer")) << count;
            ++links;
        }
        EXPECT_GE(links, 1) << unit;
    }
}

// Ada pays in pounds, as the shop counts; Kei in yen.
TEST_F(OverviewPage, ACustomersMoneyIsInTheirOwnCurrency) {
    for (const auto& [who, currency] : {std::pair("ada", "GBP"), std::pair("kei", "JPY")}) {
        event::Event bought = order(who, currency == std::string_view("GBP") ? 20 : 70000);
        bought.properties.set("currency", std::string(currency));
        submit(*host_, std::move(bought));
    }
    pass(*host_, hours(1));
    const std::string body = page("/");
    EXPECT_FALSE(contains(body, "70,0"));
    EXPECT_TRUE(contains(body, "All amounts are in GBP. 1 customer pays in another currency"));
    EXPECT_TRUE(contains(page("/customers?column=revenue"), "¥70,000"));
    EXPECT_TRUE(contains(page("/customers/ada"), "£20"));
    EXPECT_TRUE(contains(page("/customers/kei"), "¥70,000"));
    EXPECT_FALSE(contains(page("/customers/kei"), "£"));
    // A symbol with Latin letters keeps its order among Arabic ones.
    EXPECT_TRUE(contains(page("/?lang=ar"), "\u2066UK£\u2069"));
}

TEST_F(OverviewPage, SaysFirstThatTheNewestOrderIsOld) {
    fill();
    EXPECT_FALSE(contains(page("/"), "The newest order is of"));
    pass(*host_, days(800));
    EXPECT_TRUE(contains(page("/"), "<p class=\"lead\">The newest order is of 21 Jun 2026."));
    EXPECT_TRUE(contains(page("/"), "winback replay"));
    EXPECT_TRUE(contains(page("/"), "older than the newest 13 months"));
    EXPECT_TRUE(contains(page("/?cohort=week"), "older than the newest 13 weeks"));
}

TEST_F(OverviewPage, OffersNoLinkThatItsReaderMayNotOpen) {
    fill();
    EXPECT_TRUE(contains(page("/"), "href=\"/customers"));
    const auto link =
        host_->keys().create(host::KeyKind::SignIn, "viewer", {"read"}, api::wall_clock());
    session_ =
        "winback_session=" + host_->keys().sign_in(link->secret, api::wall_clock()).value().secret;
    const std::string body = page("/");
    const std::string_view main = std::string_view(body).substr(body.find("<main"));
    EXPECT_FALSE(contains(main, "href=\"/customers"));
    EXPECT_FALSE(contains(main, "href=\"/messages"));
    const http::Response refused = get("/customers");
    EXPECT_EQ(refused.status, 403);
    EXPECT_TRUE(contains(refused.body, "Your role may not see customers’ data"));
    EXPECT_TRUE(contains(get("/audit").body, "Your role may not open this page."));
}

TEST_F(OverviewPage, SpeaksEveryLanguage) {
    fill();
    for (const char* language : {"tr", "ar", "fa"}) {
        for (const char* path : {"/", "/models"}) {
            const std::string body = page(std::string(path) + "?lang=" + language);
            EXPECT_FALSE(contains(body, ">overview.")) << language;
            EXPECT_FALSE(contains(body, "At risk:")) << language;
        }
    }
    EXPECT_TRUE(contains(page("/?lang=fa"), "مشتریان ما در چه وضعی هستند؟"));
    EXPECT_TRUE(contains(page("/?lang=ar"), "dir=\"rtl\""));
}

TEST_F(OverviewPage, HoldsNoMarkupOfCustomers) {
    submit(*host_, identify("<script>alert(1)</script>"));
    submit(*host_, order("<script>alert(1)</script>", 1e12));
    pass(*host_, days(60));
    EXPECT_FALSE(contains(page("/"), "<script>alert"));
}

class ModelsPage : public UiTest {};

TEST_F(ModelsPage, WithoutModelsSaysWhatAFitNeeds) {
    const std::string body = page("/models");
    EXPECT_TRUE(contains(body, "No model is fitted yet"));
    EXPECT_TRUE(contains(body, "200 customers"));
}

}  // namespace
}  // namespace winback::ui
