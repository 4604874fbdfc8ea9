// What is made of the events that count: the finishes of ev(..).
#include <algorithm>

#include "segment/event_slot.h"

namespace winback::segment {
namespace {

using customer::Column;
using expr::BinaryOp;
using expr::Cell;
using expr::Function;
using expr::Kind;
using expr::Operand;

// Days of a window that are worth a set of bits.
constexpr std::int64_t days_max = 4096;

Operand null() {
    return expr::null_operand(timestamp_max);
}

Operand whole(std::int64_t value) {
    return expr::int_operand(value, timestamp_max);
}

bool is_value(const Operand& item) {
    const bool nan = item.kind == Kind::Double && item.real != item.real;
    return item.kind != Kind::Null && item.kind != Kind::Error && !nan;
}

bool is_less(const Operand& a, const Operand& b, const expr::Moment& moment) {
    const Operand less = expr::compare(BinaryOp::Less, a, b, moment);
    return less.kind == Kind::Bool && less.integer != 0;
}

// The mean of the two in the middle, rounded down, when there is no one.
std::int64_t median(std::vector<std::int64_t>& gaps) {
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    if (gaps.size() % 2 == 1) {
        return *middle;
    }
    const std::int64_t lower = *std::max_element(gaps.begin(), middle);
    return lower + (*middle - lower) / 2;
}

}  // namespace

template <class Visit>
void EventSlot::each(const View& events, Visit visit) {
    each_until(events, [&](const Entry& event) {
        visit(event);
        return false;
    });
}

// Until `visit` says that it knows enough; whether it did.
template <class Visit>
bool EventSlot::each_until(const View& events, Visit visit) {
    const bool filtered = is_filtered();
    bool enough = false;
    std::size_t i = 0;
    for (; i < events.size() && !enough && goes_on(i); ++i) {
        const Entry event = events.at(i);
        enough = (!filtered || passes(event.table, event.row)) && visit(event);
    }
    worked(i);
    return enough;
}

std::optional<EventSlot::Entry> EventSlot::youngest(CustomerIndex customer) {
    std::optional<Entry> found;
    for (const std::uint32_t t : here_) {
        const View events = view(customer, t);
        std::size_t i = events.size();
        for (; i > 0 && goes_on(events.size() - i); --i) {
            const Entry event = events.at(i - 1);
            if (found && event.time < found->time) {
                break;
            }
            if (!is_filtered() || passes(t, event.row)) {
                found = event;
                break;
            }
        }
        worked(events.size() - i);
    }
    return found;
}

std::optional<EventSlot::Entry> EventSlot::oldest(CustomerIndex customer) {
    std::optional<Entry> found;
    for (const std::uint32_t t : here_) {
        const View events = view(customer, t);
        std::size_t i = 0;
        for (; i < events.size() && goes_on(i); ++i) {
            const Entry event = events.at(i);
            if (found && event.time >= found->time) {
                break;
            }
            if (!is_filtered() || passes(t, event.row)) {
                found = event;
                break;
            }
        }
        worked(i);
    }
    return found;
}

Cell EventSlot::cell(const Entry& event) const {
    const Column* column = tables_[event.table].finish_column;
    return column == nullptr ? customer::null_cell() : column->at(event.row);
}

bool EventSlot::real_number(const Entry& event, double& value) const {
    const Column* column = tables_[event.table].finish_column;
    if (column == nullptr) {
        return false;
    }
    const bool cents = column->form() == Column::Form::Cents;
    if (cents || column->form() == Column::Form::Ints) {
        const std::int32_t narrow = column->narrow()[event.row];
        value = cents ? narrow / 100.0 : narrow;
        return narrow != Column::null_narrow;
    }
    const Cell cell = column->at(event.row);
    value = cell.kind == Cell::Kind::Int ? static_cast<double>(cell.integer) : cell.real;
    return cell.kind == Cell::Kind::Int || cell.kind == Cell::Kind::Double;
}

Operand EventSlot::count(CustomerIndex customer) {
    std::size_t found = 0;
    for (const std::uint32_t t : here_) {
        const View events = view(customer, t);
        if (is_filtered()) {
            each(events, [&](const Entry&) { ++found; });
        } else {
            found += events.size();
        }
    }
    return whole(static_cast<std::int64_t>(found));
}

// In the order of time: sums of real numbers depend on it.
Operand EventSlot::total(const View& events) {
    double sum = 0;
    std::size_t numbers = 0;
    const Column* column = events.scan == nullptr ? nullptr : tables_[events.table].finish_column;
    const bool cents = column != nullptr && column->form() == Column::Form::Cents;
    const bool ints = column != nullptr && column->form() == Column::Form::Ints;
    if ((cents || ints) && events.stretch.rows.empty() && !is_filtered()) {
        // As below, of numbers that stand side by side.
        const std::int32_t* narrow = column->narrow().data() + events.stretch.first;
        for (std::uint32_t i = 0; i < events.stretch.count; ++i) {
            const bool known = narrow[i] != Column::null_narrow;
            sum += !known ? 0 : cents ? narrow[i] / 100.0 : narrow[i];
            numbers += known ? 1 : 0;
        }
        worked(events.stretch.count);
    } else {
        each(events, [&](const Entry& event) {
            double value = 0;
            if (real_number(event, value)) {
                sum += value;
                ++numbers;
            }
        });
    }
    if (plan_.finish == Function::Sum) {
        return expr::double_operand(sum, timestamp_max);
    }
    return numbers == 0 ? null()
                        : expr::double_operand(sum / static_cast<double>(numbers), timestamp_max);
}

Operand EventSlot::extreme(const View& events) {
    Operand best = null();
    each(events, [&](const Entry& event) {
        const Operand item = expr::from_cell(cell(event));
        if (!is_value(item)) {
            return;
        }
        if (best.kind == Kind::Null ||
            (plan_.finish == Function::Min ? is_less(item, best, moment_)
                                           : is_less(best, item, moment_))) {
            best = item;
        }
    });
    return best;
}

Operand EventSlot::distinct(const View& events) {
    const Column* column = events.scan == nullptr ? nullptr : tables_[0].finish_column;
    if (column != nullptr && column->form() == Column::Form::Codes) {
        std::array<bool, 256> seen{};
        std::int64_t found = 0;
        each(events, [&](const Entry& event) {
            const std::uint8_t code = column->tags()[event.row];
            found += code != customer::no_text && !seen[code] ? 1 : 0;
            seen[code] = true;
        });
        return whole(found);
    }
    items_.clear();
    each(events, [&](const Entry& event) {
        const Operand item = expr::from_cell(cell(event));
        if (is_value(item)) {
            items_.push_back(item);
        }
    });
    constexpr std::size_t of_item = 300;
    if (!may_gather(items_.size(), of_item)) {
        return whole(0);
    }
    std::sort(items_.begin(), items_.end(), [&](const Operand& a, const Operand& b) {
        const auto rank = [](const Operand& x) { return x.is_number() ? Kind::Int : x.kind; };
        return rank(a) != rank(b) ? rank(a) < rank(b) : is_less(a, b, moment_);
    });
    return whole(std::unique(items_.begin(), items_.end(), expr::equals) - items_.begin());
}

Operand EventSlot::gap(const View& events) {
    gaps_.clear();
    std::size_t found = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;
    each(events, [&](const Entry& event) {
        if (found++ == 0) {
            first = event.time;
        } else {
            gaps_.push_back(event.time - last);
        }
        last = event.time;
    });
    if (gaps_.empty()) {
        return null();
    }
    const std::int64_t ms = plan_.finish == Function::MedianGap
                                ? median(gaps_)
                                : (last - first) / static_cast<std::int64_t>(gaps_.size());
    return expr::duration_operand(ms, timestamp_max);
}

bool EventSlot::has_values(CustomerIndex customer, std::int64_t wanted) {
    const Column* column = tables_.size() == 1 ? tables_[0].finish_column : nullptr;
    if (column == nullptr || column->form() != Column::Form::Codes) {
        return distinct(view(customer)).integer >= wanted;
    }
    std::array<std::uint64_t, 4> seen{};
    std::int64_t found = 0;
    return each_until(view(customer, 0), [&](const Entry& event) {
        const std::uint8_t code = column->tags()[event.row];
        const std::uint64_t bit = std::uint64_t{1} << (code % 64);
        found += code != customer::no_text && (seen[code / 64] & bit) == 0 ? 1 : 0;
        seen[code / 64] |= bit;
        return found >= wanted;
    });
}

// A day that comes again, where clocks go back over midnight, counts once.
std::int64_t EventSlot::days_in_order(const View& events) {
    std::int64_t found = 0;
    std::int64_t last_day = 0;
    each(events, [&](const Entry& event) {
        const std::int64_t day = days_.of(event.time);
        if (found == 0 || day > last_day) {
            ++found;
            last_day = day;
        }
    });
    return found;
}

// The same without putting the events of several tables in order, and no further than `enough`.
// Not on days on which clocks change.
std::optional<std::int64_t> EventSlot::days_of_all(CustomerIndex customer, std::int64_t enough) {
    const Window& window = plan_.window;
    if (without_events_ || window.high <= window.low) {
        return 0;
    }
    if (window.low == timestamp_min.ms || (window.high - window.low) / day_ms > days_max) {
        return std::nullopt;
    }
    const std::int64_t before = window.low / day_ms - 2;
    day_bits_.assign(static_cast<std::size_t>((window.high - window.low) / day_ms + 6) / 64 + 1, 0);
    std::int64_t found = 0;
    bool even = true;
    for (const std::uint32_t t : here_by_size_) {
        if (!even || found >= enough) {
            break;
        }
        if (tables_[t].scan->most_rows(customer) == 0) {
            continue;
        }
        std::int64_t last_day = before;
        each_until(view(customer, t), [&](const Entry& event) {
            const std::int64_t day = days_.of(event.time);
            even = days_.is_even(event.time);
            if (even && day != last_day) {
                last_day = day;
                const auto bit = static_cast<std::size_t>(day - before);
                const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
                found += (day_bits_[bit / 64] & mask) == 0 ? 1 : 0;
                day_bits_[bit / 64] |= mask;
            }
            return !even || found >= enough;
        });
    }
    return even ? std::optional(found) : std::nullopt;
}

bool EventSlot::has_days(CustomerIndex customer, std::int64_t wanted) {
    const std::optional<std::int64_t> found = days_of_all(customer, wanted);
    return (found ? *found : days_in_order(view(customer))) >= wanted;
}

Operand EventSlot::days_active(CustomerIndex customer) {
    if (tables_.size() > 1) {
        if (const std::optional<std::int64_t> found = days_of_all(customer, INT64_MAX)) {
            return whole(*found);
        }
    }
    return whole(days_in_order(view(customer)));
}

Operand EventSlot::at_time(const std::optional<Entry>& event) {
    return event ? expr::time_operand({event->time}, timestamp_max) : null();
}

Operand EventSlot::at_cell(const std::optional<Entry>& event) const {
    return event ? expr::from_cell(cell(*event)) : null();
}

Operand EventSlot::finish(CustomerIndex customer) {
    if (plan_.failed || given_up()) {
        return expr::error_operand(timestamp_max);
    }
    if (!plan_.follows.empty() && !without_events_) {
        read_follows(customer);
    }
    switch (plan_.finish) {
        case Function::Count:
            return count(customer);
        case Function::Sum:
        case Function::Avg:
            return total(view(customer));
        case Function::Min:
        case Function::Max:
            return extreme(view(customer));
        case Function::Distinct:
            return distinct(view(customer));
        case Function::FirstTime:
            return at_time(oldest(customer));
        case Function::LastTime:
            return at_time(youngest(customer));
        case Function::First:
            return at_cell(oldest(customer));
        case Function::Last:
            return at_cell(youngest(customer));
        case Function::DaysActive:
            return days_active(customer);
        case Function::MedianGap:
        case Function::MeanGap:
            return gap(view(customer));
        case Function::LastTimeOr: {
            const Operand last = at_time(youngest(customer));
            return last.kind == Kind::Time ? last : plan_.otherwise;
        }
        case Function::SinceLast: {
            const Operand last = at_time(youngest(customer));
            return last.kind == Kind::Null
                       ? last
                       : expr::arithmetic(BinaryOp::Subtract, expr::moving_operand({}, moment_),
                                          last, moment_);
        }
        default:
            return expr::error_operand(timestamp_max);
    }
}

}  // namespace winback::segment
