#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "expr/cel_evaluator.h"
#include "expr/condition.h"
#include "expr/parser.h"
#include "expr/printer.h"
#include "expr/test_facts.h"
#include "expr/test_interrupt.h"

namespace {

using namespace winback;
using namespace winback::expr;

// Strict CEL gives a value or an error for whatever parses, and the same for what is printed.
void evaluate_strictly(std::string_view text) {
    Diagnostics diagnostics;
    Reporter reporter(text, diagnostics);
    const Ast ast = parse(text, reporter);
    if (!diagnostics.empty()) {
        return;
    }
    CelScope scope;
    scope.container = "a";
    scope.bindings["a.x"] = {std::int64_t{3}};
    scope.bindings["y"] = cel_list({{1.5}, {std::string("text")}, {CelSpan{7}}, {}});
    scope.bindings["user.z"] = cel_map({{{std::string("k")}, {CelInstant{5, 1}}}});
    const std::string value = describe(evaluate_cel(ast, scope));
    const std::string printed = print(ast);
    Diagnostics again;
    Reporter reporter_again(printed, again);
    const Ast reread = parse(printed, reporter_again);
    WINBACK_CHECK(!again.empty() || describe(evaluate_cel(reread, scope)) == value);
}

// Given up or not, nothing breaks, and what is not given up is what it would have been.
void evaluate_impatiently(const Condition& condition, const Facts& facts, const Outcome& outcome) {
    for (const std::uint64_t piece_max : {0, 100, 1'000, 3'000, 100'000}) {
        TestInterrupt interrupt(condition.text.size() % 3, piece_max);
        const Outcome found = evaluate(condition, facts, &interrupt);
        WINBACK_CHECK(interrupt.given_up() ||
                      (found.holds == outcome.holds && found.valid_until == outcome.valid_until));
    }
}

}  // namespace

// Whatever compiles evaluates, explains itself, and keeps its word for as long as it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    evaluate_strictly(text);
    Symbols symbols;
    const Compiled compiled = compile(text, {}, symbols);
    WINBACK_CHECK(compiled.condition.has_value() == !has_errors(compiled.diagnostics));
    if (!compiled.condition) {
        return 0;
    }
    Symbols again;
    const Compiled reread = compile(compiled.condition->canonical, {}, again);
    WINBACK_CHECK(compiled.condition->canonical.size() > 16'000 || reread.condition.has_value());
    TestFacts facts(symbols);
    facts.at = Timestamp{1'774'740'600'000};  // 28 March 2026, 23:30 in London.
    facts.in_zone = find_zone("Europe/London").value();
    for (const std::string& name : symbols.traits) {
        const std::size_t kind = name.size() % 7;
        facts.traits.set(name, kind == 0   ? Value(static_cast<std::int64_t>(name[0]))
                               : kind == 1 ? Value(facts.at - hours(700))
                               : kind == 2 ? Value(name)
                               : kind == 3 ? Value(ValueList{1, 2.5, "x", facts.at})
                               : kind == 4 ? Value(Duration{86'400'000})
                               : kind == 5 ? Value(format_iso8601(facts.at - hours(30)))
                                           : Value());
    }
    for (const EventSet& set : symbols.event_sets) {
        for (int i = 0; i < 6; ++i) {
            ValueMap properties;
            for (const std::string& field : set.fields) {
                const Timestamp time = facts.at - hours(30 * i);
                ValueMap item;
                item.set("sku", "x");
                properties.set(field, i % 5 == 0   ? Value(i)
                                      : i % 5 == 1 ? Value(time)
                                      : i % 5 == 2 ? Value(format_iso8601(time))
                                      : i % 5 == 3 ? Value(ValueList{i, "x", Value(item)})
                                                   : Value(item));
            }
            facts.history.push_back({set.patterns[0], facts.at - hours(700 - 141 * i), properties});
        }
    }
    facts.sort();
    const Outcome outcome = evaluate(*compiled.condition, facts);
    static_cast<void>(explain(*compiled.condition, facts));
    evaluate_impatiently(*compiled.condition, facts, outcome);
    WINBACK_CHECK(outcome.valid_until > facts.at);
    WINBACK_CHECK(compiled.condition->moves_with_time || outcome.valid_until == timestamp_max);
    const Timestamp last = std::min(outcome.valid_until, facts.at + days(400)) - milliseconds(1);
    const Timestamp middle{facts.at.ms + (last.ms - facts.at.ms) / 3};
    for (const Timestamp moment : {middle, last}) {
        facts.at = std::max(facts.at, moment);
        WINBACK_CHECK(evaluate(*compiled.condition, facts).holds == outcome.holds);
    }
    return 0;
}
