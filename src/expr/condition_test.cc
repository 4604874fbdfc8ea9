#include "expr/condition.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "expr/parser.h"
#include "expr/printer.h"
#include "expr/test_story.h"

namespace winback::expr {
namespace {

const bool update = std::getenv("WINBACK_UPDATE") != nullptr;

TEST(Condition, BehavesAsTheScenariosTell) {
    for (const char* name :
         {"traits", "windows", "time", "absent", "segments", "functions", "event_lists"}) {
        for (const std::string& failure :
             tell("test/scenario/conditions/" + std::string(name) + ".scn", update)) {
            ADD_FAILURE() << failure;
        }
    }
}

TEST(Condition, NamesWhatItMentions) {
    Symbols symbols;
    const Compiled compiled = compile(
        "user.plan == \"gold\" && user.plan != \"x\" && ev([\"b\", \"a\"]).sum(\"total\") > 1.0 "
        "&& ev([\"a\", \"b\"]).where(e, e.sku == \"s\").any() && in_segment(\"vip\") "
        "&& score(\"churn\") > 0.5 && sent(\"*\").none() && consent(\"email\") == \"granted\"",
        {}, symbols);
    ASSERT_TRUE(compiled.condition);
    const Condition& condition = *compiled.condition;
    EXPECT_EQ(condition.traits, std::vector<TraitId>{0});
    EXPECT_EQ(condition.event_sets, std::vector<EventSetId>{0});
    EXPECT_EQ(symbols.event_sets[0].patterns, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(symbols.event_sets[0].fields, (std::vector<std::string>{"total", "sku"}));
    EXPECT_EQ(condition.segments.size(), 1U);
    EXPECT_EQ(condition.scores.size(), 1U);
    EXPECT_EQ(condition.campaigns, std::vector<std::string>{"*"});
    EXPECT_EQ(condition.channels, std::vector<std::string>{"email"});
    EXPECT_TRUE(condition.moves_with_time);
    EXPECT_FALSE(
        compile("user.a > 1 || in_segment(\"b\")", {}, symbols).condition->moves_with_time);
}

TEST(Condition, AsksASharedSlotOnce) {
    Symbols symbols;
    const Compiled compiled =
        compile("ev(\"a\").sum(\"x\") > 1.0 && ev(\"a\").sum(\"x\") < 9.0", {}, symbols);
    ASSERT_TRUE(compiled.condition);
    EXPECT_EQ(compiled.condition->program.slots.size(), 1U);
    EXPECT_NE(compiled.condition->program.slots[0].cache, not_cached);
}

}  // namespace
}  // namespace winback::expr
