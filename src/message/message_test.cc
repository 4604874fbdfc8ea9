#include <gtest/gtest.h>

#include "message/clean_html.h"
#include "message/html_scan.h"
#include "message/key.h"
#include "message/links.h"
#include "message/message_template.h"
#include "message/plain_text.h"
#include "message/state.h"
#include "message/unsubscribe.h"

namespace winback::message {
namespace {

TEST(MessageKeys, StayWhatTheyWereForEver) {
    const MessageKey key = make_key({"c1", "win_back", 1, "first_mail", 1});
    EXPECT_EQ(format_key(key), "deaa7adfd12fb6180252efd3f3c8f7cb");
    MessageKey read;
    ASSERT_TRUE(parse_key(format_key(key), read));
    EXPECT_EQ(read, key);
    EXPECT_FALSE(parse_key("not a key", read));
}

TEST(MessageKeys, DifferWhenAnyPartDiffers) {
    const KeyParts parts{"c1", "win_back", 1, "mail", 1};
    const MessageKey key = make_key(parts);
    EXPECT_NE(key, make_key({"c2", "win_back", 1, "mail", 1}));
    EXPECT_NE(key, make_key({"c1", "win_bac", 1, "kmail", 1}));
    EXPECT_NE(key, make_key({"c1w", "in_back", 1, "mail", 1}));
    EXPECT_NE(key, make_key({"c1", "win_back", 2, "mail", 1}));
    EXPECT_NE(key, make_key({"c1", "win_back", 1, "mail", 2}));
    EXPECT_EQ(key, make_key(parts));
}

TEST(MessageStates, HaveNamesThatReadBack) {
    for (int i = 0; i < message_state_count; ++i) {
        const auto state = static_cast<MessageState>(i);
        EXPECT_EQ(parse_message_state(message_state_name(state)), state);
    }
    for (int i = 0; i < refusal_reason_count; ++i) {
        const auto reason = static_cast<RefusalReason>(i);
        EXPECT_EQ(parse_refusal_reason(refusal_reason_name(reason)), reason);
    }
    EXPECT_EQ(message_state_name(MessageState::InDoubt), "in_doubt");
    EXPECT_EQ(refusal_reason_name(RefusalReason::NoAddress), "no_address");
    EXPECT_EQ(parse_refusal_reason("because"), std::nullopt);
}

TEST(RefusalReasons, StandInTheOrderOfTheGates) {
    std::string order;
    for (int i = 0; i < refusal_reason_count; ++i) {
        order += std::string(refusal_reason_name(static_cast<RefusalReason>(i))) + " ";
    }
    EXPECT_EQ(order,
              "erased suppressed no_consent control_group hold_out goal_reached sunset duplicate "
              "quiet_hours frequency_cap budget rate render_error no_address ");
}

class UnsubscribeToken : public testing::Test {
protected:
    const std::string secret_ = std::string(unsubscribe_secret_bytes, 's');
    const Unsubscribe unsubscribe_{"kunde-7/ü", "email", "offers"};
};

TEST_F(UnsubscribeToken, SaysWhoLeavesWhat) {
    const std::string token = make_token(secret_, unsubscribe_);
    EXPECT_EQ(token.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789-_."),
              std::string::npos);
    const Result<Unsubscribe> read = read_token(secret_, token);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, unsubscribe_);
    EXPECT_EQ(make_token(secret_, unsubscribe_), token);
}

TEST_F(UnsubscribeToken, CannotBeForged) {
    const std::string token = make_token(secret_, unsubscribe_);
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        const Result<Unsubscribe> read = read_token(secret_, changed);
        EXPECT_FALSE(read && *read == unsubscribe_ && changed != token) << changed;
        EXPECT_FALSE(read) << changed;
    }
    const std::string other(unsubscribe_secret_bytes, 't');
    ASSERT_FALSE(read_token(other, token));
    EXPECT_EQ(read_token(other, token).error().code, ErrorCode::PermissionDenied);
    for (const char* text : {"", ".", "a.b", "....", "AQ.00000000000000000000000000000000"}) {
        EXPECT_FALSE(read_token(secret_, text)) << text;
    }
}

TEST(Links, LeadToFourSchemesOnly) {
    EXPECT_TRUE(is_safe_link("https://a.test/x?y=1"));
    EXPECT_TRUE(is_safe_link("HTTP://a.test"));
    EXPECT_TRUE(is_safe_link("mailto:a@b.test"));
    EXPECT_TRUE(is_safe_link("tel:+4912345"));
    for (const char* url :
         {"javascript:alert(1)", " java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
          "//evil.test", "/path", "", "\x01javascript:x", "file:///etc/passwd", "https:evil"}) {
        EXPECT_FALSE(is_safe_link(url)) << url;
    }
    EXPECT_FALSE(is_safe_link("https://a.test/" + std::string(3000, 'x')));
}

