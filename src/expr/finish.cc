#include <algorithm>
#include <vector>

#include "expr/evaluator.h"
#include "expr/selection.h"

namespace winback::expr {
namespace {

// Any change of the counted events may change the value.
struct Counted {
    std::size_t count = 0;
    std::size_t first = 0;
    std::size_t last = 0;
};

// Calls `visit(i)` for each counted event, oldest first.
template <class Visit>
Counted each(Selection& events, Visit visit) {
    Counted counted;
    for (std::size_t i = events.low(); i < events.high() && !events.halted(); ++i) {
        if (events.passes(i)) {
            counted.first = counted.count == 0 ? i : counted.first;
            counted.last = i;
            ++counted.count;
            visit(i);
        }
    }
    return counted;
}

// The value stays as it is until an event comes or goes at either side.
void watch(Selection& events, const Counted& counted) {
    if (counted.count > 0) {
        events.limit(events.leaves(counted.first));
        events.limit(events.leaves_above(counted.last));
    }
    events.watch_earlier();
    events.watch_later();
}

Operand any(Selection& events, bool wanted) {
    for (std::size_t i = events.high(); i > events.low(); --i) {
        if (events.passes(i - 1)) {
            events.limit(events.leaves(i - 1));  // The youngest goes last.
            events.limit(events.leaves_above(i - 1));
            return bool_operand(wanted, events.until());
        }
    }
    watch(events, {});
    return bool_operand(!wanted, events.until());
}

// The youngest counted event; high() when there is none.
std::size_t youngest(Selection& events) {
    for (std::size_t i = events.high(); i > events.low(); --i) {
        if (events.passes(i - 1)) {
            events.limit(events.leaves(i - 1));
            events.limit(events.leaves_above(i - 1));
            events.watch_later();
            return i - 1;
        }
    }
    watch(events, {});
    return events.high();
}

std::size_t oldest(Selection& events) {
    for (std::size_t i = events.low(); i < events.high(); ++i) {
        if (events.passes(i)) {
            events.limit(events.leaves(i));
            events.limit(events.leaves_above(i));
            events.watch_earlier();
            return i;
        }
    }
    watch(events, {});
    return events.high();
}

bool real_number(const Cell& cell, double& value) {
    if (cell.kind == Cell::Kind::Int) {
        value = static_cast<double>(cell.integer);
        return true;
    }
    value = cell.real;
    return cell.kind == Cell::Kind::Double;
}

Operand total(Selection& events, const Slot& slot) {
    double sum = 0;
    std::size_t numbers = 0;
    const Counted counted = each(events, [&](std::size_t i) {
        double value = 0;
        if (real_number(events.cell(i, slot.field), value)) {
            sum += value;
            ++numbers;
        }
    });
    watch(events, counted);
    if (slot.finish == Function::Sum) {
        return double_operand(sum, events.until());
    }
    return numbers == 0 ? null_operand(events.until())
                        : double_operand(sum / static_cast<double>(numbers), events.until());
}

// Of the properties that can be compared with the first one: numbers, times or texts.
Operand extreme(Selection& events, const Slot& slot, const Moment& moment) {
    const BinaryOp op = slot.finish == Function::Min ? BinaryOp::Less : BinaryOp::Greater;
    Operand best = null_operand(timestamp_max);
    const Counted counted = each(events, [&](std::size_t i) {
        const Operand item = from_cell(events.cell(i, slot.field));
        const bool nan = item.kind == Kind::Double && item.real != item.real;
        if (item.kind == Kind::Null || item.kind == Kind::Error || nan) {
            return;
        }
        if (best.kind == Kind::Null) {
            best = item;
            return;
        }
        const Operand better = compare(op, item, best, moment);
        if (better.kind == Kind::Bool && better.integer != 0) {
            best = item;
        }
    });
    watch(events, counted);
    best.until = events.until();
    return best;
}

// Of each of ten thousand.
constexpr std::size_t sort_ns = 300;

// A total order in which equal cells are neighbours.
bool before(const Operand& a, const Operand& b) {
    if (a.is_number() && b.is_number()) {
        return order(a.number(), b.number()) < 0;
    }
    const auto rank = [](const Operand& x) { return x.is_number() ? Kind::Int : x.kind; };
    if (rank(a) != rank(b)) {
        return rank(a) < rank(b);
    }
    return a.kind == Kind::String ? a.text < b.text : a.integer < b.integer;
}

Operand distinct(Selection& events, const Slot& slot) {
    std::vector<Operand> seen;
    const Counted counted = each(events, [&](std::size_t i) {
        const Operand item = from_cell(events.cell(i, slot.field));
        const bool nan = item.kind == Kind::Double && item.real != item.real;
        if (item.kind != Kind::Null && item.kind != Kind::Error && !nan) {
            seen.push_back(item);
        }
    });
    if (!events.may_work(seen.size(), sort_ns)) {
        return error_operand(events.until());
    }
    std::sort(seen.begin(), seen.end(), before);
    const auto end = std::unique(seen.begin(), seen.end(), equals);
    watch(events, counted);
    return int_operand(end - seen.begin(), events.until());
}

Operand days_active(Selection& events, const Moment& moment) {
    std::int64_t days = 0;
    std::int64_t last_day = 0;
    const Counted counted = each(events, [&](std::size_t i) {
        const CivilTime civil = local_time(moment.zone, events.time(i)).civil;
        const std::int64_t day = days_from_civil(civil.year, civil.month, civil.day);
        if (days == 0 || day > last_day) {
            ++days;
            last_day = day;
        }
    });
    watch(events, counted);
    return int_operand(days, events.until());
}

// With an even number of gaps the median is the mean of the two in the middle, rounded down.
std::int64_t median(std::vector<std::int64_t>& gaps) {
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    if (gaps.size() % 2 == 1) {
        return *middle;
    }
    const std::int64_t lower = *std::max_element(gaps.begin(), middle);
    return lower + (*middle - lower) / 2;
}

Operand gap(Selection& events, const Slot& slot) {
    std::vector<std::int64_t> gaps;
    Timestamp previous;
    const Counted counted = each(events, [&](std::size_t i) {
        gaps.push_back((events.time(i) - previous).ms);
        previous = events.time(i);
    });
    watch(events, counted);
    if (counted.count < 2) {
        return null_operand(events.until());
    }
    gaps.erase(gaps.begin());
    if (slot.finish == Function::MedianGap) {
        return duration_operand(median(gaps), events.until());
    }
    const std::int64_t whole = (events.time(counted.last) - events.time(counted.first)).ms;
    return duration_operand(whole / static_cast<std::int64_t>(gaps.size()), events.until());
}

Operand count(Selection& events) {
    Counted counted{events.high() - events.low(), events.low(), events.high() - 1};
    if (events.filtered()) {
        counted = each(events, [](std::size_t) {});
    }
    watch(events, counted);
    return int_operand(static_cast<std::int64_t>(counted.count), events.until());
}

Operand at_time(Selection& events, std::size_t i) {
    return i == events.high() ? null_operand(events.until())
                              : time_operand(events.time(i), events.until());
}

Operand at_cell(Selection& events, std::size_t i, const Slot& slot) {
    Operand result = null_operand(events.until());
    if (i < events.high()) {
        result = from_cell(events.cell(i, slot.field));
        result.until = events.until();
    }
    return result;
}

Operand since_last(Selection& events, const Moment& moment) {
    const std::size_t i = youngest(events);
    if (i == events.high()) {
        return null_operand(events.until());
    }
    const Operand last = time_operand(events.time(i), events.until());
    return arithmetic(BinaryOp::Subtract, moving_operand({}, moment), last, moment);
}

}  // namespace

Operand finish(Evaluator& evaluator, const Slot& slot) {
    Selection events(evaluator, slot);
    const Moment& moment = evaluator.moment();
    if (events.failed()) {
        return error_operand(events.until());
    }
    switch (slot.finish) {
        case Function::Any:
            return any(events, true);
        case Function::None:
            return any(events, false);
        case Function::Count:
            return count(events);
        case Function::Sum:
        case Function::Avg:
            return total(events, slot);
        case Function::Min:
        case Function::Max:
            return extreme(events, slot, moment);
        case Function::Distinct:
            return distinct(events, slot);
        case Function::FirstTime:
            return at_time(events, oldest(events));
        case Function::LastTime:
            return at_time(events, youngest(events));
        case Function::First:
            return at_cell(events, oldest(events), slot);
        case Function::Last:
            return at_cell(events, youngest(events), slot);
        case Function::SinceLast:
            return since_last(events, moment);
        case Function::DaysActive:
            return days_active(events, moment);
        case Function::MedianGap:
        case Function::MeanGap:
            return gap(events, slot);
        case Function::LastTimeOr: {
            const Operand last = at_time(events, youngest(events));
            if (last.kind == Kind::Time) {
                return last;
            }
            Operand other = evaluator.run(slot.argument);
            other.until = std::min(other.until, last.until);
            return other;
        }
        default:
            return error_operand(timestamp_max);
    }
}

// For count() compared with a whole number, where only crossing it matters.
Operand count_at_least(Evaluator& evaluator, const Slot& slot, std::int64_t wanted) {
    Selection events(evaluator, slot);
    if (events.failed()) {
        return error_operand(events.until());
    }
    std::int64_t found = 0;
    for (std::size_t i = events.high(); i > events.low(); --i) {
        if (events.passes(i - 1) && ++found >= wanted) {
            events.limit(events.leaves(i - 1));  // The younger ones go later.
            events.limit(events.leaves_above(events.high() - 1));
            return bool_operand(true, events.until());
        }
    }
    if (wanted <= 0) {
        return bool_operand(true, events.until());
    }
    events.watch_earlier();
    events.watch_later();
    return bool_operand(false, events.until());
}

}  // namespace winback::expr
