// For tests: a shop with pages, a signed-in browser, and a strict reader of HTML.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "api/access.h"
#include "api/customers.h"
#include "api/desk.h"
#include "api/templates.h"
#include "api/test_call.h"
#include "base/strings.h"
#include "host/test_folder.h"
#include "host/users.h"
#include "message/unsubscribe.h"
#include "ui/ui.h"
#include "webhook/courier.h"

namespace winback::ui {

// Reads HTML as strictly as we write it: known tags, known attributes, values in double quotes
// without < or >. What a customer sent cannot pass as any of that, unless it was not escaped.
class StrictHtml {
public:
    explicit StrictHtml(std::string_view text) : text_(text) {}

    std::string problem() {
        for (std::size_t i = 0; i < text_.size(); ++i) {
            if (text_[i] == '<' && !tag(i)) {
                return std::string(text_.substr(i, 200));
            }
            if (text_[i] == '>' && !in_order_) {
                return "stray >: " + std::string(text_.substr(i > 80 ? i - 80 : 0, 120));
            }
            in_order_ = false;
        }
        return {};
    }

private:
    using Names = std::set<std::string, std::less<>>;
    static constexpr std::string_view known_tags =
        "!doctype html head meta title link body a header div img nav span form "
        "button p bdi main footer h1 h2 h3 strong dl dt dd section svg rect table "
        "thead tbody tr th td small ul li ol b code pre label input select option "
        "time details summary iframe script textarea fieldset legend datalist i path "
        "progress dialog output caption line circle polyline g text em tfoot "
        "optgroup hr aside nav footer template tspan del ins";
    static constexpr std::string_view known_attributes =
        "html lang dir charset name content rel type href class src alt width height "
        "id tabindex method action role scope value viewBox x y title sandbox "
        "loading datetime maxlength placeholder selected preserveAspectRatio "
        "focusable for rows spellcheck autocomplete checked hidden formaction form "
        "list defer target open hreflang translate max min step d accept enctype "
        "multiple required pattern minlength readonly disabled colspan rowspan "
        "inputmode download x1 x2 y1 y2 cx cy r points transform text-anchor "
        "autofocus formnovalidate reversed start rx headers cols wrap dominant-baseline";

    static Names names_of(std::string_view list) {
        Names names;
        for (const std::string_view name : split(list, ' ')) {
            names.emplace(name);
        }
        return names;
    }

    bool tag(std::size_t& i) {
        static const Names tags = names_of(known_tags);
        static const Names attributes = names_of(known_attributes);
        std::size_t at = i + 1;
        if (at < text_.size() && text_[at] == '/') {
            ++at;
        }
        const std::string_view tag = word(at);
        // A script is a file of ours, or it is not ours.
        if (!tags.contains(tag) ||
            (tag == "script" && text_[i + 1] != '/' &&
             !text_.substr(at).starts_with(" src=\"/assets/scripts/") &&
             !text_.substr(at).starts_with(" src=\"/assets/node_modules/htmx.org/"))) {
            return false;
        }
        for (;;) {
            while (at < text_.size() && (text_[at] == ' ' || text_[at] == '/')) {
                ++at;
            }
            if (at >= text_.size()) {
                return false;
            }
            if (text_[at] == '>') {
                i = at;
                in_order_ = true;
                return true;
            }
            const std::string_view name = word(at);
            if (!attributes.contains(name) && !name.starts_with("aria-") &&
                !name.starts_with("data-") && !is_partial_update(name)) {
                return false;
            }
            if (at < text_.size() && text_[at] == '=' && !value(at)) {
                return false;
            }
        }
    }
    // What htmx may be told; never hx-on, which runs script.
    static bool is_partial_update(std::string_view name) {
        static const std::set<std::string, std::less<>> names{
            "hx-get",        "hx-post", "hx-target",    "hx-select", "hx-push-url", "hx-trigger",
            "hx-select-oob", "hx-swap", "hx-indicator", "hx-sync",   "hx-include",  "hx-preserve"};
        return names.contains(name);
    }
    std::string_view word(std::size_t& at) {
        const std::size_t from = at;
        while (at < text_.size() && text_.find_first_of(" =>/\"<", at) != at) {
            ++at;
        }
        return text_.substr(from, at - from);
    }
    bool value(std::size_t& at) {
        if (at + 1 >= text_.size() || text_[at + 1] != '"') {
            return false;
        }
        const std::size_t end = text_.find_first_of("\"<>", at + 2);
        if (end == std::string_view::npos || text_[end] != '"') {
            return false;
        }
        at = end + 1;
        return true;
    }