TEST(PlainText, SaysWhatTheHtmlSays) {
    const std::pair<const char*, const char*> cases[] = {
        {"<p>Hello  <b>Ada</b>,</p>\n<p>we miss you.</p>", "Hello Ada,\n\nwe miss you."},
        {"<h1>Héllo</h1><p>x</p>", "Héllo\n=====\n\nx"},
        {"<h2>Two</h2>x", "Two\n---\n\nx"},
        {"<h3>Three</h3>x", "Three\n\nx"},
        {"one<br>two<br/><br>three", "one\ntwo\n\nthree"},
        {"<ul><li>a</li><li>b <ol><li>c</li><li>d</li></ol></li></ul>after",
         "- a\n- b\n  1. c\n  2. d\n\nafter"},
        {"<a href=\"https://a.test/?x=1&amp;y=2\">Shop</a>!", "Shop (https://a.test/?x=1&y=2)!"},
        {"<a href=\"https://a.test\">https://a.test</a>", "https://a.test"},
        {"<a href=\"mailto:a@b.test\">a@b.test</a>", "a@b.test"},
        {"<a href=\"https://a.test\"><img src=\"i.png\" alt=\"Logo\"></a>",
         "Logo (https://a.test)"},
        {"<a href=\"https://a.test\"><img src=\"i.png\"></a>", "https://a.test"},
        {"<a href=\"#\">nowhere</a>", "nowhere"},
        {"<style>p{}</style>a&nbsp;&lt;b&gt; &#x263a;<script>x</script>", "a <b> ☺"},
        {"<table><tr><td>Tea</td><td>2</td></tr><tr><td>Cup</td><td>1</td></tr></table>",
         "Tea 2\nCup 1"},
        {"<!-- no -->yes<hr>more", "yes\n\n---\n\nmore"},
        {"<a href=\"https://a.test\">open", "open (https://a.test)"},
        {"a<!-->b<!--->c<!-- x --!>d<!-- y -->e", "abcde"},
        {"<header>top</header>", "top"},
        {"", ""},
    };
    for (const auto& [html, expected] : cases) {
        EXPECT_EQ(plain_text(html), expected) << html;
    }
}

TEST(HtmlScan, SurvivesWhatIsNotHtml) {
    for (const char* html : {"<", "<a", "<a b", "<a b=", "<a b='", "</", "</a", "<!", "<!--", "<?",
                             "<a/b/c>", "<a =b>", "&", "&#;", "&#x;", "&#1114112;", "<ul><li>"}) {
        EXPECT_LE(clean_html(html).size(), 8 * std::string_view(html).size());
        plain_text(html);
    }
}

TemplateSource source(std::string language, std::string subject, std::string body) {
    TemplateSource out;
    out.id = "miss_you";
    out.language = std::move(language);
    out.subject = {std::move(subject), {3, 10}};
    out.body_html = {std::move(body), {7, 1}};
    out.file = "templates/miss_you." + out.language + ".liquid";
    return out;
}

TEST(CompileTemplate, ReportsEveryMistakeWithTheLineOfTheFile) {
    const CompiledTemplate compiled =
        compile_template({source("en", "{{ a | nope }}", "line\n{% if %}\n"),
                          source("en", "", "{{ x"), source("x!", "ok", "")});
    EXPECT_FALSE(compiled.message_template);
    std::string found;
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
        found += diagnostic.file + ":" + std::to_string(diagnostic.position.line) + ":" +
                 std::to_string(diagnostic.position.column) + " " + diagnostic.code + "\n";
    }
    EXPECT_EQ(found,
              "templates/miss_you.en.liquid:3:17 unknown_filter\n"
              "templates/miss_you.en.liquid:8:7 syntax\n"
              "templates/miss_you.en.liquid:8:1 not_closed\n"
              "templates/miss_you.en.liquid:1:1 no_subject\n"
              "templates/miss_you.en.liquid:7:1 not_closed\n"
              "templates/miss_you.en.liquid:1:1 language_twice\n"
              "templates/miss_you.x!.liquid:1:1 no_body\n"
              "templates/miss_you.x!.liquid:1:1 bad_language\n");
}

TEST(ChooseVariant, TakesTheNearestLanguage) {
    const CompiledTemplate compiled =
        compile_template({source("de", "s", "b"), source("en", "s", "b"), source("pt", "s", "b"),
                          source("zh-Hant", "s", "b"), source("es-MX", "s", "b")});
    ASSERT_TRUE(compiled.message_template);
    const auto chosen = [&](const char* customer, const char* workspace) {
        return choose_variant(*compiled.message_template, customer, workspace).language;
    };
    EXPECT_EQ(chosen("pt-BR", "en"), "pt");
    EXPECT_EQ(chosen("PT_br", "en"), "pt");
    EXPECT_EQ(chosen("zh-Hant-TW", "en"), "zh-hant");
    EXPECT_EQ(chosen("es-AR", "en"), "es-mx");
    EXPECT_EQ(chosen("fr", "en-GB"), "en");
    EXPECT_EQ(chosen("fr", "it"), "de");
    EXPECT_EQ(chosen("", ""), "de");
}

TEST(RightToLeft, IsALanguagesWayAndNotItsRegions) {
    for (const char* language : {"ar", "fa", "he", "ur", "ar-EG", "fa_IR", "UR"}) {
        EXPECT_TRUE(is_right_to_left(language)) << language;
    }
    for (const char* language : {"en", "tr", "de-AR", "", "a"}) {
        EXPECT_FALSE(is_right_to_left(language)) << language;
    }
}

}  // namespace
}  // namespace winback::message
