// What becomes of tokens and links when people come and go, and the address that links lead to.
#include "api/people.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/api.h"
#include "api/customer_export.h"
#include "api/ingest.h"
#include "api/live_events.h"
#include "api/public_address.h"
#include "api/templates.h"
#include "api/test_call.h"
#include "host/audit.h"
#include "host/test_folder.h"
#include "http/authorization.h"

namespace winback::api {
namespace {

class PeopleApiTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        host_ = open();
        load(*host_);
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        templates_ = std::make_shared<TemplateDesk>(*desk_, TemplateDeskOptions{.threads = 0});
        add_api_routes(router_, *host_, {.desk = desk_, .templates = templates_});
    }
    void TearDown() override {
        router_ = {};
        templates_.reset();
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }

    host::User user(const std::string& name, host::Role role) {
        host::User wanted;
        wanted.name = name;
        wanted.email = name + "@example.test";
        wanted.role = role;
        return host_->users().create(wanted, wall_clock()).value();
    }
    // Somebody who can let others in: the last admin cannot be disabled.
    void owner() {
        host_->users().set_password_cost(host::password_cost_least);
        const host::User made = user("owner", host::Role::Admin);
        ASSERT_TRUE(host_->users().set_password(made.id, "a long pass phrase 7").has_value());
    }
    host::Key session_of(const host::User& user) {
        const auto made = host_->keys().start_session(user.id, "", wall_clock()).value();
        return host_->keys().find(host::KeyKind::Session, made.secret, wall_clock()).value();
    }
    std::string token_of(const host::User& maker, const std::vector<std::string>& scopes) {
        return create_key(*desk_, session_of(maker), host::KeyKind::Api, "t", scopes, 0)
            .value()
            .secret;
    }
    http::Response ask(const std::string& secret,
                       const std::string& method,
                       const std::string& target,
                       const std::string& body = "",
                       http::Pairs headers = {}) {
        headers.emplace_back("Authorization", "Bearer " + secret);
        headers.emplace_back("Content-Type", "application/json");
        return call(
            router_,
            {.method = method, .target = target, .headers = std::move(headers), .body = body});
    }
    int get(const std::string& secret, const std::string& target) {
        return ask(secret, "GET", target).status;
    }

    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
    std::shared_ptr<TemplateDesk> templates_;
    http::Router router_;
};

TEST_F(PeopleApiTest, ATokenOfWhoLeftOpensNothing) {
    owner();
    const host::User eve = user("eve", host::Role::Admin);
    const std::string token = token_of(eve, {"admin"});
    EXPECT_EQ(get(token, "/api/v1/users"), 200);
    ASSERT_TRUE(host_->users().set_rights(eve.id, host::Role::Admin, false, false).has_value());
    EXPECT_EQ(get(token, "/api/v1/users"), 401);
    // So it cannot let its maker in again.
    EXPECT_EQ(ask(token, "PATCH", "/api/v1/users/" + eve.id, R"({"active":true})").status, 401);
    EXPECT_FALSE(host_->users().find(eve.id)->active);
    ASSERT_TRUE(host_->users().set_rights(eve.id, host::Role::Admin, false, true).has_value());
    EXPECT_EQ(get(token, "/api/v1/users"), 200);
}

TEST_F(PeopleApiTest, ATokenAllowsNoMoreThanItsMakerMayNow) {
    owner();
    const host::User eve = user("eve", host::Role::Admin);
    const std::string all = token_of(eve, {"admin"});
    const std::string reading = token_of(eve, {"read"});
    const auto become = [&](host::Role role) {
        ASSERT_TRUE(host_->users().set_rights(eve.id, role, false, true).has_value());
    };
    become(host::Role::Marketer);
    EXPECT_EQ(get(all, "/api/v1/users"), 403);
    EXPECT_EQ(get(all, "/api/v1/customers"), 200);
    EXPECT_EQ(get(reading, "/api/v1/customers"), 403);
    become(host::Role::Viewer);
    EXPECT_EQ(get(all, "/api/v1/customers"), 403);
    EXPECT_EQ(get(all, "/api/v1/overview"), 200);
    become(host::Role::Admin);
    EXPECT_EQ(get(all, "/api/v1/users"), 200);
}

