// Every naughty string through every filter: what comes from the data stays text, in HTML and in
// headers, however it was decoded, cut or joined on its way.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "template/filters.h"
#include "template/template.h"

namespace winback::liquid {
namespace {

std::vector<std::string> naughty_strings() {
    std::ifstream file("test/data/blns/blns.json");
    EXPECT_TRUE(file);
    std::vector<std::string> values;
    for (const auto& entry : nlohmann::json::parse(file)) {
        values.push_back(entry.get<std::string>());
    }
    for (const char* value : {"<script>x</script>",
                              "\"><b>",
                              "'><b>",
                              "&lt;script&gt;x&lt;/script&gt;",
                              "&amp;lt;b&amp;gt;",
                              "&#60;b&#62;",
                              "&#x3c;b",
                              "%3Cscript%3E%22%27",
                              "%253Cb%253E",
                              "PHNjcmlwdD54PC9zY3JpcHQ+",
                              "PGI-",
                              "<<b>b>",
                              "<scr<script>ipt>",
                              "<!--<b>--><b>",
                              "<br />",
                              "x\r\nBcc: all@evil.test\r\n\r\n<b>",
                              "a\n<b>\n\"c\"",
                              "\u2028<b>\u2029\u0085",
                              "</script><b>",
                              "1 <b>",
                              "-1.5<b>",
                              "2024-01-01<b>",
                              "\\0<b>\\`\\'",
                              "a,<b>,\"c\"",
                              "{{ v }}<b>",
                              "&",
                              "&lt",
                              "&#",
                              "<",
                              "\"",
                              "'",
                              "'\"<b",
                              "javascript:x",
                              "]]>"}) {
        values.emplace_back(value);
    }
    return values;
}

Snippets snippets() {
    Snippets made;
    made.add("card", parse("[{{ card }}|{{ p }}|{{ p | strip }}{{ forloop.index }}]"));
    made.add("deep", parse("{% capture d %}{{ p }}{% endcapture %}{% render 'card', p: d %}"));
    return made;
}

// Empty after an error of the values: such a message does not leave.
std::string rendered(const ProgramPtr& program, const std::string& value, EscapeMode escape) {
    static const Snippets known = snippets();
    ValueMap data;
    data.set("v", value);
    data.set("list", ValueList{Value(value), Value("b"), Value(value)});
    ValueMap map;
    map.set(value, value);
    data.set("map", ValueList{Value(map)});
    data.set("unsubscribe_url", "https://x.test/?" + value);
    RenderOptions options;
    options.escape = escape;
    options.snippets = &known;
    options.prints_errors = true;  // They quote what is wrong.
    std::string out;
    const auto error = render(*program, data, options, out);
    EXPECT_FALSE(error.has_value()) << value << "\n" << describe(*error);
    return out;
}

ProgramPtr parsed(const std::string& source) {
    const Parsed result = parse(source, {.checks_filters = false});
    EXPECT_NE(result.program, nullptr) << source;
    return result.program;
}

// As the browser reads it: no sign of a tag, no end of an attribute, only whole entities.
void expect_text(const std::string& html, const std::string& why) {
    EXPECT_EQ(html.find_first_of("<>\"'"), std::string::npos) << why << "\n" << html;
    for (std::size_t at = html.find('&'); at != std::string::npos; at = html.find('&', at + 1)) {
        const std::size_t end = html.find(';', at);
        EXPECT_TRUE(end != std::string::npos && end - at < 40) << why << "\n" << html.substr(at);
    }
}

bool is_header(std::string_view text) {
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == '\x7f') {
            return false;
        }
    }
    return is_valid_utf8(text) && text.find("\u2028") == std::string_view::npos &&
           text.find("\u2029") == std::string_view::npos &&
           text.find("\u0085") == std::string_view::npos;
}

