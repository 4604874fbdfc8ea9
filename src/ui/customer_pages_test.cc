// The pages that customers see: preferences, the sent message, counted links.
#include <gtest/gtest.h>

#include "api/access.h"
#include "api/customers.h"
#include "api/desk.h"
#include "api/test_call.h"
#include "host/test_folder.h"
#include "message/own_links.h"
#include "message/unsubscribe.h"
#include "ui/ui.h"

namespace winback::ui {
namespace {

using api::Call;

constexpr const char* browser = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0";

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

class CustomerPages : public host::HostTest {
protected:
    void SetUp() override {
        host::HostTest::SetUp();
        host_ = open();
        host::PlaybookFiles files = host::test_playbook();
        files["templates/hello.en.liquid"] =
            "---\nsubject: Hello\ntopic: offers\ntrack: true\n---\n"
            "<p>Hello {{ customer.id }} <a href=\"https://shop.example/new?a=1&amp;b=2\">New</a>"
            "</p>\n";
        files["templates/receipt.en.liquid"] =
            "---\nsubject: Receipt\ntopic: receipts\ntransactional: true\n---\n<p>x</p>\n";
        files["templates/text.en.liquid"] = "---\nchannel: sms\n---\n=== text ===\nHi\n";
        files["workspace.yaml"] += "topics: {offers: {en: Offers & more, tr: Teklifler}}\n";
        load(*host_, files);
        desk_ = std::make_shared<api::Desk>(*host_,
                                            api::DeskOptions{.threads = 0, .overview_age_max = {}});
        add_ui_routes(router_, *host_, {.desk = desk_});
    }
    void TearDown() override {
        desk_.reset();
        router_ = {};
        host_.reset();
        host::HostTest::TearDown();
    }

    void fill() {
        submit(*host_, identify("ada"));
        consent(*host_, "ada");
        submit(*host_, order("ada", 20));
        submit(*host_, order("ada", 20));
        pass(*host_, hours(1));
    }
    ValueList timeline(std::size_t limit = 100) {
        const auto found = api::describe_timeline(*desk_, "ada", {.limit = limit});
        return *found.value().find("entries")->as_list();
    }
    // Ada's newest message.
    host::StoredMessage message() {
        for (const Value& entry : timeline()) {
            if (const Value* key = entry.as_map()->find("key")) {
                Hash128 hash;
                parse_hex(*key->as_string(), hash);
                return host_->message(hash).value();
            }
        }
        ADD_FAILURE() << "no message";
        return {};
    }
    // The path of the first address of ours with this beginning in the message.
    std::string path_in(const std::string& html, const std::string& begin) {
        const std::string url = "https://shop.example" + begin;
        const std::size_t at = html.find(url);
        EXPECT_NE(at, std::string::npos) << html;
        const std::size_t end = html.find_first_of("\"<", at);
        return html.substr(at, end - at).substr(std::string("https://shop.example").size());
    }
    int clicks() {
        int count = 0;
        for (const Value& entry : timeline()) {
            const Value* name = entry.as_map()->find("name");
            count += name != nullptr && *name == Value("Link Clicked") ? 1 : 0;
        }
        return count;
    }
    http::Response ask(const std::string& path,
                       const http::Pairs& headers = {{"User-Agent", browser}},
                       const std::string& method = "GET") {
        http::Response response =
            api::call(router_, {.method = method, .target = path, .headers = headers});
        host_->run_until_idle();
        return response;
    }
    std::string preferences(const std::string& customer) {
        return message::preferences_url("", host_->definitions()->link_secret, customer);
    }
    http::Response choose(const std::string& customer, const std::string& form) {
        http::Response response =
            api::call(router_, {.method = "POST", .target = preferences(customer), .body = form});
        host_->run_until_idle();
        return response;
    }
    // "email granted by test, offers denied"
    std::string consents(const std::string& id) {
        std::string out;
        host_->query_customer(id, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto found = customers.find(id);
            for (const auto channel : {customer::Channel::Email, customer::Channel::Sms}) {
                const customer::Consent said = customers.consent(*found, channel);
                out += std::string(customer::channel_name(channel)) +
                       (said.state == expr::ConsentState::Unset     ? " unset"
                        : said.state == expr::ConsentState::Granted ? " granted by " + said.source
                                                                    : " denied by " + said.source) +
                       (customers.topic_denied(*found, channel, "offers") ? " but offers" : "") +
                       (channel == customer::Channel::Email ? ", " : "");
            }
        });
        return out;
    }

