#include "template/reads.h"

#include <gtest/gtest.h>

namespace winback::liquid {
namespace {

std::string shown(const std::vector<NameRead>& names) {
    std::string out;
    for (const NameRead& name : names) {
        out += std::to_string(name.position.line) + ":" + std::to_string(name.position.column) +
               " " + name.path + (name.is_own ? " (own)\n" : "\n");
    }
    return out;
}

TEST(Reads, SayWhereANameStandsFirst) {
    const Parsed parsed = parse(
        "{{ customer['first_name'] }}\n{% for item in customer.list %}{{ item.name }}{% endfor %}"
        "{% if customer.first_name %}{{ customer.list }}{% endif %}");
    ASSERT_NE(parsed.program, nullptr);
    EXPECT_EQ(shown(names_read(*parsed.program)),
              "1:4 customer.first_name\n2:16 customer.list\n2:35 item.name (own)\n");
    EXPECT_EQ(names_given(*parsed.program), std::vector<std::string>{"item"});
    const std::vector<LoopRead> loops = loops_over(*parsed.program);
    ASSERT_EQ(loops.size(), 1U);
    EXPECT_EQ(loops[0].variable, "item");
    EXPECT_EQ(loops[0].collection, "customer.list");
}

TEST(Reads, KnowWhatASnippetIsGiven) {
    const Parsed parsed = parse(
        "x{% render 'card', a: 1, b: x %}\n{% render 'row' for list as r %}"
        "{% include 'end' with y %}{% include z %}",
        {.file = "f.liquid"});
    ASSERT_NE(parsed.program, nullptr);
    const std::vector<SnippetCall> calls = snippet_calls(*parsed.program);
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(calls[0].given, (std::vector<std::string>{"card", "a", "b"}));
    EXPECT_FALSE(calls[0].is_include);
    EXPECT_EQ(calls[1].given, std::vector<std::string>{"r"});
    EXPECT_EQ(calls[1].position.line, 2);
    EXPECT_EQ(calls[2].given, std::vector<std::string>{"end"});
    EXPECT_TRUE(calls[2].is_include);
    EXPECT_EQ(file_of(*parsed.program), "f.liquid");
}

TEST(Reads, FindWhatIsPrintedAsItIs) {
    const Parsed parsed =
        parse("{{ a.b }} {{ a.c | money: 'EUR' }}\n{{- a.d | default: 1 }}{{ 'text' }}{{ a[0] }}");
    ASSERT_NE(parsed.program, nullptr);
    EXPECT_EQ(shown(printed_without(*parsed.program, {"money"})), "1:4 a.b\n2:5 a.d\n");
}

}  // namespace
}  // namespace winback::liquid
