#include "expr/evaluator.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "expr/conversion.h"
#include "expr/duration.h"
#include "expr/text_questions.h"

namespace winback::expr {

const Value& Store::keep(Value value) {
    values_.push_back(std::make_unique<Value>(std::move(value)));
    return *values_.back();
}

namespace {

// Each adds what a copy takes, until it is more than may be made. Recursion is bounded by the depth
// of values and of conditions.
void add_bytes(const Value& value, std::size_t& bytes);

void add_bytes(const ValueList& list, std::size_t& bytes) {
    for (std::size_t i = 0; i < list.size() && bytes <= made_bytes_max; ++i) {
        add_bytes(list[i], bytes);
    }
}

void add_bytes(const ValueMap& map, std::size_t& bytes) {
    for (const Field& field : map) {
        bytes += field.first.size();
        add_bytes(field.second, bytes);
    }
}

void add_bytes(const Value& value, std::size_t& bytes) {
    if (bytes > made_bytes_max) {
        return;
    }
    bytes += sizeof(Value);
    if (const std::string* text = value.as_string()) {
        bytes += text->size();
    } else if (const ValueList* list = value.as_list()) {
        add_bytes(*list, bytes);
    } else if (const ValueMap* map = value.as_map()) {
        add_bytes(*map, bytes);
    }
}

}  // namespace

bool Evaluator::afford(const Operand& operand) {
    made_bytes_ += sizeof(Value);
    if (operand.kind == Kind::String || operand.kind == Kind::Bytes) {
        made_bytes_ += operand.text.size();
    } else if (operand.kind == Kind::List) {
        add_bytes(*operand.list, made_bytes_);
    } else if (operand.kind == Kind::Map) {
        add_bytes(*operand.map, made_bytes_);
    }
    return keep_within(made_bytes_, made_bytes_max);
}

bool Evaluator::afford_match(const Pattern& pattern, std::size_t bytes) {
    const std::size_t work = match_work(pattern, bytes);
    match_work_ += work;
    return keep_within(match_work_, match_work_max) && may_work(work * match_work_ns);
}

bool Evaluator::keep_within(std::size_t taken, std::size_t limit) {
    exhausted_ = exhausted_ || taken > limit * times_;
    halted_ = halted_ || exhausted_;
    return !halted_;
}

Evaluator::Evaluator(const Program& program, const Facts& facts, const Options& options)
    : program_(program),
      facts_(facts),
      moment_{facts.now(), facts.zone(), options.looks_ahead},
      times_(options.times),
      interrupt_(options.interrupt) {}

Operand Evaluator::settle(const Operand& operand) {
    return operand.kind == Kind::Error ? bool_operand(false, operand.until) : operand;
}

// Inlined by hand: each event that arrives asks for thousands.
[[gnu::always_inline]] inline Operand Evaluator::value_of(const Instruction& instruction) {
    switch (instruction.op) {
        case Op::Constant:
            return constant(instruction);
        case Op::Step:
            return step_operand(program_.steps[instruction.index]);
        case Op::Moved:
            return moving_operand(program_.steps[instruction.index], moment_);
        case Op::Trait:
            return trait(instruction.index);
        case Op::Variable:
            return variables_[instruction.index];
        case Op::EventTime:
            return time_operand(event_.time(), timestamp_max);
        case Op::EventField:
            return field(event_.cell(instruction.index));
        case Op::Slot:
            return slot(instruction);
        case Op::Score:
        case Op::InSegment:
        case Op::Consent:
        case Op::ConsentChanges:
            return fact(instruction);
        case Op::Truth:
            return truth(instruction);
        case Op::Not:
            return negation(instruction);
        case Op::And:
        case Op::Or:
            return logical(instruction);
        case Op::Ternary:
            return ternary(instruction);
        case Op::Negate:
            return negative(run(operand(instruction, 0)));
        case Op::Relation:
            return relation(instruction);
        case Op::Arithmetic:
            return joined(instruction);
        default:
            return composed(instruction);
    }
}

Operand Evaluator::run(std::uint32_t index) {
    if (halted_) {
        return error_operand(timestamp_max);
    }
    return interrupt_ == nullptr ? value_of(at(index)) : run_watched(at(index));
}

// Whoever reads a text or a list takes as long as it is large.
Operand Evaluator::run_watched(const Instruction& instruction) {
    constexpr std::size_t of_any = 20;
    constexpr std::size_t of_item = 10;
    const Operand result = value_of(instruction);
    worked(of_any + result.text.size() / 4 +
           of_item * (result.list != nullptr  ? result.list->size()
                      : result.map != nullptr ? result.map->size()
                                              : 0));
    return result;
}

// Of parts: lists, maps, texts, times.
Operand Evaluator::composed(const Instruction& instruction) {
    switch (instruction.op) {
        case Op::Index:
            return indexed(instruction);
        case Op::Select:
            return selected(instruction);
        case Op::List:
            return make_list(instruction);
        case Op::MakeMap:
            return make_map(instruction);
        case Op::Among:
            return settle(among(instruction));
        case Op::Convert:
            return converted(run(operand(instruction, 0)), static_cast<Kind>(instruction.index),
                             store_);
        case Op::Part:
            return part(instruction);
        case Op::Size:
            return size(instruction);
        case Op::Contains:
        case Op::StartsWith:
        case Op::EndsWith:
        case Op::Matches:
            return settle(text_question(instruction));
        case Op::Present:
            return present(instruction);
        default:
            return over_list(instruction);
    }
}

Operand Evaluator::constant(const Instruction& instruction) const {
    const Constant& constant = program_.constants[instruction.index];
    Operand result = from_value(constant.value);
    if (constant.kind == Kind::Uint || constant.kind == Kind::Bytes) {
        result.kind = constant.kind;
    }
    return result;
}

Operand Evaluator::fact(const Instruction& instruction) {
    switch (instruction.op) {
        case Op::Score: {
            const Timestamp until = next_midnight(moment_.zone, moment_.now);
            const Value value = facts_.score(instruction.index);
            worked_somewhat();
            Operand result = value.is_number() ? from_value(value) : null_operand(until);
            result.until = until;
            return result;
        }
        case Op::InSegment:
            return bool_operand(facts_.in_segment(instruction.index), timestamp_max);
        case Op::Consent:
            switch (facts_.consent(program_.texts[instruction.index])) {
                case ConsentState::Granted:
                    return text_operand("granted", timestamp_max);
                case ConsentState::Denied:
                    return text_operand("denied", timestamp_max);
                case ConsentState::Unset:
                    return text_operand("unset", timestamp_max);
            }
            return error_operand(timestamp_max);
        default:
            return consent_changes(program_.texts[instruction.index]);
    }
}

Operand Evaluator::consent_changes(const std::string& channel) {
    ValueList list;
    for (const ConsentChange& change : facts_.consent_changes(channel)) {
        const bool granted = change.state == ConsentState::Granted;
        const bool denied = change.state == ConsentState::Denied;
        ValueMap map;
        map.append("state", granted ? "granted" : denied ? "denied" : "unset");
        map.append("time", change.time);
        map.append("source", change.source);
        list.emplace_back(std::move(map));
    }
    constexpr std::size_t of_change = 500;
    worked(of_change * list.size());
    return from_value(store_.keep(std::move(list)));
}

Operand Evaluator::trait(TraitId id) {
    for (const auto& [known, value] : traits_) {
        if (known == id) {
            return from_value(*value);
        }
    }
    Value value = facts_.trait(id);
    worked_somewhat();  // It may be made of thousands of orders.
    const ValueType type = value.type();
    if (type != ValueType::String && type != ValueType::List && type != ValueType::Map) {
        return from_value(value);
    }
    // Read once, and outside the marks of list functions: kept to the end.
    traits_.emplace_back(id, &traits_store_.keep(std::move(value)));
    if (interrupt_ != nullptr) {
        std::size_t bytes = 0;
        add_bytes(*traits_.back().second, bytes);
        worked(bytes);
    }
    return from_value(*traits_.back().second);
}

Operand Evaluator::field(const Cell& cell) {
    if (cell.kind != Cell::Kind::Encoded) {
        return from_cell(cell);
    }
    constexpr std::size_t of_byte = 4;
    if (!may_work(of_byte * cell.text.size())) {
        return error_operand(timestamp_max);
    }
    Value decoded;
    static_cast<void>(from_cell(cell, decoded));
    return from_value(store_.keep(std::move(decoded)));
}

Operand Evaluator::slot(const Instruction& instruction) {
    const Slot& slot = program_.slots[instruction.index];
    const bool is_atom = slot.finish == Function::Any || slot.finish == Function::None;
    if (slot.cache != not_cached && cache_[slot.cache]) {
        return *cache_[slot.cache];
    }
    Operand result = finish(*this, slot);
    result = is_atom ? settle(result) : result;
    if (slot.cache != not_cached && !halted_) {
        cache_[slot.cache] = result;
    }
    return result;
}

std::int64_t Evaluator::count_of(const Slot& slot) {
    Selection events(*this, slot);
    std::int64_t count = 0;
    for (std::size_t i = events.low(); !events.failed() && i < events.high(); ++i) {
        count += events.passes(i) ? 1 : 0;
    }
    return count;
}

Operand Evaluator::truth(const Instruction& instruction) {
    Operand value = run(operand(instruction, 0));
    if (value.kind != Kind::Bool) {
        value = error_operand(value.until);
    }
    return settle(value);
}

Operand Evaluator::present(const Instruction& instruction) {
    const Operand value = run(operand(instruction, 0));
    return bool_operand(value.kind != Kind::Null && value.kind != Kind::Error, value.until);
}

Operand Evaluator::negation(const Instruction& instruction) {
    Operand value = run(operand(instruction, 0));
    if (value.kind == Kind::Bool) {
        value.integer = 1 - value.integer;
    }
    return value;
}

Operand Evaluator::logical(const Instruction& instruction) {
    // An operand that decides (false for &&) decides alone, and for as long as it lasts.
    const std::int64_t deciding = instruction.op == Op::And ? 0 : 1;
    Timestamp until = timestamp_max;
    bool error = false;
    for (std::uint32_t i = 0; i < instruction.count; ++i) {
        const Operand part = run(operand(instruction, i));
        if (part.kind == Kind::Bool && part.integer == deciding) {
            return part;
        }
        error = error || part.kind != Kind::Bool;
        until = std::min(until, part.until);
    }
    return error ? error_operand(until) : bool_operand(deciding == 0, until);
}

Operand Evaluator::ternary(const Instruction& instruction) {
    const Operand test = run(operand(instruction, 0));
    if (test.kind != Kind::Bool) {
        return error_operand(test.until);
    }
    Operand result = run(operand(instruction, test.integer != 0 ? 1 : 2));
    result.until = std::min(result.until, test.until);
    return result;
}

Operand Evaluator::relation(const Instruction& instruction) {
    if (std::optional<Operand> counted = count_relation(instruction)) {
        return settle(*counted);
    }
    const Operand left = run(operand(instruction, 0));
    const Operand right = run(operand(instruction, 1));
    if (instruction.binary == BinaryOp::In) {
        return settle(contained(left, right));
    }
    return settle(compare(instruction.binary, left, right, moment_));
}

std::optional<Operand> Evaluator::count_relation(const Instruction& instruction) {
    const Instruction& left = at(operand(instruction, 0));
    const Instruction& right = at(operand(instruction, 1));
    if (left.op != Op::Slot || right.op != Op::Constant) {
        return std::nullopt;
    }
    const Slot& slot = program_.slots[left.index];
    const std::int64_t* bound = program_.constants[right.index].value.as_int();
    if (slot.finish != Function::Count || bound == nullptr ||
        program_.constants[right.index].kind != Kind::Int ||
        *bound == std::numeric_limits<std::int64_t>::max()) {
        return std::nullopt;
    }
    const BinaryOp op = instruction.binary;
    const bool strictly_more = op == BinaryOp::Greater || op == BinaryOp::LessEqual;
    const bool inverse = op == BinaryOp::Less || op == BinaryOp::LessEqual;
    if (!strictly_more && !inverse && op != BinaryOp::GreaterEqual) {
        return std::nullopt;
    }
    Operand result = count_at_least(*this, slot, *bound + (strictly_more ? 1 : 0));
    if (inverse && result.kind == Kind::Bool) {
        result.integer = 1 - result.integer;
    }
    return result;
}

Operand Evaluator::contained(const Operand& item, const Operand& all) const {
    const Timestamp until = std::min(item.until, all.until);
    if (item.kind == Kind::Error) {
        return error_operand(until);
    }
    if (all.kind == Kind::List) {
        const bool found = std::any_of(all.list->begin(), all.list->end(), [&](const Value& value) {
            return equals(item, from_value(value));
        });
        return bool_operand(found, until);
    }
    if (all.kind == Kind::Map && item.kind == Kind::String) {
        return bool_operand(all.map->find(item.text) != nullptr, until);
    }
    return error_operand(until);
}

Operand Evaluator::joined(const Instruction& instruction) {
    const Operand left = run(operand(instruction, 0));
    const Operand right = run(operand(instruction, 1));
    if (joins(instruction.binary, left, right)) {
        return afford(left) && afford(right)
                   ? expr::joined(left, right, store_.keep(join(left, right)))
                   : error_operand(std::min(left.until, right.until));
    }
    return arithmetic(instruction.binary, left, right, moment_);
}

Operand Evaluator::indexed(const Instruction& instruction) {
    const Operand target = run(operand(instruction, 0));
    const Operand index = run(operand(instruction, 1));
    const Timestamp until = std::min(target.until, index.until);
    const Value* found = nullptr;
    if (target.kind == Kind::List && index.is_number()) {
        for (std::size_t i = 0; i < target.list->size() && found == nullptr; ++i) {
            const Operand place = int_operand(static_cast<std::int64_t>(i), until);
            found = order(place.number(), index.number()) == 0 ? &(*target.list)[i] : nullptr;
        }
    } else if (target.kind == Kind::Map && index.kind == Kind::String) {
        found = target.map->find(index.text);
    } else if (target.kind != Kind::Null) {
        return error_operand(until);
    }
    Operand result = found == nullptr ? null_operand(until) : from_value(*found);
    result.until = until;
    return result;
}

Operand Evaluator::selected(const Instruction& instruction) {
    const Operand target = run(operand(instruction, 0));
    if (target.kind != Kind::Map) {
        return target.kind == Kind::Null ? null_operand(target.until) : error_operand(target.until);
    }
    const Value* found = target.map->find(program_.texts[instruction.index]);
    Operand result = found == nullptr ? null_operand(target.until) : from_value(*found);
    result.until = target.until;
    return result;
}

bool is_holdable(const Operand& item) {
    return item.kind != Kind::Error && item.kind != Kind::Bytes &&
           (item.kind != Kind::Uint || item.integer >= 0);
}

Operand Evaluator::make_map(const Instruction& instruction) {
    ValueMap map;
    Timestamp until = timestamp_max;
    for (std::uint32_t i = 0; i + 1 < instruction.count; i += 2) {
        const Operand key = run(operand(instruction, i));
        const Operand item = run(operand(instruction, i + 1));
        until = std::min({until, key.until, item.until});
        if (key.kind != Kind::String || !is_holdable(item) || map.find(key.text) != nullptr ||
            !afford(key) || !afford(item)) {
            return error_operand(until);
        }
        map.append(std::string(key.text), to_value(item));
    }
    Operand result = from_value(store_.keep(std::move(map)));
    result.until = until;
    return result;
}

Operand Evaluator::among(const Instruction& instruction) {
    const Operand item = run(operand(instruction, 0));
    Timestamp until = item.until;
    bool error = item.kind == Kind::Error;
    bool found = false;
    for (std::uint32_t i = 1; i < instruction.count; ++i) {
        const Operand other = run(operand(instruction, i));
        until = std::min(until, other.until);
        error = error || other.kind == Kind::Error;
        found = found || equals(item, other);
    }
    return error ? error_operand(until) : bool_operand(found, until);
}

Operand Evaluator::part(const Instruction& instruction) {
    Operand value = run(operand(instruction, 0));
    value = value.kind == Kind::String ? as_time(value) : value;
    const PartOf& asked = program_.parts[instruction.index];
    if (value.kind == Kind::Duration && !asked.place && !has_calendar(value)) {
        const std::optional<std::int64_t> found = part_of_span(asked.part, value.integer);
        return found ? int_operand(*found, value.until) : error_operand(value.until);
    }
    if (value.kind != Kind::Time) {
        return error_operand(value.until);
    }
    const Place place = asked.place.value_or(Place{&moment_.zone, {}});
    const Timestamp until = value.moves ? next_change(asked.part, moment_.now, place) : value.until;
    return int_operand(part_of(asked.part, Timestamp{value.integer}, place),
                       std::min(until, value.until));
}

Operand Evaluator::make_list(const Instruction& instruction) {
    ValueList list;
    Timestamp until = timestamp_max;
    for (std::uint32_t i = 0; i < instruction.count; ++i) {
        const Operand item = run(operand(instruction, i));
        until = std::min(until, item.until);
        if (!is_holdable(item) || !afford(item)) {
            return error_operand(item.until);
        }
        list.push_back(to_value(item));
    }
    Operand result = from_value(store_.keep(std::move(list)));
    result.until = until;
    return result;
}

Operand Evaluator::size(const Instruction& instruction) {
    const Operand value = run(operand(instruction, 0));
    switch (value.kind) {
        case Kind::String:
            return int_operand(length_of(value.text), value.until);
        case Kind::Bytes:
            return int_operand(static_cast<std::int64_t>(value.text.size()), value.until);
        case Kind::List:
            return int_operand(static_cast<std::int64_t>(value.list->size()), value.until);
        case Kind::Map:
            return int_operand(static_cast<std::int64_t>(value.map->size()), value.until);
        default:
            return error_operand(value.until);
    }
}

Operand Evaluator::text_question(const Instruction& instruction) {
    const Operand value = run(operand(instruction, 0));
    if (value.kind != Kind::String) {
        return error_operand(value.until);
    }
    if (instruction.op == Op::Matches) {
        const Pattern& pattern = program_.patterns[instruction.index];
        return afford_match(pattern, value.text.size())
                   ? bool_operand(matches(pattern, value.text), value.until)
                   : error_operand(value.until);
    }
    const Operand part = run(operand(instruction, 1));
    const Timestamp until = std::min(value.until, part.until);
    if (part.kind != Kind::String || !may_work(search_work(value.text, part.text))) {
        return error_operand(until);
    }
    switch (instruction.op) {
        case Op::Contains:
            return bool_operand(value.text.find(part.text) != std::string_view::npos, until);
        case Op::StartsWith:
            return bool_operand(value.text.starts_with(part.text), until);
        default:
            return bool_operand(value.text.ends_with(part.text), until);
    }
}

}  // namespace winback::expr
