// For which of many customers a condition holds at one moment, by columns instead of customers.
//
// The condition's program is bound to the columns and event tables of one shard: bounds of
// windows become constant moments, names become columns, and no outcome says until when it
// holds. Blocks of customers are then narrowed part by part, cheap parts first. A part that has
// no such form is asked of the general evaluator, customer by customer, so that every condition
// works and the answers are always those of expr::evaluate.
//
// See docs/design/segments.md.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "customer/base_columns.h"
#include "expr/condition.h"
#include "segment/event_slot.h"

namespace winback::segment {

// What only the owner of a shard knows of its customers.
class OtherFacts {
public:
    virtual ~OtherFacts() = default;
    // By the general evaluator: one instruction of the program, or what expr::evaluate says.
    virtual bool holds_now(CustomerIndex customer, std::uint32_t instruction) = 0;
    virtual bool holds(CustomerIndex customer) = 0;
    virtual bool in_segment(CustomerIndex customer, expr::SegmentId segment) = 0;
};

class Scan {
public:
    // Everything given must outlive the scan, and the customers must not change meanwhile. With an
    // interrupt, which may be null, the scan may be given up in the middle of the marks
    // (expr/interrupt.h); `others` are to ask the same one.
    Scan(const expr::Condition& condition,
         const expr::Symbols& symbols,
         const customer::Customers& customers,
         Timestamp now,
         const Zone& zone,
         OtherFacts& others,
         expr::Interrupt* interrupt = nullptr);

    // Keeps of the marks (bit i is customer first + i) those for whom the condition holds. Takes
    // tens of nanoseconds a customer, or hundreds where parts are general. Pre: no mark stands for
    // nobody.
    void narrow(CustomerIndex first, std::span<std::uint64_t> marks);

    // Parts that are left to the general evaluator.
    std::size_t general_parts() const { return general_parts_; }
    // Of all rows of the columns and tables that the other parts read: what a count of everybody
    // touches at most.
    std::size_t column_bytes() const;

private:
    // A part of the condition that is true or false, its own parts before it.
    struct Part {
        enum class Kind : std::uint8_t {
            Constant,
            And,
            Or,
            Not,
            Ternary,
            Trait,    // tests[index]
            Text,     // text_tests[index]
            AtLeast,  // slots[index] has `wanted` events, or has not
            Compare,  // question of values[left] and values[right]
            InSegment,
            General,  // instruction `index`
            Whole,    // The whole condition.
        };
        Kind kind = Kind::General;
        bool truth = true;  // Constant; AtLeast: what having them means.
        std::uint32_t index = 0;
        std::int64_t wanted = 0;
        std::uint32_t left = 0;
        std::uint32_t right = 0;
        Question question;
        std::vector<std::uint32_t> asked_slots;  // Compare of nothing but these and constants.
        bool without = false;                    // Its answer of who has no event for any of them.
        std::vector<std::uint32_t> parts;
        std::size_t cost = 0;
    };

    // A value that a comparison reads.
    struct ValueNode {
        enum class Kind : std::uint8_t { Constant, Trait, Slot, Consent, Arithmetic, Negate };
        Kind kind = Kind::Constant;
        expr::Operand constant;
        customer::BaseColumns::Trait trait;
        std::uint32_t index = 0;  // slots; texts of the program: the channel.
        expr::BinaryOp binary = expr::BinaryOp::Add;
        std::uint32_t left = 0;
        std::uint32_t right = 0;
        Value kept;  // What the operand views.
    };

    // A question about a trait that depends on the text of a column of few texts.
    struct TextTest {
        std::uint32_t part = 0;  // A Compare.
        const customer::Column* column = nullptr;
        std::array<std::uint8_t, 256> answers{};
    };

    // plan.cc: from instructions. Empty when the form is left to the general evaluator.
    std::uint32_t plan_part(std::uint32_t instruction);
    std::optional<Part> part_of(std::uint32_t instruction);
    Part compound(const expr::Instruction& instruction, Part::Kind kind);
    std::optional<Part> comparison(const expr::Instruction& instruction);
    std::optional<Part> count_part(const expr::Instruction& instruction);
    std::optional<Part> trait_part(const Part& compare);
    bool slots_of(std::uint32_t node, std::vector<std::uint32_t>& slots) const;
    std::optional<Question> question_of(const expr::Instruction& instruction) const;
    std::optional<std::uint32_t> value_of(std::uint32_t instruction);
    std::optional<expr::Operand> constant_of(std::uint32_t instruction) const;
    std::optional<std::uint32_t> slot_of(std::uint32_t slot);
    bool plan_narrowing(const expr::Narrowing& narrowing, EventSlot::Plan& plan);
    std::optional<std::uint32_t> event_part(std::uint32_t instruction, EventSlot::Plan& plan);
    std::optional<std::uint32_t> event_test(const expr::Instruction& instruction,
                                            EventSlot::Plan& plan);
    const std::vector<TableScan*>& scans_of(expr::EventSetId set);
    bool is_settled(std::uint32_t instruction) const;
    std::size_t cost_of(const Part& part) const;
    std::uint32_t add(Part part);
    const expr::Instruction& at(std::uint32_t instruction) const {
        return program_.code[instruction];
    }
    std::uint32_t operand(const expr::Instruction& instruction, std::uint32_t i) const {
        return program_.operands[instruction.first + i];
    }

    // Takes those out of the marks and answers for them who have so many events that a limit of
    // evaluating may be met.
    Marks narrow_many(Marks& marks);
    void narrow_part(const Part& part, Marks& marks);
    void narrow_compound(const Part& part, Marks& marks);
    void narrow_text(TextTest& test, Marks& marks);
    void narrow_compare(const Part& part, Marks& marks);
    bool compare(const Part& part, CustomerIndex customer);
    expr::Operand value(std::uint32_t node, CustomerIndex customer);
    bool given_up() const { return interrupt_ != nullptr && interrupt_->given_up(); }
    static constexpr CustomerIndex nobody = ~CustomerIndex{0};  // Who has no event.

    const expr::Condition& condition_;
    const expr::Program& program_;
    const expr::Symbols& symbols_;
    customer::BaseColumns columns_;
    expr::Moment moment_;
    OtherFacts& others_;
    expr::Interrupt* interrupt_;
    DayNumbers days_;
    std::deque<TableScan> scans_;
    absl::flat_hash_map<const customer::EventTable*, TableScan*> scan_of_;
    absl::flat_hash_map<expr::EventSetId, std::vector<TableScan*>> scans_of_;
    std::deque<EventSlot> slots_;
    std::vector<std::optional<std::uint32_t>> slot_numbers_;  // By slot of the program.
    std::vector<Part> parts_;
    std::deque<ValueNode> values_;
    std::deque<CellTest> tests_;
    std::deque<TextTest> text_tests_;
    std::uint32_t root_ = 0;
    std::size_t general_parts_ = 0;
    std::optional<std::uint64_t> rows_max_;  // Of a customer; with more, narrow_many.
    CustomerIndex first_ = 0;                // Of the block at hand.
};

}  // namespace winback::segment
