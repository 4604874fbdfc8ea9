#include "message/render.h"

#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "message/signed_token.h"

namespace winback::message {
namespace {

constexpr const char* unsubscribe_url = "https://shop.test/u/abc?x=1&y=2";

ValueMap data_for(std::string first_name) {
    ValueMap customer;
    customer.set("first_name", std::move(first_name));
    customer.set("link", "javascript:alert(1)");
    ValueMap workspace;
    workspace.set("name", "Gifts & Co");
    workspace.set("address", "1 High Street\nLondon <W1>");
    workspace.set("url", "https://shop.test");
    ValueMap data;
    data.set("customer", std::move(customer));
    data.set("workspace", std::move(workspace));
    data.set("unsubscribe_url", unsubscribe_url);
    data.set("preferences_url", "https://shop.test/p");
    return data;
}

TemplateSource source(std::string language) {
    TemplateSource out;
    out.id = "miss_you";
    out.language = std::move(language);
    out.subject.text = "{{ customer.first_name }}, we miss you";
    out.preheader.text = "Come back, {{ customer.first_name }}";
    out.from_name.text = "{{ customer.first_name }} at {{ workspace.name }}";
    out.body_html.text =
        "<h1>Hi {{ customer.first_name }}</h1>"
        "<p><a href=\"{{ customer.link }}\">x</a></p>";
    return out;
}

MessageTemplate compiled(const std::vector<TemplateSource>& sources) {
    CompiledTemplate out = compile_template(sources);
    EXPECT_TRUE(out.message_template);
    return *std::move(out.message_template);
}

RenderOutcome rendered(const MessageTemplate& message_template,
                       const ValueMap& data,
                       std::string_view language = "en") {
    RenderRequest request;
    request.data = &data;
    request.customer_language = language;
    request.to = "ada@example.test";
    request.from = "hello@shop.test";
    return render_message(message_template, request);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST(RenderMessage, GivesAWholeMail) {
    const RenderOutcome outcome = rendered(compiled({source("en")}), data_for("Ada"));
    ASSERT_TRUE(outcome.message);
    const RenderedMessage& message = *outcome.message;
    EXPECT_EQ(message.subject, "Ada, we miss you");
    EXPECT_EQ(message.preheader, "Come back, Ada");
    EXPECT_EQ(message.from_name, "Ada at Gifts & Co");
    EXPECT_EQ(message.to, "ada@example.test");
    EXPECT_EQ(message.direction, "ltr");
    EXPECT_TRUE(has(message.html, "<html lang=\"en\" dir=\"ltr\">"));
    EXPECT_TRUE(has(message.html, "<title>Ada, we miss you</title>"));
    EXPECT_TRUE(has(message.html, ">Hi Ada</h1><p style="));
    EXPECT_TRUE(has(message.html, " href=\"#\">x</a></p>"));
    EXPECT_TRUE(has(message.html, "prefers-color-scheme: dark"));
    EXPECT_TRUE(has(message.html, "name=\"color-scheme\" content=\"light dark\""));
    EXPECT_TRUE(has(message.html, "mso-hide:all\">Come back, Ada"));
    EXPECT_TRUE(has(message.html, "href=\"https://shop.test/u/abc?x=1&amp;y=2\" style="));
    EXPECT_TRUE(has(message.html, ">Unsubscribe</a>"));
    EXPECT_TRUE(has(message.html,
                    "<bdi>Gifts &amp; Co</bdi><br><bdi>1 High Street</bdi><br>"
                    "<bdi>London &lt;W1&gt;</bdi>"));
    EXPECT_EQ(message.text,
              "Hi Ada\n======\n\nx\n\n-- \nGifts & Co\n1 High Street\nLondon <W1>\n"
              "Unsubscribe: https://shop.test/u/abc?x=1&y=2\nPreferences: https://shop.test/p\n");
    EXPECT_EQ(message.unsubscribe_url, unsubscribe_url);
}

TEST(RenderMessage, WritesInTheReadersDirection) {
    const MessageTemplate both = compiled({source("en"), source("ar"), source("fa")});
    for (const char* language : {"ar-EG", "fa"}) {
        const RenderOutcome outcome = rendered(both, data_for("سارا"), language);
        ASSERT_TRUE(outcome.message);
        EXPECT_EQ(outcome.message->direction, "rtl");
        EXPECT_TRUE(has(outcome.message->html, "dir=\"rtl\""));
        EXPECT_FALSE(has(outcome.message->html, "dir=\"ltr\""));
        EXPECT_TRUE(has(outcome.message->html, "text-align:right"));
        EXPECT_FALSE(has(outcome.message->html, "Unsubscribe"));
    }
    EXPECT_TRUE(has(rendered(both, data_for("سارا"), "ar").message->html, "إلغاء الاشتراك"));
}

TEST(RenderMessage, LetsNoLineEndIntoAHeader) {
    const MessageTemplate one = compiled({source("en")});
    for (const char* name : {"Eve\r\nBcc: all@example.test", "Eve\nX: y", "Eve\v\f\x01y",
                             "Eve\u2028Bcc: x", "Eve\u0085Bcc: x", "Eve\u202emoc.live"}) {
        ValueMap data = data_for(name);
        const RenderOutcome outcome = rendered(one, data);
        ASSERT_TRUE(outcome.message);
        for (const std::string& header :
             {outcome.message->subject, outcome.message->preheader, outcome.message->from_name}) {
            for (const char c : header) {
                EXPECT_GE(static_cast<unsigned char>(c), 0x20) << header;
            }
            EXPECT_FALSE(has(header, "\u2028"));
            EXPECT_FALSE(has(header, "\u0085"));
            EXPECT_FALSE(has(header, "\u202e"));
        }
    }
    RenderRequest request;
    const ValueMap data = data_for("Ada");
    request.data = &data;
    request.to = "a@b.test\r\nBcc: c@d.test";
    EXPECT_EQ(render_message(one, request).message->to, "a@b.test Bcc: c@d.test");
}

TEST(RenderMessage, CutsLongSubjectsBetweenLetters) {
    std::string name;
    for (int i = 0; i < 200; ++i) {
        name += "ü";
    }
    const std::string subject = rendered(compiled({source("en")}), data_for(name)).message->subject;
    EXPECT_LE(subject.size(), subject_bytes_max);
    EXPECT_TRUE(subject.ends_with("ü…"));
    EXPECT_TRUE(is_valid_utf8(subject));
}

TEST(RenderMessage, NeverSendsACommercialMailWithoutItsWayOut) {
    ValueMap data = data_for("Ada");
    data.erase("unsubscribe_url");
    TemplateSource text = source("en");
    RenderOutcome outcome = rendered(compiled({text}), data);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->part, "unsubscribe_url");
    EXPECT_FALSE(outcome.message);
    data.set("unsubscribe_url", "javascript:x");
    EXPECT_TRUE(rendered(compiled({text}), data).failure);
    text.transactional = true;
    outcome = rendered(compiled({text}), data);
    ASSERT_TRUE(outcome.message);
    EXPECT_FALSE(has(outcome.message->html, "Unsubscribe"));
    EXPECT_EQ(outcome.message->unsubscribe_url, "");
}

TEST(RenderMessage, KeepsTheTextPartThatTheWriterGave) {
    TemplateSource text = source("en");
    text.body_text.text = "Hi {{ customer.first_name }} <3";
    const RenderOutcome outcome = rendered(compiled({text}), data_for("A&B"));
    EXPECT_TRUE(outcome.message->text.starts_with("Hi A&B <3\n\n-- \n"));
    EXPECT_TRUE(has(outcome.message->text, unsubscribe_url));
}

TEST(RenderMessage, WritesNumbersAsTheCustomersRegionDoes) {
    TemplateSource text = source("de");
    text.subject.text = "{{ 1234.5 | money: 'EUR' }}";
    const MessageTemplate one = compiled({text});
    const ValueMap data = data_for("Ada");
    EXPECT_EQ(rendered(one, data, "de").message->subject, "1.234,50\u00a0€");
    EXPECT_EQ(rendered(one, data, "de_CH").message->subject, "EUR\u00a01’234.50");
    EXPECT_EQ(rendered(one, data, "fr").message->subject, "1.234,50\u00a0€");
}

TEST(RenderMessage, MakesItsOwnLinks) {
    TemplateSource text = source("en");
    text.subject.text = "S {% unsubscribe_url %}";
    text.body_html.text =
        "<a href=\"{% link 'https://shop.test/?a=1&b=2' %}\">A</a>"
        "<a href=\"{% unsubscribe_url %}\">U</a><a href=\"{% preferences_url %}\">P</a>"
        "<a href=\"https://plain.test/\">B</a>";
    const std::string secret(link_secret_bytes, 's');
    const TrackedLinks links("https://mail.test", secret, hash128("key"));
    const ValueMap data = data_for("Ada");
    RenderRequest request{.data = &data, .to = "a@b.test", .from = "c@d.test", .links = &links};
    const RenderedMessage message = *render_message(compiled({text}), request).message;
    const std::string counted = links.link("https://shop.test/?a=1&b=2");
    EXPECT_TRUE(counted.starts_with("https://mail.test/l/"));
    EXPECT_EQ(message.subject, std::string("S ") + unsubscribe_url);
    EXPECT_TRUE(has(message.html, "href=\"" + counted + "\">A</a>")) << message.html;
    EXPECT_TRUE(has(message.html, "href=\"https://shop.test/u/abc?x=1&amp;y=2\">U</a>"));
    EXPECT_TRUE(has(message.html, "href=\"https://shop.test/p\">P</a>"));
    EXPECT_TRUE(has(message.html, "href=\"https://plain.test/\">B</a>"));
    EXPECT_TRUE(has(message.text, "A (" + counted + ")")) << message.text;
    // All of them, once.
    text.track = true;
    const RenderedMessage all = *render_message(compiled({text}), request).message;
    EXPECT_TRUE(has(all.html, "href=\"" + counted + "\">A</a>"));
    EXPECT_TRUE(has(all.html, "href=\"" + links.link("https://plain.test/") + "\">B</a>"));
    EXPECT_TRUE(has(all.text, "B (" + links.link("https://plain.test/") + ")"));
    request.links = nullptr;
    const RenderedMessage none = *render_message(compiled({text}), request).message;
    EXPECT_TRUE(has(none.html, "href=\"https://shop.test/?a=1&amp;b=2\">A</a>"));
    text.body_html.text = "{% link 'javascript:x' %}";
    EXPECT_FALSE(render_message(compiled({text}), request).message);
}

TEST(RenderMessage, GivesNothingWhenTheTemplateStops) {
    TemplateSource text = source("en");
    text.body_html.text = "Hello {% abort_message 'nothing to recommend' %}";
    RenderOutcome outcome = rendered(compiled({text}), data_for("Ada"));
    ASSERT_TRUE(outcome.failure);
    EXPECT_FALSE(outcome.message);
    EXPECT_EQ(outcome.failure->part, "html");
    EXPECT_EQ(outcome.failure->error.kind, liquid::RenderErrorKind::Aborted);
    EXPECT_EQ(outcome.failure->error.message, "nothing to recommend");
    text = source("en");
    text.subject.text = "{{ nothing }}";
    outcome = rendered(compiled({text}), data_for("Ada"));
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->part, "subject");
}

TEST(RenderMessage, SurvivesEveryNaughtyString) {
    std::ifstream file("test/data/blns/blns.json");
    ASSERT_TRUE(file);
    const MessageTemplate one = compiled({source("en")});
    const std::string calm = rendered(one, data_for("Ada")).message->html;
    const auto count = [](const std::string& text, char c) {
        return std::count(text.begin(), text.end(), c);
    };
    int checked = 0;
    for (const auto& entry : nlohmann::json::parse(file)) {
        const RenderOutcome outcome = rendered(one, data_for(entry.get<std::string>()));
        ASSERT_TRUE(outcome.message) << entry;
        // No tag and no quote more than the layout and the body have themselves.
        for (const char c : {'<', '>', '"'}) {
            EXPECT_EQ(count(outcome.message->html, c), count(calm, c)) << entry;
        }
        EXPECT_TRUE(is_valid_utf8(outcome.message->subject));
        ++checked;
    }
    EXPECT_GT(checked, 400);
}

}  // namespace
}  // namespace winback::message
