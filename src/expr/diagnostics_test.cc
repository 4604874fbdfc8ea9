#include <cstdlib>

#include <gtest/gtest.h>

#include "expr/limits.h"
#include "expr/test_story.h"

namespace winback::expr {
namespace {

const bool update = std::getenv("WINBACK_UPDATE") != nullptr;

TEST(Diagnostics, AreWordedAsTheScenariosSay) {
    for (const char* name : {"errors", "slips"}) {
        for (const std::string& failure :
             tell("test/scenario/conditions/" + std::string(name) + ".scn", update)) {
            ADD_FAILURE() << failure;
        }
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

// What is large or deep beyond measure is refused, and at once.
TEST(Diagnostics, RefuseTextsOfAnySizeWithAPlace) {
    const auto times = [](int count, const std::string& text) {
        std::string all;
        for (int i = 0; i < count; ++i) {
            all += text;
        }
        return all;
    };
    EXPECT_EQ(first_code(times(10'000, "user.a > 1 || ") + "true"), "too_long");  // 140 kB
    EXPECT_EQ(first_code(times(1000, "(") + "true" + times(1000, ")")), "too_deep");
    EXPECT_EQ(first_code(times(1000, "[") + times(1000, "]") + " == user.a"), "too_deep");
    EXPECT_EQ(first_code(times(1000, "{\"a\":") + "1" + times(1000, "}") + " == 1"), "too_deep");
    EXPECT_EQ(first_code(times(1000, "!") + "true"), "too_deep");
    EXPECT_EQ(first_code(times(1000, "-") + "1 > 0"), "too_deep");
    EXPECT_EQ(first_code("user" + times(1000, ".a") + " > 0"), "too_deep");
    EXPECT_EQ(first_code("1" + times(1000, " + 1") + " > 0"), "too_deep");
    EXPECT_EQ(first_code(times(1000, "true ? true : ") + "true"), "too_deep");
    EXPECT_EQ(first_code(times(1000, "ev(\"a\").since(")), "too_deep");
    EXPECT_EQ(first_code("user.a.matches(\"(x{1000}){1000}\")"), "bad_pattern");
    EXPECT_EQ(first_code("user.a.matches(\"" + times(600, "(x+)*") + "\")"), "");
    EXPECT_EQ(first_code("ago(\"" + times(1000, "9") + "d\") > user.a"), "bad_span");
}

// They would come back from no JSON; in texts they are kept as escapes.
TEST(Diagnostics, RefuseControlCharactersInComments) {
    EXPECT_EQ(first_code("user.a == \"\x01\" // \ta"), "");
    EXPECT_EQ(first_code("user.a == 1 // a\x01z"), "bad_character");
    EXPECT_EQ(first_code(std::string("user.a == 1 // a") + '\0' + "z"), "bad_character");
}

// What is asked of a `between` stands in the tree once.
TEST(Diagnostics, TakeNoTimeForManySlipsInEachOther) {
    std::string text = "user.a";
    for (int i = 0; i < 30; ++i) {
        text += " between 1 and 2";
    }
    EXPECT_EQ(first_code(text), "unexpected_token");
    EXPECT_EQ(first_code(text + text.substr(6)), "too_deep");
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
