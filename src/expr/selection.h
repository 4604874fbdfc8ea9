// The events that one slot is about: found, narrowed, and with the moment at which another
// event would come in or one of them would go.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "expr/facts.h"
#include "expr/limits.h"
#include "expr/operand.h"
#include "expr/program.h"

namespace winback::expr {

class Evaluator;

// The event that where(..) looks at.
struct EventCursor {
    EventView view;
    std::size_t index = 0;

    Timestamp time() const { return view.times[index]; }
    Cell cell(std::uint32_t field) const { return view.cells[field * view.times.size() + index]; }
};

// Counted are the events of [low, high) that pass every where(..) and then(..). Events outside
// are before the lower bounds, or at or after the upper ones, or later than now.
class Selection {
public:
    Selection(Evaluator& evaluator, const Slot& slot);

    // A bound could not be computed: nothing is known of the events.
    bool failed() const { return failed_; }
    Timestamp until() const { return until_; }

    bool filtered() const { return filtered_; }

    std::size_t low() const { return low_; }
    std::size_t high() const { return high_; }
    Timestamp time(std::size_t i) const { return view_.times[i]; }
    Cell cell(std::size_t i, std::uint32_t field) const {
        return view_.cells[field * view_.times.size() + i];
    }

    // Whether event i passes the filters. What could change the answer shortens until().
    bool passes(std::size_t i);
    // Nothing more is looked at: what is found counts for nothing.
    bool halted() const;
    // Before work in one piece, of so many nanoseconds for each of some events.
    bool may_work(std::size_t events, std::size_t each);

    // The first moment at which a counted event falls out of a lower bound. The oldest goes
    // first.
    Timestamp leaves(std::size_t i) const;
    // The same of an upper bound, which may fall back. The youngest goes first.
    Timestamp leaves_above(std::size_t i) const;
    // The earliest moment at which an event after the counted ones may come in. Never earlier
    // for a later event.
    Timestamp enters(std::size_t i) const;
    // The same for an event before them: when a lower bound falls back to it. Never earlier
    // for an earlier event.
    Timestamp reenters(std::size_t i) const;

    // Shortens until() by the next event that may come in from the later, the earlier side.
    void watch_later();
    void watch_earlier();
    void limit(Timestamp moment);

private:
    struct Bound {
        bool upper = false;
        bool moves = false;
        Timestamp value;
        CalendarStep step;
    };

    bool watches() const;
    bool goes_on() const;
    bool may_read(EventSetId set);
    void add_bound(bool upper, const Operand& value);
    bool is_followed(std::size_t i, const Narrowing& narrowing, std::size_t which);
    void read_followers();

    Evaluator& evaluator_;
    const Slot& slot_;
    EventView view_;
    std::array<Bound, narrowings_max * 2> bounds_;
    std::size_t bound_count_ = 0;
    std::vector<Timestamp> followers_;  // Of each then(..), one after the other.
    std::array<std::size_t, narrowings_max + 1> follower_ends_{};
    std::size_t low_ = 0;
    std::size_t high_ = 0;
    bool filtered_ = false;
    bool failed_ = false;
    Timestamp until_ = timestamp_max;
};

// The value of a slot's finish.
Operand finish(Evaluator& evaluator, const Slot& slot);

// `count() >= wanted`, valid until the count crosses it, not merely until it changes.
Operand count_at_least(Evaluator& evaluator, const Slot& slot, std::int64_t wanted);

}  // namespace winback::expr