    std::unique_ptr<host::Host> host_;
    std::shared_ptr<api::Desk> desk_;
    http::Router router_;
};

TEST_F(CustomerPages, ShowTheVeryMessageThatWasSent) {
    fill();
    const host::StoredMessage sent = message();
    const http::Response page = ask(path_in(sent.decided.rendered.html, "/v/"));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, sent.decided.rendered.html);
    const std::string policy = *http::find_field(page.headers, "content-security-policy");
    for (const char* part : {"default-src 'none'", "sandbox", "frame-ancestors 'none'",
                             "img-src data: https: http:;"}) {
        EXPECT_TRUE(contains(policy, part)) << policy;
    }
    EXPECT_FALSE(contains(policy, "allow-scripts"));
    EXPECT_EQ(*http::find_field(page.headers, "x-robots-tag"), "noindex");
    EXPECT_EQ(*http::find_field(page.headers, "referrer-policy"), "no-referrer");
}

TEST_F(CustomerPages, ShowNothingThatDidNotGoOut) {
    submit(*host_, identify("ada"));  // Without consent: refused.
    submit(*host_, order("ada", 20));
    submit(*host_, order("ada", 20));
    const host::StoredMessage refused = message();
    EXPECT_EQ(refused.last().state, message::MessageState::Refused);
    EXPECT_EQ(ask(path_in(refused.decided.rendered.html, "/v/")).status, 404);
    const std::string link = path_in(refused.decided.rendered.html, "/l/");
    EXPECT_EQ(ask(link).status, 302);
    EXPECT_EQ(clicks(), 0);
    for (const char* path : {"/v/other", "/p/other", "/l/sample", "/u/other", "/v/x.y"}) {
        const http::Response response = ask(path);
        EXPECT_EQ(response.status, 404) << path;
        EXPECT_TRUE(contains(response.body, "not complete")) << path;
        const bool unsubscribes = std::string_view(path) == "/u/other";
        EXPECT_EQ(contains(response.body, "<h1>Unsubscribe</h1>"), unsubscribes) << path;
        EXPECT_TRUE(contains(response.body, unsubscribes ? "<title>Unsubscribe · Shop</title>"
                                                         : "<title>This link does not work · Shop"))
            << path;
    }
    // Links of previews and tests say so.
    for (const char* path : {"/v/sample", "/p/sample", "/u/sample"}) {
        EXPECT_TRUE(contains(ask(path).body, "Only a test")) << path;
    }
}

TEST_F(CustomerPages, CountALinkThatIsFollowed) {
    fill();
    const std::string link = path_in(message().decided.rendered.html, "/l/");
    const http::Response response = ask(link);
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(*http::find_field(response.headers, "location"), "https://shop.example/new?a=1&b=2");
    EXPECT_EQ(*http::find_field(response.headers, "cache-control"), "no-store");
    EXPECT_EQ(clicks(), 1);
    // Twice within a moment is once.
    ask(link);
    EXPECT_EQ(clicks(), 1);
    pass(*host_, seconds(20));
    ask(link);
    EXPECT_EQ(clicks(), 2);
    const ValueList entries = timeline(1);
    const ValueMap& properties = *entries[0].as_map()->find("properties")->as_map();
    EXPECT_EQ(*properties.find("url"), Value("https://shop.example/new?a=1&b=2"));
    EXPECT_EQ(*properties.find("journey"), Value("greet"));
    EXPECT_EQ(*properties.find("template"), Value("hello"));
    EXPECT_EQ(*properties.find("message_key"), Value(to_hex(message().decided.key)));
}

TEST_F(CustomerPages, CountNoProgramsAndNotOurselves) {
    fill();
    const std::string link = path_in(message().decided.rendered.html, "/l/");
    for (const http::Pairs& headers :
         std::vector<http::Pairs>{{},
                                  {{"User-Agent", "Googlebot/2.1"}},
                                  {{"User-Agent", "curl/8.0"}},
                                  {{"User-Agent", browser}, {"Sec-Purpose", "prefetch;prerender"}},
                                  {{"User-Agent", browser}, {"Purpose", "prefetch"}},
                                  {{"User-Agent", browser}, {"Sec-Fetch-Dest", "iframe"}}}) {
        EXPECT_EQ(ask(link, headers).status, 302);
    }
    EXPECT_EQ(ask(link, {{"User-Agent", browser}}, "HEAD").status, 302);
    const std::string start = host_->keys()
                                  .create(host::KeyKind::SignIn, "l", {"read"}, api::wall_clock())
                                  .value()
                                  .secret;
    const std::string session = host_->keys().sign_in(start, api::wall_clock()).value().secret;
    EXPECT_EQ(ask(link, {{"User-Agent", browser}, {"Cookie", "winback_session=" + session}}).status,
              302);
    EXPECT_EQ(clicks(), 0);
}