TEST_F(PeopleApiTest, ATokenMadeByATokenHasTheSameMaker) {
    owner();
    const host::User eve = user("eve", host::Role::Admin);
    const http::Response made = ask(token_of(eve, {"admin"}), "POST", "/api/v1/keys",
                                    R"({"kind":"api","name":"child","scopes":["admin"]})");
    const auto child = nlohmann::json::parse(made.body);
    EXPECT_EQ(child.at("maker").at("name"), "eve");
    EXPECT_EQ(child.at("maker").at("id"), eve.id);
    ASSERT_TRUE(host_->users().set_rights(eve.id, host::Role::Admin, false, false).has_value());
    EXPECT_EQ(get(child.at("key"), "/api/v1/users"), 401);
}

TEST_F(PeopleApiTest, KeysOfTheCommandLineBelongToNobodyAndShopsGoOnSending) {
    owner();
    const host::User eve = user("eve", host::Role::Admin);
    const std::string nobodys =
        host_->keys().create(host::KeyKind::Api, "cli", {"admin"}, wall_clock()).value().secret;
    const std::string shop =
        create_key(*desk_, session_of(eve), host::KeyKind::Write, "shop", {}, 0).value().secret;
    ASSERT_TRUE(host_->users().set_rights(eve.id, host::Role::Admin, false, false).has_value());
    const auto listed = nlohmann::json::parse(ask(nobodys, "GET", "/api/v1/keys").body);
    ASSERT_EQ(listed.at("keys").size(), 2U);
    EXPECT_EQ(listed.at("keys")[0].at("maker").at("active"), false);
    EXPECT_TRUE(listed.at("keys")[1].at("maker").is_null());
    EXPECT_TRUE(host_->keys().find(host::KeyKind::Write, shop, wall_clock()).has_value());
}

TEST_F(PeopleApiTest, ANewLinkEndsThoseBefore) {
    const host::Key owner = session_of(user("owner", host::Role::Admin));
    const host::User bob = user("bob", host::Role::Marketer);
    const host::User eve = user("eve", host::Role::Marketer);
    const auto is_open = [&](const std::string& link) {
        return host_->keys().find(host::KeyKind::SignIn, link, wall_clock()).has_value();
    };
    const host::Key session = session_of(bob);
    const std::string first = make_user_link(*desk_, owner, bob.id).value().secret;
    const std::string hers = make_user_link(*desk_, owner, eve.id).value().secret;
    const std::string second = make_user_link(*desk_, owner, bob.id).value().secret;
    EXPECT_FALSE(is_open(first));
    EXPECT_TRUE(is_open(second));
    EXPECT_TRUE(is_open(hers));
    EXPECT_EQ(host_->keys().list(host::KeyKind::Session).size(), 2U) << session.id;
}

TEST_F(PeopleApiTest, AChangeOfWhatSomebodyElseHasChangedIsRefused) {
    const std::string token = token_of(user("owner", host::Role::Admin), {"admin"});
    const std::string target = "/api/v1/users/" + user("bob", host::Role::Marketer).id;
    const http::Response seen = ask(token, "GET", target);
    ASSERT_EQ(seen.status, 200);
    const std::string tag = *http::find_field(seen.headers, "etag");
    const auto change = [&](const std::string& body, const std::string& condition) {
        return ask(token, "PATCH", target, body, {{"If-Match", condition}}).status;
    };
    EXPECT_EQ(change(R"({"role":"viewer"})", tag), 200);
    EXPECT_EQ(change(R"({"role":"admin"})", tag), 412);
    EXPECT_EQ(nlohmann::json::parse(ask(token, "GET", target).body).at("role"), "viewer");
    EXPECT_EQ(change(R"({"role":"approver"})", "*"), 200);
    EXPECT_EQ(change(R"({"role":"admin"})", "12"), 400);
    EXPECT_EQ(get(token, "/api/v1/users/nobody"), 404);
}

