#include <algorithm>

#include "expr/conversion.h"
#include "expr/duration.h"
#include "expr/operand.h"

namespace winback::expr {
namespace {

template <class Order>
bool holds(BinaryOp op, Order order) {
    switch (op) {
        case BinaryOp::Less:
            return order < 0;
        case BinaryOp::LessEqual:
            return order <= 0;
        case BinaryOp::Greater:
            return order > 0;
        case BinaryOp::GreaterEqual:
            return order >= 0;
        case BinaryOp::Equal:
            return order == 0;
        default:
            return order != 0;
    }
}

bool is_equality(BinaryOp op) {
    return op == BinaryOp::Equal || op == BinaryOp::NotEqual;
}

// The next change of `now + step > bound`.
Timestamp next_crossing(const CalendarStep& step, std::int64_t bound, const Moment& moment) {
    return moved(moment, step).ms > bound ? falls_to(moment, step, {bound})
                                          : rises_above(moment, step, {bound});
}

// now + step, compared with `bound`.
Operand compare_moving(BinaryOp op,
                       const CalendarStep& step,
                       std::int64_t bound,
                       Timestamp until,
                       const Moment& moment) {
    bound = std::max(bound, time_limit_low.ms - days(1).ms);  // Nothing is earlier.
    const bool result = holds(op, moved(moment, step).ms <=> bound);
    if (!moment.looks_ahead) {
        return bool_operand(result, until);
    }
    Timestamp flip = timestamp_max;
    if (op == BinaryOp::Greater || op == BinaryOp::LessEqual || is_equality(op)) {
        flip = next_crossing(step, bound, moment);
    }
    if (op == BinaryOp::Less || op == BinaryOp::GreaterEqual || is_equality(op)) {
        flip = std::min(flip, next_crossing(step, bound - 1, moment));
    }
    return bool_operand(result, std::min(until, flip));
}

Operand compare_times(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment) {
    const Timestamp until = std::min(a.until, b.until);
    if (a.moves && b.moves) {
        return error_operand(until);
    }
    if (a.moves) {
        return compare_moving(op, a.step, b.integer, until, moment);
    }
    if (b.moves) {
        return compare_moving(mirrored(op), b.step, a.integer, until, moment);
    }
    return bool_operand(holds(op, a.integer <=> b.integer), until);
}

// `a` has a moving end, `b` none.
Operand compare_growing(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment) {
    const Timestamp until = std::min(a.until, b.until);
    const bool exact_end = a.step == CalendarStep{};
    if (a.ends == Ends::ToMoves && has_calendar(b)) {
        // now - from > 3d: from + 3d is passed when now - 3d is later than from.
        if (!exact_end) {
            return error_operand(until);
        }
        return compare_moving(op, reversed(whole_step(b)), a.other.ms, until, moment);
    }
    std::int64_t bound = 0;
    if (a.ends == Ends::ToMoves) {
        if (__builtin_add_overflow(a.other.ms, nominal_ms(b), &bound)) {
            return error_operand(until);
        }
        return compare_moving(op, a.step, bound, until, moment);
    }
    if (has_calendar(b)) {
        bound = subtract(moment.zone, a.other, whole_step(b)).ms;
    } else if (__builtin_sub_overflow(a.other.ms, b.integer, &bound)) {
        return error_operand(until);
    }
    return compare_moving(mirrored(op), a.step, bound, until, moment);
}

Operand compare_durations(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment) {
    const Timestamp until = std::min(a.until, b.until);
    if (a.is_moving() && b.is_moving()) {
        return error_operand(until);
    }
    if (a.is_moving()) {
        return compare_growing(op, a, b, moment);
    }
    if (b.is_moving()) {
        return compare_growing(mirrored(op), b, a, moment);
    }
    if (a.ends == Ends::Fixed && has_calendar(b)) {
        const Timestamp to{a.other.ms + a.integer};
        const Timestamp start = subtract(moment.zone, to, whole_step(b));
        return bool_operand(holds(op, start <=> a.other), until);
    }
    if (b.ends == Ends::Fixed && has_calendar(a)) {
        return compare_durations(mirrored(op), b, a, moment);
    }
    return bool_operand(holds(op, nominal_ms(a) <=> nominal_ms(b)), until);
}

}  // namespace

BinaryOp mirrored(BinaryOp op) {
    switch (op) {
        case BinaryOp::Less:
            return BinaryOp::Greater;
        case BinaryOp::LessEqual:
            return BinaryOp::GreaterEqual;
        case BinaryOp::Greater:
            return BinaryOp::Less;
        case BinaryOp::GreaterEqual:
            return BinaryOp::LessEqual;
        default:
            return op;
    }
}

Operand compare(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment) {
    const Timestamp until = std::min(a.until, b.until);
    if (a.kind == Kind::Error || b.kind == Kind::Error) {
        return error_operand(until);
    }
    if (a.is_number() && b.is_number()) {
        return bool_operand(holds(op, order(a.number(), b.number())), until);
    }
    if (a.kind == b.kind) {
        switch (a.kind) {
            case Kind::Time:
                return compare_times(op, a, b, moment);
            case Kind::Duration:
                return compare_durations(op, a, b, moment);
            case Kind::Bool:
                return bool_operand(holds(op, a.integer <=> b.integer), until);
            case Kind::String:
            case Kind::Bytes:
                return bool_operand(holds(op, a.text.compare(b.text) <=> 0), until);
            default:
                break;
        }
    }
    const auto told_beside = [](const Operand& text, const Operand& time) {
        return text.kind == Kind::String && time.kind == Kind::Time;
    };
    if (told_beside(a, b) || told_beside(b, a)) {
        return compare(op, as_time(a), as_time(b), moment);
    }
    if (is_equality(op)) {
        return bool_operand(equals(a, b) == (op == BinaryOp::Equal), until);
    }
    return error_operand(until);
}

}  // namespace winback::expr
