// Conditions: true or false of one customer at one moment, in a profile of CEL.
//
//   ev("Order Completed").within("90d").count() >= 2 && user.plan == "gold"
//
// compile() reads the text, reports every mistake, and makes a program; evaluate() asks it of a
// customer. The answer says how long it holds if nothing but time passes, so that nobody has
// to poll. The language, its limits and its rules are in docs/design/conditions.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "expr/facts.h"
#include "expr/interrupt.h"
#include "expr/program.h"
#include "expr/schema.h"

namespace winback::expr {

struct Condition {
    Program program;
    std::string text;       // As written.
    std::string canonical;  // As printed: equal for texts that differ only in layout.

    // What the condition mentions; each once, in order of first use.
    std::vector<TraitId> traits;
    std::vector<EventSetId> event_sets;
    std::vector<SegmentId> segments;
    std::vector<ScoreId> scores;
    std::vector<std::string> campaigns;  // Of sent(..).
    std::vector<std::string> channels;   // Of consent(..) and consent_changes(..).

    // False when only an input can change the outcome: valid_until is then always
    // timestamp_max.
    bool moves_with_time = false;
};

struct Compiled {
    std::optional<Condition> condition;  // Empty exactly when there are errors.
    Diagnostics diagnostics;             // Also warnings; positions are of the text, no file.
};

// `symbols` grows only when there are no errors.
Compiled compile(std::string_view text, const Schema& schema, Symbols& symbols);

struct Outcome {
    bool holds = false;
    // Later than now. Before this moment the outcome cannot change without an event, another
    // input or a new definition; at this moment it may. timestamp_max for never.
    Timestamp valid_until = timestamp_max;
    // A limit of evaluating was met (limits.h), so that it does not hold: another look comes with
    // the next input, or at midnight by the clock of the workspace.
    bool exhausted = false;
};

// With an interrupt it may be given up (interrupt.h).
Outcome evaluate(const Condition& condition, const Facts& facts, Interrupt* interrupt = nullptr);

// Whether an evaluation may meet a limit (limits.h), which its parts share: it loops over lists, or
// asks patterns of many events or of long texts.
bool may_exhaust(const Program& program);
// The same of everything but the number of events.
bool may_exhaust_of_few(const Program& program);
// How often where(..) of its slots may ask patterns of one event, and the weight of all patterns:
// the work that they make of a byte (match_work).
struct PatternWork {
    std::size_t slots = 0;
    std::size_t weight = 0;
};
PatternWork pattern_work(const Program& program);

// Whether one instruction of the program is true now. Without asking until when, which is most of
// the work; for counting many customers.
bool holds_now(const Condition& condition,
               std::uint32_t instruction,
               const Facts& facts,
               Interrupt* interrupt = nullptr);

// One line of an explanation.
struct AtomOutcome {
    std::string text;   // The atom, canonical.
    std::string value;  // What was found: "3 events", "\"silver\"", "no value".
    bool held = false;
    Timestamp valid_until = timestamp_max;
    bool exhausted = false;  // As of an Outcome; `value` says so.
};

// Every atom in the order of the text, also those that evaluate() did not need.
std::vector<AtomOutcome> explain(const Condition& condition, const Facts& facts);

}  // namespace winback::expr
