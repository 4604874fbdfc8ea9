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

Outcome outcome_of(const Condition& condition, std::uint32_t instruction, const Facts& facts) {
    Evaluator evaluator(condition.program, facts);
    const Operand result = evaluator.run(instruction);
    const Timestamp soonest = evaluator.moment().now + milliseconds(1);
    return {result.kind == Kind::Bool && result.integer != 0, std::max(result.until, soonest)};
}

}  // namespace

Outcome evaluate(const Condition& condition, const Facts& facts) {
    return outcome_of(condition, condition.program.root, facts);
}

Outcome evaluate_atom(const Condition& condition, std::size_t atom, const Facts& facts) {
    return outcome_of(condition, condition.program.atoms.at(atom).instruction, facts);
}

bool holds_now(const Condition& condition, std::uint32_t instruction, const Facts& facts) {
    Evaluator evaluator(condition.program, facts, false);
    const Operand result = evaluator.run(instruction);
    return result.kind == Kind::Bool && result.integer != 0;
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
    std::string text = describe(evaluator.run(left));
    if (instruction.op == Op::Relation) {
        const std::uint32_t right = program.operands[instruction.first + 1];
        if (!is_constant(program.code[right])) {
            text += " and " + describe(evaluator.run(right));
        }
    }
    return text;
}

}  // namespace

std::vector<AtomOutcome> explain(const Condition& condition, const Facts& facts) {
    Evaluator evaluator(condition.program, facts);
    std::vector<AtomOutcome> atoms;
    for (const Atom& atom : condition.program.atoms) {
        const Operand result = evaluator.run(atom.instruction);
        AtomOutcome outcome;
        outcome.text = atom.text;
        outcome.value = seen(evaluator, condition.program, atom);
        outcome.held = result.kind == Kind::Bool && result.integer != 0;
        outcome.valid_until = result.until;
        atoms.push_back(std::move(outcome));
    }
    return atoms;
}

}  // namespace winback::expr
