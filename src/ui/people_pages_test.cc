// How people come in, what attackers try there, and the settings of people and keys.
#include <fstream>
#include <sstream>

#include "api/api.h"
#include "api/audit.h"
#include "api/entrance.h"
#include "api/form_token.h"
#include "host/audit.h"
#include "host/totp.h"
#include "http/url.h"
#include "ui/qr_code.h"
#include "ui/test_people.h"

namespace winback::ui {
namespace {

TEST_F(PeopleTest, TheFirstLinkMakesTheFirstAdmin) {
    const std::string link = link_of("", host::purpose_first);
    const std::string path = "/sign-in?token=" + link;
    EXPECT_TRUE(contains(api::call(router_, {.target = path}).body, "name=\"email\""));
    const http::Pairs form{{"link", link},
                           {"name", "Ada"},
                           {"email", "ada@example.test"},
                           {"role", "viewer"},  // Not read.
                           {"password", "short"}};
    EXPECT_EQ(send("/sign-in/link", form).status, 400);
    EXPECT_TRUE(users().empty());
    http::Pairs good = form;
    good.back().second = good_password;
    const http::Response in = send("/sign-in/link", good);
    EXPECT_EQ(in.status, 303);
    session_ = cookie_of(in, "winback_session");
    EXPECT_EQ(users().list()[0].role, host::Role::Admin);
    EXPECT_EQ(get("/settings/users").status, 200);
    // Once there is somebody, no such link makes another.
    EXPECT_EQ(send("/sign-in/link", good).status, 403);
    const std::string second = link_of("", host::purpose_first);
    EXPECT_EQ(api::call(router_, {.target = "/sign-in?token=" + second}).status, 403);
    good[0].second = second;
    EXPECT_EQ(send("/sign-in/link", good).status, 403);
}

TEST_F(PeopleTest, APasswordLeadsToThePageThatWasAskedFor) {
    make("ada", host::Role::Marketer);
    session_.clear();
    const std::string asked = get("/customers?q=a").body;
    EXPECT_TRUE(contains(asked, "name=\"next\" value=\"/customers?q=a\""));
    const http::Response in = send("/sign-in", {{"email", " ADA@example.test"},
                                                {"password", std::string(good_password)},
                                                {"next", "/customers?q=a"}});
    EXPECT_EQ(in.status, 303);
    EXPECT_EQ(*http::find_field(in.headers, "location"), "/customers?q=a");
    session_ = cookie_of(in, "winback_session");
    EXPECT_EQ(get("/customers").status, 200);
    for (const std::string away : {"//evil.test", "https://evil.test", "/\\evil.test", "/a\nb"}) {
        const http::Response led = send("/sign-in", {{"email", "ada@example.test"},
                                                     {"password", std::string(good_password)},
                                                     {"next", away}});
        EXPECT_EQ(*http::find_field(led.headers, "location"), "/") << away;
    }
}

TEST_F(PeopleTest, AWrongPasswordAndAnUnknownAddressLookTheSame) {
    make("ada", host::Role::Marketer);
    const auto without_address = [](std::string body, const std::string& address) {
        for (std::size_t at = body.find(address); at != std::string::npos;
             at = body.find(address)) {
            body.erase(at, address.size());
        }
        return body;
    };
    const http::Response wrong = enter("ada", other_password);
    const http::Response unknown = enter("eve", other_password);
    EXPECT_EQ(wrong.status, 403);
    EXPECT_EQ(unknown.status, 403);
    EXPECT_EQ(without_address(wrong.body, "ada"), without_address(unknown.body, "eve"));
    for (int i = 0; i < 6; ++i) {
        enter("ada", other_password);
        enter("eve", other_password);
    }
    EXPECT_EQ(enter("ada", other_password).status, 429);
    EXPECT_EQ(enter("eve", other_password).status, 429);
}

TEST_F(PeopleTest, GuessingSlowsDownEvenWithTheRightPassword) {
    make("ada", host::Role::Marketer);
    int tried = 0;
    while (enter("ada", "guess number " + std::to_string(tried)).status == 403 && tried < 100) {
        ++tried;
    }
    EXPECT_LT(tried, 10);
    const http::Response right = enter("ada", good_password);
    EXPECT_EQ(right.status, 429);
    EXPECT_NE(http::find_field(right.headers, "retry-after"), nullptr);
    EXPECT_EQ(cookie_of(right, "winback_session"), "");
}

TEST_F(PeopleTest, OneAddressCannotTryManyAccounts) {
    make("ada", host::Role::Marketer);
    int tried = 0;
    while (enter("user" + std::to_string(tried), other_password).status == 403 && tried < 200) {
        ++tried;
    }
    EXPECT_LT(tried, 50);
    EXPECT_EQ(enter("ada", good_password).status, 429);
}

TEST_F(PeopleTest, ASessionThatSomebodyPlantedIsNotTheOneThatSignsIn) {
    make("ada", host::Role::Marketer);
    const std::string planted = "winback_session=se_0123456789012345678901234567890123456789012";
    const http::Response in = enter("ada", good_password, {{"Cookie", planted}});
    EXPECT_NE(cookie_of(in, "winback_session"), planted);
    session_ = planted;
    EXPECT_EQ(get("/").status, 401);
    // And one that was good ends when the next begins.
    const std::string first = cookie_of(in, "winback_session");
    const http::Response again = enter("ada", good_password, {{"Cookie", first}});
    session_ = first;
    EXPECT_EQ(get("/").status, 401);
    session_ = cookie_of(again, "winback_session");
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(PeopleTest, FormsOfOtherSitesDoNothing) {
    const std::string id = make("ada", host::Role::Admin);
    become(id);
    const http::Pairs forged{{"name", "Eve"}, {"language", "en"}, {"calendar", "gregorian"}};
    EXPECT_EQ(send("/settings/me", forged, {{"Cookie", session_}}).status, 403);
    EXPECT_EQ(users().find(id)->name, "ada");
    for (const http::Pairs& headers :
         {http::Pairs{{"Sec-Fetch-Site", "cross-site"}},
          http::Pairs{{"Sec-Fetch-Site", "same-site"}},
          http::Pairs{{"Origin", "https://evil.test"}, {"Host", "shop.test"}},
          http::Pairs{{"Origin", "null"}, {"Host", "shop.test"}}}) {
        EXPECT_EQ(enter("ada", good_password, headers).status, 403);
        http::Pairs signed_in = headers;
        signed_in.emplace_back("Cookie", session_);
        EXPECT_EQ(send("/sign-out", {}, signed_in).status, 403);
    }
    EXPECT_EQ(enter("ada", good_password, {{"Origin", "https://shop.test"}, {"Host", "shop.test"}})
                  .status,
              303);
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(PeopleTest, ACodeIsAskedForAndTakenOnce) {
    const std::string id = make("ada", host::Role::Marketer);
    become(id);
    EXPECT_EQ(post("/settings/me/totp", {}).status, 303);
    const std::string shown = page("/settings/me");
    EXPECT_TRUE(contains(shown, "<svg class=\"qr\""));
    const std::string secret = users().pending_totp(id).value();
    EXPECT_TRUE(contains(shown, host::to_base32(secret)));
    const std::int64_t step = host::totp_step_at(api::wall_clock());
    EXPECT_EQ(post("/settings/me/totp/confirm", {{"code", "12345"}}).status, 400);
    const http::Response codes =
        post("/settings/me/totp/confirm", {{"code", host::totp_code(secret, step - 1)}});
    EXPECT_TRUE(contains(codes.body, "<ul class=\"codes\""));
    EXPECT_FALSE(contains(page("/settings/me"), host::to_base32(secret)));

    const http::Response half = enter("ada", good_password);
    EXPECT_EQ(cookie_of(half, "winback_session"), "");
    const std::string cookie = cookie_of(half, "winback_code");
    ASSERT_NE(cookie, "");
    // Half a sign-in is none.
    session_ = "winback_session=" + cookie.substr(cookie.find('=') + 1);
    EXPECT_EQ(get("/").status, 401);
    const http::Pairs with{{"Cookie", cookie}};
    EXPECT_EQ(send("/sign-in/code", {{"code", "000000"}}, with).status, 403);
    const std::string code = host::totp_code(secret, host::totp_step_at(api::wall_clock()));
    const http::Response in = send("/sign-in/code", {{"code", code}}, with);
    EXPECT_EQ(in.status, 303);
    session_ = cookie_of(in, "winback_session");
    EXPECT_EQ(get("/").status, 200);
    // Neither the half nor the code is good again.
    EXPECT_EQ(send("/sign-in/code", {{"code", code}}, with).status, 403);
    const std::string next = cookie_of(enter("ada", good_password), "winback_code");
    EXPECT_EQ(send("/sign-in/code", {{"code", code}}, {{"Cookie", next}}).status, 403);
}

TEST_F(PeopleTest, CodesCannotBeTriedOut) {
    const std::string id = make("ada", host::Role::Marketer);
    const std::string secret = users().begin_totp(id).value();
    const Timestamp now = api::wall_clock();
    ASSERT_TRUE(users()
                    .confirm_totp(id, host::totp_code(secret, host::totp_step_at(now)), now)
                    .has_value());
    int tried = 0;
    int status = 403;
    while (status == 403 && tried < 100) {
        // A right password in between does not start a new count.
        const std::string half = cookie_of(enter("ada", good_password), "winback_code");
        status = send("/sign-in/code", {{"code", "not one"}}, {{"Cookie", half}}).status;
        ++tried;
    }
    EXPECT_EQ(status, 429);
    EXPECT_LT(tried, 10);
}

TEST_F(PeopleTest, AnInvitationIsGoodOnceAndForItsTime) {
    const std::string admin = make("admin", host::Role::Admin);
    become(admin);
    const http::Response made = post(
        "/settings/users", {{"name", "Bob"}, {"email", "bob@example.test"}, {"role", "marketer"}});
    EXPECT_EQ(made.status, 200);
    EXPECT_EQ(newest_audit(), "user.create");
    const std::size_t at = made.body.find("token=si_");
    ASSERT_NE(at, std::string::npos);
    const std::string link = made.body.substr(at + 6, 46);
    const std::string page = api::call(router_, {.target = "/sign-in?token=" + link}).body;
    EXPECT_TRUE(contains(page, "Bob"));
    // Looking does not use it up, and the form cannot make more of Bob than he is.
    const http::Response in =
        send("/sign-in/link",
             {{"link", link}, {"password", std::string(good_password)}, {"role", "admin"}});
    EXPECT_EQ(in.status, 303);
    EXPECT_EQ(users().find_by_email("bob@example.test")->role, host::Role::Marketer);
    EXPECT_EQ(
        send("/sign-in/link", {{"link", link}, {"password", std::string(good_password)}}).status,
        403);
    const std::string late = link_of(users().find_by_email("bob@example.test")->id,
                                     host::purpose_recovery, milliseconds(0));
    EXPECT_EQ(api::call(router_, {.target = "/sign-in?token=" + late}).status, 403);
    EXPECT_EQ(
        send("/sign-in/link", {{"link", late}, {"password", std::string(good_password)}}).status,
        403);
}

TEST_F(PeopleTest, ANewPasswordEndsWhatWasOpen) {
    const std::string id = make("ada", host::Role::Marketer);
    become(id);
    const std::string elsewhere = session_;
    become(id);
    EXPECT_EQ(post("/settings/me/password",
                   {{"present", "wrong one here"}, {"password", std::string(other_password)}})
                  .status,
              400);
    const http::Response done =
        post("/settings/me/password",
             {{"present", std::string(good_password)}, {"password", std::string(other_password)}});
    EXPECT_EQ(done.status, 303);
    const std::string here = session_;
    EXPECT_EQ(get("/").status, 401);
    session_ = elsewhere;
    EXPECT_EQ(get("/").status, 401);
    session_ = cookie_of(done, "winback_session");
    EXPECT_NE(session_, here);
    EXPECT_EQ(get("/").status, 200);
}

TEST_F(PeopleTest, ThePresentPasswordCannotBeTriedOut) {
    const std::string id = make("ada", host::Role::Marketer);
    become(id);
    const auto guess = [&](const std::string& path, const std::string& present) {
        return post(path, {{"present", present}, {"password", std::string(other_password)}});
    };
    int tried = 0;
    int status = 400;
    for (; status == 400 && tried < 100; ++tried) {
        // Both forms count together.
        status = guess(tried % 2 == 0 ? "/settings/me/password" : "/settings/me/totp/end",
                       "guess number " + std::to_string(tried))
                     .status;
    }
    EXPECT_EQ(status, 429);
    EXPECT_LT(tried, 10);
    const http::Response right = guess("/settings/me/password", std::string(good_password));
    EXPECT_EQ(right.status, 429);
    EXPECT_NE(http::find_field(right.headers, "retry-after"), nullptr);
    // It is the count of signing in.
    EXPECT_EQ(enter("ada", good_password).status, 429);
    // Somebody else is not kept waiting.
    become(make("bob", host::Role::Marketer));
    EXPECT_EQ(guess("/settings/me/password", std::string(good_password)).status, 303);
}

TEST_F(PeopleTest, AProfileFormCannotChangeRights) {
    const std::string id = make("ada", host::Role::Viewer);
    become(id);
    EXPECT_EQ(post("/settings/me", {{"name", "Ada L"},
                                    {"language", "fa"},
                                    {"calendar", "persian"},
                                    {"role", "admin"},
                                    {"personal", "1"},
                                    {"id", "x"},
                                    {"email", "eve@example.test"}})
                  .status,
              303);
    const host::User user = users().find(id).value();
    EXPECT_EQ(user.name, "Ada L");
    EXPECT_EQ(user.role, host::Role::Viewer);
    EXPECT_FALSE(user.personal);
    EXPECT_EQ(user.email, "ada@example.test");
    EXPECT_TRUE(contains(get("/").body, "<html lang=\"fa\" dir=\"rtl\""));
    EXPECT_TRUE(contains(get("/?lang=tr").body, "<html lang=\"tr\" dir=\"ltr\""));
}

TEST_F(PeopleTest, NamesReachNeitherHeadersNorMarkup) {
    const std::string id = make("ada", host::Role::Admin);
    become(id);
    for (const std::string name : {"a\r\nSet-Cookie: x=1", "a\nb", "\x01"}) {
        EXPECT_EQ(
            post("/settings/me", {{"name", name}, {"language", "en"}, {"calendar", "gregorian"}})
                .status,
            400);
    }
    const std::string nasty = "<script>alert(1)</script>\"'>{{ 7 | times: 6 }}";
    ASSERT_EQ(post("/settings/me", {{"name", nasty}, {"language", "en"}, {"calendar", "gregorian"}})
                  .status,
              303);
    ASSERT_EQ(post("/settings/keys", {{"kind", "write"}, {"name", nasty}}).status, 200);
    for (const std::string path : {"/settings/me", "/settings/users", "/settings/keys", "/audit",
                                   "/audit?who=%3Cscript%3E%22"}) {
        EXPECT_FALSE(contains(page(path), "<script>alert")) << path;
    }
}

TEST_F(PeopleTest, AnAdminChangesRightsAndTheLastOneStays) {
    const std::string admin = make("admin", host::Role::Admin);
    const std::string bob = make("bob", host::Role::Marketer);
    become(bob);
    const std::string his = session_;
    become(admin);
    EXPECT_EQ(post("/settings/users/" + bob, {{"role", "viewer"}, {"active", "1"}}).status, 303);
    EXPECT_EQ(newest_audit(), "user.rights");
    const std::string hers = session_;
    session_ = his;
    EXPECT_EQ(get("/").status, 401);
    session_ = hers;
    EXPECT_EQ(post("/settings/users/" + admin, {{"role", "viewer"}, {"active", "1"}}).status, 409);
    EXPECT_EQ(post("/settings/users/" + admin, {{"role", "king"}}).status, 400);
    EXPECT_EQ(users().find(admin)->role, host::Role::Admin);
}

TEST_F(PeopleTest, OthersSessionsCannotBeEnded) {
    const std::string bob = make("bob", host::Role::Marketer);
    const auto his = host_->keys().start_session(bob, "", api::wall_clock()).value();
    become(make("ada", host::Role::Marketer));
    EXPECT_EQ(post("/settings/me/sessions/" + his.key.id + "/end", {}).status, 404);
    EXPECT_TRUE(
        host_->keys().find(host::KeyKind::Session, his.secret, api::wall_clock()).has_value());
    EXPECT_FALSE(contains(page("/settings/me"), his.key.id));
}

TEST_F(PeopleTest, KeysAreShownOnceAndRevoked) {
    become(make("ada", host::Role::Admin));
    const http::Response made = post("/settings/keys", {{"kind", "api"},
                                                        {"name", "Reports"},
                                                        {"scope", "read"},
                                                        {"scope", "personal"},
                                                        {"days", "30"}});
    const std::size_t at = made.body.find(">at_");
    ASSERT_NE(at, std::string::npos);
    const std::string secret = made.body.substr(at + 1, 46);
    const auto key = host_->keys().find(host::KeyKind::Api, secret, api::wall_clock());
    ASSERT_TRUE(key.has_value());
    EXPECT_FALSE(key->allows("write"));
    EXPECT_FALSE(contains(page("/settings/keys"), secret));
    EXPECT_EQ(post("/settings/keys", {{"kind", "api"}, {"name", "x"}, {"scope", "root"}}).status,
              400);
    EXPECT_EQ(post("/settings/keys", {{"kind", "api"}, {"name", "x"}}).status, 400);
    EXPECT_EQ(post("/settings/keys", {{"kind", "write"}, {"name", "x"}, {"days", "-1"}}).status,
              400);
    EXPECT_EQ(post("/settings/keys/" + key->id + "/revoke", {}).status, 303);
    EXPECT_FALSE(host_->keys().find(host::KeyKind::Api, secret, api::wall_clock()).has_value());
    // A session is no key of this page.
    const auto session = host_->keys().list(host::KeyKind::Session)[0];
    EXPECT_EQ(post("/settings/keys/" + session.id + "/revoke", {}).status, 404);
}

TEST_F(PeopleTest, TheTrailIsShownWithItsDifferences) {
    fill();
    become(make("ada", host::Role::Admin));
    api::record_change(*desk_, host::Actor{host::ActorKind::User, "u", "Zoe"},
                       {.what = "customer.note", .target = "bob", .before = {}, .after = "new"});
    const std::string body = page("/audit");
    EXPECT_TRUE(contains(body, "The trail is whole"));
    EXPECT_TRUE(contains(body, "Zoe"));
    EXPECT_TRUE(contains(body, "a note was added <small><code dir=\"ltr\">customer.note</code>"));
    EXPECT_FALSE(contains(body, ">bob<"));
    const std::string target = host_->audit().customer_target("bob");
    const http::Response led =
        get("/audit/customer/" + target.substr(std::string("customer:").size()));
    EXPECT_EQ(*http::find_field(led.headers, "location"), "/customers/bob");
    EXPECT_EQ(get("/audit/customer/" + std::string(32, '0')).status, 404);
    EXPECT_TRUE(contains(page("/audit?customer=bob"), "Zoe"));
    EXPECT_FALSE(contains(page("/audit?customer=ada"), "Zoe"));
    EXPECT_EQ(get("/audit?from=never").status, 400);
}

TEST(QrCode, DrawsModulesWithinAQuietZone) {
    const std::string svg = qr_code("otpauth://totp/x?secret=ABC", "a \"label\"");
    EXPECT_NE(svg.find("aria-label=\"a &quot;label&quot;\""), std::string::npos);
    EXPECT_NE(svg.find("M4 4h1v1h-1z"), std::string::npos);
    EXPECT_EQ(svg.find("M3 "), std::string::npos);
    EXPECT_EQ(qr_code(std::string(5000, 'x'), ""), "");
}

// Every route against every role: test/rights.txt says what each needs, and a route that is not
// there has no decision yet.
TEST_F(PeopleTest, EveryRouteIsOpenToWhomTheTableSays) {
    api::add_api_routes(router_, *host_, {.desk = desk_, .templates = templates_});
    std::map<std::string, std::string> needed;
    std::ifstream table("test/rights.txt");
    ASSERT_TRUE(table.is_open());
    for (std::string line; std::getline(table, line);) {
        std::istringstream words(line);
        std::string method;
        std::string pattern;
        std::string scope;
        if (words >> method >> pattern >> scope && method != "#") {
            needed[method + " " + pattern] = scope;
        }
    }
    make("owner", host::Role::Admin);
    const std::map<std::string, std::string> people{
        {make("viewer", host::Role::Viewer), "read"},
        {make("trusted", host::Role::Viewer, true), "read personal"},
        {make("marketer", host::Role::Marketer), "read personal write"},
        {make("approver", host::Role::Approver), "read personal write send"},
        {make("admin", host::Role::Admin), "read personal write send admin"}};
    for (const http::Route& route : router_.routes()) {
        const std::string name = route.method + " " + route.pattern;
        if (!needed.contains(name)) {
            ADD_FAILURE() << name << " is not in test/rights.txt: decide who may";
            continue;
        }
        const std::string scope = needed[name];
        std::string target = route.pattern;
        std::erase_if(target, [](char c) { return c == ':' || c == '*'; });
        const bool api = target.starts_with("/api/") || target == "/metrics";
        for (const auto& [id, scopes] : people) {
            become(id);
            const http::Response response = api::call(
                router_, {.method = route.method,
                          .target = target,
                          .headers = {{"Cookie", session_},
                                      {"Content-Type", api ? "application/json"
                                                           : "application/x-www-form-urlencoded"}},
                          .body = api ? "{}" : "token=" + token()});
            if (scope == "anyone") {
                continue;
            }
            const bool may = contains(scopes, scope);
            const bool refused = response.status == 401 || response.status == 403;
            EXPECT_EQ(refused, !may) << name << " for " << scopes << ": " << response.status;
        }
        if (scope != "anyone") {
            const http::Response strangers =
                api::call(router_, {.method = route.method,
                                    .target = target,
                                    .headers = {{"Content-Type", "application/json"}},
                                    .body = "{}"});
            EXPECT_EQ(strangers.status, 401) << name;
        }
    }
}

// Numbers are for viewers; who the customers are is not, wherever they look.
TEST_F(PeopleTest, AViewerSeesNobodyByName) {
    api::add_api_routes(router_, *host_, {.desk = desk_, .templates = templates_});
    fill();
    make("owner", host::Role::Admin);
    become(make("viewer", host::Role::Viewer));
    std::vector<std::string> targets{
        "/templates/hello?customer=ada", "/segments/regulars",        "/journeys/thanks",
        "/api/v1/templates/hello",       "/api/v1/segments/regulars", "/?q=ada"};
    for (const http::Route& route : router_.routes()) {
        if (route.method == "GET" && route.pattern.find_first_of(":*") == std::string::npos) {
            targets.push_back(route.pattern);
        }
    }
    for (const std::string& target : targets) {
        const std::string body = get(target).body;
        for (const std::string_view name :
             {"ada@example.test", ">ada<", "\"ada\"", "Hello ada", "/customers/ada"}) {
            EXPECT_FALSE(contains(body, name)) << target << " tells " << name;
        }
    }
}

}  // namespace
}  // namespace winback::ui