TEST_F(CustomerPages, RedirectNowhereWithoutOurSignature) {
    fill();
    const std::string link = path_in(message().decided.rendered.html, "/l/");
    for (std::size_t i = 3; i < link.size(); ++i) {
        std::string forged = link;
        forged[i] = forged[i] == 'a' ? 'b' : 'a';
        const http::Response response = ask(forged);
        EXPECT_EQ(response.status, 404) << forged;
        EXPECT_EQ(http::find_field(response.headers, "location"), nullptr);
    }
    // A token of another page.
    const std::string token =
        message::make_token(host_->definitions()->link_secret, {"ada", "email", ""});
    EXPECT_EQ(ask("/l/" + token).status, 404);
    EXPECT_EQ(ask("/p/" + token).status, 404);
    EXPECT_EQ(ask("/v/" + token).status, 404);
    EXPECT_EQ(clicks(), 0);
}

TEST_F(CustomerPages, LeaveTheChoiceToTheCustomer) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    const http::Response page = ask(preferences("ada"));
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(contains(page.body, "<title>Your preferences · Shop</title>"));
    EXPECT_TRUE(contains(page.body, "name=\"email\" value=\"on\" checked>"));
    EXPECT_TRUE(contains(page.body, "name=\"email.offers\" value=\"on\" checked>"));
    EXPECT_TRUE(contains(page.body, "name=\"sms\" value=\"on\">"));
    EXPECT_TRUE(contains(page.body, "<bdi>Offers &amp; more</bdi>"));
    EXPECT_FALSE(contains(page.body, "receipts"));
    EXPECT_FALSE(contains(page.body, "<script"));
    EXPECT_EQ(consents("ada"), "email granted by test, sms unset");
    // No offers, and text messages instead.
    const http::Response saved = choose("ada", "email=on&sms=on&action=save");
    EXPECT_TRUE(contains(saved.body, "preferences are saved"));
    EXPECT_TRUE(contains(saved.body, "name=\"email.offers\" value=\"on\">"));
    EXPECT_EQ(consents("ada"),
              "email granted by test but offers, sms granted by preference_centre");
    choose("ada", "email=on&email.offers=on&action=save");
    EXPECT_EQ(consents("ada"), "email granted by test, sms denied by preference_centre");
}

TEST_F(CustomerPages, StopEverythingWithOneButton) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    const http::Response stopped = choose("ada", "email=on&email.offers=on&action=stop");
    EXPECT_EQ(stopped.status, 200);
    EXPECT_TRUE(contains(stopped.body, "We will not send you anything"));
    EXPECT_TRUE(contains(stopped.body, "Messages about your orders still come"));
    EXPECT_FALSE(contains(stopped.body, " checked"));
    EXPECT_FALSE(contains(ask(preferences("ada")).body, " checked"));
    EXPECT_EQ(consents("ada"),
              "email denied by preference_centre, sms denied by preference_centre");
    // Channels that no template has so far, too.
    host_->query_customer("ada", [&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        EXPECT_EQ(customers.consent(*customers.find("ada"), customer::Channel::Push).state,
                  expr::ConsentState::Denied);
    });
    // What says nothing changes nothing, and says so.
    for (const char* form : {"", "email=on", "action=else", "%zz"}) {
        const http::Response unclear = choose("ada", form);
        EXPECT_EQ(unclear.status, 400);
        EXPECT_TRUE(contains(unclear.body, "Nothing has changed")) << form;
        EXPECT_EQ(consents("ada"),
                  "email denied by preference_centre, sms denied by preference_centre");
    }
}

