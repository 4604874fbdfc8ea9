#include "segment/scan.h"

#include <gtest/gtest.h>

#include "customer/marks.h"
#include "expr/test_interrupt.h"
#include "segment/world_test.h"

// A scan must say of every customer what expr::evaluate says, whatever the condition and however
// the events came.
namespace winback::segment {
namespace {

using customer::is_marked;

// The answers for [from, to), asked of half as many where it was given up. Says how often it was.
int narrow_piecemeal(const World& world,
                     const expr::Condition& condition,
                     const expr::Symbols& symbols,
                     CustomerIndex from,
                     CustomerIndex to,
                     std::vector<bool>& answers) {
    // At its second question, or before a piece of a few microseconds.
    auto interrupt = to - from > 1 ? expr::TestInterrupt(1, 5'000) : expr::TestInterrupt::never();
    Evaluated evaluated(world, condition, symbols, &interrupt);
    Scan scan(condition, symbols, world.customers, asked_at, world.zone, evaluated, &interrupt);
    std::vector<std::uint64_t> marks = world.customers.present(from, to);
    scan.narrow(from, marks);
    if (!interrupt.given_up()) {
        for (CustomerIndex c = from; c < to; ++c) {
            answers.push_back(is_marked(marks, c - from));
        }
        return 0;
    }
    const CustomerIndex half = from + (to - from) / 2;
    return 1 + narrow_piecemeal(world, condition, symbols, from, half, answers) +
           narrow_piecemeal(world, condition, symbols, half, to, answers);
}

std::vector<std::uint64_t> everybody(std::size_t count) {
    std::vector<std::uint64_t> marks((count + 63) / 64, ~std::uint64_t{0});
    marks.back() >>= (64 - count % 64) % 64;
    return marks;
}

class ScanTest : public ::testing::TestWithParam<std::uint32_t> {};

TEST_P(ScanTest, SaysTheSameWhereItIsGivenUpAndAskedAgain) {
    Chance chance(GetParam());
    expr::Symbols symbols;
    const std::vector<expr::Condition> conditions = conditions_of(chance, symbols);
    const World world = world_of(chance, symbols);
    const auto size = static_cast<CustomerIndex>(world.customers.size());
    int given_up = 0;
    for (const expr::Condition& one : conditions) {
        Evaluated evaluated(world, one, symbols);
        std::vector<bool> answers;
        given_up += narrow_piecemeal(world, one, symbols, 0, size, answers);
        const std::vector<std::uint64_t> present = world.customers.present(0, size);
        for (CustomerIndex c = 0; c < size; ++c) {
            ASSERT_EQ(answers[c], is_marked(present, c) && evaluated.holds(c))
                << "customer " << c << " of " << size << ": " << one.text;
        }
    }
    RecordProperty("given_up", given_up);
    EXPECT_TRUE(given_up > 0 || size < 100);
}

TEST_P(ScanTest, SaysWhatEvaluatingSays) {
    Chance chance(GetParam());
    expr::Symbols symbols;
    const std::vector<expr::Condition> conditions = conditions_of(chance, symbols);
    const World world = world_of(chance, symbols);
    const auto size = static_cast<CustomerIndex>(world.customers.size());
    std::size_t held = 0;
    for (const expr::Condition& one : conditions) {
        Evaluated evaluated(world, one, symbols);
        Scan scan(one, symbols, world.customers, asked_at, world.zone, evaluated);
        std::vector<std::uint64_t> marks = world.customers.present(0, size);
        if (chance.once_in(2)) {  // Also of who is gone nothing is left.
            marks = everybody(size);
        }
        const std::vector<std::uint64_t> asked = marks;
        // Slices begin anywhere.
        const auto half = static_cast<CustomerIndex>(chance.below(size + std::size_t{1}));
        std::vector<std::uint64_t> later((size - half + 63) / 64);
        for (CustomerIndex c = half; c < size; ++c) {
            later[(c - half) / 64] |= std::uint64_t{is_marked(marks, c) ? 1U : 0U}
                                      << ((c - half) % 64);
        }
        scan.narrow(0, std::span(marks).first((half + 63) / 64));
        scan.narrow(half, later);
        for (CustomerIndex c = 0; c < size; ++c) {
            const bool expected = is_marked(asked, c) && evaluated.holds(c);
            held += expected ? 1 : 0;
            ASSERT_EQ(c < half ? is_marked(marks, c) : is_marked(later, c - half), expected)
                << "customer " << c << " of " << size << ": " << one.text;
        }
    }
    RecordProperty("held", static_cast<int>(held));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ScanTest, ::testing::Range(0U, 30U));

bool holds(World& world, const std::string& text, Timestamp moment) {
    expr::Symbols symbols;
    const expr::Compiled compiled = expr::compile(text, {}, symbols);
    EXPECT_TRUE(compiled.condition.has_value());
    Evaluated evaluated(world, *compiled.condition, symbols);
    std::vector<std::uint64_t> marks{1};
    Scan(*compiled.condition, symbols, world.customers, moment, world.zone, evaluated)
        .narrow(0, marks);
    return marks[0] == 1;
}

void happen(Customers& customers, const std::string& name, std::string_view time, Value x) {
    event::Event event;
    event.name = name;
    event.user_id = "ann";
    event.message_id = name + std::string(time);
    event.time = parse_iso8601(time).value();
    event.properties.set("x", std::move(x));
    customers.apply(customers.find_or_add("ann"), event, event.time);
}

TEST(Scan, EventsOfOneMomentStandInTheOrderOfNames) {
    World world{{}, utc_zone()};
    world.customers.plan_fields({.sets = {{.patterns = {"*"}, .fields = {"x"}}}});
    happen(world.customers, "b", "2026-03-01T00:00:00Z", std::int64_t{5});
    happen(world.customers, "a", "2026-03-01T00:00:00Z", "text");
    // What cannot be compared with the first is passed over.
    EXPECT_TRUE(holds(world, R"(ev("*").max("x") == "text")", asked_at));
    EXPECT_TRUE(holds(world, R"(ev("*").last("x") == 5)", asked_at));
    EXPECT_TRUE(holds(world, R"(ev("*").first("x") == "text")", asked_at));
}

// At 00:01 on 7 November 2010 the clocks of Newfoundland went back to 23:01 of the day before.
TEST(Scan, ADayThatComesAgainCountsOnce) {
    World world{{}, *find_zone("America/St_Johns").value()};
    happen(world.customers, "a", "2010-11-07T02:30:30Z", {});
    happen(world.customers, "b", "2010-11-07T02:50:00Z", {});
    const Timestamp later = parse_iso8601("2010-11-09T00:00:00Z").value();
    EXPECT_TRUE(holds(world, R"(ev("*").within("9d").days_active() == 1)", later));
    happen(world.customers, "b", "2010-11-05T12:00:00Z", {});
    EXPECT_TRUE(holds(world, R"(ev("*").within("9d").days_active() == 2)", later));
}

// Whoever has many long texts is asked of as a whole, as everywhere.
TEST(Scan, MeetsTheLimitsThatEvaluatingMeets) {
    World world{{}, utc_zone()};
    world.customers.plan_fields({.sets = {{.patterns = {"note"}, .fields = {"x"}}}});
    std::string text;
    for (std::size_t i = 0; i < 2'000; ++i) {
        text += i * i % 7 < 3 ? "ab" : "ba";
    }
    for (int n = 0; n < 300; ++n) {
        for (const std::string user : {"ann", "bob", "cat"}) {
            if (user != "ann" && n >= 3) {
                continue;
            }
            event::Event event;
            event.name = "note";
            event.user_id = user;
            event.message_id = user + std::to_string(n);
            event.time = asked_at - minutes(400 - n);
            event.properties.set("x", user == "cat" ? Value("ab") : Value(text));
            world.customers.apply(world.customers.find_or_add(user), event, event.time);
        }
    }
    expr::Symbols symbols;
    const auto holders = [&](const std::string& condition) {
        const expr::Compiled compiled = expr::compile(condition, {}, symbols);
        EXPECT_TRUE(compiled.condition.has_value());
        Evaluated evaluated(world, *compiled.condition, symbols);
        Scan scan(*compiled.condition, symbols, world.customers, asked_at, world.zone, evaluated);
        EXPECT_EQ(scan.general_parts(), 0U);
        std::vector<std::uint64_t> marks{7};
        scan.narrow(0, marks);
        std::string found;
        for (CustomerIndex c = 0; c < 3; ++c) {
            EXPECT_EQ(is_marked(marks, c), evaluated.holds(c)) << condition << " of " << c;
            found += is_marked(marks, c) ? world.customers.id(c).substr(0, 1) : "";
        }
        return found;
    };
    const std::string heavy = "ev(\"note\").where(e, e.x.matches(\"(a|b)*a(a|b){200}c\"))";
    EXPECT_EQ(holders(heavy + ".none()"), "bc");
    EXPECT_EQ(holders("!" + heavy + ".any()"), "bc");
    EXPECT_EQ(holders("ev(\"note\").where(e, e.x.matches(\"bb\")).any()"), "ab");
    EXPECT_EQ(holders("ev(\"note\").where(e, e.x.matches(\"^ab$\")).any()"), "c");
}

// Which forms have loops of their own: what is not among them works, but costs ten times as much.
TEST(Scan, LeavesLittleToTheGeneralEvaluator) {
    const std::vector<std::pair<std::string, std::size_t>> expected{
        {"user.country == \"TR\" && user.plan == \"gold\"", 0},
        {"ev(\"a\").within(\"90d\").count() >= 2", 0},
        {"ev(\"a\").within(\"30d\").any() && !ev(\"b\").within(\"90d\").none()", 0},
        {"ev(\"a\").where(e, e.x > 50 && e.cat == \"toys\").any()", 0},
        {"ev(\"a\").sum(\"x\") < ev(\"a\").between(ago(\"9d\"), ago(\"5d\")).sum(\"x\") * 0.5", 0},
        {"ev(\"a\").since_last() > ev(\"a\").median_gap() * 3", 0},
        {"ev(\"a\").then(\"b\", \"72h\").none()", 0},
        {"ev(\"*\").within(\"90d\").days_active() >= 10", 0},
        {"ev(\"a\").distinct(\"cat\") >= 5 || consent(\"email\") == \"granted\"", 0},
        {"now - user.joined > dur(\"30d\") && in_segment(\"some\")", 0},
        {"user.plan in [\"gold\", \"silver\"] && \"vip\" in user.marks", 0},
        {"score(\"p\") > 0.5 && ev(\"a\").any() || sent(\"*\").none()", 2},
        {"user.marks.exists(m, m == \"vip\") && ev(\"a\").any()", 1},
        {"ev(\"a\").where(e, e.cat.matches(\"o+\")).any() && user.plan == \"gold\"", 0},
        {"ev(\"a\").since(user.joined).any()", 1}};
    const World world{{}, utc_zone()};
    for (const auto& [text, general] : expected) {
        expr::Symbols symbols;
        const expr::Compiled compiled = expr::compile(text, {}, symbols);
        ASSERT_TRUE(compiled.condition.has_value()) << text;
        Evaluated evaluated(world, *compiled.condition, symbols);
        const Scan scan(*compiled.condition, symbols, world.customers, asked_at, world.zone,
                        evaluated);
        EXPECT_EQ(scan.general_parts(), general) << text;
    }
}

}  // namespace
}  // namespace winback::segment
