// A printed program parsed again is the same program.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/prng.h"
#include "template/program.h"

namespace winback::liquid {
namespace {

ParseMode mode_named(std::string_view name) {
    return name == "strict" ? ParseMode::Strict
           : name == "lax"  ? ParseMode::Lax
                            : ParseMode::Strict2;
}

// False when `source` does not parse at all.
bool check_print(const std::string& source, ParseMode mode) {
    const ParseOptions options{.mode = mode, .checks_filters = false};
    const Parsed parsed = parse(source, options);
    if (parsed.program == nullptr) {
        return false;
    }
    const std::string printed = to_source(*parsed.program);
    const Parsed again = parse(printed, options);
    EXPECT_NE(again.program, nullptr) << source << "\n" << printed;
    if (again.program != nullptr) {
        EXPECT_EQ(listing(*again.program), listing(*parsed.program)) << source << "\n" << printed;
        EXPECT_EQ(to_source(*again.program), printed) << source;
    }
    return true;
}

TEST(PrintedPrograms, AreTheSameForEveryTemplateOfTheReference) {
    std::ifstream file("test/data/liquid/liquid_spec.jsonl");
    ASSERT_TRUE(file);
    int checked = 0;
    for (std::string line; std::getline(file, line);) {
        const auto spec = nlohmann::json::parse(line);
        if (!spec["template"].is_string()) {
            continue;
        }
        const auto source = spec["template"].get<std::string>();
        checked += check_print(source, ParseMode::Strict2) ? 1 : 0;
        checked += check_print(source, mode_named(spec.value("parse_mode", ""))) ? 1 : 0;
    }
    EXPECT_GT(checked, 4000);
}

// Text before the first `when` is not printed, but white space counts because of it.
TEST(PrintedPrograms, KeepWhatStandsBeforeWhen) {
    for (const char* source :
         {"{% if a %} {% case a %}x{% else %} {% endcase %} {% endif %}",
          "{% case a %}{{ b }}{% when 1 %} {% endcase %}",
          "{% case a %} {% when 1 %} {% endcase %}",
          "{% case a %}{% continue %}{% when 1 %} {% assign b = 1 %}{% endcase %}"}) {
        EXPECT_TRUE(check_print(source, ParseMode::Strict2)) << source;
    }
}

// Infinity has no literal of its own; a name that lax reading finds behind other signs may look
// like a number.
TEST(PrintedPrograms, KeepNumbers) {
    const std::string large(2000, '9');
    for (const std::string& source :
         {"{{ " + large + " }}", "{{ -" + large + ".5 }}", "{% if a == " + large + " %}{% endif %}",
          std::string("{{ 0.00000000000000000001 }}")}) {
        EXPECT_TRUE(check_print(source, ParseMode::Strict2)) << source;
    }
    for (const char* source : {"{{['12.4}}", "{{ ['nil.x }}", "{{ [true }}", "{{ ['-1 }}",
                               "{% for i in 11..10) %}{% endfor %}", "{{ 1.5.a }}"}) {
        EXPECT_TRUE(check_print(source, ParseMode::Lax)) << source;
    }
}

// Compilers order the draws of one expression differently: any template will do.
class Generator {
public:
    explicit Generator(std::uint64_t seed) : prng_(seed) {}

    // NOLINTNEXTLINE(misc-no-recursion): `depth` goes down.
    std::string body(int depth) {
        std::string out;
        for (std::uint64_t left = prng_.below(4); left > 0; --left) {
            out += prng_.below(3) == 0 || depth == 0 ? leaf() : block(depth - 1);
        }
        return out;
    }

private:
    std::string one_of(std::initializer_list<const char*> choices) {
        const std::vector<const char*> all(choices);
        return prng_.pick(all);
    }
    std::string open() { return one_of({"{% ", "{%- ", "{%"}); }
    std::string close() { return one_of({" %}", " -%}", "%}"}); }
    std::string tag(const std::string& text) {
        const std::string begin = open();
        return begin + text + close();
    }

