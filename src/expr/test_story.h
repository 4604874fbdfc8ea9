// Runs the scenario files of conditions: a customer, then questions about them.
//
//   customer zone=Europe/London       traits, events, messages, consents, segments, scores
//                                     (consent 2026-01-31 email denied [SOURCE])
//   ask 2026-01-31T00:00:00Z          a condition -> true or false, and how long it holds
//   explain 2026-01-31T00:00:00Z      a condition -> its atoms
//   segment lapsing 2026-01-31T00:00:00Z   the same of a condition that has a name
//   check [schema]                    a condition -> its mistakes, or its canonical text
#pragma once

#include <map>
#include <string>

#include "base/strings.h"
#include "expr/condition.h"
#include "expr/parser.h"
#include "expr/test_facts.h"
#include "scenario_runner.h"

namespace winback::expr {

class Story {
public:
    // Conditions by name, for `segment`. One segment's membership of another follows from them.
    std::map<std::string, std::string> named;

    std::string run(const test::Block& block) {
        const std::vector<std::string_view> words = split(block.command, ' ');
        if (words[0] == "customer") {
            return customer(words, block.input);
        }
        if (words[0] == "ask" || words[0] == "explain") {
            return question(words[0] == "explain", std::string(words.at(1)), block.input);
        }
        if (words[0] == "segment") {
            return question(false, std::string(words.at(2)), named.at(std::string(words.at(1))));
        }
        const std::string_view schema = words.size() > 1 ? words[1] : "";
        return check(block.input, !schema.empty(), schema == "open");
    }

private:
    static std::string until(Timestamp time) {
        return time == timestamp_max ? "for ever" : "until " + format_iso8601(time);
    }

    static Value value_of(std::string_view text) {
        Diagnostics diagnostics;
        Reporter reporter(text, diagnostics);
        const Ast ast = parse(text, reporter);
        return literal_value(ast, ast.root);
    }

    std::string customer(const std::vector<std::string_view>& words, const std::string& input) {
        facts_ = TestFacts(symbols_);
        if (words.size() > 1) {
            facts_.in_zone = find_zone(words[1].substr(5)).value();
        }
        for (const std::string_view line : split(input, '\n')) {
            if (!line.empty()) {
                fact(line);
            }
        }
        facts_.sort();
        return "ok\n";
    }

    // "event 2026-01-31 Order Completed {"total": 3}" and the like.
    void fact(std::string_view line) {
        const auto word = [&] {
            const std::size_t space = std::min(line.find(' '), line.size());
            const std::string_view text = line.substr(0, space);
            line.remove_prefix(std::min(space + 1, line.size()));
            return text;
        };
        const std::string_view kind = word();
        if (kind == "trait") {
            const std::string name(word());
            facts_.traits.set(name, value_of(line));
        } else if (kind == "event") {
            const Timestamp time = parse_iso8601(word()).value();
            const std::size_t brace = std::min(line.find('{'), line.size());
            const Value properties = value_of(brace == line.size() ? "{}" : line.substr(brace));
            facts_.history.push_back(
                {std::string(trim(line.substr(0, brace))), time, *properties.as_map()});
        } else if (kind == "sent") {
            const Timestamp time = parse_iso8601(word()).value();
            facts_.messages.emplace_back(line, time);
        } else if (kind == "consent") {
            const Timestamp time = parse_iso8601(word()).value();
            const std::string channel(word());
            const ConsentState state =
                word() == "granted" ? ConsentState::Granted : ConsentState::Denied;
            const std::string source(line.empty() ? "form" : line);
            facts_.consents[channel].push_back({state, time, source});
        } else if (kind == "segment") {
            facts_.segments.emplace_back(line);
        } else if (kind == "score") {
            const std::string name(word());
            facts_.scores.set(name, value_of(line));
        }
    }

    static std::string mistakes(const Compiled& compiled, const std::string& text) {
        std::string out;
        for (const Diagnostic& diagnostic : compiled.diagnostics) {
            out += render(diagnostic, text);
        }
        return out;
    }

    // Adds the named segments that the condition asks for and that hold.
    void join_named(const Condition& condition) {
        for (const SegmentId id : condition.segments) {
            const std::string name = symbols_.segments.at(id);
            const auto found = named.find(name);
            if (found == named.end()) {
                continue;
            }
            const Compiled inner = compile(found->second, {}, symbols_);
            join_named(inner.condition.value());
            std::erase(facts_.segments, name);
            if (evaluate(*inner.condition, facts_).holds) {
                facts_.segments.push_back(name);
            }
        }
    }

    std::string question(bool explained, const std::string& time, const std::string& text) {
        const Compiled compiled = compile(text, {}, symbols_);
        if (!compiled.condition) {
            return mistakes(compiled, text);
        }
        facts_.at = parse_iso8601(time).value();
        join_named(*compiled.condition);
        const Outcome outcome = evaluate(*compiled.condition, facts_);
        std::string out = (outcome.holds ? "true " : "false ") + until(outcome.valid_until) + "\n";
        if (explained) {
            for (const AtomOutcome& atom : explain(*compiled.condition, facts_)) {
                out += std::string(atom.held ? "yes  " : "no   ") + atom.text + "  <- " +
                       atom.value + ", " + until(atom.valid_until) + "\n";
            }
        }
        return out;
    }

    std::string check(const std::string& text, bool with_schema, bool open) {
        Schema schema;
        schema.other_traits = open;
        if (with_schema) {
            schema.traits = {{"plan", ValueType::String},
                             {"orders.count", ValueType::Int},
                             {"first_seen", ValueType::Time},
                             {"tags", ValueType::List},
                             {"address", ValueType::Map}};
            schema.segments = {"vip", "sleeping"};
            schema.scores = {"churn_30d"};
            schema.channels = {"email", "push"};
            schema.seen = Schema::Seen{.events = {"Order Completed", "cart.updated"},
                                       .attributes = {"city", "address"},
                                       .lists = {"newsletter"},
                                       .campaigns = {"win_back"}};
        }
        // A condition of one line is shown as such.
        const std::string_view trimmed = trim(text);
        Symbols symbols;
        const Compiled compiled = compile(trimmed, schema, symbols);
        return mistakes(compiled, std::string(trimmed)) +
               (compiled.condition ? compiled.condition->canonical + "\n" : "");
    }

    Symbols symbols_;
    TestFacts facts_{symbols_};
};

// Runs one file; with `update`, rewrites it instead.
inline std::vector<std::string> tell(const std::string& path,
                                     bool update,
                                     const std::map<std::string, std::string>& named = {}) {
    Story story;
    story.named = named;
    return test::run_scenario(
        path, [&](const test::Block& block) { return story.run(block); }, update);
}

}  // namespace winback::expr
