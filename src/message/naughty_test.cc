// Every naughty string as every value of a message: nothing of it becomes a tag, an attribute, a
// header of its own or a link that could run.
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "message/direction.h"
#include "message/html_scan.h"
#include "message/links.h"
#include "message/render.h"

namespace winback::message {
namespace {

MessageTemplate letter() {
    Diagnostics diagnostics;
    SnippetLibrary snippets({{"card", "", "<td title=\"{{ v }}\">{{ v | upcase }}</td>", "card"}},
                            {"en"}, diagnostics);
    TemplateSource source;
    source.id = "letter";
    source.from_name.text = "{{ v }} of the shop";
    source.subject.text = "For {{ v }}";
    source.preheader.text = "Read, {{ v }}";
    source.body_html.text =
        "<h1 title=\"{{ v }}\" data-x='{{ v | append: \"!\" }}'>{{ v }}</h1>"
        "<p><a class=\"button\" href=\"{{ v }}\">{{ v | strip }}</a>"
        "<a href=\"https://shop.test/?q={{ v | url_encode }}\">find</a>"
        "<a href=\"https://shop.test/{{ v }}\">path</a>"
        "<img src=\"{{ v }}\" alt=\"{{ v }}\"></p>"
        "{% assign w = v | replace: '&', '<' | split: ' ' | first %}{{ w }}"
        "{% capture c %}{{ v }}{% endcapture %}{{ c }}{{ v | newline_to_br }}"
        "{% render 'card', v: v %}";
    source.body_text.text = "Hello {{ v }}, see https://shop.test/";
    CompiledTemplate compiled = compile_template({source}, snippets);
    EXPECT_TRUE(compiled.message_template.has_value());
    return *std::move(compiled.message_template);
}

RenderedMessage rendered(const MessageTemplate& message_template, const std::string& value) {
    ValueMap workspace;
    for (const char* name : {"name", "address", "url"}) {
        workspace.set(name, value);
    }
    ValueMap data;
    data.set("v", value);
    data.set("workspace", std::move(workspace));
    data.set("unsubscribe_url", "https://shop.test/u/x");
    data.set("preferences_url", value);
    data.set("view_in_browser_url", value);
    const RenderOutcome outcome = render_message(
        message_template,
        {.data = &data, .customer_language = value, .to = value, .from = value, .reply_to = value});
    EXPECT_TRUE(outcome.message.has_value()) << value;
    return outcome.message.value_or(RenderedMessage{});
}

// Tags with the names of their attributes, a line each; `br` and `#` links of ours left out.
std::set<std::string> shapes(std::string_view html) {
    std::set<std::string> out;
    HtmlScanner scanner(html);
    HtmlPiece piece;
    while (scanner.next(piece)) {
        if (piece.kind == HtmlPiece::Kind::Text) {
            continue;
        }
        std::string shape =
            piece.kind == HtmlPiece::Kind::Other ? std::string(piece.source) : piece.name;
        for (const Attribute& attribute : piece.attributes) {
            shape += " " + std::string(attribute.name);
        }
        out.insert(std::move(shape));
        for (const Attribute& attribute : piece.attributes) {
            const std::string value = decode_entities(attribute.value);
            if (equals_ignoring_case(attribute.name, "href")) {
                EXPECT_TRUE(value == "#" || is_safe_link(value)) << value;
            }
            if (equals_ignoring_case(attribute.name, "src")) {
                EXPECT_TRUE(is_safe_link(value)) << value;
            }
        }
    }
    return out;
}

bool is_one_line(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
            return false;
        }
    }
    return text.find("\u2028") == std::string_view::npos &&
           text.find("\u2029") == std::string_view::npos &&
           text.find("\u0085") == std::string_view::npos &&
           text.find("\u202e") == std::string_view::npos;
}

TEST(NaughtyStrings, StayTextInEveryPlace) {
    std::ifstream file("test/data/blns/blns.json");
    ASSERT_TRUE(file);
    std::vector<std::string> values;
    for (const auto& entry : nlohmann::json::parse(file)) {
        values.push_back(entry.get<std::string>());
    }
    for (const char* value : {"\" onmouseover=\"x()\" y=\"",
                              "' onmouseover='x()' y='",
                              "\"><script>x</script>",
                              "--><b>",
                              "]]><b>",
                              "</style><b>",
                              "</title><b>",
                              "{{ 7919 | times: 13 }}",
                              "{% abort_message 'x' %}",
                              "javascript:alert(1)",
                              "java\tscript:alert(1)",
                              "<!--><script>alert(1)</script>-->",
                              "<textarea>",
                              "</div></div><details>",
                              "--!><b>",
                              "data:text/html,<b>",
                              "&#106;avascript:x",
                              "x\r\nBcc: all@evil.test\r\n\r\n<b>",
                              "\u202ehtml",
                              "=?utf-8?q?=0d=0aBcc:_x?="}) {
        values.emplace_back(value);
    }
    const MessageTemplate message_template = letter();
    // Some tags stand there only when a value is a link, or has lines.
    std::set<std::string> calm = shapes(rendered(message_template, "https://calm.test/").html);
    calm.merge(shapes(rendered(message_template, "calm").html));
    calm.merge(shapes(rendered(message_template, "calm\nsea").html));
    calm.merge(shapes(rendered(message_template, "").html));
    calm.insert("br");
    for (const std::string& value : values) {
        const RenderedMessage message = rendered(message_template, value);
        for (const std::string& shape : shapes(message.html)) {
            EXPECT_TRUE(calm.contains(shape)) << value << "\n" << shape;
        }
        for (const std::string* header : {&message.subject, &message.from_name, &message.preheader,
                                          &message.to, &message.from, &message.reply_to}) {
            EXPECT_TRUE(is_one_line(*header)) << value;
            EXPECT_EQ(is_valid_utf8(*header), true) << value;
        }
        const std::string own = with_closed_isolates("Hello " + value + ", see https://shop.test/");
        EXPECT_TRUE(message.text.starts_with(own)) << value;
        EXPECT_TRUE(message.html == without_direction_marks(message.html)) << value;
        EXPECT_EQ(message.html.find("102947"), std::string::npos) << value;
    }
    EXPECT_GT(values.size(), 500U);
}

}  // namespace
}  // namespace winback::message
