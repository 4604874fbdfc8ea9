// What asks more than one evaluation may take is false as a whole, and says so.
#include "expr/limits.h"

#include <gtest/gtest.h>

#include "expr/condition.h"
#include "expr/test_facts.h"

namespace winback::expr {
namespace {

constexpr Timestamp noon{1'772'020'800'000};  // 2026-02-25T12:00:00Z

class LimitsTest : public testing::Test {
protected:
    LimitsTest() : facts_(symbols_) {
        facts_.at = noon;
        ValueList wish;
        ValueList bought;
        for (std::int64_t i = 0; i < 500; ++i) {
            wish.emplace_back(i);
            bought.emplace_back(499 - i);
        }
        facts_.traits.set("wish", std::move(wish));
        facts_.traits.set("bought", std::move(bought));
    }
    Condition compiled(const std::string& text) {
        Compiled made = compile(text, {}, symbols_);
        EXPECT_TRUE(made.condition.has_value()) << text;
        return *std::move(made.condition);
    }
    Outcome outcome(const std::string& text) { return evaluate(compiled(text), facts_); }
    void notes(int count, std::size_t bytes) {
        for (int i = 0; i < count; ++i) {
            std::string text;
            while (text.size() < bytes) {
                text += (text.size() * 7 + static_cast<std::size_t>(i)) % 3 == 0 ? "ab" : "ba";
            }
            ValueMap properties;
            properties.set("s", std::move(text));
            facts_.history.push_back({"Note", noon - minutes(count - i), std::move(properties)});
        }
        facts_.sort();
    }

    Symbols symbols_;
    TestFacts facts_;
};

TEST_F(LimitsTest, LoopsWithinTheLimitSayWhatIsTrue) {
    EXPECT_TRUE(outcome("user.wish.all(w, w in user.bought)").holds);
    EXPECT_TRUE(outcome("user.wish.exists(w, user.bought.exists(b, b == w))").holds);
    EXPECT_FALSE(outcome("user.wish.all(w, w in user.bought)").exhausted);
}

TEST_F(LimitsTest, BeyondALimitNothingHoldsNorItsOpposite) {
    const std::string all = "user.wish.all(w, user.bought.exists(b, b == w))";
    for (const std::string& text :
         {all, "!(" + all + ")", "!(" + all + ") || true", all + " || 1 == 1",
          std::string("user.wish.exists(w, !user.bought.exists(b, b == w))")}) {
        const Outcome found = outcome(text);
        EXPECT_TRUE(found.exhausted) << text;
        EXPECT_FALSE(found.holds) << text;
        EXPECT_EQ(found.valid_until, next_midnight(utc_zone(), noon)) << text;
    }
    // What decides before it is asked needs nothing of it.
    EXPECT_TRUE(outcome("1 == 1 || " + all).holds);
    EXPECT_FALSE(outcome("1 == 1 || " + all).exhausted);
}

TEST_F(LimitsTest, PatternsTakeABoundedTime) {
    notes(600, 4'000);
    // The automaton of this one would have as many states as there are texts of a hundred letters.
    const std::string heavy = "ev(\"Note\").where(e, e.s.matches(\"(a|b)*a(a|b){200}c\"))";
    EXPECT_TRUE(outcome(heavy + ".any()").exhausted);
    EXPECT_TRUE(outcome(heavy + ".none()").exhausted);
    EXPECT_FALSE(outcome(heavy + ".none()").holds);
    const std::string light = "ev(\"Note\").where(e, e.s.matches(\"b+c\")).none()";
    EXPECT_TRUE(outcome(light).holds);
    EXPECT_FALSE(outcome(light).exhausted);
    EXPECT_FALSE(outcome(heavy + ".within(\"3m\").any()").exhausted);
}

TEST_F(LimitsTest, TenThousandAddressesAreWithinIt) {
    notes(10'000, 100);
    const Outcome found =
        outcome("ev(\"Note\").where(e, e.s.matches(\"(?i)/(pricing|plans)\")).none()");
    EXPECT_TRUE(found.holds);
    EXPECT_FALSE(found.exhausted);
}

TEST_F(LimitsTest, ExplainSaysWhatWasTooMuch) {
    notes(600, 4'000);
    const auto atoms =
        explain(compiled("user.wish.size() == 500 && "
                         "ev(\"Note\").where(e, e.s.matches(\"(a|b)*a(a|b){200}c\")).none()"),
                facts_);
    ASSERT_EQ(atoms.size(), 2U);
    EXPECT_TRUE(atoms[0].held);
    EXPECT_FALSE(atoms[0].exhausted);
    EXPECT_FALSE(atoms[1].held);
    EXPECT_TRUE(atoms[1].exhausted);
    EXPECT_EQ(atoms[1].value, "more than is looked at");
}

TEST_F(LimitsTest, OnlyWhatMayMeetALimitIsTakenForSuch) {
    const auto may = [&](const std::string& text) { return may_exhaust(compiled(text).program); };
    EXPECT_FALSE(may("user.email.matches(\"@gmail[.]com$\") && ev(\"a\").count() > 3"));
    EXPECT_FALSE(may("ev(\"a\").where(e, e.x > 3).any() && user.email.matches(\"x\")"));
    EXPECT_TRUE(may("ev(\"a\").where(e, e.x > 3 && e.sku.matches(\"x\")).any()"));
    EXPECT_TRUE(may("user.tags.exists(t, t == \"x\")"));
    EXPECT_TRUE(may("user.note.matches(\"a.{0,300}c\")"));
}

}  // namespace
}  // namespace winback::expr