const std::vector<std::string>& ways() {
    static const std::vector<std::string> all = {
        "{{ v }}",
        "{{ list }}",
        "{{ map }}",
        "{{ list | json }}",
        "{{ map | json }}",
        "{{ v | url_decode }}",
        "{{ v | url_decode | url_decode | escape_once }}",
        "{{ v | base64_decode }}",
        "{{ v | base64_url_safe_decode | url_decode }}",
        "{{ v | escape | escape_once | escape }}",
        "{{ v | escape_once | slice: 0, 3 }}",
        "{{ v | escape | slice: 1, 9 }}",
        "{{ v | escape | truncate: 9 }}",
        "{{ v | escape | split: '' | join: '' }}",
        "{{ v | escape | replace: '&lt;', v }}",
        "{{ v | escape | append: v | prepend: v }}",
        "{{ v | prepend: v | escape | strip }}",
        "{% assign e = v | escape %}{{ v | append: e }}{{ v | prepend: e }}{{ e | default: v }}",
        "{% assign e = v | escape %}{{ '' | default: e }}{{ e | replace: 'l', v }}",
        "{% assign e = v | escape_once %}{{ 1 | pluralize: one: e, other: v }}",
        "{% assign e = v | escape %}{{ 'x,y' | split: ',' | join: e }}",
        "{% assign e = v | escape | split: 'l' %}{{ e }}{{ e | first }}{{ e | join: 'l' }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c }}{{ c | strip }}{{ c | upcase }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c | split: ';' }}{{ c | slice: 0, 4 }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c | append: v }}{{ c | url_decode }}",
        "{% capture c %}{{ v }}{% endcapture %}{% capture d %}{{ c }}{{ v }}{% endcapture %}{{ d "
        "}}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c | strip_html }}{{ c | first }}{{ c.last }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ list | concat: map | join: c }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c | replace: 'amp;', '' }}{{ c | remove: '&' }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c | date: '%F' }}{{ c | money: 'EUR' }}",
        "{% capture c %}{{ v }}{% endcapture %}{{ c | lstrip | rstrip | default: v | squish }}",
        "{% render 'card', p: v %}{% render 'deep', p: v %}{% render 'card' with v, p: list %}",
        "{% render 'card' for list %}{% render 'card' for map as p %}",
        "{% include 'card' with v, p: v %}{% include 'card' for list %}{% include 'deep' %}",
        "{% cycle v, 'a' %}{% cycle v: v, v %}{% ifchanged %}{{ v }}{% endifchanged %}",
        "{% for x in list %}{{ x }}{% endfor %}{% for x in map[0] %}{{ x }}{% endfor %}",
        "{% for x in v %}{{ x }}{{ forloop.name }}{% endfor %}{{ self[v] }}{{ map[0].first }}",
        "{% case v %}{% when v %}{{ v }}{% endcase %}{{ self['v'] }}{% link v %}{% link list %}",
        "{{ map | map: v }}{{ map | where: v }}{{ list | sort | uniq }}{{ list | sum: v }}",
        "{{ 1 | date: v }}{{ 'now' | date: '%F', calendar: v }}{{ v | time_zone: v }}",
        "{{ 5 | money: v }}{{ 12345 | number_with_delimiter: v }}{{ v | percent: 2 }}",
        "{{ v | slice: v }}{{ v | truncate: v }}{{ 1 | at_least: v }}{{ v | round: v "
        "}}",
        "{% for i in (1..2) limit: v %}{% endfor %}{% include v %}{% unsubscribe_url %}",
        "{{ v | newline_to_br | escape | slice: 0, 99 }}{% if v < 1 %}{% endif %}",
    };
    return all;
}

