// When a moment that moves with the clock passes a fixed one.
//
// `ago("1mo")` is the moment now + step with step = -1 month, by the calendar of a zone. As
// time passes it moves on, but not evenly: it falls back where a month is shorter than the one
// before (on 29, 30 and 31 March it is 28 February) and where clocks go back, and it leaps
// where clocks go forward. Both questions below are answered exactly, to the millisecond;
// they bound how long an evaluated condition stays valid (docs/design/conditions.md).
#pragma once

#include "base/time.h"
#include "base/zone.h"

namespace winback::expr {

struct Moment {
    Timestamp now;
    const Zone& zone;
    // Whether it matters until when an outcome holds. Counting a whole base asks for now alone.
    bool looks_ahead = true;
};

// The same steps in the other direction.
CalendarStep reversed(const CalendarStep& step);

// now + step. Pre: |step| is at most about 200 years.
Timestamp moved(const Moment& moment, const CalendarStep& step);

// The first t > now at which t + step > bound. Pre: now + step <= bound.
// timestamp_max when it lies past time_limit_high.
Timestamp rises_above(const Moment& moment, const CalendarStep& step, Timestamp bound);

// The first t > now at which t + step <= bound. Pre: now + step > bound.
// timestamp_max when it never falls back so far.
Timestamp falls_to(const Moment& moment, const CalendarStep& step, Timestamp bound);

}  // namespace winback::expr
