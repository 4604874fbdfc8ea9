// The own password and authenticator by the API: as the page asks, and for nobody but a session.
#include "api/own_account.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/access.h"
#include "api/people.h"
#include "api/test_call.h"
#include "host/audit.h"
#include "host/test_folder.h"
#include "host/totp.h"

namespace winback::api {
namespace {

using nlohmann::json;

constexpr const char* old_password = "a long pass phrase 7";
constexpr const char* new_password = "another pass phrase 8";

class OwnAccountTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        host_ = open();
        load(*host_);
        desk_ = std::make_shared<Desk>(*host_, DeskOptions{.threads = 0, .overview_age_max = {}});
        entrance_ = std::make_shared<Entrance>(*desk_, 0);
        add_own_account_routes(router_, entrance_);
        host_->users().set_password_cost(host::password_cost_least);
        host::User wanted;
        wanted.name = "ada";
        wanted.email = "ada@example.test";
        wanted.role = host::Role::Admin;
        id_ = host_->users().create(wanted, wall_clock()).value().id;
        ASSERT_TRUE(host_->users().set_password(id_, old_password).has_value());
        session_ = host_->keys().start_session(id_, "", wall_clock()).value().secret;
    }
    void TearDown() override {
        router_ = {};
        entrance_.reset();
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }

    http::Response ask(const std::string& method,
                       const std::string& target,
                       const json& body,
                       http::Pairs headers) {
        headers.emplace_back("Content-Type", "application/json");
        return call(router_, {.method = method,
                              .target = "/api/v1/me/" + target,
                              .headers = std::move(headers),
                              .body = body.dump()});
    }
    http::Response ask(const std::string& method, const std::string& target, const json& body) {
        return ask(method, target, body,
                   {{"Cookie", std::string(session_cookie) + "=" + session_}});
    }
    bool is_password(const char* password) {
        return host_->users().check_password("ada@example.test", password).value().has_value();
    }
    bool is_session(const std::string& secret) {
        return host_->keys().find(host::KeyKind::Session, secret, wall_clock()).has_value();
    }
    std::size_t entries(const std::string& what) {
        return host_->audit().list({.what = what}).value().entries.size();
    }

    std::string id_;
    std::string session_;
    std::unique_ptr<host::Host> host_;
    std::shared_ptr<Desk> desk_;
    std::shared_ptr<Entrance> entrance_;
    http::Router router_;
};

TEST_F(OwnAccountTest, APasswordIsChangedByWhoKnowsThePresentOne) {
    const std::string other = host_->keys().start_session(id_, "", wall_clock()).value().secret;
    EXPECT_EQ(ask("PUT", "password", {{"present", "wrong one"}, {"password", new_password}}).status,
              403);
    EXPECT_EQ(ask("PUT", "password", {{"present", old_password}, {"password", "short"}}).status,
              400);
    EXPECT_EQ(ask("PUT", "password", {{"password", new_password}}).status, 400);
    EXPECT_TRUE(is_password(old_password));
    EXPECT_EQ(entries("user.password"), 0U);

    const http::Response changed =
        ask("PUT", "password", {{"present", old_password}, {"password", new_password}});
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_TRUE(is_password(new_password));
    EXPECT_EQ(entries("user.password"), 1U);
    // All sessions have ended, and who asked has a new one.
    EXPECT_FALSE(is_session(other));
    EXPECT_FALSE(is_session(session_));
    const std::string* cookie = http::find_field(changed.headers, "set-cookie");
    ASSERT_NE(cookie, nullptr);
    const std::size_t from = cookie->find('=') + 1;
    EXPECT_TRUE(is_session(cookie->substr(from, cookie->find(';') - from)));
}

TEST_F(OwnAccountTest, GuessesOfThePasswordWait) {
    http::Response last;
    for (int guess = 0; guess < 12 && last.status != 429; ++guess) {
        last = ask("POST", "totp/end", {{"present", "guess " + std::to_string(guess)}});
    }
    EXPECT_EQ(last.status, 429);
    EXPECT_NE(http::find_field(last.headers, "retry-after"), nullptr);
    // The same entrance as that of the pages.
    const Entry entry = entrance_->by_password({}, "ada@example.test", old_password);
    EXPECT_EQ(entry.kind, Entry::Kind::Wait);
}

TEST_F(OwnAccountTest, AnAuthenticatorCountsOnceACodeWasShown) {
    const json begun = json::parse(ask("POST", "totp", json::object()).body);
    const std::string secret = host_->users().pending_totp(id_).value();
    EXPECT_EQ(begun.at("secret"), host::to_base32(secret));
    EXPECT_EQ(begun.at("uri").get<std::string>().substr(0, 15), "otpauth://totp/");
    const std::string code = host::totp_code(secret, host::totp_step_at(wall_clock()));
    const auto confirm = [&](const std::string& present, const std::string& shown) {
        return ask("POST", "totp/confirm", {{"present", present}, {"code", shown}});
    };
    EXPECT_EQ(confirm("wrong one", code).status, 403);
    EXPECT_EQ(confirm(old_password, "12345").status, 403);
    EXPECT_FALSE(host_->users().find(id_)->has_totp);
    const http::Response confirmed = confirm(old_password, code);
    EXPECT_EQ(json::parse(confirmed.body).at("recovery_codes").size(), 10U) << confirmed.body;
    EXPECT_TRUE(host_->users().find(id_)->has_totp);
    EXPECT_EQ(ask("POST", "totp", json::object()).status, 409);

    EXPECT_EQ(ask("POST", "totp/end", {{"present", "wrong one"}}).status, 403);
    EXPECT_EQ(ask("POST", "totp/end", {{"present", old_password}}).status, 200);
    EXPECT_FALSE(host_->users().find(id_)->has_totp);
    EXPECT_EQ(entries("user.totp"), 2U);
}

TEST_F(OwnAccountTest, ATokenChangesNobodysPasswordWhateverItMay) {
    const host::Key who =
        host_->keys().find(host::KeyKind::Session, session_, wall_clock()).value();
    const std::string token =
        create_key(*desk_, who, host::KeyKind::Api, "all", {"admin"}, 0).value().secret;
    const std::string link =
        host_->keys().create(host::KeyKind::SignIn, "link", {"admin"}, wall_clock()).value().secret;
    const std::string nobodys = host_->keys().sign_in(link, wall_clock()).value().secret;
    const http::Pairs by_token{{"Authorization", "Bearer " + token}};
    const http::Pairs by_link{{"Cookie", std::string(session_cookie) + "=" + nobodys}};
    for (const http::Pairs& headers : {by_token, by_link}) {
        EXPECT_EQ(
            ask("PUT", "password", {{"present", old_password}, {"password", new_password}}, headers)
                .status,
            403);
        EXPECT_EQ(ask("POST", "totp", json::object(), headers).status, 403);
        EXPECT_EQ(
            ask("POST", "totp/confirm", {{"present", old_password}, {"code", "123456"}}, headers)
                .status,
            403);
        EXPECT_EQ(ask("POST", "totp/end", {{"present", old_password}}, headers).status, 403);
    }
    EXPECT_TRUE(is_password(old_password));
    EXPECT_FALSE(host_->users().pending_totp(id_).has_value());
}

}  // namespace
}  // namespace winback::api
