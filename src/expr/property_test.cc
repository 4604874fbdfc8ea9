#include <random>
#include <set>

#include <gtest/gtest.h>

#include "expr/condition.h"
#include "expr/flip.h"
#include "expr/test_facts.h"
#include "expr/test_interrupt.h"

// An outcome must stay what it is until valid_until. Random customers and conditions are asked
// again at every moment at which anything could change, and a millisecond before and after.
namespace winback::expr {
namespace {

class Chance {
public:
    explicit Chance(std::uint32_t seed) : engine_(seed) {}
    std::size_t below(std::size_t n) { return engine_() % n; }
    template <std::size_t N>
    std::string pick(const char* const (&items)[N]) {
        return items[below(N)];
    }

private:
    std::mt19937 engine_;
};

constexpr const char* spans[] = {"1d", "3d", "30d", "1mo", "36h", "2mo", "1mo3d", "45m", "2w"};
constexpr const char* names[] = {"a", "b"};

std::string quoted(const std::string& text) {
    return "\"" + text + "\"";
}

std::string narrowing(Chance& chance) {
    const std::string span = quoted(chance.pick(spans));
    const std::string other = quoted(chance.pick(spans));
    switch (chance.below(9)) {
        case 0:
        case 1:
            return ".within(" + span + ")";
        case 2:
            return ".between(ago(" + span + "), ago(" + other + "))";
        case 3:
            return ".since(ago(" + span + "))";
        case 4:
            return ".before(ago(" + span + "))";
        case 5:
            return ".where(e, e.x > 3)";
        case 6:
            return ".where(e, e.due < ago(" + span + "))";
        case 7:
            return ".then(\"b\", " + span + ")";
        default:
            return "";
    }
}

std::string atom(Chance& chance) {
    const std::string events =
        "ev(" + quoted(chance.pick(names)) + ")" + narrowing(chance) + narrowing(chance);
    const std::string op = chance.pick({"<", "<=", ">", ">=", "==", "!="});
    const std::string span = quoted(chance.pick(spans));
    const std::string number = std::to_string(chance.below(4));
    switch (chance.below(17)) {
        case 0:
            return events + ".any()";
        case 1:
            return events + ".none()";
        case 2:
        case 3:
            return events + ".count() " + op + " " + number;
        case 4:
            return events + ".sum(\"x\") " + op + " 7.0";
        case 5:
            return events + ".since_last() " + op + " dur(" + span + ")";
        case 6:
            return events + ".last_time() " + op + " ago(" + span + ")";
        case 7:
            return events + ".first_time() " + op + " now - dur(" + span + ")";
        case 8:
            return "user.t " + op + " ago(" + span + ")";
        case 9:
            return "user.t - now " + op + " dur(" + span + ")";
        case 10:
            return events + ".last(\"x\") " + op + " " + number;
        case 11:
            return events + ".since_last() " + op + " " + events + ".median_gap() * 2";
        case 12:
            return "now.getDayOfWeek() " + op + " " + number;
        case 13:
            return "day(now) " + op + " " + number + " * 9";
        case 14:
            return events + ".where(e, e.time.getHours(\"Asia/Tehran\") > 11).count() " + op + " " +
                   number;
        case 15:
            return events + ".days_active() " + op + " " + number;
        default:
            return "now + dur(" + span + ") " + op + " user.t";
    }
}

std::string condition(Chance& chance) {
    std::string text = atom(chance);
    while (chance.below(3) == 0) {
        const std::string op = chance.pick({" && ", " || "});
        text = "(" + text + ")" + op + (chance.below(4) == 0 ? "!(" : "(") + atom(chance) + ")";
    }
    return text;
}

void fill(TestFacts& facts, Chance& chance) {
    const Timestamp start{1'772'000'000'000};  // 25 February 2026.
    const auto moment = [&](std::int64_t days_before, std::size_t days_span) {
        const auto minutes_in = static_cast<std::int64_t>(chance.below(days_span * 1440));
        return start - days(days_before) + minutes(minutes_in);
    };
    const char* const zones[] = {"Europe/London", "America/New_York", "Asia/Tehran", "Etc/UTC"};
    facts.in_zone = find_zone(chance.pick(zones)).value();
    facts.at = moment(0, 80);
    facts.traits.set("t", moment(40, 120));
    for (std::size_t i = 0, n = chance.below(7); i < n; ++i) {
        ValueMap properties;
        properties.set("x", static_cast<std::int64_t>(chance.below(6)));
        properties.set("due", moment(60, 140));
        facts.history.push_back({chance.pick(names), moment(60, 145), properties});
    }
    facts.sort();
}

// Moments near which an outcome may change: a time of the facts moved by a span, and midnights.
std::vector<Timestamp> moments_of_change(const TestFacts& facts) {
    std::set<Timestamp> moments;
    std::vector<Timestamp> sources{*facts.traits.find("t")->as_time()};
    for (const TestEvent& event : facts.history) {
        sources.push_back(event.time);
        sources.push_back(*event.properties.find("due")->as_time());
    }
    const auto note = [&](Timestamp t) {
        for (const std::int64_t off : {-1, 0, 1}) {
            moments.insert(t + milliseconds(off));
        }
    };
    for (const Timestamp source : sources) {
        note(source);
        for (const char* span : spans) {
            const CalendarStep step = parse_calendar_step(span).value();
            note(add(*facts.in_zone, source, step));
            note(subtract(*facts.in_zone, source, step));
        }
    }
    for (Timestamp t = facts.at; t < facts.at + days(70); t = next_midnight(*facts.in_zone, t)) {
        note(t);
        note(t + hours(1));
    }
    for (Timestamp t = facts.at; t < facts.at + days(70); t = t + hours(5)) {
        moments.insert(t);
    }
    return {moments.begin(), moments.end()};
}

TEST(Property, AnOutcomeHoldsUntilItSaysOtherwise) {
    int flips = 0;
    int ends = 0;
    for (std::uint32_t seed = 0; seed < 800; ++seed) {
        Chance chance(seed);
        const std::string text = condition(chance);
        Symbols symbols;
        const Compiled compiled = compile(text, {}, symbols);
        ASSERT_TRUE(compiled.condition) << text << "\n" << render(compiled.diagnostics[0], text);
        TestFacts facts(symbols);
        fill(facts, chance);
        const std::vector<Timestamp> moments = moments_of_change(facts);
        Outcome outcome = evaluate(*compiled.condition, facts);
        for (const Timestamp moment : moments) {
            if (moment <= facts.at) {
                continue;
            }
            TestFacts later = facts;
            later.at = moment;
            if (moment < outcome.valid_until) {
                ASSERT_EQ(evaluate(*compiled.condition, later).holds, outcome.holds)
                    << "seed " << seed << ": " << text << "\nasked at " << format_iso8601(facts.at)
                    << " valid until "
                    << (outcome.valid_until == timestamp_max ? "ever"
                                                             : format_iso8601(outcome.valid_until))
                    << " but changed at " << format_iso8601(moment);
                continue;
            }
            facts.at = outcome.valid_until;
            const Outcome next = evaluate(*compiled.condition, facts);
            // A part of now ends with each day, whatever is asked of it.
            const bool daily = text.find("now.get") != std::string::npos ||
                               text.find("day(now)") != std::string::npos;
            flips += !daily && next.holds != outcome.holds ? 1 : 0;
            ends += daily ? 0 : 1;
            outcome = next;
            facts.at = std::max(facts.at, moment - milliseconds(1));
            later.at = facts.at;
            outcome = evaluate(*compiled.condition, later);
        }
    }
    // Most ends are real flips: nobody is woken for nothing.
    RecordProperty("flips", flips);
    RecordProperty("ends", ends);
    EXPECT_GT(flips * 3, ends);
}

// One atom whose bound moves or whose window moves flips exactly when it says.
TEST(Property, SimpleFormsFlipExactly) {
    int checked = 0;
    for (std::uint32_t seed = 0; seed < 2000; ++seed) {
        Chance chance(seed);
        const std::string span = quoted(chance.pick(spans));
        const char* const ops[] = {"<", "<=", ">", ">="};
        const std::string op = chance.pick(ops);
        const std::string forms[] = {"ev(\"a\").within(" + span + ").any()",
                                     "ev(\"a\").since_last() " + op + " dur(" + span + ")",
                                     "user.t " + op + " ago(" + span + ")",
                                     "user.t - now " + op + " dur(" + span + ")",
                                     "now - user.t " + op + " dur(" + span + ")",
                                     "ev(\"b\").within(" + span + ").count() " + op + " 1"};
        const std::string text = forms[chance.below(6)];
        Symbols symbols;
        const Compiled compiled = compile(text, {}, symbols);
        ASSERT_TRUE(compiled.condition) << text;
        TestFacts facts(symbols);
        fill(facts, chance);
        std::erase_if(facts.history, [&](const TestEvent& e) { return e.time > facts.at; });
        const Outcome outcome = evaluate(*compiled.condition, facts);
        if (outcome.valid_until == timestamp_max) {
            continue;
        }
        const Timestamp from = facts.at;
        facts.at = outcome.valid_until;
        EXPECT_NE(evaluate(*compiled.condition, facts).holds, outcome.holds)
            << "seed " << seed << ": " << text << " at " << format_iso8601(from) << " until "
            << format_iso8601(outcome.valid_until);
        facts.at = outcome.valid_until - milliseconds(1);
        EXPECT_EQ(evaluate(*compiled.condition, facts).holds, outcome.holds) << text;
        ++checked;
    }
    EXPECT_GT(checked, 500);
}

// What is not given up is what it would have been.
TEST(Property, AnInterruptChangesNoAnswer) {
    int given_up = 0;
    int answered = 0;
    for (std::uint32_t seed = 0; seed < 1500; ++seed) {
        Chance chance(seed);
        const std::string text = condition(chance);
        Symbols symbols;
        const Compiled compiled = compile(text, {}, symbols);
        ASSERT_TRUE(compiled.condition) << text;
        TestFacts facts(symbols);
        fill(facts, chance);
        const Outcome outcome = evaluate(*compiled.condition, facts);
        constexpr std::uint64_t all = TestInterrupt::any_piece;
        for (const std::uint64_t piece_max : {all, std::uint64_t{0}, std::uint64_t{3'000}}) {
            TestInterrupt interrupt(piece_max == all ? all : 0, piece_max);
            const Outcome found = evaluate(*compiled.condition, facts, &interrupt);
            EXPECT_FALSE(piece_max == all && interrupt.given_up());
            ++(interrupt.given_up() ? given_up : answered);
            if (!interrupt.given_up()) {
                ASSERT_EQ(found.holds, outcome.holds) << "seed " << seed << ": " << text;
                ASSERT_EQ(found.valid_until, outcome.valid_until)
                    << "seed " << seed << ": " << text;
            }
        }
    }
    EXPECT_GT(given_up, 1000);
    EXPECT_GT(answered, 2000);
}

// The second set of events is refused after the first was read.
TEST(Property, OfWhatIsGivenUpNothingIsLookedAt) {
    Symbols symbols;
    const Compiled compiled =
        compile(R"(sent("*").then("a", "1d").then("b", "1d").any())", {}, symbols);
    ASSERT_TRUE(compiled.condition);
    TestFacts facts(symbols);
    for (int i = 0; i < 30; ++i) {
        const Timestamp time = facts.at - hours(700 - i);
        facts.messages.emplace_back("*", time);
        facts.history.push_back({i % 2 == 0 ? "a" : "b", time, {}});
    }
    facts.sort();
    TestInterrupt interrupt(1'000, 4'500);
    static_cast<void>(evaluate(*compiled.condition, facts, &interrupt));
    EXPECT_TRUE(interrupt.given_up());
}

// Each atom keeps its answer up to its next flip and has the other one there.
TEST(Property, AnAtomFlipsWhenItIsSaidTo) {
    int flips = 0;
    for (std::uint32_t seed = 0; seed < 800; ++seed) {
        Chance chance(seed);
        const std::string text = condition(chance);
        Symbols symbols;
        const Compiled compiled = compile(text, {}, symbols);
        ASSERT_TRUE(compiled.condition) << text;
        TestFacts facts(symbols);
        fill(facts, chance);
        std::erase_if(facts.history, [&](const TestEvent& e) { return e.time > facts.at; });
        const std::vector<Timestamp> moments = moments_of_change(facts);
        for (std::size_t atom = 0; atom < compiled.condition->program.atoms.size(); ++atom) {
            const auto at = [&](Timestamp when) {
                TestFacts then = facts;
                then.at = when;
                return evaluate_atom(*compiled.condition, atom, then);
            };
            const Outcome now = at(facts.at);
            FlipSearch search(now);
            while (!search.done()) {
                search.answer(at(search.ask_at()));
            }
            const Flip flip = search.found();
            const Timestamp until = flip.kind == Flip::Kind::Never ? timestamp_max : flip.at;
            for (const Timestamp moment : moments) {
                if (moment > facts.at && moment < until) {
                    ASSERT_EQ(at(moment).holds, now.holds) << "seed " << seed << ": " << text;
                }
            }
            if (flip.kind == Flip::Kind::At) {
                ASSERT_EQ(at(flip.at - milliseconds(1)).holds, now.holds) << text;
                ASSERT_NE(at(flip.at).holds, now.holds) << text;
                ++flips;
            }
        }
    }
    EXPECT_GT(flips, 150);
}

}  // namespace
}  // namespace winback::expr
