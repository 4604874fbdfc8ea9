// Runs a program on the facts of one customer. Internal; condition.h is the way in.
//
// Evaluating cannot fail and ends: instructions are visited at most once outside lambdas, and
// turns of lambdas are counted. Made for one evaluation, on the stack.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "expr/interrupt.h"
#include "expr/limits.h"
#include "expr/operand.h"
#include "expr/program.h"
#include "expr/selection.h"

namespace winback::expr {

// Values that operands view; what a list function no longer needs is given back.
class Store {
public:
    const Value& keep(Value value);
    std::size_t mark() const { return values_.size(); }
    void release(std::size_t mark) { values_.resize(mark); }

private:
    std::vector<std::unique_ptr<Value>> values_;
};

// False of what a list or a map of values would not hold as it is: bytes, and whole numbers beyond
// int.
bool is_holdable(const Operand& item);

class Evaluator {
public:
    struct Options {
        bool looks_ahead = true;
        std::size_t times = 1;           // May take so many times what one may (limits.h).
        Interrupt* interrupt = nullptr;  // May be null. Once it gives up, every value is worthless.
    };
    Evaluator(const Program& program, const Facts& facts, const Options& options);

    // The value of an instruction. Recursion is bounded by depth_max.
    Operand run(std::uint32_t instruction);
    Operand run_root() { return run(program_.root); }

    // Whether a limit was met (limits.h): then what was found counts for nothing.
    bool exhausted() const { return exhausted_; }

    // How many events a slot counts, whatever its finish is.
    std::int64_t count_of(const Slot& slot);

    const Moment& moment() const { return moment_; }

private:
    friend class Selection;

    const Instruction& at(std::uint32_t instruction) const { return program_.code[instruction]; }
    std::uint32_t operand(const Instruction& instruction, std::uint32_t i) const {
        return program_.operands[instruction.first + i];
    }

    Operand value_of(const Instruction& instruction);
    Operand run_watched(const Instruction& instruction);
    Operand composed(const Instruction& instruction);
    Operand constant(const Instruction& instruction) const;
    Operand fact(const Instruction& instruction);
    Operand trait(TraitId id);
    Operand field(const Cell& cell);
    Operand slot(const Instruction& instruction);
    Operand consent_changes(const std::string& channel);
    Operand logical(const Instruction& instruction);
    Operand negation(const Instruction& instruction);
    Operand ternary(const Instruction& instruction);
    Operand relation(const Instruction& instruction);
    std::optional<Operand> count_relation(const Instruction& instruction);
    Operand contained(const Operand& item, const Operand& all) const;
    Operand joined(const Instruction& instruction);
    Operand indexed(const Instruction& instruction);
    Operand selected(const Instruction& instruction);
    Operand make_list(const Instruction& instruction);
    Operand make_map(const Instruction& instruction);
    Operand among(const Instruction& instruction);
    Operand part(const Instruction& instruction);
    Operand size(const Instruction& instruction);
    Operand text_question(const Instruction& instruction);
    Operand truth(const Instruction& instruction);
    Operand present(const Instruction& instruction);
    Operand over_list(const Instruction& instruction);
    // Counts what a copy of the operand takes; false when all that was made would be too much.
    bool afford(const Operand& operand);
    bool afford_match(const Pattern& pattern, std::size_t bytes);
    // Whether so much is left; else nothing is ever again.
    bool keep_within(std::size_t taken, std::size_t limit);
    // Tells the interrupt of work in nanoseconds that was done, or is about to be done in one
    // piece.
    void worked(std::size_t work) {
        halted_ = halted_ || (interrupt_ != nullptr && interrupt_->after(work));
    }
    // The same of work of which nobody knows how much it was.
    void worked_somewhat() { halted_ = halted_ || (interrupt_ != nullptr && interrupt_->look()); }
    bool may_work(std::size_t work) {
        halted_ = halted_ || (interrupt_ != nullptr && interrupt_->before(work));
        return !halted_;
    }
    // The rule for what cannot be computed, applied where an atom ends.
    static Operand settle(const Operand& operand);

    const Program& program_;
    const Facts& facts_;
    Moment moment_;
    std::array<Operand, lambda_depth_max> variables_;
    std::array<std::optional<Operand>, cached_slots_max> cache_;
    EventCursor event_;
    Store store_;
    Store traits_store_;
    std::vector<std::pair<TraitId, const Value*>> traits_;
    const std::size_t times_;
    Interrupt* const interrupt_;
    std::size_t turns_ = 0;
    std::size_t made_bytes_ = 0;
    std::size_t match_work_ = 0;
    bool exhausted_ = false;
    bool halted_ = false;  // Exhausted or given up: nothing more is looked at.
};

}  // namespace winback::expr