TEST_F(CustomerPages, SendNoTopicOfAChannelThatIsOff) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    // Offers without e-mail: nothing is sent, and it is said.
    const http::Response none = choose("ada", "email.offers=on&action=save");
    EXPECT_TRUE(contains(none.body, "Everything is switched off"));
    EXPECT_FALSE(contains(none.body, " checked"));
    EXPECT_EQ(consents("ada"), "email denied by preference_centre, sms unset");
    const http::Response other = choose("ada", "email.offers=on&sms=on&action=save");
    EXPECT_TRUE(contains(other.body, "<p class=\"notice\" role=\"status\">E-mail: switched off."));
    EXPECT_FALSE(contains(other.body, "name=\"email.offers\" value=\"on\" checked"));
    EXPECT_EQ(consents("ada"),
              "email denied by preference_centre, sms granted by preference_centre");
    // E-mail again, and what the page shows as off stays off.
    pass(*host_, minutes(1));
    choose("ada", "email=on&action=save");
    EXPECT_EQ(consents("ada"),
              "email granted by preference_centre but offers, sms denied by preference_centre");
    // What is kept of a topic outlives its channel, and a yes without it changes nothing.
    pass(*host_, minutes(1));
    choose("ada", "email.offers=on&action=save");
    EXPECT_EQ(consents("ada"),
              "email denied by preference_centre but offers, sms denied by preference_centre");
}

TEST_F(CustomerPages, KeepNothingOfWhoNeverAnswered) {
    submit(*host_, identify("ada"));
    EXPECT_FALSE(contains(ask(preferences("ada")).body, " checked"));
    choose("ada", "action=save");
    choose("ada", "email.offers=on&action=save");
    EXPECT_EQ(consents("ada"), "email unset, sms unset");
    choose("ada", "email=on&email.offers=on&action=save");
    EXPECT_EQ(consents("ada"), "email granted by preference_centre, sms unset");
}

TEST_F(CustomerPages, ShowTopicsAsOffAfterUnsubscribing) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    const std::string token =
        message::make_token(host_->definitions()->link_secret, {"ada", "email", "offers"});
    api::call(router_, {.method = "POST", .target = "/u/" + token});
    host_->run_until_idle();
    EXPECT_FALSE(contains(ask(preferences("ada")).body, " checked"));
}

TEST_F(CustomerPages, SendNothingOfARefusedTopic) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    choose("ada", "email=on&action=save");
    submit(*host_, order("ada", 20));
    submit(*host_, order("ada", 20));
    const host::StoredMessage refused = message();
    EXPECT_EQ(refused.last().state, message::MessageState::Refused);
    EXPECT_EQ(refused.last().reason, message::RefusalReason::NoConsent);
    EXPECT_TRUE(contains(to_json(refused.decided.explanation), "denied for the topic 'offers'"));
}

TEST_F(CustomerPages, RememberARefusedTopicAcrossAStart) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    choose("ada", "email=on&action=save");
    const std::string before = consents("ada");
    desk_.reset();
    router_ = {};
    crash(host_);
    host_ = open();
    EXPECT_EQ(consents("ada"), before);
    EXPECT_TRUE(contains(before, "but offers"));
}

TEST_F(CustomerPages, FollowACustomerWhoWasMerged) {
    submit(*host_, identify("ada"));
    consent(*host_, "ada");
    event::Event alias = event("eve", "Aliased");
    alias.kind = event::EventKind::Alias;
    alias.previous_id = "ada";
    submit(*host_, identify("eve"));
    submit(*host_, std::move(alias));
    host_->run_until_idle();
    EXPECT_TRUE(contains(ask(preferences("ada")).body, "name=\"email\" value=\"on\" checked>"));
    choose("ada", "action=stop");
    EXPECT_EQ(consents("eve"),
              "email denied by preference_centre, sms denied by preference_centre");
}

TEST_F(CustomerPages, SpeakTheCustomersLanguage) {
    for (const auto& [language, word, topic, direction] :
         {std::tuple("tr", "Hiçbir şey göndermeyin", "Teklifler", "ltr"),
          std::tuple("ar", "إيقاف كل الرسائل", "Offers &amp; more", "rtl"),
          std::tuple("fa", "هیچ پیامی نفرستید", "Offers &amp; more", "rtl"),
          std::tuple("de", "Stop everything", "Offers &amp; more", "ltr")}) {
        event::Event who = identify(language);
        who.properties.set("language", language);
        submit(*host_, std::move(who));
        const std::string body = ask(preferences(language)).body;
        EXPECT_TRUE(contains(body, word)) << language;
        EXPECT_TRUE(contains(body, topic)) << language;
        EXPECT_TRUE(contains(body, "dir=\"" + std::string(direction) + "\"")) << language;
    }
}

}  // namespace
}  // namespace winback::ui
