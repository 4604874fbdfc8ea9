#include "expr/condition.h"

#include <algorithm>

#include "expr/checker.h"
#include "expr/evaluator.h"
#include "expr/flip.h"
#include "expr/parser.h"
#include "expr/planner.h"
#include "expr/printer.h"

namespace winback::expr {

Compiled compile(std::string_view text, const Schema& schema, Symbols& symbols) {
    Compiled compiled;
    Reporter reporter(text, compiled.diagnostics);
    const Ast ast = parse(text, reporter);
    const Checked checked = check(ast, schema, reporter);
    std::stable_sort(
        compiled.diagnostics.begin(), compiled.diagnostics.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
    if (has_errors(compiled.diagnostics)) {
        return compiled;
    }
    Condition& condition = compiled.condition.emplace();
    condition.text = text;
    condition.canonical = print(ast);
    plan(ast, checked, symbols, condition);
    return compiled;
}

namespace {

Outcome outcome_of(const Condition& condition,
                   std::uint32_t instruction,
                   const Facts& facts,
                   Interrupt* interrupt = nullptr) {
    Evaluator evaluator(condition.program, facts, {.interrupt = interrupt});
    const Operand result = evaluator.run(instruction);
    const Moment& moment = evaluator.moment();
    if (evaluator.exhausted()) {
        return {.valid_until = next_midnight(moment.zone, moment.now), .exhausted = true};
    }
    const Timestamp soonest = moment.now + milliseconds(1);
    return {result.kind == Kind::Bool && result.integer != 0, std::max(result.until, soonest)};
}

}  // namespace

Outcome evaluate(const Condition& condition, const Facts& facts, Interrupt* interrupt) {
    return outcome_of(condition, condition.program.root, facts, interrupt);
}

Outcome evaluate_atom(const Condition& condition, std::size_t atom, const Facts& facts) {
    return outcome_of(condition, condition.program.atoms.at(atom).instruction, facts);
}

bool holds_now(const Condition& condition,
               std::uint32_t instruction,
               const Facts& facts,
               Interrupt* interrupt) {
    Evaluator evaluator(condition.program, facts, {.looks_ahead = false, .interrupt = interrupt});
    const Operand result = evaluator.run(instruction);
    return result.kind == Kind::Bool && result.integer != 0 && !evaluator.exhausted();
}

namespace {

bool is_loop(const Instruction& instruction) {
    return instruction.op == Op::Exists || instruction.op == Op::All ||
           instruction.op == Op::ExistsOne || instruction.op == Op::Filter ||
           instruction.op == Op::Map;
}

// Recursion is bounded by depth_max.
bool asks_pattern(const Program& program, std::uint32_t index) {
    const Instruction& instruction = program.code[index];
    const auto first = program.operands.begin() + instruction.first;
    return instruction.op == Op::Matches ||
           std::any_of(first, first + instruction.count,
                       [&](std::uint32_t operand) { return asks_pattern(program, operand); });
}

}  // namespace

PatternWork pattern_work(const Program& program) {
    PatternWork work;
    for (const Slot& slot : program.slots) {
        const bool asks =
            std::any_of(slot.narrowings.begin(), slot.narrowings.end(), [&](const Narrowing& one) {
                return one.function == Function::Where && asks_pattern(program, one.first);
            });
        work.slots += asks ? 1U : 0U;
    }
    for (const Pattern& pattern : program.patterns) {
        work.weight += match_work(pattern, 1);
    }
    return work;
}

bool may_exhaust_of_few(const Program& program) {
    return pattern_work(program).weight * matched_bytes_max > match_work_max ||
           std::any_of(program.code.begin(), program.code.end(), is_loop);
}

bool may_exhaust(const Program& program) {
    return pattern_work(program).slots > 0 || may_exhaust_of_few(program);
}

namespace {

bool is_constant(const Instruction& instruction) {
    return instruction.op == Op::Constant || instruction.op == Op::Step ||
           instruction.op == Op::Moved;
}

// What the atom looked at: of a comparison both sides, of any() and none() the count.
std::string seen(Evaluator& evaluator, const Program& program, const Atom& atom) {
    const Instruction& instruction = program.code[atom.instruction];
    if (instruction.op == Op::Slot) {
        const std::int64_t count = evaluator.count_of(program.slots[instruction.index]);
        return std::to_string(count) + (count == 1 ? " event" : " events");
    }
    if (instruction.count == 0) {
        return describe(evaluator.run(atom.instruction));
    }
    const std::uint32_t left = program.operands[instruction.first];
    const Operand value = evaluator.run(left);
    if (instruction.op != Op::Relation) {
        return describe(value);
    }
    const std::uint32_t right = program.operands[instruction.first + 1];
    const Operand bound = evaluator.run(right);
    // Where whole seconds do not tell two durations apart, milliseconds decide.
    const bool exactly = describe(value) == describe(bound);
    return describe(value, exactly) +
           (is_constant(program.code[right]) ? "" : " and " + describe(bound, exactly));
}

}  // namespace

std::vector<AtomOutcome> explain(const Condition& condition, const Facts& facts) {
    // Each atom is looked at twice, and none is spared by another.
    constexpr std::size_t times = 4;
    Evaluator evaluator(condition.program, facts, {.times = times});
    std::vector<AtomOutcome> atoms;
    for (const Atom& atom : condition.program.atoms) {
        const Operand result = evaluator.run(atom.instruction);
        AtomOutcome outcome;
        outcome.text = atom.text;
        outcome.value = seen(evaluator, condition.program, atom);
        outcome.exhausted = evaluator.exhausted();
        if (outcome.exhausted) {
            outcome.value = "more than is looked at";
        }
        outcome.held = result.kind == Kind::Bool && result.integer != 0 && !outcome.exhausted;
        outcome.valid_until = result.until;
        atoms.push_back(std::move(outcome));
    }
    return atoms;
}

}  // namespace winback::expr
