#include "expr/selection.h"

#include <algorithm>

#include "base/check.h"
#include "expr/conversion.h"
#include "expr/evaluator.h"

namespace winback::expr {

Selection::Selection(Evaluator& evaluator, const Slot& slot) : evaluator_(evaluator), slot_(slot) {
    const Moment& moment = evaluator.moment_;
    for (const Narrowing& narrowing : slot.narrowings) {
        switch (narrowing.function) {
            case Function::Within:
                add_bound(false, moving_operand(reversed(narrowing.step), moment));
                break;
            case Function::Between:
                add_bound(false, evaluator.run(narrowing.first));
                add_bound(true, evaluator.run(narrowing.second));
                break;
            case Function::Since:
                add_bound(false, evaluator.run(narrowing.first));
                break;
            case Function::Before:
                add_bound(true, evaluator.run(narrowing.first));
                break;
            default:
                filtered_ = true;
        }
    }
    read_followers();
    // Asked for last: the view holds only until the facts are asked for other events.
    if (slot.is_sent) {
        view_.times = evaluator.facts_.sent(slot.campaign);
    } else if (may_read(slot.set)) {
        view_ = evaluator.facts_.events(slot.set);
    }
    Timestamp low = timestamp_min;
    Timestamp high = moment.now + milliseconds(1);
    for (std::size_t i = 0; i < bound_count_; ++i) {
        const Bound& bound = bounds_[i];
        (bound.upper ? high : low) =
            bound.upper ? std::min(high, bound.value) : std::max(low, bound.value);
    }
    constexpr std::size_t of_look = 100;
    evaluator.worked(of_look + view_.times.size() + view_.cells.size() + followers_.size());
    const auto& times = view_.times;
    const auto index = [&](Timestamp time) {
        return static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), time) -
                                        times.begin());
    };
    low_ = low == timestamp_min ? 0 : index(low);
    high_ = std::max(low_, index(high));
}

void Selection::add_bound(bool upper, const Operand& value) {
    const Operand operand = as_time(value);
    until_ = std::min(until_, operand.until);
    if (operand.kind != Kind::Time) {
        failed_ = true;
        return;
    }
    bounds_[bound_count_++] = {upper, operand.moves, {operand.integer}, operand.step};
}

bool Selection::halted() const {
    return evaluator_.halted_;
}

bool Selection::may_work(std::size_t events, std::size_t each) {
    return evaluator_.may_work(events * each);
}

// Reading them is one piece of work: they are gathered, and put in order.
bool Selection::may_read(EventSetId set) {
    return evaluator_.interrupt_ == nullptr ||
           evaluator_.may_work(evaluator_.facts_.events_work(set));
}

bool Selection::watches() const {
    return evaluator_.moment_.looks_ahead;
}

void Selection::limit(Timestamp moment) {
    until_ = std::min(until_, moment);
}

bool Selection::passes(std::size_t i) {
    constexpr std::size_t of_event = 20;
    evaluator_.worked(of_event);
    if (!filtered_) {
        return true;
    }
    std::size_t which = 0;
    for (const Narrowing& narrowing : slot_.narrowings) {
        bool good = true;
        if (narrowing.function == Function::Where) {
            evaluator_.event_ = {view_, i};
            const std::size_t mark = evaluator_.store_.mark();
            const Operand result = evaluator_.run(narrowing.first);
            evaluator_.store_.release(mark);
            limit(result.until);
            good = result.kind == Kind::Bool && result.integer != 0;
        } else if (narrowing.function == Function::Then) {
            good = is_followed(i, narrowing, which++);
        }
        if (!good) {
            return false;
        }
    }
    return true;
}

void Selection::read_followers() {
    std::size_t which = 0;
    for (const Narrowing& narrowing : slot_.narrowings) {
        if (narrowing.function == Function::Then) {
            if (!may_read(narrowing.followers)) {
                failed_ = true;
                return;
            }
            const std::span<const Timestamp> times =
                evaluator_.facts_.events(narrowing.followers).times;
            followers_.insert(followers_.end(), times.begin(), times.end());
            follower_ends_[++which] = followers_.size();
        }
    }
}

