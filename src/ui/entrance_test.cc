// What the entrance counts, where it works, and what it leaves behind.
#include "api/api.h"
#include "api/guide.h"
#include "host/audit.h"
#include "host/totp.h"
#include "http/url.h"
#include "ui/test_people.h"

namespace winback::ui {
namespace {

TEST_F(PeopleTest, ManyPeopleBehindOneAddressComeIn) {
    const std::string id = make("ada", host::Role::Marketer);
    for (int i = 0; i < 40; ++i) {
        ASSERT_EQ(enter("ada", good_password).status, 303) << i;
    }
    // Nor do codes count against it.
    const std::string secret = users().begin_totp(id).value();
    const Timestamp now = api::wall_clock();
    const auto codes =
        users().confirm_totp(id, host::totp_code(secret, host::totp_step_at(now)), now).value();
    for (const std::string& code : codes) {
        for (int i = 0; i < 3; ++i) {
            enter("ada", good_password);
        }
        const std::string half = cookie_of(enter("ada", good_password), "winback_code");
        ASSERT_EQ(send("/sign-in/code", {{"code", code}}, {{"Cookie", half}}).status, 303);
    }
    // Who knows one password wins no guesses at others by it.
    int tried = 0;
    while (enter("user" + std::to_string(tried), other_password).status == 403 && tried < 200) {
        enter("ada", good_password);
        ++tried;
    }
    EXPECT_LT(tried, 50);
}

TEST_F(PeopleTest, RefusalsAreCounted) {
    api::add_api_routes(router_, *host_, {.desk = desk_, .templates = templates_});
    make("ada", host::Role::Marketer);
    enter("ada", other_password);
    enter("nobody", other_password);
    send("/sign-in/code", {{"code", "000000"}});
    send("/sign-in/link", {{"link", "si_none"}, {"password", std::string(good_password)}});
    for (int i = 0; i < 6; ++i) {
        enter("ada", other_password);
    }
    become(make("owner", host::Role::Admin));
    const std::string figures = get("/metrics").body;
    EXPECT_TRUE(contains(figures, "winback_sign_ins_refused_total{reason=\"password\"} 7\n"));
    EXPECT_TRUE(contains(figures, "winback_sign_ins_refused_total{reason=\"link\"} 2\n"));
    EXPECT_TRUE(contains(figures, "winback_sign_ins_refused_total{reason=\"throttled\"} 1\n"));
    EXPECT_TRUE(contains(get("/api/v1/health").body,
                         R"("sign_ins_refused":{"password":7,"code":0,"throttled":1,"link":2})"));
    EXPECT_TRUE(contains(page("/health"), "<dd>10</dd>"));
}

TEST_F(PeopleTest, TheEndOfASessionIsInTheTrail) {
    const std::string id = make("ada", host::Role::Marketer);
    become(id);
    const auto other = host_->keys().start_session(id, "", api::wall_clock()).value();
    EXPECT_EQ(post("/settings/me/sessions/" + other.key.id + "/end", {}).status, 303);
    const auto newest = [&] { return host_->audit().list({.limit = 1}).value().entries.at(0); };
    EXPECT_EQ(newest().what, "session.end");
    EXPECT_EQ(newest().target, other.key.id);
    EXPECT_EQ(post("/sign-out", {}).status, 303);
    EXPECT_EQ(newest().what, "session.end");
    EXPECT_NE(newest().target, other.key.id);
    EXPECT_EQ(newest().who.name, "ada");
}

TEST_F(PeopleTest, PathsThatDoNotExistAnswerProgramsAndPeopleInTheirForm) {
    const http::Response none = get("/api/v1/nothing");
    EXPECT_EQ(none.status, 404);
    EXPECT_EQ(*http::find_field(none.headers, "content-type"), "application/problem+json");
    EXPECT_TRUE(contains(none.body, R"("instance":"/api/v1/nothing")"));
    EXPECT_TRUE(contains(get("/nothing").body, "<html"));
}

// Numbers are for viewers; the customer whom previews are made for is not.
TEST_F(PeopleTest, TheGuideNamesNobodyToViewers) {
    fill();
    const auto guide = std::make_shared<api::Guide>(
        *desk_, *templates_,
        api::GuideOptions{.delivers = true, .turn_sending = {}, .age_max = {}});
    http::Router router;
    add_ui_routes(router, *host_,
                  {.desk = desk_, .templates = templates_, .guide = guide, .entrance_threads = 0});
    const auto start = [&] {
        return api::call(router, {.target = "/start", .headers = {{"Cookie", session_}}}).body;
    };
    become(make("marketer", host::Role::Marketer));
    EXPECT_TRUE(contains(start(), "?customer="));
    become(make("viewer", host::Role::Viewer));
    const std::string shown = start();
    EXPECT_TRUE(contains(shown, "/templates/hello"));
    EXPECT_FALSE(contains(shown, "?customer="));
    EXPECT_FALSE(contains(shown, ">ada<") || contains(shown, ">bob<"));
}

}  // namespace
}  // namespace winback::ui
