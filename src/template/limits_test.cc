// Templates made to explode: each stops at a limit, at the same place every time, and the next
// render is as if nothing had been.
#include <gtest/gtest.h>

#include "template/template.h"

namespace winback::liquid {
namespace {

std::string repeated(std::string_view part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) {
        text += part;
    }
    return text;
}

// "{% assign x = 'part' %}" doubled `times` times.
std::string doubled(const std::string& part, int times) {
    return "{% assign x = '" + part + "' %}{% for i in (1.." + std::to_string(times) +
           ") %}{% assign x = x | append: x %}{% endfor %}";
}

// As long as any template would want.
std::string often(const std::string& body) {
    return "{% for i in (1..1000000) %}" + body + "{% endfor %}";
}

Snippets attack_snippets() {
    Snippets snippets;
    snippets.add("empty", parse(""));
    snippets.add("render", parse("{% render 'render' %}"));
    snippets.add("include", parse("{% include 'include' %}"));
    snippets.add("ping", parse("{% render 'pong' %}{% render 'pong' %}"));
    snippets.add("pong", parse("{% for i in (1..9) %}{% render 'ping' %}{% endfor %}"));
    snippets.add("tick", parse("{% include 'tock' %}{% include 'tock' %}"));
    snippets.add("tock", parse("{% tablerow i in (1..9) %}{% include 'tick' %}{% endtablerow %}"));
    snippets.add("blocks", parse(repeated("{% if true %}", 99) + "{% render 'blocks' %}" +
                                 repeated("{% endif %}", 99)));
    snippets.add("cases", parse(repeated("{% case 1 %}{% when 1 %}", 99) + "{% include 'cases' %}" +
                                repeated("{% endcase %}", 99)));
    std::string names = "{% if false %}";
    for (int i = 0; i < 9000; ++i) {
        names += "{{ a" + std::to_string(i) + " }}";
    }
    snippets.add("names", parse(names + "{% endif %}"));
    return snippets;
}

struct Outcome {
    std::string text;   // The error, when there is one.
    std::string error;  // Its kind.

    bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const std::string& source, const ValueMap& data, std::int64_t steps) {
    static const Snippets snippets = attack_snippets();
    const Parsed parsed = parse(source, {.checks_filters = false});
    EXPECT_NE(parsed.program, nullptr) << source.substr(0, 100);
    RenderOptions options;
    options.snippets = &snippets;
    options.limits.steps = steps;
    std::string out = "kept";
    const auto error = render(*parsed.program, data, options, out);
    EXPECT_TRUE(!error || out == "kept") << source.substr(0, 100);
    return error ? Outcome{describe(*error), std::string(render_error_kind_name(error->kind))}
                 : Outcome{out.substr(4), ""};
}

// A tenth of what a message has: enough to get to the point.
constexpr std::int64_t few_steps = 100'000;

Outcome outcome_of(const std::string& source) {
    return outcome_of(source, {}, few_steps);
}

void expect_limit(const std::string& source) {
    const Outcome outcome = outcome_of(source);
    EXPECT_EQ(outcome.error, "limit") << source.substr(0, 200) << "\n" << outcome.text;
    EXPECT_EQ(outcome_of(source), outcome) << source.substr(0, 200);
    EXPECT_EQ(outcome_of("{% for i in (1..3) %}{{ i }}{% endfor %}").text, "123");
}

TEST(Attacks, WithLoopsStop) {
    for (const char* body :
         {"{% for j in (1..999999999) %}{% endfor %}",
          "{% tablerow j in (1..9) %}{% endtablerow %}",
          "{% tablerow j in (1..999999999) cols: 999999999 %}{% endtablerow %}",
          "{% for j in (1..999999999) offset: 5 limit: 999999999 %}{% endfor %}",
          "{% for j in (1..999999999) reversed offset: 999999990 %}{% endfor %}",
          "{% capture y %}{% cycle i: 'a', 'b' %}{% endcapture %}", "{% cycle i: '', '' %}",
          "{% ifchanged %}{{ i }}{% endifchanged %}", "{% increment a %}", "{% render 'empty' %}",
          "{% include 'empty' %}", "{% render 'empty' for (1..999999999) %}",
          "{% include 'empty' for x %}", "{% render 'names' %}", "{% unless true %}{% endunless %}",
          "{% case i %}{% when 1, 2, 3, 4 %}{% endcase %}", "{% assign x = self['q'] %}"}) {
        expect_limit(often(body));
        expect_limit(often(often(body)));
    }
}

TEST(Attacks, WithGrowingTextsStop) {
    const char* growths[] = {"x | append: x",
                             "x | prepend: x",
                             "x | replace: 'a', x",
                             "x | replace: '', x",
                             "x | url_encode",
                             "x | escape",
                             "x | base64_encode",
                             "x | split: '' | join: x",
                             "x | json | json",
                             "x | replace: 'a', \"\\`\\'\\0\\0\"",
                             "x | replace_last: 'a', x",
                             "x | upcase | append: x",
                             "x | replace_first: 'a', x"};
    for (const char* growth : growths) {
        expect_limit("{% assign x = 'a <ŉß>\"%' %}{% for i in (1..9999) %}{% assign x = " +
                     std::string(growth) + " %}{% endfor %}{{ x }}");
    }
    expect_limit("{% assign x = 'aa' %}" + often("{% capture x %}{{ x }}{{ x }}{% endcapture %}") +
                 "{{ x }}");
    expect_limit(doubled("####%n##", 17) + "{{ 1 | pluralize: other: x }}" + often("{{ x }}"));
    expect_limit(doubled("9", 9) + "{% assign n = x %}" + doubled("--------", 15) +
                 "{{ n | number_with_delimiter: x }}");
    expect_limit(doubled("9", 9) + "{% assign n = x %}" + doubled("##", 15) +
                 "{{ n | pluralize: other: x }}");
    expect_limit(doubled("%999Y", 11) + often("{% assign y = 'now' | date: x %}"));
    expect_limit(doubled("ŉΐßİ", 16) + often("{{ x | upcase | size }}"));
}

// Each takes work in proportion to the text, which is more than a few steps pay for.
TEST(Attacks, WithLongTextsStop) {
    const char* works[] = {"{% if x.size %}{% endif %}",
                           "{% if x == y %}{% endif %}",
                           "{% if x < y %}{% endif %}",
                           "{% if x contains y %}{% endif %}",
                           "{% if x == blank %}{% endif %}",
                           "{% case x %}{% when y %}{% endcase %}",
                           "{% ifchanged %}{{ x }}{% endifchanged %}",
                           "{% assign z = 'a' | replace: x, y %}",
                           "{% assign z = x | split: y | size %}",
                           "{% assign z = x | strip_html | size %}",
                           "{% assign z = x | date: '%F' | size %}",
                           "{% assign z = 'now' | date: x | size %}",
                           "{% assign z = x | times: y | size %}",
                           "{% assign z = x | replace_last: y, '' | size %}",
                           "{% assign z = (x..1) %}",
                           "{% assign z = x | truncate: 9 %}",
                           "{% assign z = 'a' | hmac_sha256: x %}",
                           "{% for j in a limit: x %}{% endfor %}",
                           "{% cycle x: '' %}",
                           "{% tablerow j in a cols: x %}{% endtablerow %}",
                           "{% if z and x == y %}{% endif %}"};
    for (const char* part : {"<<<<", "<!--", "<script", "aaaa", "    ", "%---", "1-1 "}) {
        const std::string texts = doubled(part, 15) + "{% assign y = x | append: 'b' %}" +
                                  "{% assign x = x | append: x %}{% assign a = '' | split: '' %}";
        for (const char* work : works) {
            const Outcome outcome = outcome_of(texts + often(work));
            EXPECT_TRUE(outcome.error == "limit" || outcome.error == "type") << part << work;
        }
    }
}

TEST(Attacks, WithListsStop) {
    const std::string doubled_list =
        "{% assign l = 'b,a,b,<' | split: ',' %}{% for i in (1..14) %}"
        "{% assign l = l | concat: l %}{% endfor %}";
    for (const char* work :
         {"l | sort", "l | sort_natural", "l | uniq", "l | where: 'a'", "l | map: 'a'",
          "l | join: ','", "l | json", "l | reverse", "l | compact", "l | sum", "l | has: 'zz'",
          "l | find: 'zz'", "l | reject: 'a'", "l | slice: 1, 9999", "l | append: 'x'",
          "l | concat: l", "l | find_index: 'zz'", "l | escape", "l | first: 1 | size"}) {
        EXPECT_NE(
            outcome_of(doubled_list + often("{% assign x = " + std::string(work) + " %}")).error,
            "")
            << work;
    }
    expect_limit("{% assign l = 'a,b' | split: ',' %}" + often("{% assign l = l | concat: l %}"));
    // Many items that are one long text.
    const std::string same = doubled("aaaaaaaa", 16) +
                             "{% assign l = x | split: ',' %}{% for i in (1..10) %}"
                             "{% assign l = l | concat: l %}{% endfor %}";
    for (const char* work : {"l | json", "l | join", "l | sort", "l | uniq", "l | where: 'b'",
                             "l | append: 'x'", "l | map: 'b' | map: 'c' | map: 'd'"}) {
        expect_limit(same + often("{% assign y = " + std::string(work) + " | size %}"));
    }
    expect_limit(same + "{{ l }}");
    expect_limit("{{ (1..999999999) | join: 'x' }}");
    expect_limit("{{ (1..999999999) | json }}");
}

// Lists that hold one list many times over, or lie inside one another without end.
TEST(Attacks, WithNestedListsStop) {
    const std::string tree =
        "{% assign s = self | map: 'self' %}{% assign s = s | concat: s %}"
        "{% assign h = '' | split: '' %}{% for i in (1..64) %}{% assign h = s | map: 'h' %}"
        "{% endfor %}";
    const std::string chain =
        "{% assign h = 'x' %}{% for i in (1..100000) %}"
        "{% assign h = self | map: 'h' %}{% endfor %}";
    const std::string hashes =
        "{% for i in (1..100000) %}{% assign h = nil | default: k: h %}"
        "{% endfor %}";
    for (const std::string& made : {tree, chain, hashes}) {
        for (const char* use :
             {"{{ h }}", "{{ h | json }}", "{{ h | append: '' }}", "{% cycle h: 'a' %}",
              "{% assign g = self | map: 'h' %}{% if g == g %}{% endif %}",
              "{% assign g = self | map: 'h' %}{% assign g = g | concat: g | uniq %}",
              "{% if 'x' contains h %}{% endif %}", "{% abort_message h %}", "{% link h %}"}) {
            expect_limit(made + use);
        }
    }
    expect_limit(tree + "{{ h | sort }}");
    expect_limit(chain + "{{ h | reverse }}");
}

TEST(Attacks, WithSnippetsStop) {
    for (const char* name : {"include", "tick", "tock", "cases"}) {
        expect_limit("{% include '" + std::string(name) + "' %}");
    }
    for (const char* name : {"render", "ping", "pong", "blocks"}) {
        expect_limit("{% render '" + std::string(name) + "' %}");
        expect_limit("{% include '" + std::string(name) + "' %}");
    }
    expect_limit(often("{% assign q = 'names' %}{% include q %}"));
}

TEST(Attacks, WithDataOfAnyDepthStop) {
    Value deep("x");
    for (int i = 0; i < 500; ++i) {
        deep = i % 2 == 0 ? Value(ValueList{std::move(deep)}) : [&] {
            ValueMap map;
            map.set("k", std::move(deep));
            return Value(std::move(map));
        }();
    }
    ValueMap data;
    data.set("d", ValueList{deep, deep});
    for (const char* use :
         {"{{ d }}", "{{ d | json }}", "{{ d | uniq }}", "{{ d | join }}", "{{ d | sort | json }}",
          "{% if d contains d[0] %}{% endif %}", "{% if d[0] == d[1] %}{% endif %}"}) {
        EXPECT_EQ(outcome_of(use, data, RenderLimits{}.steps).error, "limit") << use;
    }
    EXPECT_EQ(outcome_of("{{ d.size }}", data, RenderLimits{}.steps).text, "2");
}

TEST(Attacks, WithExtremeNumbersAreBounded) {
    const std::pair<const char*, const char*> cases[] = {
        {"{{ 'abc' | slice: -9223372036854775808, 9223372036854775807 }}", ""},
        {"{{ 'abc' | slice: 1, 9223372036854775807 }}", "bc"},
        {"{{ 'abc' | slice: 9223372036854775807, -9223372036854775808 }}", ""},
        {"{{ 'abc' | truncate: 9223372036854775807 }}", "abc"},
        {"{{ 'abcdef' | truncate: -9223372036854775808 }}", "..."},
        {"{{ 'a b' | truncatewords: -9223372036854775808 }}", "a..."},
        {"{{ 1.5 | round: 999999999 }}", "1.5"},
        {"{{ 1.5 | round: -999999999 }}", "0"},
        {"{{ -9223372036854775808 | abs }}", "9223372036854775808"},
        {"{{ -9223372036854775808 | divided_by: -1 }}", "9223372036854775808"},
        {"{{ -9223372036854775808 | modulo: -1 }}", "0"},
        {"{% for i in (1..3) offset: 9223372036854775807 limit: 9223372036854775807 %}x"
         "{% endfor %}",
         ""},
        {"{% for i in (9223372036854775806..9223372036854775807) limit: 1 %}x{% endfor %}", "x"},
        {"{{ 'aXbX' | replace: '', '' }}{{ 'a' | split: '' | join: '' }}", "aXbXa"},
    };
    for (const auto& [source, expected] : cases) {
        EXPECT_EQ(outcome_of(source).text, expected) << source;
    }
    expect_limit("{% assign x = 99999999999 %}" +
                 often("{% assign x = x | times: x | modulo: 99999999999999999999999999977 %}"));
    EXPECT_EQ(outcome_of("{% assign x = 9 %}" + often("{% assign x = x | times: x %}")).error,
              "type");
}

// The least steps with which a render succeeds.
std::int64_t steps_needed(const std::string& source) {
    std::int64_t low = 0;
    std::int64_t high = RenderLimits{}.steps;
    while (low < high) {
        const std::int64_t middle = (low + high) / 2;
        const bool enough = outcome_of(source, {}, middle).error.empty();
        (enough ? high : low) = enough ? middle : middle + 1;
    }
    return high;
}

TEST(Steps, AreCountedAlike) {
    EXPECT_EQ(steps_needed("a"), 1);
    EXPECT_EQ(steps_needed("{{ 'a' | upcase | append: 'b' }}"), 4);
    EXPECT_EQ(steps_needed("{% for i in (1..100) %}{% endfor %}"), 101);
    EXPECT_EQ(steps_needed("{% for i in (1..100) %}{{ i }}{% endfor %}"), 201);
    EXPECT_EQ(steps_needed("{{ '" + std::string(2560, 'a') + "' }}"), 11);
    EXPECT_EQ(steps_needed("{% if 1 == 2 or 1 == 3 or 1 == 1 %}a{% endif %}"), 4);
    EXPECT_EQ(steps_needed("{% assign l = 'a,b,c' | split: ',' %}{{ l | join: '-' }}"), 9);
}

}  // namespace
}  // namespace winback::liquid
