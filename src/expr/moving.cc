#include "expr/moving.h"

#include <algorithm>

namespace winback::expr {
namespace {

// A step falls back by at most three days at the end of a month, plus a change of offset: no
// zone has moved its clocks by more than 24 hours. `slack` is twice that and no less than any
// error of undoing a step.
constexpr Duration slack = days(8);

bool is_exact(const CalendarStep& step) {
    return step.months == 0 && step.days == 0;
}

int offset_at(const Zone& zone, Timestamp time) {
    return local_time(zone, time).offset_min;
}

// The end (exclusive) of the stretch from `t` in which t + step only rises: at the next local
// midnight, or earlier where the zone's offset changes.
Timestamp stretch_end(const Zone& zone, Timestamp t) {
    Timestamp end = next_midnight(zone, t);
    if (end <= t) {  // Cannot be; keeps the loops below finite whatever the zone's data.
        end = t + days(1);
    }
    const int offset = offset_at(zone, t);
    if (offset_at(zone, end - milliseconds(1)) == offset) {
        return end;
    }
    Timestamp low = t;  // The offset at `low` is `offset`, at `high` it is not.
    Timestamp high = end - milliseconds(1);
    while (high.ms - low.ms > 1) {
        const Timestamp middle{low.ms + (high.ms - low.ms) / 2};
        (offset_at(zone, middle) == offset ? low : high) = middle;
    }
    return high;
}

// The first moment of the rising stretch [from, end) above `bound`, if the last one is.
Timestamp first_above(
    const Zone& zone, const CalendarStep& step, Timestamp bound, Timestamp from, Timestamp end) {
    Timestamp low = from - milliseconds(1);
    Timestamp high = end - milliseconds(1);
    while (high.ms - low.ms > 1) {
        const Timestamp middle{low.ms + (high.ms - low.ms) / 2};
        (add(zone, middle, step) > bound ? high : low) = middle;
    }
    return high;
}

// True when `guess` is the last moment that is not above `bound`, seen without a search: no
// fall back lies near. Days up to the 28th exist in every month.
bool is_plain(const Zone& zone, const CalendarStep& step, Timestamp bound, Timestamp guess) {
    const LocalTime local = local_time(zone, guess);
    return (step.months == 0 || local.civil.day <= 28) && add(zone, guess, step) == bound &&
           add(zone, guess + milliseconds(1), step) > bound &&
           offset_at(zone, guess - hours(26)) == local.offset_min;
}

}  // namespace

CalendarStep reversed(const CalendarStep& step) {
    return {-step.months, -step.days, -step.ms};
}

Timestamp moved(const Moment& moment, const CalendarStep& step) {
    if (is_exact(step)) {
        return moment.now + milliseconds(step.ms);
    }
    return add(moment.zone, moment.now, step);
}

Timestamp rises_above(const Moment& moment, const CalendarStep& step, Timestamp bound) {
    if (bound < time_limit_low || bound > time_limit_high) {
        return timestamp_max;  // Beyond the calendar: no moment of it gets there.
    }
    const Timestamp after = moment.now + milliseconds(1);
    if (is_exact(step)) {
        return std::max(after, Timestamp{bound.ms - step.ms + 1});
    }
    const Timestamp guess = add(moment.zone, bound, reversed(step));
    if (guess > time_limit_high) {
        return timestamp_max;
    }
    if (guess >= moment.now && is_plain(moment.zone, step, bound, guess)) {
        return guess + milliseconds(1);
    }
    Timestamp t = std::max(after, guess - slack);
    while (t < guess + slack) {
        const Timestamp end = stretch_end(moment.zone, t);
        if (add(moment.zone, end - milliseconds(1), step) > bound) {
            return first_above(moment.zone, step, bound, t, end);
        }
        t = end;
    }
    return t;  // Not yet above, so a right bound though perhaps not the flip.
}

Timestamp falls_to(const Moment& moment, const CalendarStep& step, Timestamp bound) {
    if (is_exact(step) || bound < time_limit_low || moved(moment, step) - bound > slack) {
        return timestamp_max;
    }
    const LocalTime local = local_time(moment.zone, moment.now);
    const Timestamp horizon = moment.now + slack;
    const bool month_end = step.months != 0 && local.civil.day >= 20;
    if (!month_end && offset_at(moment.zone, horizon) == local.offset_min) {
        return timestamp_max;
    }
    for (Timestamp t = stretch_end(moment.zone, moment.now); t < horizon;
         t = stretch_end(moment.zone, t)) {
        if (add(moment.zone, t, step) <= bound) {
            return t;
        }
    }
    return timestamp_max;
}

}  // namespace winback::expr
