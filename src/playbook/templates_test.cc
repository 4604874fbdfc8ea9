// Front matter and snippets: what is understood, and where mistakes are shown.
#include <gtest/gtest.h>

#include "message/render.h"
#include "playbook/playbook.h"

namespace winback::playbook {
namespace {

Files shop() {
    return {
        {"workspace.yaml",
         "name: Shop\nzone: Europe/London\ncurrency: GBP\n"
         "from: {name: Shop, address: hello@shop.example}\naddress: 1 Street\n"
         "base_url: https://mail.shop.example\nbrand_url: https://shop.example\n"},
        {"policies.yaml", "quiet_hours: off\n"},
    };
}

Files with_template(const std::string& text) {
    Files files = shop();
    files["templates/hello.en.liquid"] = text;
    return files;
}

std::string told(const Files& files) {
    std::string out;
    for (const Diagnostic& d : load(files).diagnostics) {
        const std::string code = d.is_warning ? "[" + d.code + "]" : d.code;
        out += d.file + ":" + std::to_string(d.position.line) + ":" +
               std::to_string(d.position.column) + " " + code + "\n";
    }
    return out;
}

message::RenderedMessage rendered(const Files& files, std::string_view language = "en") {
    const LoadedPlaybook loaded = load(files);
    EXPECT_TRUE(loaded.definitions.has_value()) << render(loaded.diagnostics, files);
    ValueMap customer;
    customer.set("first_name", "Ada");
    ValueMap data;
    data.set("customer", std::move(customer));
    data.set("unsubscribe_url", "https://mail.shop.example/u/x");
    const message::RenderOutcome outcome = message::render_message(
        loaded.definitions->templates.at("hello"),
        {.data = &data, .customer_language = language, .from = "shop@shop.example"});
    EXPECT_TRUE(outcome.message.has_value());
    return outcome.message.value_or(message::RenderedMessage{});
}

TEST(FrontMatter, SaysWhoWritesAndWhereRepliesGo) {
    const Files files = with_template(
        "---\nsubject: S\nfrom: {name: \"Anna for {{ customer.first_name }}\", "
        "address: anna@shop.example}\nreply_to: care@shop.example\nlanguage: en\n"
        "liquid: \"5.13\"\ntopic: news\ntrack: true\n---\n<p>x</p>\n");
    const message::RenderedMessage message = rendered(files);
    EXPECT_EQ(message.from_name, "Anna for Ada");
    EXPECT_EQ(message.from, "anna@shop.example");
    EXPECT_EQ(message.reply_to, "care@shop.example");
    const LoadedPlaybook playbook = load(files);
    const auto& variant = playbook.definitions->templates.at("hello").variants.at(0);
    EXPECT_EQ(variant.dialect, "5.13");
    EXPECT_TRUE(variant.track);
    // A text alone is the name; the address is the workspace's.
    const message::RenderedMessage named =
        rendered(with_template("---\nsubject: S\nfrom: Anna\n---\n<p>x</p>\n"));
    EXPECT_EQ(named.from_name, "Anna");
    EXPECT_EQ(named.from, "shop@shop.example");
}

TEST(FrontMatter, ShowsEveryMistakeAtItsPlace) {
    EXPECT_EQ(
        told(with_template("---\nchannel: pigeon\nsubject: \"Hi {{ a | nope }}\"\n"
                           "from: {name: \"{{ b\", address: \"{{ customer.email }}\", age: 3}\n"
                           "reply_to: \"a@b.example\\r\\nBcc: c@d.example\"\ntopic: Big News\n"
                           "language: tr\nliquid: \"4.0\"\ncolour: red\ntrack: maybe\n---\n"
                           "<p>x</p>\n=== text ===\nfirst\n{{ c | nope }}\n")),
        "templates/hello.en.liquid:2:10 unknown_channel\n"
        "templates/hello.en.liquid:3:21 unknown_filter\n"
        "templates/hello.en.liquid:4:15 not_closed\n"
        "templates/hello.en.liquid:4:32 bad_address\n"
        "templates/hello.en.liquid:4:55 unknown_key\n"
        "templates/hello.en.liquid:5:12 bad_address\n"
        "templates/hello.en.liquid:6:8 bad_id\n"
        "templates/hello.en.liquid:7:11 language_differs\n"
        "templates/hello.en.liquid:8:10 unknown_dialect\n"
        "templates/hello.en.liquid:9:1 unknown_key\n"
        "templates/hello.en.liquid:10:8 bad_flag\n"
        "templates/hello.en.liquid:15:8 unknown_filter\n");
}

TEST(FrontMatter, ChecksTheWorkspacesAddressesInTheSameWay) {
    for (const char* address : {"nobody", "a@b@c", "@b.example", "a@", "a b@c.example",
                                "<a@b.example>", "a@b.example,c"}) {
        Files files = shop();
        files["workspace.yaml"] =
            "name: Shop\nzone: Europe/London\ncurrency: GBP\nfrom: {address: \"" +
            std::string(address) +
            "\"}\naddress: 1 Street\nbase_url: https://shop.example\n"
            "brand_url: https://shop.example\n";
        EXPECT_EQ(told(files), "workspace.yaml:4:18 bad_address\n") << address;
    }
}

// The head on line 1 to 4, a body and an own text part, with the line ends of Windows.
constexpr const char* windows_file =
    "\xef\xbb\xbf---\r\nsubject: \"S\"\r\ntopic: news\r\n--- \r\n<p>a</p>\r\n=== text === \r\n"
    "first\r\n{{ c | nope }}\r\n";

TEST(TemplateFile, IsReadAsEveryEditorSavesIt) {
    EXPECT_EQ(told(with_template(windows_file)), "templates/hello.en.liquid:8:8 unknown_filter\n");
    std::string good = windows_file;
    good.resize(good.find("{{ c"));
    EXPECT_EQ(told(with_template(good)), "");
    const message::RenderedMessage message = rendered(with_template(good));
    EXPECT_EQ(message.subject, "S");
    EXPECT_EQ(message.html.find('\r'), std::string::npos);
    EXPECT_TRUE(message.text.starts_with("first\n")) << message.text;
    // White space behind a fence, and none behind the last line.
    EXPECT_EQ(rendered(with_template("---\t\nsubject: S\n---  \n<p>x</p>")).subject, "S");
    EXPECT_EQ(told(with_template("---\nsubject: S\n---")),
              "templates/hello.en.liquid:1:1 no_body\n");
    EXPECT_EQ(told(with_template("---\nsubject: S\n----\nx\n")),
              "templates/hello.en.liquid:1:1 no_front_matter\n");
    Files files = with_template("---\nsubject: S\n---\n{% render 'card' %}");
    files["snippets/card.liquid"] = "\xef\xbb\xbf<p>x</p>\r\n<p>y</p>";
    EXPECT_EQ(rendered(files).html.find('\r'), std::string::npos);
    EXPECT_EQ(rendered(files).html.find("\xef\xbb\xbf"), std::string::npos);
}

TEST(TemplateFile, BeginsItsTextPartWithALineOfItsOwn) {
    const std::string head = "---\nsubject: S\n---\n";
    for (const char* body : {"<p>x</p>\n === text ===\t\nown\n", "<p>x</p>\n=== text ===\nown"}) {
        const message::RenderedMessage message = rendered(with_template(head + body));
        EXPECT_TRUE(message.text.starts_with("own")) << message.text;
        EXPECT_EQ(message.html.find("==="), std::string::npos);
    }
    // Nothing behind the line: the text part is made of the HTML.
    const message::RenderedMessage derived =
        rendered(with_template(head + "<p>x</p>\n=== text ==="));
    EXPECT_TRUE(derived.text.starts_with("x\n")) << derived.text;
    EXPECT_EQ(derived.html.find("==="), std::string::npos);
    for (const char* line :
         {"=== Text ===", "===text===", "== text ==", "=== text", "=== txt ==="}) {
        EXPECT_EQ(told(with_template(head + "<p>x</p>\n" + line + "\nown\n")),
                  "templates/hello.en.liquid:5:1 [text_part_line]\n")
            << line;
    }
    EXPECT_EQ(told(with_template(head + "<p>x</p>\n=== text ===\na\n=== text ===\nb\n")),
              "templates/hello.en.liquid:7:1 [text_part_line]\n");
    EXPECT_EQ(told(with_template(head + "<p>text == text</p>\n<h2>Text</h2>\n")), "");
}

TEST(TemplateFile, HoldsNoNul) {
    const std::string nul("\0", 1);
    EXPECT_EQ(told(with_template("---\nsubject: S\n---\n<p>x</p>\n<p>" + nul + "</p>\n")),
              "templates/hello.en.liquid:5:4 nul_byte\n");
    Files files = with_template("---\nsubject: S\n---\n<p>x</p>\n");
    files["snippets/card.liquid"] = "x" + nul;
    EXPECT_EQ(told(files), "snippets/card.liquid:1:2 nul_byte\n");
}

TEST(FrontMatter, NamesATopicOfTheWorkspace) {
    Files files = with_template("---\nsubject: S\ntopic: ofers\n---\n<p>x</p>\n");
    EXPECT_EQ(told(files), "");  // The workspace lists none.
    files["workspace.yaml"] += "topics: {offers: Offers, letters: Letters}\n";
    EXPECT_EQ(told(files), "templates/hello.en.liquid:3:8 unknown_topic\n");
    EXPECT_NE(render(load(files).diagnostics, files).find("did you mean 'offers'?"),
              std::string::npos);
    for (const char* head : {"topic: letters\n", "topic: receipts\ntransactional: true\n"}) {
        files["templates/hello.en.liquid"] =
            "---\nsubject: S\n" + std::string(head) + "---\n<p>x</p>\n";
        EXPECT_EQ(told(files), "") << head;
    }
}

Files with_snippets(std::map<std::string, std::string> snippets,
                    const std::string& body = "<p>{% render 'card', name: 'Ada' %}</p>\n") {
    Files files = with_template("---\nsubject: \"Hi\"\n---\n" + body);
    for (auto& [name, text] : snippets) {
        files["snippets/" + name + ".liquid"] = std::move(text);
    }
    return files;
}

TEST(Snippets, StandInEveryPart) {
    Files files = shop();
    files["snippets/who.liquid"] = "{{ name }}";
    files["templates/hello.en.liquid"] =
        "---\nsubject: \"S {% render 'who', name: 'a' %}\"\n"
        "preheader: \"P {% render 'who', name: 'b' %}\"\n"
        "from: \"F {% render 'who', name: 'c' %}\"\n---\n"
        "<p>{% render 'who', name: '<d>' %}</p>\n=== text ===\n{% render 'who', name: '<e>' %}\n";
    const message::RenderedMessage message = rendered(files);
    EXPECT_EQ(message.subject, "S a");
    EXPECT_EQ(message.preheader, "P b");
    EXPECT_EQ(message.from_name, "F c");
    EXPECT_NE(message.html.find(">&lt;d&gt;</p>"), std::string::npos);
    EXPECT_TRUE(message.text.starts_with("<e>"));
}

TEST(Snippets, SpeakTheLanguageOfTheMessage) {
    Files files = with_snippets({{"card", "Dear {{ name }}{% render 'end' %}"},
                                 {"card.tr", "Sevgili {{ name }}{% render 'end' %}"},
                                 {"end", "!"},
                                 {"end.pt", "?"}});
    const std::string text = files.at("templates/hello.en.liquid");
    files["templates/hello.tr.liquid"] = text;
    files["templates/hello.pt-BR.liquid"] = text;
    const auto body = [&](std::string_view language) {
        const std::string all = rendered(files, language).text;
        return all.substr(0, all.find('\n'));
    };
    EXPECT_EQ(body("en"), "Dear Ada!");
    EXPECT_EQ(body("tr"), "Sevgili Ada!");
    EXPECT_EQ(body("pt-BR"), "Dear Ada?");
}

TEST(Snippets, AreMissedAtTheirPlace) {
    const Files files = with_snippets({{"cart", "{% render 'crad' %}"}, {"Bad Name", "x"}},
                                      "<p>x</p>\n\n{%- render 'card' -%}\n{% comment %}"
                                      "{% render 'no' %}{% endcomment %}");
    EXPECT_EQ(told(files),
              "snippets/Bad Name.liquid:1:1 bad_file_name\n"
              "snippets/cart.liquid:1:11 unknown_snippet\n"
              "templates/hello.en.liquid:6:12 unknown_snippet\n");
    EXPECT_NE(render(load(files).diagnostics, files).find("did you mean 'cart'?"),
              std::string::npos);
    EXPECT_EQ(told(with_snippets({{"card.tr", "x"}})),
              "snippets/card.tr.liquid:1:1 no_plain_snippet\n");
    EXPECT_EQ(told(with_snippets({{"card", "{{ x | nope }}"}, {"other", "x"}})),
              "snippets/card.liquid:1:8 unknown_filter\n");
    EXPECT_EQ(told(with_snippets({{"card", "{% render 'part' %}"}, {"part", "x"}, {"other", "x"}})),
              "snippets/other.liquid:1:1 [unused_snippet]\n");
}

TEST(Snippets, DoNotCallThemselves) {
    EXPECT_EQ(told(with_snippets({{"card", "x\n{% render 'card' %}"}})),
              "snippets/card.liquid:2:11 snippet_in_circle\n");
    const Files files = with_snippets({{"card", "{% render 'b' %}"},
                                       {"b", "{% render 'c' %}"},
                                       {"c", "{% if x %}{% render 'b' %}{% endif %}"}});
    const LoadedPlaybook loaded = load(files);
    ASSERT_EQ(loaded.diagnostics.size(), 1U) << render(loaded.diagnostics, files);
    EXPECT_EQ(loaded.diagnostics[0].file, "snippets/c.liquid");
    EXPECT_NE(loaded.diagnostics[0].message.find("b -> c -> b"), std::string::npos);
}

TEST(Snippets, StandTenDeepAtMost) {
    std::map<std::string, std::string> chain{{"card", "{% render 's1' %}"}};
    for (int i = 1; i < 9; ++i) {
        chain["s" + std::to_string(i)] = "{% render 's" + std::to_string(i + 1) + "' %}";
    }
    chain["s9"] = "deep";
    EXPECT_EQ(told(with_snippets(chain)), "");
    chain["s9"] = "{% render 't' %}";
    chain["t"] = "deeper";
    EXPECT_EQ(told(with_snippets(chain)), "snippets/card.liquid:1:11 snippet_too_deep\n");
    // Many ways through the same snippets take no more time than one.
    std::map<std::string, std::string> wide{{"card", ""}};
    for (int i = 0; i < 9; ++i) {
        const std::string next = "{% render 'w" + std::to_string(i + 1) + "' %}";
        for (int k = 0; k < 50; ++k) {
            wide["w" + std::to_string(i)] += next;
        }
    }
    wide["w9"] = "x";
    wide["card"] = "x";
    wide["top"] = "{% render 'w0' %}";
    EXPECT_NE(told(with_snippets(wide)).find("snippet_too_deep"), std::string::npos);
}

}  // namespace
}  // namespace winback::playbook