bool Selection::is_followed(std::size_t i, const Narrowing& narrowing, std::size_t which) {
    constexpr std::size_t of_step = 100;
    evaluator_.worked(of_step);
    const Moment& moment = evaluator_.moment_;
    const Timestamp start = time(i);
    const Timestamp last = add(moment.zone, start, narrowing.step);
    const Timestamp* begin = followers_.data() + follower_ends_[which];
    const Timestamp* end = followers_.data() + follower_ends_[which + 1];
    const Timestamp* next = std::upper_bound(begin, end, start);
    if (next == end || *next > last) {
        return false;
    }
    if (*next > moment.now) {
        limit(*next);
        return false;
    }
    return true;
}

Timestamp Selection::leaves(std::size_t i) const {
    Timestamp first = timestamp_max;
    if (!watches()) {
        return first;
    }
    for (std::size_t b = 0; b < bound_count_; ++b) {
        const Bound& bound = bounds_[b];
        if (bound.moves && !bound.upper) {
            first = std::min(first, rises_above(evaluator_.moment_, bound.step, time(i)));
        }
    }
    return first;
}

Timestamp Selection::leaves_above(std::size_t i) const {
    Timestamp first = timestamp_max;
    if (!watches()) {
        return first;
    }
    for (std::size_t b = 0; b < bound_count_; ++b) {
        const Bound& bound = bounds_[b];
        if (bound.moves && bound.upper) {
            first = std::min(first, falls_to(evaluator_.moment_, bound.step, time(i)));
        }
    }
    return first;
}

Timestamp Selection::enters(std::size_t i) const {
    const Timestamp event = time(i);
    // Every bound that shuts it out must let it in: none does so before its first change.
    Timestamp first = event > evaluator_.moment_.now ? event : timestamp_min;
    for (std::size_t b = 0; b < bound_count_; ++b) {
        const Bound& bound = bounds_[b];
        const bool shut_out = bound.upper ? event >= bound.value : event < bound.value;
        if (!shut_out) {
            continue;
        }
        if (!bound.moves) {
            return timestamp_max;
        }
        const Timestamp flip = bound.upper ? rises_above(evaluator_.moment_, bound.step, event)
                                           : falls_to(evaluator_.moment_, bound.step, event);
        first = std::max(first, flip);
    }
    WINBACK_CHECK(first != timestamp_min);
    return first;
}

Timestamp Selection::reenters(std::size_t i) const {
    Timestamp first = timestamp_min;
    for (std::size_t b = 0; b < bound_count_; ++b) {
        const Bound& bound = bounds_[b];
        if (!bound.upper && time(i) < bound.value) {
            first = std::max(first, bound.moves ? falls_to(evaluator_.moment_, bound.step, time(i))
                                                : timestamp_max);
        }
    }
    WINBACK_CHECK(first != timestamp_min);
    return first;
}

// Asked before a flip of an event is looked for.
bool Selection::goes_on() const {
    constexpr std::size_t of_flip = 300;
    evaluator_.worked(of_flip);
    return !evaluator_.halted_;
}

void Selection::watch_later() {
    for (std::size_t i = high_; watches() && i < view_.times.size() && goes_on(); ++i) {
        const Timestamp moment = enters(i);
        if (moment >= until_) {
            return;  // Later events come in no earlier.
        }
        if (passes(i)) {
            limit(moment);
            return;
        }
    }
}

void Selection::watch_earlier() {
    for (std::size_t i = low_; watches() && i > 0 && goes_on(); --i) {
        const Timestamp moment = reenters(i - 1);
        if (moment >= until_) {
            return;
        }
        if (passes(i - 1)) {
            limit(moment);
            return;
        }
    }
}

}  // namespace winback::expr