// Each filter with `v` on both sides, in the forms that it accepts.
std::vector<std::string> filtered() {
    std::vector<std::string> sources;
    for (const std::string& name : filter_names()) {
        if (name == "raw" || name == "newline_to_br") {
            continue;  // They say that they print tags.
        }
        for (const char* value : {"v", "list", "e", "map"}) {
            for (const char* form : {"", ": v", ": e", ": v, v", ": v, e", ": other: e"}) {
                sources.push_back(
                    "{% assign e = v | escape %}{% capture e %}{{ e }}{% endcapture %}"
                    "{{ " +
                    std::string(value) + " | " + name + form + " }}");
            }
        }
    }
    return sources;
}

TEST(Escaping, HoldsInEveryWay) {
    const std::vector<std::string> values = naughty_strings();
    for (const std::string& source : ways()) {
        const ProgramPtr program = parsed(source);
        for (const std::string& value : values) {
            expect_text(rendered(program, value, EscapeMode::Html), source + "\n" + value);
            const std::string header = rendered(program, value, EscapeMode::Header);
            EXPECT_TRUE(is_header(header)) << source << "\n" << value << "\n" << header;
        }
    }
    EXPECT_GT(values.size(), 500U);
}

TEST(Escaping, HoldsThroughEveryFilter) {
    std::vector<std::string> values = naughty_strings();
    values.erase(values.begin(), values.end() - 60);
    for (const std::string& source : filtered()) {
        const ProgramPtr program = parsed(source);
        for (const std::string& value : values) {
            expect_text(rendered(program, value, EscapeMode::Html), source + "\n" + value);
            const std::string header = rendered(program, value, EscapeMode::Header);
            EXPECT_TRUE(is_header(header)) << source << "\n" << value << "\n" << header;
        }
    }
}

TEST(Escaping, LetsNothingOutOfItsPlace) {
    const ProgramPtr places = parsed(
        "<p title=\"{{ v }}\" data-x='{{ v | strip }}'>{{ v | newline_to_br }}</p>"
        "<a href=\"https://x.test/?q={{ v | url_encode }}\">x</a>"
        "<script>var v = {{ v | json | raw }};</script>"
        "{% tablerow x in list cols: 1 %}{{ x }}{% endtablerow %}");
    const auto count = [](const std::string& text, std::string_view part) {
        int found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos;
             at = text.find(part, at + part.size())) {
            ++found;
        }
        return found;
    };
    for (const std::string& value : naughty_strings()) {
        const std::string html = rendered(places, value, EscapeMode::Html);
        const int breaks = count(html, "<br />\n");
        EXPECT_EQ(count(html, "<") - breaks, 18) << value << "\n" << html;
        const std::size_t script = html.find("var v = ") + 8;
        const std::string json = html.substr(script, html.find(";</script>") - script);
        EXPECT_EQ(nlohmann::json::parse(json), nlohmann::json(value)) << value;
        EXPECT_EQ(json.find_first_of("<>&'"), std::string::npos) << value;
    }
}

// The mark that a text is HTML means nothing in a header: the writer's `raw` neither.
TEST(Escaping, OfHeadersKnowsNoMark) {
    const std::string value = "x\r\nBcc: all@evil.test\u2028\u0085";
    for (const char* filter : {"raw", "escape", "escape_once", "h", "newline_to_br", "json",
                               "url_encode | url_decode", "escape | strip", "raw | append: v"}) {
        const ProgramPtr program = parsed("{{ v | " + std::string(filter) + " }}");
        EXPECT_TRUE(is_header(rendered(program, value, EscapeMode::Header))) << filter;
    }
}

TEST(Escaping, CutsLongErrorsBetweenLetters) {
    std::string name = "x";
    for (int i = 0; i < 2000; ++i) {
        name += "ß";
    }
    ValueMap data;
    data.set("v", name);
    std::string out;
    const auto error = render(*parsed("{{ 1 | money: v }}"), data, {}, out);
    ASSERT_TRUE(error);
    EXPECT_LE(error->message.size(), error_bytes_max);
    EXPECT_TRUE(is_valid_utf8(error->message));
}

}  // namespace
}  // namespace winback::liquid
