// For tests: people with accounts at the pages of test_pages.h, and the forms that they send.
#pragma once

#include <string>
#include <string_view>

#include "api/form_token.h"
#include "host/audit.h"
#include "http/url.h"
#include "ui/test_pages.h"

namespace winback::ui {

inline constexpr std::string_view good_password = "a quiet morning by the sea";
inline constexpr std::string_view other_password = "rain on a tin roof";

class PeopleTest : public UiTest {
protected:
    std::string make(const std::string& name, host::Role role, bool personal = false) {
        host::User wanted;
        wanted.name = name;
        wanted.email = name + "@example.test";
        wanted.role = role;
        wanted.personal = personal;
        std::string id = users().create(wanted, api::wall_clock()).value().id;
        EXPECT_TRUE(users().set_password(id, good_password).has_value());
        return id;
    }
    host::Users& users() { return host_->users(); }
    // Signs this test's browser in.
    void become(const std::string& id) {
        session_ = "winback_session=" +
                   host_->keys().start_session(id, "", api::wall_clock()).value().secret;
    }
    std::string token() const {
        http::Request request;
        request.headers = {{"Cookie", session_}};
        return api::form_token(request);
    }
    http::Response send(const std::string& path, http::Pairs form, http::Pairs headers = {}) {
        headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
        http::Response response = api::call(router_, {.method = "POST",
                                                      .target = path,
                                                      .headers = std::move(headers),
                                                      .body = http::format_query(form)});
        if (response.status != 303) {
            EXPECT_EQ(StrictHtml(response.body).problem(), "") << path;
        }
        return response;
    }
    // A form of a page of this browser.
    http::Response post(const std::string& path, http::Pairs form) {
        form.emplace_back("token", token());
        return send(path, std::move(form), {{"Cookie", session_}});
    }
    static std::string cookie_of(const http::Response& response, const std::string& name) {
        for (const auto& [field, value] : response.headers) {
            if (field == "Set-Cookie" && value.starts_with(name + "=")) {
                return value.substr(0, value.find(';'));
            }
        }
        return {};
    }
    http::Response enter(const std::string& name,
                         std::string_view password,
                         http::Pairs headers = {}) {
        return send("/sign-in",
                    {{"email", name + "@example.test"}, {"password", std::string(password)}},
                    std::move(headers));
    }
    std::string link_of(const std::string& user,
                        std::string_view purpose,
                        Duration good = hours(1)) {
        const Timestamp now = api::wall_clock();
        return host_->keys()
            .create(host::Key{.kind = host::KeyKind::SignIn,
                              .name = "x",
                              .scopes = {"admin"},
                              .expires = now + good,
                              .user = user,
                              .purpose = std::string(purpose)},
                    now)
            .value()
            .secret;
    }
    std::string newest_audit() {
        const auto page = host_->audit().list({.limit = 1}).value();
        return page.entries.empty() ? std::string() : page.entries[0].what;
    }
};

}  // namespace winback::ui