TEST_F(PeopleApiTest, LinksLeadToTheWorkspacesAddressWhateverARequestClaims) {
    int orders = 2;  // Another playbook each time, or it is not loaded again.
    const auto address = [&](const std::string& base_url, http::Pairs headers) {
        host::PlaybookFiles files =
            host::test_playbook("ev(\"Order Completed\").count() >= " + std::to_string(++orders));
        std::string& text = files["workspace.yaml"];
        const std::string before = "base_url: https://shop.example/";
        text.replace(text.find(before), before.size(), "base_url: " + base_url);
        load(*host_, files);
        http::Request request;
        request.headers = std::move(headers);
        return public_address(*host_, request);
    };
    const http::Pairs poisoned{{"Host", "evil.test"}};
    EXPECT_EQ(address("https://crm.shop.com/", poisoned), "https://crm.shop.com");
    EXPECT_EQ(address("http://crm.shop.com", poisoned), "http://crm.shop.com");
    EXPECT_EQ(address("http://crm.shop.com", {{"X-Forwarded-Proto", "https"}}),
              "https://crm.shop.com");
    for (const char* none : {"http://127.0.0.1:8080", "http://localhost:8080",
                             "https://shop.example", "https://winback.internal"}) {
        EXPECT_EQ(address(none, {{"Host", "10.0.0.7:8080"}}), "http://10.0.0.7:8080") << none;
        EXPECT_EQ(address(none, {{"Host", "win.corp"}, {"X-Forwarded-Proto", "https"}}),
                  "https://win.corp");
        EXPECT_EQ(address(none, {{"Host", "a'); alert(1); //"}}), "http://localhost:8080");
        EXPECT_EQ(address(none, {}), "http://localhost:8080");
    }
}

// By a token with all rights, for who made it.
TEST_F(PeopleApiTest, WhatIsDoneToOneselfStaysWithOneself) {
    owner();
    const host::User ada = user("ada", host::Role::Admin);
    const std::string token = token_of(ada, {"admin"});
    const host::Key hers = session_of(ada);
    const host::Key his = session_of(user("bob", host::Role::Marketer));
    EXPECT_EQ(ask(token, "DELETE", "/api/v1/me/sessions/" + his.id).status, 404);
    EXPECT_EQ(ask(token, "DELETE", "/api/v1/me/sessions/" + hers.id).status, 200);
    EXPECT_EQ(ask(token, "DELETE", "/api/v1/me/sessions/" + hers.id).status, 404);
    EXPECT_EQ(host_->audit().list({.what = "session.end"}).value().entries.at(0).target, hers.id);

    const http::Response seen = ask(token, "GET", "/api/v1/me");
    const std::string tag = *http::find_field(seen.headers, "etag");
    const auto rename = [&](const std::string& name) {
        return ask(token, "PATCH", "/api/v1/me", R"({"name":")" + name + "\"}", {{"If-Match", tag}})
            .status;
    };
    EXPECT_EQ(rename("Ada L."), 200);
    EXPECT_EQ(rename("Ada B."), 412);
    EXPECT_EQ(host_->users().find(ada.id)->name, "Ada L.");

    EXPECT_EQ(ask(token, "DELETE", "/api/v1/me/sessions").status, 200);
    std::vector<std::string> left;
    for (const host::Key& key : host_->keys().list(host::KeyKind::Session)) {
        left.push_back(key.id);
    }
    EXPECT_EQ(left, std::vector<std::string>{his.id});
}

