#include <algorithm>
#include <cmath>
#include <limits>

#include "expr/conversion.h"
#include "expr/duration.h"
#include "expr/operand.h"

namespace winback::expr {
namespace {

// Steps beyond these would leave the calendar whatever they are added to.
constexpr std::int64_t months_max = 2400;
constexpr std::int64_t days_max = 73'050;
constexpr std::int64_t span_ms_max = time_limit_high.ms - time_limit_low.ms;

Operand duration_of(std::int64_t months, std::int64_t days, std::int64_t ms, Timestamp until) {
    const bool calendar = months != 0 || days != 0;
    if (std::max(months, -months) > months_max || std::max(days, -days) > days_max ||
        (calendar && (ms > span_ms_max || ms < -span_ms_max))) {
        return error_operand(until);
    }
    Operand result = step_operand({static_cast<int>(months), static_cast<int>(days), ms});
    result.until = until;
    return result;
}

Operand numbers(BinaryOp op, const Operand& a, const Operand& b) {
    // Beyond CEL: a whole number beside a real one counts as real.
    const bool real_numbers = a.kind == Kind::Double || b.kind == Kind::Double;
    const Number left = real_numbers ? real(as_real(a.number())) : a.number();
    const Number right = real_numbers ? real(as_real(b.number())) : b.number();
    const Timestamp until = std::min(a.until, b.until);
    const Computed computed = compute(op, left, right);
    return computed.number ? number_operand(*computed.number, until) : error_operand(until);
}

// `sign` is 1 or -1.
Operand move_time(const Operand& time, const Operand& span, int sign, const Moment& moment) {
    const Timestamp until = std::min(time.until, span.until);
    const bool calendar = has_calendar(span);
    const CalendarStep whole =
        span.ends == Ends::None ? whole_step(span) : CalendarStep{0, 0, span.integer};
    if (span.is_moving() || whole.ms == std::numeric_limits<std::int64_t>::min()) {
        return error_operand(until);
    }
    CalendarStep step = sign > 0 ? whole : reversed(whole);
    if (time.moves) {
        if (calendar && time.step != CalendarStep{}) {
            return error_operand(until);
        }
        if (!calendar) {
            const std::int64_t ms = step.ms;
            step = time.step;
            if (__builtin_add_overflow(step.ms, ms, &step.ms)) {
                return error_operand(until);
            }
        }
    }
    if (step.ms > span_ms_max || step.ms < -span_ms_max) {
        return error_operand(until);
    }
    const Moment from{time.moves ? moment.now : Timestamp{time.integer}, moment.zone};
    Operand result = moving_operand(step, from);
    result.until = until;
    result.moves = result.moves && time.moves;
    return result;
}

Operand difference(const Operand& a, const Operand& b) {
    const Timestamp until = std::min(a.until, b.until);
    Operand result = duration_operand(a.integer - b.integer, until);
    if (a.moves && b.moves) {
        return error_operand(until);
    }
    result.ends = Ends::Fixed;
    result.other = {b.integer};
    if (a.moves) {
        result.ends = Ends::ToMoves;
        result.step = a.step;
    } else if (b.moves) {
        result.ends = Ends::FromMoves;
        result.step = b.step;
        result.other = {a.integer};
    }
    return result;
}

// Months and days of a duration, zero when they are not its own.
CalendarStep calendar_part(const Operand& duration) {
    return duration.ends == Ends::None ? duration.step : CalendarStep{};
}

Operand durations(BinaryOp op, const Operand& a, const Operand& b) {
    const Timestamp until = std::min(a.until, b.until);
    if (op == BinaryOp::Divide) {
        return double_operand(
            static_cast<double>(nominal_ms(a)) / static_cast<double>(nominal_ms(b)), until);
    }
    const bool add = op == BinaryOp::Add;
    std::int64_t ms = 0;
    const bool overflow = add ? __builtin_add_overflow(a.integer, b.integer, &ms)
                              : __builtin_sub_overflow(a.integer, b.integer, &ms);
    if (overflow || (!add && op != BinaryOp::Subtract)) {
        return error_operand(until);
    }
    const CalendarStep x = calendar_part(a);
    const CalendarStep y = calendar_part(b);
    const std::int64_t sign = add ? 1 : -1;
    return duration_of(x.months + sign * y.months, x.days + sign * y.days, ms, until);
}

Operand scaled(BinaryOp op, const Operand& span, const Operand& factor) {
    const Timestamp until = std::min(span.until, factor.until);
    if (op == BinaryOp::Multiply && factor.kind == Kind::Int) {
        const CalendarStep step = calendar_part(span);
        std::int64_t ms = 0;
        if (__builtin_mul_overflow(span.integer, factor.integer, &ms) ||
            factor.integer > days_max || factor.integer < -days_max) {
            return error_operand(until);
        }
        return duration_of(step.months * factor.integer, step.days * factor.integer, ms, until);
    }
    // By a real number a calendar step has no meaning; it counts by its nominal length.
    const double by = as_real(factor.number());
    const auto ms = static_cast<double>(nominal_ms(span));
    const double result = std::round(op == BinaryOp::Multiply ? ms * by : ms / by);
    constexpr double bound = 9e18;
    if (!(std::abs(result) < bound)) {
        return error_operand(until);
    }
    return duration_operand(static_cast<std::int64_t>(result), until);
}

// Times that came as texts: a - b, or one with a time or a duration beside it.
Operand of_told_times(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment) {
    const auto read = [](const Operand& x) { return x.kind == Kind::String ? as_time(x) : x; };
    const Operand left = read(a);
    const Operand right = read(b);
    const bool read_both = left.kind != Kind::Null && right.kind != Kind::Null;
    return read_both ? arithmetic(op, left, right, moment)
                     : error_operand(std::min(a.until, b.until));
}

}  // namespace

Operand arithmetic(BinaryOp op, const Operand& a, const Operand& b, const Moment& moment) {
    const Timestamp until = std::min(a.until, b.until);
    if (a.is_number() && b.is_number()) {
        return numbers(op, a, b);
    }
    const bool moving_span =
        (a.kind == Kind::Duration && a.is_moving()) || (b.kind == Kind::Duration && b.is_moving());
    if (moving_span) {
        return error_operand(until);
    }
    const bool additive = op == BinaryOp::Add || op == BinaryOp::Subtract;
    if (additive && (a.kind == Kind::String || b.kind == Kind::String)) {
        return of_told_times(op, a, b, moment);
    }
    if (a.kind == Kind::Time && b.kind == Kind::Duration && additive) {
        return move_time(a, b, op == BinaryOp::Add ? 1 : -1, moment);
    }
    if (a.kind == Kind::Duration && b.kind == Kind::Time && op == BinaryOp::Add) {
        return move_time(b, a, 1, moment);
    }
    if (a.kind == Kind::Time && b.kind == Kind::Time && op == BinaryOp::Subtract) {
        return difference(a, b);
    }
    if (a.kind == Kind::Duration && b.kind == Kind::Duration) {
        return durations(op, a, b);
    }
    const bool scales = op == BinaryOp::Multiply || op == BinaryOp::Divide;
    if (a.kind == Kind::Duration && b.is_number() && scales && b.kind != Kind::Uint) {
        return scaled(op, a, b);
    }
    if (b.kind == Kind::Duration && a.is_number() && op == BinaryOp::Multiply &&
        a.kind != Kind::Uint) {
        return scaled(op, b, a);
    }
    return error_operand(until);
}

Operand negative(const Operand& a) {
    Operand result = a;
    switch (a.kind) {
        case Kind::Double:
            result.real = -a.real;
            return result;
        case Kind::Int:
        case Kind::Duration:
            if (a.is_moving() || a.integer == std::numeric_limits<std::int64_t>::min()) {
                return error_operand(a.until);
            }
            result.integer = -a.integer;
            result.ends = Ends::None;
            result.step = reversed(calendar_part(a));
            return result;
        default:
            return error_operand(a.until);
    }
}

}  // namespace winback::expr
