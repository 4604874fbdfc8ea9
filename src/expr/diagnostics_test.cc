#include <cstdlib>

#include <gtest/gtest.h>

#include "expr/limits.h"
#include "expr/test_story.h"

namespace winback::expr {
namespace {

const bool update = std::getenv("WINBACK_UPDATE") != nullptr;

TEST(Diagnostics, AreWordedAsTheScenariosSay) {
    for (const std::string& failure : tell("test/scenario/conditions/errors.scn", update)) {
        ADD_FAILURE() << failure;
    }
}

std::string first_code(const std::string& text) {
    Symbols symbols;
    const Compiled compiled = compile(text, {}, symbols);
    EXPECT_EQ(compiled.condition.has_value(), compiled.diagnostics.empty());
    return compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].code;
}

TEST(Diagnostics, BoundAtomsNarrowingsAndPatterns) {
    std::string atoms = "user.a > 1";
    for (std::size_t i = 1; i < atoms_max; ++i) {
        atoms += " && user.a > 1";
    }
    EXPECT_EQ(first_code(atoms), "");
    EXPECT_EQ(first_code(atoms + " && user.b"), "too_many_atoms");
    std::string events = "ev(\"a\")";
    for (std::size_t i = 0; i < narrowings_max; ++i) {
        events += ".within(\"1d\")";
    }
    EXPECT_EQ(first_code(events + ".any()"), "");
    EXPECT_EQ(first_code(events + ".within(\"1d\").any()"), "too_many_narrowings");
    const std::string pattern(pattern_bytes_max + 1, 'a');
    EXPECT_EQ(first_code("user.a.matches(\"" + pattern + "\")"), "bad_pattern");
}

TEST(Diagnostics, KnowDerivedTraitsWhereOthersMayExist) {
    const Schema schema{
        .traits = {{"orders.count", ValueType::Int}, {"country", ValueType::String}},
        .other_traits = true};
    const auto code = [&](const char* text) {
        Symbols symbols;
        const Compiled compiled = compile(text, schema, symbols);
        return compiled.diagnostics.empty() ? "" : compiled.diagnostics[0].code;
    };
    EXPECT_EQ(code("user.orders.count > \"3\""), "type_mismatch");
    EXPECT_EQ(code("user.orders.cuont > 3"), "unknown_trait");
    EXPECT_EQ(code("user.orders.count > 3 && user.country != null"), "");
    EXPECT_EQ(code("user.county == 7 || user.plan == \"gold\" || user.orders.channel == \"x\""),
              "");
}

TEST(Diagnostics, ReportAllMistakesAtOnceInOrder) {
    Symbols symbols;
    const Compiled compiled =
        compile("user.a > && ago(\"3 days\") < nwo || ev(\"x\").cuont() > 1", {}, symbols);
    std::string codes;
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
        codes += diagnostic.code + "@" + std::to_string(diagnostic.position.column) + " ";
    }
    EXPECT_EQ(codes, "unexpected_token@10 bad_span@17 unknown_name@29 unknown_function@44 ");
    EXPECT_TRUE(symbols.traits.empty());
}

}  // namespace
}  // namespace winback::expr
