#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "expr/condition.h"
#include "expr/test_facts.h"

// Whatever compiles evaluates, explains itself, and keeps its word for as long as it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace winback;
    using namespace winback::expr;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
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
        const std::size_t kind = name.size() % 6;
        facts.traits.set(name, kind == 0   ? Value(static_cast<std::int64_t>(name[0]))
                               : kind == 1 ? Value(facts.at - hours(700))
                               : kind == 2 ? Value(name)
                               : kind == 3 ? Value(ValueList{1, 2.5, "x", facts.at})
                               : kind == 4 ? Value(Duration{86'400'000})
                                           : Value());
    }
    for (const EventSet& set : symbols.event_sets) {
        for (int i = 0; i < 6; ++i) {
            ValueMap properties;
            for (const std::string& field : set.fields) {
                properties.set(field, i % 2 == 0 ? Value(i) : Value(facts.at - hours(30 * i)));
            }
            facts.history.push_back({set.patterns[0], facts.at - hours(700 - 141 * i), properties});
        }
    }
    facts.sort();
    const Outcome outcome = evaluate(*compiled.condition, facts);
    static_cast<void>(explain(*compiled.condition, facts));
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