TEST_F(PeopleApiTest, WhoMayNotAnyMoreSeesNothingMoreOfTheLiveEvents) {
    owner();
    const host::User eve = user("eve", host::Role::Marketer);
    auto& live = desk_->part<LiveEvents>();
    IngestPorts ports = ingest_ports(*host_);
    ports.live = std::shared_ptr<LiveEvents>(desk_, &live);
    add_ingest_routes(router_, std::move(ports));
    const std::string write_key =
        host_->keys().create(host::KeyKind::Write, "Till", {}, wall_clock()).value().secret;
    const auto sees = [&](http::Response& stream) {
        live.recent({}, 1);  // Somebody looks, so nothing is passed over.
        EXPECT_EQ(
            call(router_,
                 {.method = "POST",
                  .target = "/v1/track",
                  .headers = {{"Authorization", "Basic " + http::encode_base64(write_key + ":")}},
                  .body = R"({"userId":"ada","event":"Seen"})"})
                .status,
            200);
        std::string more;
        const http::BodyStream::State state = stream.stream->take(more);
        return more.empty() ? (state == http::BodyStream::State::Ended ? "ended" : "nothing")
                            : "events";
    };
    const auto watch_by = [&](const std::string& cookie, const std::string& token) {
        http::Pairs headers;
        headers.emplace_back(cookie.empty() ? "Authorization" : "Cookie",
                             cookie.empty() ? "Bearer " + token : "winback_session=" + cookie);
        http::Response answer =
            call(router_, {.target = "/api/v1/events/live", .headers = headers, .body = {}});
        EXPECT_EQ(answer.status, 200);
        return answer;
    };
    const auto set = [&](host::Role role, bool active) {
        ASSERT_TRUE(host_->users().set_rights(eve.id, role, false, active).has_value());
    };
    const auto session = host_->keys().start_session(eve.id, "", wall_clock()).value();

    http::Response signed_out = watch_by(session.secret, "");
    EXPECT_STREQ(sees(signed_out), "events");
    ASSERT_TRUE(host_->keys().revoke_of(eve.id).has_value());
    EXPECT_STREQ(sees(signed_out), "ended");

    const std::string token = token_of(eve, {"personal"});
    http::Response demoted = watch_by("", token);
    EXPECT_STREQ(sees(demoted), "events");
    set(host::Role::Viewer, true);
    EXPECT_STREQ(sees(demoted), "ended");

    set(host::Role::Marketer, true);
    http::Response disabled = watch_by("", token);
    EXPECT_STREQ(sees(disabled), "events");
    set(host::Role::Marketer, false);
    EXPECT_STREQ(sees(disabled), "ended");

    set(host::Role::Marketer, true);
    http::Response revoked = watch_by("", token);
    EXPECT_STREQ(sees(revoked), "events");
    ASSERT_TRUE(host_->keys().revoke(host_->keys().list(host::KeyKind::Api).front().id));
    EXPECT_STREQ(sees(revoked), "ended");
}

TEST_F(PeopleApiTest, WhoMayNotAnyMoreGetsNotTheRestOfADownload) {
    owner();
    const host::User eve = user("eve", host::Role::Marketer);
    for (int i = 0; i < 1000; ++i) {
        submit(*host_, order("customer" + std::to_string(i)));
    }
    const std::string token = token_of(eve, {"personal"});
    const auto request = std::make_shared<http::Request>();
    request->headers = {{"Authorization", "Bearer " + token}};
    const http::Response answer = export_customers(desk_, *request);
    ASSERT_NE(answer.stream, nullptr);
    answer.stream->attach([] {});
    std::string begun;
    EXPECT_EQ(answer.stream->take(begun), http::BodyStream::State::More);
    EXPECT_NE(begun, "");
    ASSERT_TRUE(host_->users().set_rights(eve.id, host::Role::Viewer, false, true).has_value());
    http::BodyStream::State state = http::BodyStream::State::More;
    std::string rest;
    while (state == http::BodyStream::State::More) {
        state = answer.stream->take(rest);
    }
    EXPECT_EQ(state, http::BodyStream::State::Failed);
    EXPECT_EQ(rest, "");
}

TEST_F(PeopleApiTest, AnEntryOfTheTrailLeadsToItsCustomerUntilTheyAreErased) {
    owner();
    submit(*host_, order("ada"));
    const std::string token = token_of(user("eve", host::Role::Admin), {"admin"});
    const std::string hash =
        host_->audit().customer_target("ada").substr(std::string("customer:").size());
    EXPECT_EQ(ask(token, "GET", "/api/v1/audit/customer/" + hash).body, R"({"id":"ada"})");
    command(*host_, {.kind = engine::Command::Kind::Erase, .customer = "ada"});
    EXPECT_EQ(get(token, "/api/v1/audit/customer/" + hash), 404);
}

}  // namespace
}  // namespace winback::api
