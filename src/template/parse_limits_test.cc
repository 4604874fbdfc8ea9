// Templates of the largest size, each made to be hard to read: read or refused, and soon.
#include <gtest/gtest.h>

#include "template/program.h"
#include "template/template.h"

namespace winback::liquid {
namespace {

constexpr std::size_t room = source_bytes_max - 100;

// `part` as often as a template has room for.
std::string full_of(std::string_view part) {
    std::string text;
    while (text.size() + part.size() < room) {
        text += part;
    }
    return text;
}

void check_refused(const std::string& source) {
    for (const ParseMode mode : {ParseMode::Strict2, ParseMode::Strict, ParseMode::Lax}) {
        const Parsed parsed = parse(source, {.mode = mode, .checks_filters = false});
        EXPECT_EQ(parsed.program, nullptr) << source.substr(0, 60);
        EXPECT_FALSE(parsed.diagnostics.empty()) << source.substr(0, 60);
        EXPECT_LE(parsed.diagnostics.size(), diagnostics_max);
    }
    EXPECT_NE(parse("{{ a }}").program, nullptr);
}

TEST(ParseLimits, HoldForBlocks) {
    for (const char* part :
         {"{% if a %}", "{% unless a %}", "{% for a in b %}", "{% case a %}{% when 1 %}",
          "{% capture a %}", "{% tablerow a in b %}", "{% ifchanged %}", "{% if a %}{% else %}",
          "{% liquid if a %}", "{% liquid\nif a\ncase b\n %}", "{% comment %}", "{% raw %}{% raw",
          "{% doc %}", "{% comment %}{% raw %}", "{% endif %}", "{% else %}", "{% when 1 %}"}) {
        check_refused(full_of(part));
    }
    EXPECT_NE(parse(std::string("{% liquid\n") + full_of("echo a\n") + "%}").program, nullptr);
}

TEST(ParseLimits, HoldForWhatIsNotClosed) {
    for (const char* part :
         {"{{", "{%", "{{ '", "{% if '", "{%- ", "{{ a | b: \"", "{% raw %}{{"}) {
        check_refused(full_of(part));
    }
}

// In lax mode some of them are read as far as they make sense.
TEST(ParseLimits, HoldForExpressions) {
    const std::pair<const char*, const char*> cases[] = {
        {"a", "[a"},   {"", "["},        {"a", ".b"},         {"", "(1.."},         {"a", "[0]"},
        {"a", "| b "}, {"a", "| b: c "}, {"a | b: c", ", c"}, {"a | b: ", "c: d,"}, {"a", "[(1.."},
    };
    for (const auto& [begin, part] : cases) {
        const std::string markup = begin + full_of(part);
        EXPECT_EQ(parse("{{ " + markup + " }}").program, nullptr) << part;
        for (const char* tag : {"if", "for x in", "assign x =", "cycle"}) {
            const std::string source = "{% " + std::string(tag) + " " + markup + " %}";
            for (const ParseMode mode : {ParseMode::Strict2, ParseMode::Strict, ParseMode::Lax}) {
                const Parsed parsed = parse(source, {.mode = mode, .checks_filters = false});
                EXPECT_TRUE(parsed.program != nullptr || !parsed.diagnostics.empty());
            }
        }
    }
}

TEST(ParseLimits, HoldForLongThings) {
    const std::string letters(room - 200, 'a');
    const std::string digits(room - 200, '9');
    for (const std::string& source :
         {"{{ " + letters + " }}", "{{ a." + letters + " }}", "{{ '" + letters + "' }}",
          "{{ " + digits + " }}", "{{ a[" + digits + "] }}", "{% assign " + letters + " = 1 %}",
          "{% cycle '" + letters + "', 'b' %}", "{% if " + digits + " == 1.5 %}{% endif %}",
          "{% for a in (1.." + digits + ") limit: 0 %}{% endfor %}", "{{ 0." + digits + " }}",
          "{% raw %}" + letters + "{% endraw %}", "{% comment %}" + letters + "{% endcomment %}"}) {
        const Parsed parsed = parse(source);
        ASSERT_NE(parsed.program, nullptr) << source.substr(0, 40);
        std::string out;
        EXPECT_FALSE(render(*parsed.program, {}, {}, out).has_value()) << source.substr(0, 40);
        const Parsed again = parse(to_source(*parsed.program));
        EXPECT_TRUE(again.program != nullptr || to_source(*parsed.program).size() > room);
    }
    check_refused("{% " + letters + " %}");
    EXPECT_EQ(parse("{{ a | " + letters + " }}").program, nullptr);
}

TEST(ParseLimits, HoldForManyThings) {
    std::string names;
    for (int i = 0; i <= static_cast<int>(names_max); ++i) {
        names += "{{ n" + std::to_string(i) + " }}";
    }
    EXPECT_EQ(parse(names).diagnostics.front().code, "too_large");
    std::string conditions = "{% if a";
    conditions += full_of(" or a");
    EXPECT_NE(parse(conditions + " %}{% endif %}").program, nullptr);
    EXPECT_EQ(parse(std::string(source_bytes_max + 1, ' ')).diagnostics.front().code, "too_large");
    std::string nodes = "{% liquid\n";
    while (nodes.size() < room) {
        nodes += "a\n";  // No tag: one mistake each.
    }
    EXPECT_EQ(parse(nodes + "%}").diagnostics.size(), diagnostics_max);
}

}  // namespace
}  // namespace winback::liquid
