#include <algorithm>

#include "expr/evaluator.h"

namespace winback::expr {
namespace {

// What the turns of a list function have found so far.
struct Found {
    std::size_t holding = 0;
    bool failing = false;
    bool error = false;
    Timestamp until = timestamp_max;
    ValueList items;
};

// No later item can change the answer.
bool is_decided(Op op, const Found& found) {
    switch (op) {
        case Op::Exists:
            return found.holding > 0;
        case Op::All:
            return found.failing;
        default:
            return false;
    }
}

void take(Op op, const Value& item, const Operand& result, Found& found) {
    found.until = std::min(found.until, result.until);
    if (op == Op::Map) {
        found.error = found.error || !is_holdable(result);
        found.items.push_back(to_value(result));
        return;
    }
    if (result.kind != Kind::Bool) {
        found.error = true;
    } else if (result.integer == 0) {
        found.failing = true;
    } else {
        ++found.holding;
        if (op == Op::Filter) {
            found.items.push_back(item);
        }
    }
}

}  // namespace

Operand Evaluator::over_list(const Instruction& instruction) {
    const Operand target = run(operand(instruction, 0));
    const Op op = instruction.op;
    const bool is_question = op == Op::Exists || op == Op::All || op == Op::ExistsOne;
    const auto failed = [&](Timestamp until) {
        return is_question ? settle(error_operand(until)) : error_operand(until);
    };
    ValueList keys;
    const ValueList* list = target.list;
    if (target.kind == Kind::Map) {
        for (const Field& field : *target.map) {
            keys.emplace_back(field.first);
        }
        list = &keys;
    } else if (target.kind != Kind::List) {
        return failed(target.until);
    }
    Found found;
    found.until = target.until;
    for (const Value& item : *list) {
        if (!keep_within(++turns_, loop_turns_max)) {
            return error_operand(target.until);
        }
        const std::size_t mark = store_.mark();
        variables_[instruction.index] = from_value(item);
        bool wanted = true;
        if (instruction.count > 2) {  // map(x, condition, value)
            const Operand test = run(operand(instruction, 2));
            found.until = std::min(found.until, test.until);
            wanted = test.kind == Kind::Bool && test.integer != 0;
        }
        if (wanted) {
            const Operand result = run(operand(instruction, 1));
            const bool keeps = op == Op::Map || op == Op::Filter;
            if (keeps && !afford(op == Op::Map ? result : from_value(item))) {
                return failed(target.until);
            }
            take(op, item, result, found);
        }
        store_.release(mark);
        if (is_decided(op, found)) {
            break;
        }
    }
    if (found.error && !is_decided(op, found)) {
        return failed(found.until);
    }
    switch (op) {
        case Op::Exists:
            return bool_operand(found.holding > 0, found.until);
        case Op::All:
            return bool_operand(!found.failing, found.until);
        case Op::ExistsOne:
            return bool_operand(found.holding == 1, found.until);
        default: {
            Operand result = from_value(store_.keep(std::move(found.items)));
            result.until = found.until;
            return result;
        }
    }
}

}  // namespace winback::expr