    std::string_view text_;
    bool in_order_ = false;  // The '>' at hand ends a tag.
};

class UiTest : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        courier_ = std::make_shared<webhook::Courier>(webhook::CourierOptions{});
        host::HostOptions with_webhooks = options();
        with_webhooks.outbound = courier_;
        host_ = open(std::move(with_webhooks));
        load(*host_);
        desk_ = std::make_shared<api::Desk>(*host_,
                                            api::DeskOptions{.threads = 0, .overview_age_max = {}});
        templates_ = std::make_shared<api::TemplateDesk>(
            *desk_, api::TemplateDeskOptions{.playbook_folder = base_ + "/playbook",
                                             .sender = sender_,
                                             .delivers = true,
                                             .threads = 0,
                                             .counts_age_max = {}});
        add_ui_routes(
            router_, *host_,
            {.desk = desk_, .templates = templates_, .webhooks = courier_, .entrance_threads = 0});
        host_->users().set_password_cost(host::password_cost_least);
        session_ = "winback_session=" + sign_in().secret;
    }
    void TearDown() override {
        router_ = {};
        templates_.reset();
        desk_.reset();
        host_.reset();
        host::HostTest::TearDown();
    }

    std::string sign_in_link() {
        return host_->keys()
            .create(host::KeyKind::SignIn, "link", {"read", "personal"}, api::wall_clock())
            .value()
            .secret;
    }
    host::CreatedKey sign_in() {
        return host_->keys().sign_in(sign_in_link(), api::wall_clock()).value();
    }
    http::Response get(const std::string& target, bool signed_in = true) {
        api::Call request{.target = target};
        if (signed_in) {
            request.headers.emplace_back("Cookie", session_);
        }
        return api::call(router_, request);
    }
    std::string page(const std::string& target) {
        const http::Response response = get(target);
        EXPECT_EQ(response.status, 200) << target;
        EXPECT_EQ(StrictHtml(response.body).problem(), "") << target;
        return response.body;
    }
    // The key of a customer's first message.
    std::string message_of(const std::string& id) {
        const auto timeline = api::describe_timeline(*desk_, id, {.limit = 100});
        for (const Value& entry : *timeline.value().find("entries")->as_list()) {
            if (const Value* key = entry.as_map()->find("key")) {
                return *key->as_string();
            }
        }
        return {};
    }
    void fill() {
        submit(*host_, identify("ada"));
        submit(*host_, identify("bob"));
        consent(*host_, "ada");
        for (int i = 0; i < 3; ++i) {
            submit(*host_, order("ada", 20));
            submit(*host_, order("bob", 1234.5));
            pass(*host_, days(10));
        }
        pass(*host_, days(30));
    }
    std::string unsubscribe_path(const std::string& customer) {
        return "/u/" + message::make_token(host_->definitions()->link_secret,
                                           {.customer = customer, .channel = "email", .topic = ""});
    }
    expr::ConsentState consent_of(const std::string& id) {
        expr::ConsentState state = expr::ConsentState::Unset;
        host_->query_customer(id, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            state = customers.consent(*customers.find(id), customer::Channel::Email).state;
        });
        return state;
    }

    std::unique_ptr<host::Host> host_;
    std::shared_ptr<api::Desk> desk_;
    std::shared_ptr<api::TemplateDesk> templates_;
    std::shared_ptr<webhook::Courier> courier_;
    http::Router router_;
    std::string session_;
};

// The forms' tokens are new on every page.
inline std::string without_tokens(std::string body) {
    constexpr std::string_view field = "name=\"token\" value=\"";
    for (std::size_t at = 0; (at = body.find(field, at)) != std::string::npos;) {
        at += field.size();
        body.erase(at, body.find('"', at) - at);
    }
    return body;
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace winback::ui
