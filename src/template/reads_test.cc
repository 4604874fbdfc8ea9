#include "template/reads.h"

#include <gtest/gtest.h>

namespace winback::liquid {
namespace {

std::string shown(const Program& program, const std::vector<NameRead>& names) {
    std::string out;
    for (const NameRead& name : names) {
        const Position at = position_at(source_of(program), name.at);
        out += std::to_string(at.line) + ":" + std::to_string(at.column) + " " + name.path +
               (name.is_own ? " (own)\n" : "\n");
    }
    return out;
}

std::string shown(const std::vector<Alias>& names) {
    std::string out;
    for (const Alias& name : names) {
        out += name.name + (name.is_item ? " in " : " = ") + name.path + "\n";
    }
    return out;
}

TEST(Reads, SayWhereANameStandsFirst) {
    const Parsed parsed = parse(
        "{{ customer['first_name'] }}\n{% for item in customer.list %}{{ item.name }}{% endfor %}"
        "{% if customer.first_name %}{% assign x = item.y %}{% endif %}");
    ASSERT_NE(parsed.program, nullptr);
    EXPECT_EQ(shown(*parsed.program, names_read(*parsed.program)),
              "1:4 customer.first_name\n2:16 customer.list\n2:35 item.name (own)\n"
              "2:101 item.y (own)\n");
    EXPECT_EQ(names_given(*parsed.program), (std::vector<std::string>{"item", "x"}));
    EXPECT_EQ(shown(aliases(*parsed.program)), "item in customer.list\nx = item.y\n");
}

TEST(Reads, KnowWhatASnippetIsGiven) {
    const Parsed parsed = parse(
        "x{% render 'card', a: 1, b: x %}\n{% render 'row' for list as r %}"
        "{% include 'end' with y %}{% include z %}",
        {.file = "f.liquid"});
    ASSERT_NE(parsed.program, nullptr);
    const std::vector<SnippetCall> calls = snippet_calls(*parsed.program);
    ASSERT_EQ(calls.size(), 3U);
    EXPECT_EQ(shown(calls[0].given), "card = \na = \nb = x\n");
    EXPECT_FALSE(calls[0].is_include);
    EXPECT_EQ(shown(calls[1].given), "r in list\n");
    EXPECT_EQ(shown(calls[2].given), "end = y\n");
    EXPECT_TRUE(calls[2].is_include);
    EXPECT_EQ(file_of(*parsed.program), "f.liquid");
}

TEST(Reads, FindWhatIsPrintedAsItIs) {
    const Parsed parsed =
        parse("{{ a.b }} {{ a.c | money: 'EUR' }}\n{{- a.d | default: 1 }}{{ 'text' }}{{ a[0] }}");
    ASSERT_NE(parsed.program, nullptr);
    EXPECT_EQ(shown(*parsed.program, printed_without(*parsed.program, {"money"})),
              "1:4 a.b\n2:5 a.d\n");
}

}  // namespace
}  // namespace winback::liquid
