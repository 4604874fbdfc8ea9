// From a condition's program to the parts of a scan.
#include <algorithm>

#include "segment/scan.h"

namespace winback::segment {

using expr::BinaryOp;
using expr::Function;
using expr::Instruction;
using expr::Kind;
using expr::Op;
using expr::Operand;

// Whether every part of a condition is surely true or false. A trait alone, which a schema says
// is a bool, may be absent: then && and || have a third outcome.
bool Scan::is_settled(std::uint32_t index) const {
    const Instruction& instruction = at(index);
    switch (instruction.op) {
        case Op::And:
        case Op::Or:
        case Op::Not:
        case Op::Ternary:
            for (std::uint32_t i = 0; i < instruction.count; ++i) {
                if (!is_settled(operand(instruction, i))) {
                    return false;
                }
            }
            return true;
        case Op::Constant:
            return program_.constants[instruction.index].value.as_bool() != nullptr;
        case Op::Slot: {
            const Function finish = program_.slots[instruction.index].finish;
            return finish == Function::Any || finish == Function::None;
        }
        case Op::InSegment:
        case Op::Relation:
        case Op::Truth:
        case Op::Present:
        case Op::Contains:
        case Op::StartsWith:
        case Op::EndsWith:
        case Op::Matches:
            return true;
        default:
            return false;
    }
}

std::size_t Scan::cost_of(const Part& part) const {
    constexpr std::size_t general = 200;
    std::size_t sum = 0;
    for (const std::uint32_t p : part.parts) {
        sum += parts_[p].cost;
    }
    const auto slot_cost = [&](std::uint32_t node) {
        return values_[node].kind == ValueNode::Kind::Slot ? slots_[values_[node].index].cost() : 4;
    };
    switch (part.kind) {
        case Part::Kind::AtLeast:
            return slots_[part.index].cost();
        case Part::Kind::Compare:
            return 8 + slot_cost(part.left) + slot_cost(part.right);
        case Part::Kind::General:
        case Part::Kind::Whole:
            return general;
        default:
            return sum + 1;
    }
}

std::uint32_t Scan::add(Part part) {
    part.cost = cost_of(part);
    if (part.kind == Part::Kind::And || part.kind == Part::Kind::Or) {
        std::stable_sort(
            part.parts.begin(), part.parts.end(),
            [&](std::uint32_t a, std::uint32_t b) { return parts_[a].cost < parts_[b].cost; });
    }
    parts_.push_back(std::move(part));
    return static_cast<std::uint32_t>(parts_.size() - 1);
}

std::uint32_t Scan::plan_part(std::uint32_t instruction) {
    std::optional<Part> part = part_of(instruction);
    if (!part.has_value()) {
        ++general_parts_;
        part = Part{.kind = Part::Kind::General, .index = instruction};
    }
    return add(*std::move(part));
}

std::optional<Scan::Part> Scan::part_of(std::uint32_t index) {
    const Instruction& instruction = at(index);
    switch (instruction.op) {
        case Op::And:
            return compound(instruction, Part::Kind::And);
        case Op::Or:
            return compound(instruction, Part::Kind::Or);
        case Op::Not:
            return compound(instruction, Part::Kind::Not);
        case Op::Ternary:
            return compound(instruction, Part::Kind::Ternary);
        case Op::InSegment:
            return Part{.kind = Part::Kind::InSegment, .index = instruction.index};
        case Op::Constant:
            if (const bool* truth = program_.constants[instruction.index].value.as_bool()) {
                return Part{.kind = Part::Kind::Constant, .truth = *truth};
            }
            return std::nullopt;
        case Op::Slot:
        case Op::Relation:
        case Op::Truth:
        case Op::Present:
        case Op::Contains:
        case Op::StartsWith:
        case Op::EndsWith:
        case Op::Matches:
            return comparison(instruction);
        default:
            return std::nullopt;
    }
}

Scan::Part Scan::compound(const Instruction& instruction, Part::Kind kind) {
    Part part{.kind = kind};
    for (std::uint32_t i = 0; i < instruction.count; ++i) {
        part.parts.push_back(plan_part(operand(instruction, i)));
    }
    return part;
}

std::optional<Question> Scan::question_of(const Instruction& instruction) const {
    Question question{.op = instruction.op, .binary = instruction.binary, .pattern = {}};
    switch (instruction.op) {
        case Op::Matches:
            question.pattern = program_.patterns[instruction.index];
            return question;
        case Op::Relation:
        case Op::Truth:
        case Op::Present:
        case Op::Contains:
        case Op::StartsWith:
        case Op::EndsWith:
            return question;
        default:
            return std::nullopt;
    }
}

std::optional<Scan::Part> Scan::comparison(const Instruction& instruction) {
    if (std::optional<Part> counted = count_part(instruction)) {
        return counted;
    }
    std::optional<Question> question = question_of(instruction);
    if (!question.has_value()) {
        return std::nullopt;
    }
    const std::optional<std::uint32_t> left = value_of(operand(instruction, 0));
    const std::optional<std::uint32_t> right =
        instruction.count > 1 ? value_of(operand(instruction, 1)) : left;
    if (!left.has_value() || !right.has_value()) {
        return std::nullopt;
    }
    Part part{.kind = Part::Kind::Compare,
              .left = *left,
              .right = *right,
              .question = *std::move(question)};
    if (std::optional<Part> trait = trait_part(part)) {
        return trait;
    }
    std::vector<std::uint32_t> slots;
    if (slots_of(part.left, slots) && slots_of(part.right, slots)) {
        part.asked_slots = std::move(slots);
        part.without = compare(part, nobody);
    }
    return part;
}

// Adds the slots that a value reads; false when it reads anything else of a customer.
bool Scan::slots_of(std::uint32_t index, std::vector<std::uint32_t>& slots) const {
    const ValueNode& node = values_[index];
    switch (node.kind) {
        case ValueNode::Kind::Constant:
            return true;
        case ValueNode::Kind::Slot:
            slots.push_back(node.index);
            return true;
        case ValueNode::Kind::Arithmetic:
        case ValueNode::Kind::Negate:
            return slots_of(node.left, slots) && slots_of(node.right, slots);
        case ValueNode::Kind::Trait:
        case ValueNode::Kind::Consent:
            return false;
    }
    return false;
}

// any(), none(), and what counts compared with a number.
std::optional<Scan::Part> Scan::count_part(const Instruction& instruction) {
    Part part{.kind = Part::Kind::AtLeast, .wanted = 1};
    std::uint32_t slot = instruction.index;
    if (instruction.op == Op::Slot) {
        const Function finish = program_.slots[slot].finish;
        part.truth = finish == Function::Any;
        if (finish != Function::Any && finish != Function::None) {
            return std::nullopt;
        }
    } else {
        if (instruction.op != Op::Relation || at(operand(instruction, 0)).op != Op::Slot ||
            at(operand(instruction, 1)).op != Op::Constant) {
            return std::nullopt;
        }
        slot = at(operand(instruction, 0)).index;
        const auto& constant = program_.constants[at(operand(instruction, 1)).index];
        const std::int64_t* bound = constant.value.as_int();
        const Function finish = program_.slots[slot].finish;
        const bool counts = finish == Function::Count || finish == Function::Distinct ||
                            finish == Function::DaysActive;
        if (!counts || bound == nullptr || constant.kind != Kind::Int ||
            *bound == std::numeric_limits<std::int64_t>::max()) {
            return std::nullopt;
        }
        const BinaryOp op = instruction.binary;
        part.truth = op == BinaryOp::Greater || op == BinaryOp::GreaterEqual;
        part.wanted = op == BinaryOp::Greater || op == BinaryOp::LessEqual ? *bound + 1 : *bound;
        if (!part.truth && op != BinaryOp::Less && op != BinaryOp::LessEqual) {
            return std::nullopt;
        }
    }
    const std::optional<std::uint32_t> number = slot_of(slot);
    if (!number.has_value()) {
        return std::nullopt;
    }
    part.index = *number;
    // A slot that cannot be computed makes the comparison false, whichever way it goes.
    if (slots_[*number].failed()) {
        return Part{.kind = Part::Kind::Constant, .truth = false};
    }
    return part;
}

// One trait and a constant: asked of the column.
std::optional<Scan::Part> Scan::trait_part(const Part& compare) {
    const ValueNode& left = values_[compare.left];
    const ValueNode& right = values_[compare.right];
    const bool trait_left = left.kind == ValueNode::Kind::Trait;
    const ValueNode& trait = trait_left ? left : right;
    const ValueNode& fixed = trait_left ? right : left;
    const bool alone = compare.left == compare.right;
    if (trait.kind != ValueNode::Kind::Trait || trait.trait.column == nullptr ||
        (!alone && fixed.kind != ValueNode::Kind::Constant)) {
        return std::nullopt;
    }
    if (!trait.trait.by_text) {
        tests_.emplace_back(trait.trait.column, compare.question,
                            alone ? Operand{} : fixed.constant, !trait_left, moment_, interrupt_);
        return Part{.kind = Part::Kind::Trait,
                    .index = static_cast<std::uint32_t>(tests_.size() - 1)};
    }
    if (trait.trait.column->form() != customer::Column::Form::Codes) {
        return std::nullopt;
    }
    TextTest& test = text_tests_.emplace_back();
    test.part = add(compare);
    test.column = trait.trait.column;
    test.answers.fill(2);
    return Part{.kind = Part::Kind::Text,
                .index = static_cast<std::uint32_t>(text_tests_.size() - 1)};
}

std::optional<Operand> Scan::constant_of(std::uint32_t index) const {
    const Instruction& instruction = at(index);
    switch (instruction.op) {
        case Op::Constant: {
            const auto& constant = program_.constants[instruction.index];
            Operand result = expr::from_value(constant.value);
            if (constant.kind == Kind::Uint || constant.kind == Kind::Bytes) {
                result.kind = constant.kind;
            }
            return result;
        }
        case Op::Step:
            return expr::step_operand(program_.steps[instruction.index]);
        case Op::Moved:
            return expr::moving_operand(program_.steps[instruction.index], moment_);
        case Op::Negate:
            if (const auto value = constant_of(operand(instruction, 0))) {
                return expr::negative(*value);
            }
            return std::nullopt;
        case Op::Arithmetic: {
            const auto left = constant_of(operand(instruction, 0));
            const auto right = constant_of(operand(instruction, 1));
            // What is joined would have to be kept somewhere.
            if (!left || !right || expr::joins(instruction.binary, *left, *right)) {
                return std::nullopt;
            }
            return expr::arithmetic(instruction.binary, *left, *right, moment_);
        }
        default:
            return std::nullopt;
    }
}

std::optional<std::uint32_t> Scan::value_of(std::uint32_t index) {
    ValueNode node;
    const Instruction& instruction = at(index);
    if (const std::optional<Operand> constant = constant_of(index)) {
        node.constant = *constant;
    } else if (instruction.op == Op::Trait) {
        node.kind = ValueNode::Kind::Trait;
        node.trait = columns_.trait(symbols_.traits[instruction.index]);
    } else if (instruction.op == Op::Consent) {
        node.kind = ValueNode::Kind::Consent;
        node.index = instruction.index;
    } else if (instruction.op == Op::Slot) {
        const Function finish = program_.slots[instruction.index].finish;
        const std::optional<std::uint32_t> slot = slot_of(instruction.index);
        if (!slot.has_value() || finish == Function::Any || finish == Function::None) {
            return std::nullopt;
        }
        node.kind = ValueNode::Kind::Slot;
        node.index = *slot;
    } else if (instruction.op == Op::Arithmetic || instruction.op == Op::Negate) {
        const bool one = instruction.op == Op::Negate;
        const std::optional<std::uint32_t> left = value_of(operand(instruction, 0));
        const std::optional<std::uint32_t> right = one ? left : value_of(operand(instruction, 1));
        if (!left.has_value() || !right.has_value()) {
            return std::nullopt;
        }
        node.kind = one ? ValueNode::Kind::Negate : ValueNode::Kind::Arithmetic;
        node.binary = instruction.binary;
        node.left = *left;
        node.right = *right;
    } else {
        return std::nullopt;
    }
    values_.push_back(std::move(node));
    return static_cast<std::uint32_t>(values_.size() - 1);
}

const std::vector<TableScan*>& Scan::scans_of(expr::EventSetId set) {
    constexpr std::size_t of_table = 200;
    const auto [place, is_new] = scans_of_.try_emplace(set);
    std::vector<TableScan*>& scans = place->second;
    if (!is_new) {
        return scans;
    }
    for (const customer::EventTable* table : columns_.tables(symbols_.event_sets[set].patterns)) {
        TableScan*& known = scan_of_[table];
        known = known != nullptr ? known : &scans_.emplace_back(*table);
        scans.push_back(known);
    }
    if (interrupt_ != nullptr) {
        interrupt_->after(scans.size() * of_table);
    }
    return scans;
}

std::optional<std::uint32_t> Scan::slot_of(std::uint32_t number) {
    if (slot_numbers_[number].has_value()) {
        return slot_numbers_[number];
    }
    const expr::Slot& slot = program_.slots[number];
    EventSlot::Plan plan;
    plan.window.high = moment_.now.ms + 1;
    plan.finish = slot.finish;
    plan.field = slot.field;
    if (slot.is_sent) {
        return std::nullopt;
    }
    plan.tables = scans_of(slot.set);
    plan.fields = symbols_.event_sets[slot.set].fields;
    for (const expr::Narrowing& narrowing : slot.narrowings) {
        if (!plan_narrowing(narrowing, plan)) {
            return std::nullopt;
        }
    }
    if (slot.finish == Function::LastTimeOr) {
        const std::optional<Operand> otherwise = constant_of(slot.argument);
        if (!otherwise.has_value()) {
            return std::nullopt;
        }
        plan.otherwise = *otherwise;
    }
    slots_.emplace_back(std::move(plan), moment_, days_, interrupt_);
    slot_numbers_[number] = static_cast<std::uint32_t>(slots_.size() - 1);
    return slot_numbers_[number];
}

bool Scan::plan_narrowing(const expr::Narrowing& narrowing, EventSlot::Plan& plan) {
    const auto bound = [&](bool upper, const std::optional<Operand>& moment) {
        if (!moment.has_value()) {
            return false;
        }
        plan.failed = plan.failed || moment->kind != Kind::Time;
        std::int64_t& end = upper ? plan.window.high : plan.window.low;
        end = upper ? std::min(end, moment->integer) : std::max(end, moment->integer);
        return true;
    };
    switch (narrowing.function) {
        case Function::Within:
            return bound(false, expr::moving_operand(expr::reversed(narrowing.step), moment_));
        case Function::Between:
            return bound(false, constant_of(narrowing.first)) &&
                   bound(true, constant_of(narrowing.second));
        case Function::Since:
            return bound(false, constant_of(narrowing.first));
        case Function::Before:
            return bound(true, constant_of(narrowing.first));
        case Function::Then:
            plan.follows.push_back({scans_of(narrowing.followers), narrowing.step});
            return true;
        default: {
            const std::optional<std::uint32_t> where = event_part(narrowing.first, plan);
            plan.wheres.push_back(where.value_or(0));
            return where.has_value();
        }
    }
}

std::optional<std::uint32_t> Scan::event_part(std::uint32_t index, EventSlot::Plan& plan) {
    using PartKind = EventPart::Kind;
    const Instruction& instruction = at(index);
    EventPart part;
    switch (instruction.op) {
        case Op::And:
            part.kind = PartKind::And;
            break;
        case Op::Or:
            part.kind = PartKind::Or;
            break;
        case Op::Not:
            part.kind = PartKind::Not;
            break;
        case Op::Ternary:
            part.kind = PartKind::Ternary;
            break;
        case Op::Constant:
            if (program_.constants[instruction.index].value.as_bool() == nullptr) {
                return std::nullopt;
            }
            part.constant = *program_.constants[instruction.index].value.as_bool();
            break;
        default:
            return event_test(instruction, plan);
    }
    for (std::uint32_t i = 0; i < instruction.count; ++i) {
        const std::optional<std::uint32_t> child = event_part(operand(instruction, i), plan);
        if (!child.has_value()) {
            return std::nullopt;
        }
        part.parts.push_back(*child);
    }
    plan.parts.push_back(std::move(part));
    return static_cast<std::uint32_t>(plan.parts.size() - 1);
}

// A question about one property, or about the time, of an event.
std::optional<std::uint32_t> Scan::event_test(const Instruction& instruction,
                                              EventSlot::Plan& plan) {
    std::optional<Question> question = question_of(instruction);
    if (!question.has_value()) {
        return std::nullopt;
    }
    EventPart part;
    part.question = *std::move(question);
    const auto is_event = [&](std::uint32_t i) {
        const Op op = at(operand(instruction, i)).op;
        return op == Op::EventField || op == Op::EventTime;
    };
    std::uint32_t place = 0;
    if (instruction.count > 1) {
        place = is_event(0) ? 0 : 1;
        const std::optional<Operand> fixed = constant_of(operand(instruction, 1 - place));
        if (!fixed.has_value()) {
            return std::nullopt;
        }
        part.fixed = *fixed;
        part.fixed_is_left = place == 1;
    }
    if (!is_event(place)) {
        return std::nullopt;
    }
    const Instruction& event = at(operand(instruction, place));
    part.kind = event.op == Op::EventField ? EventPart::Kind::Field : EventPart::Kind::Time;
    part.field = event.index;
    plan.parts.push_back(std::move(part));
    return static_cast<std::uint32_t>(plan.parts.size() - 1);
}

}  // namespace winback::segment