    std::string expression() {
        return one_of({"a", "a.b", "a[0]", "a['x y'].c", "a[b.c][-1]", "'text'", "\"it's\"", "1",
                       "-2.50", "nil", "true", "empty", "blank", "(1..a.b)", "(1..3)", "a.size",
                       "forloop.index", "0.0000001", "99999999999999999999"});
    }
    std::string filtered() {
        std::string out = expression();
        for (std::uint64_t left = prng_.below(3); left > 0; --left) {
            out += one_of({" | upcase", " | append: b", " | default: 'x', allow_false: true",
                           " | slice: 1, a.b", "|date:'%F'", " | pluralize: one: 'x', other: b"});
        }
        return out;
    }
    std::string condition() {
        std::string out = expression();
        for (std::uint64_t left = prng_.below(3); left > 0; --left) {
            out += one_of({" == ", " != ", " <> ", " < ", " >= ", " contains "});
            out += expression();
            out += one_of({" and ", " or "});
            out += expression();
        }
        return out;
    }
    std::string leaf() {
        const std::string value = filtered();
        switch (prng_.below(9)) {
            case 0:
                return one_of({" ", "\n", "text", "{", "{ {", "}}", "%}", "<b>{", "\"'"});
            case 1:
                return one_of({"{{ ", "{{- ", "{{"}) + value + one_of({" }}", " -}}", "}}"});
            case 2:
                return tag("assign a = " + value);
            case 3:
                return tag("echo " + value);
            case 4:
                return one_of({"{% break %}", "{%continue%}", "{% # c %}", "{% increment b %}",
                               "{% decrement b %}", "{% comment %}{{ {% endcomment %}",
                               "{% raw %}{{ {% x {% endraw %}", "{% unsubscribe_url %}"});
            case 5:
                return tag("cycle " + one_of({"", "'g': ", "a: "}) + expression() + ", 'b'");
            case 6:
                return tag(one_of({"render 's'", "include 's'", "include a"}) +
                           one_of({"", " with a", " for a.b", " for a as c"}) +
                           one_of({"", ", x: a, y: (1..2)"}));
            case 7:
                return tag("liquid\n assign x = " + value +
                           "\n\n echo x\n if a\n echo b\n endif\n");
            default:
                return tag("link " + expression());
        }
    }
    // NOLINTNEXTLINE(misc-no-recursion)
    std::string block(int depth) {
        const std::string inside = body(depth);
        const std::string other = body(depth);
        switch (prng_.below(6)) {
            case 0:
                return tag("if " + condition()) + inside + tag("elsif " + condition()) + other +
                       one_of({"", "{% else %}x", "{%- else -%} "}) + tag("endif");
            case 1:
                return tag("unless " + condition()) + inside + tag("endunless");
            case 2:
                return tag("case " + expression()) + one_of({"", " ", "x", "{{ a }}"}) +
                       tag("when 1, a or 'x'") + inside + tag("else") + other + tag("endcase");
            case 3:
                return tag("for i in " + one_of({"a", "(1..3)", "a.b"}) +
                           one_of({"", " reversed", " limit: 2", " limit:a offset:continue"})) +
                       inside + one_of({"", "{% else %}x", "{% else %} "}) + tag("endfor");
            case 4:
                return tag("tablerow i in a " + one_of({"", "cols: 2", "cols:b limit:1"})) +
                       inside + tag("endtablerow");
            default:
                return prng_.below(2) == 0 ? tag("capture c") + inside + tag("endcapture")
                                           : tag("ifchanged") + inside + tag("endifchanged");
        }
    }

    Prng prng_;
};

TEST(PrintedPrograms, AreTheSameForRandomTemplates) {
    int parsed = 0;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) {
        const std::string source = Generator(seed).body(4);
        for (const ParseMode mode : {ParseMode::Strict2, ParseMode::Strict, ParseMode::Lax}) {
            parsed += check_print(source, mode) ? 1 : 0;
        }
    }
    EXPECT_GT(parsed, 3000);
}

}  // namespace
}  // namespace winback::liquid
