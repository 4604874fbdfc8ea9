#include "expr/flip.h"

#include <gtest/gtest.h>

#include "expr/test_facts.h"

namespace winback::expr {
namespace {

constexpr Timestamp start{1'772'000'000'000};

Flip search(const std::string& text, TestFacts& facts, Symbols& symbols) {
    const Compiled compiled = compile(text, {.scores = {"p_order"}}, symbols);
    EXPECT_TRUE(compiled.condition.has_value());
    facts.at = start;
    facts.sort();
    FlipSearch search(evaluate(*compiled.condition, facts));
    while (!search.done()) {
        facts.at = search.ask_at();
        search.answer(evaluate(*compiled.condition, facts));
    }
    return search.found();
}

TEST(Flip, AnEndThatChangesNothingIsPassedOver) {
    Symbols symbols;
    TestFacts facts(symbols);
    for (int day = 1; day <= 5; ++day) {
        ValueMap properties;
        properties.set("x", 10);
        facts.history.push_back({"a", start - days(day), properties});
    }
    // Each event that leaves the window ends the sum of before; the fourth takes it below 20.
    const Flip flip = search(R"(ev("a").within("30d").sum("x") >= 20.0)", facts, symbols);
    EXPECT_EQ(flip.kind, Flip::Kind::At);
    EXPECT_EQ(flip.at, start - days(2) + days(30) + milliseconds(1));
}

TEST(Flip, WhatStandsStillNeverFlips) {
    Symbols symbols;
    TestFacts facts(symbols);
    EXPECT_EQ(search("user.plan == \"gold\"", facts, symbols).kind, Flip::Kind::Never);
}

TEST(Flip, WhatCouldGoOnForEverIsNotSearchedForEver) {
    Symbols symbols;
    TestFacts facts(symbols);
    facts.scores.set("p_order", 0.5);
    // A score is another each day; nobody can say that it never crosses.
    const Flip flip = search("score(\"p_order\") > 0.9", facts, symbols);
    EXPECT_EQ(flip.kind, Flip::Kind::NotBefore);
    EXPECT_GE(flip.at, start + days(static_cast<std::int64_t>(flip_steps_max) - 1));
}

}  // namespace
}  // namespace winback::expr
