#include "segment/event_slot.h"

#include <algorithm>

namespace winback::segment {

using expr::Function;

EventSlot::EventSlot(Plan plan,
                     const expr::Moment& moment,
                     DayNumbers& days,
                     expr::Interrupt* interrupt)
    : plan_(std::move(plan)),
      moment_(moment),
      days_(days),
      interrupt_(interrupt),
      test_numbers_(plan_.parts.size()) {
    constexpr std::size_t of_part = 5;
    constexpr std::size_t of_step = 100;
    constexpr std::size_t of_table = 10;
    row_ns_ += plan_.parts.size() * of_part;
    for (const Follow& follow : plan_.follows) {
        row_ns_ += of_step + follow.tables.size() * of_table;
    }
    for (TableScan* scan : plan_.tables) {
        Table& table = tables_.emplace_back();
        table.scan = scan;
        const auto column = [&](std::uint32_t field) {
            const int place =
                field < plan_.fields.size() ? scan->table().field(plan_.fields[field]) : -1;
            return place < 0 ? nullptr : &scan->table().column(place);
        };
        table.finish_column = column(plan_.field);
        for (std::size_t i = 0; i < plan_.parts.size(); ++i) {
            const EventPart& part = plan_.parts[i];
            if (part.kind == EventPart::Kind::Field) {
                test_numbers_[i] = static_cast<std::uint32_t>(table.tests.size());
                table.tests.emplace_back(column(part.field), part.question, part.fixed,
                                         part.fixed_is_left, moment_, interrupt_);
            }
        }
    }
    for (const std::uint32_t where : plan_.wheres) {
        is_flat_ = is_flat_ && flatten(where, flat_tests_);
    }
}

bool EventSlot::flatten(std::uint32_t index, std::vector<std::uint32_t>& tests) const {
    const EventPart& part = plan_.parts[index];
    if (part.kind == EventPart::Kind::Field) {
        tests.push_back(test_numbers_[index]);
        return true;
    }
    return part.kind == EventPart::Kind::And &&
           std::all_of(part.parts.begin(), part.parts.end(),
                       [&](std::uint32_t p) { return flatten(p, tests); });
}

std::size_t EventSlot::column_bytes() const {
    std::size_t bytes = 0;
    for (const Table& table : tables_) {
        std::size_t row = 0;
        for (const CellTest& test : table.tests) {
            row += test.row_bytes();
        }
        const bool reads = plan_.finish == Function::Sum || plan_.finish == Function::Avg ||
                           plan_.finish == Function::Distinct || plan_.finish == Function::Min ||
                           plan_.finish == Function::Max;
        row += reads && table.finish_column != nullptr ? table.finish_column->row_bytes() : 0;
        bytes += row * table.scan->table().main_size();
    }
    return bytes;
}

std::size_t EventSlot::cost() const {
    return 2 + plan_.tables.size() * (is_filtered() ? 8 : 1) + plan_.follows.size() * 8;
}

void EventSlot::open(CustomerIndex first, std::uint32_t count) {
    const auto open_all = [&](const std::vector<TableScan*>& tables) {
        for (TableScan* scan : tables) {
            scan->open(first, count);
        }
        if (interrupt_ != nullptr) {
            interrupt_->after(tables.size() * count);
        }
    };
    open_all(plan_.tables);
    here_.clear();
    for (std::uint32_t t = 0; t < tables_.size(); ++t) {
        if (tables_[t].scan->has_rows()) {
            here_.push_back(t);
        }
    }
    here_by_size_ = here_;
    std::sort(here_by_size_.begin(), here_by_size_.end(), [&](auto a, auto b) {
        return tables_[a].scan->table().main_size() > tables_[b].scan->table().main_size();
    });
    for (const Follow& follow : plan_.follows) {
        open_all(follow.tables);
    }
}

void EventSlot::prefetch(CustomerIndex customer) const {
    for (const std::uint32_t t : here_) {
        const Table& table = tables_[t];
        if (const std::optional<RowIndex> row = table.scan->newest_row(customer)) {
            table.scan->prefetch(*row);
            for (const CellTest& test : table.tests) {
                test.prefetch(*row);
            }
            if (table.finish_column != nullptr) {
                table.finish_column->prefetch(*row);
            }
        }
    }
}

void EventSlot::add_any(const Marks& asked, Marks& found) {
    const Window from_low{.low = plan_.window.low};
    for (const std::uint32_t t : here_) {
        Marks some = asked;
        tables_[t].scan->keep_at_least(1, from_low, some, scratch_);
        for (std::size_t w = 0; w < found.size(); ++w) {
            found[w] |= some[w];
        }
    }
}

expr::Operand EventSlot::finish_without() {
    without_events_ = true;
    const expr::Operand result = finish(0);
    without_events_ = false;
    return result;
}

EventSlot::View EventSlot::view(CustomerIndex customer, std::uint32_t table) {
    if (without_events_ || !tables_[table].scan->has_rows()) {
        return {};
    }
    const TableScan* scan = tables_[table].scan;
    return {.scan = scan,
            .table = table,
            .stretch = scan->rows(customer, plan_.window, scratch_),
            .entries = {}};
}

// Events of one moment stand in the order of names, then of arrival.
EventSlot::View EventSlot::view(CustomerIndex customer) {
    if (tables_.size() == 1 || without_events_) {
        return view(customer, 0);
    }
    constexpr std::size_t of_row = 60;
    entries_.clear();
    if (interrupt_ != nullptr) {
        std::size_t rows = 0;
        for (const std::uint32_t t : here_) {
            rows += tables_[t].scan->most_rows(customer);
        }
        if (!may_gather(rows, of_row)) {
            return {.stretch = {}, .entries = entries_};
        }
    }
    for (const std::uint32_t t : here_) {
        const View one = view(customer, t);
        for (std::size_t i = 0; i < one.size(); ++i) {
            entries_.push_back(one.at(i));
        }
    }
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
        return a.time != b.time     ? a.time < b.time
               : a.table != b.table ? a.table < b.table
                                    : a.row < b.row;
    });
    return {.stretch = {}, .entries = entries_};
}

void EventSlot::read_follows(CustomerIndex customer) {
    constexpr std::size_t of_row = 10;
    follow_spans_.clear();
    follow_times_.clear();
    for (std::size_t f = 0; f < plan_.follows.size(); ++f) {
        for (const TableScan* scan : plan_.follows[f].tables) {
            if (!scan->has_rows()) {
                continue;
            }
            const Stretch stretch = scan->rows(customer, {}, scratch_);
            if (stretch.rows.empty()) {
                const Timestamp* begin = scan->table().all_times() + stretch.first;
                follow_spans_.push_back({f, begin, begin + stretch.count});
                continue;
            }
            std::vector<Timestamp>& times = follow_times_.emplace_back();
            for (const RowIndex row : stretch.rows) {
                times.push_back({scan->time(row)});
            }
            follow_spans_.push_back({f, times.data(), times.data() + times.size()});
            if (!may_gather(stretch.rows.size(), of_row)) {
                return;
            }
        }
    }
}

bool EventSlot::is_followed(std::size_t follow, std::int64_t time) const {
    const Timestamp last =
        std::min(add(moment_.zone, {time}, plan_.follows[follow].step), moment_.now);
    return std::any_of(follow_spans_.begin(), follow_spans_.end(), [&](const Span& span) {
        if (span.follow != follow || span.begin == span.end || *(span.end - 1) <= Timestamp{time}) {
            return false;
        }
        const Timestamp* next = std::upper_bound(span.begin, span.end, Timestamp{time});
        return next != span.end && *next <= last;
    });
}

// Recursion is bounded by the depth of the condition.
bool EventSlot::holds(std::uint32_t index, std::uint32_t table, RowIndex row) {
    const EventPart& part = plan_.parts[index];
    const auto is_true = [&](std::uint32_t p) { return holds(p, table, row); };
    switch (part.kind) {
        case EventPart::Kind::Constant:
            return part.constant;
        case EventPart::Kind::And:
            return std::all_of(part.parts.begin(), part.parts.end(), is_true);
        case EventPart::Kind::Or:
            return std::any_of(part.parts.begin(), part.parts.end(), is_true);
        case EventPart::Kind::Not:
            return !is_true(part.parts[0]);
        case EventPart::Kind::Ternary:
            return is_true(part.parts[is_true(part.parts[0]) ? 1 : 2]);
        case EventPart::Kind::Field:
            return tables_[table].tests[test_numbers_[index]](row);
        case EventPart::Kind::Time: {
            const expr::Operand time =
                expr::time_operand({tables_[table].scan->time(row)}, timestamp_max);
            return part.fixed_is_left ? part.question.holds(part.fixed, time, moment_)
                                      : part.question.holds(time, part.fixed, moment_);
        }
    }
    return false;
}

bool EventSlot::passes(std::uint32_t table, RowIndex row) {
    if (is_flat_) {
        CellTest* tests = tables_[table].tests.data();
        for (const std::uint32_t test : flat_tests_) {
            if (!tests[test](row)) {
                return false;
            }
        }
    } else {
        for (const std::uint32_t where : plan_.wheres) {
            if (!holds(where, table, row)) {
                return false;
            }
        }
    }
    for (std::size_t f = 0; f < plan_.follows.size(); ++f) {
        if (!is_followed(f, tables_[table].scan->time(row))) {
            return false;
        }
    }
    return true;
}

void EventSlot::worked(std::size_t rows) const {
    if (interrupt_ != nullptr) {
        interrupt_->after((rows == 0 ? 0 : (rows - 1) % rows_between + 1) * row_ns_);
    }
}

bool EventSlot::may_gather(std::size_t rows, std::size_t each_ns) const {
    return interrupt_ == nullptr || !interrupt_->before(rows * each_ns);
}

bool EventSlot::counts_events() const {
    return plan_.finish != Function::Distinct && plan_.finish != Function::DaysActive;
}

// Drops who has too few events for so many values or days, whatever the events are.
void EventSlot::keep_busy(CustomerIndex first, std::int64_t wanted, Marks& marks) {
    if (here_.empty()) {
        marks.fill(0);
        return;
    }
    if (tables_.size() == 1 && plan_.window.high > moment_.now.ms &&
        wanted <= std::numeric_limits<std::uint32_t>::max()) {
        tables_[0].scan->keep_at_least(static_cast<std::uint32_t>(wanted), plan_.window, marks,
                                       scratch_);
        return;
    }
    keep_if_ahead(
        marks, [&](std::uint32_t i) { prefetch(first + i); },
        [&](std::uint32_t i) { return is_busy(first + i, wanted); });
}

// So many events, passing the filter or not. Looks no further than it must.
bool EventSlot::is_busy(CustomerIndex customer, std::int64_t wanted) {
    std::int64_t left = 0;
    for (const std::uint32_t t : here_) {
        left += tables_[t].scan->most_rows(customer);
    }
    std::int64_t found = 0;
    for (const std::uint32_t t : here_by_size_) {
        if (found >= wanted || found + left < wanted) {
            break;
        }
        const std::uint32_t most = tables_[t].scan->most_rows(customer);
        left -= most;
        found += most == 0 ? 0 : static_cast<std::int64_t>(view(customer, t).size());
    }
    return found >= wanted;
}

bool EventSlot::has_at_least(CustomerIndex customer, std::int64_t wanted) {
    if (given_up()) {
        return false;
    }
    if (!plan_.follows.empty()) {
        read_follows(customer);
    }
    return plan_.finish == Function::DaysActive ? has_days(customer, wanted)
           : plan_.finish == Function::Distinct ? has_values(customer, wanted)
                                                : has_events(customer, wanted);
}

bool EventSlot::has_events(CustomerIndex customer, std::int64_t wanted) {
    std::int64_t found = 0;
    for (const std::uint32_t t : here_) {
        if (found >= wanted) {
            break;
        }
        const View events = view(customer, t);
        if (!is_filtered()) {
            found += static_cast<std::int64_t>(events.size());
            continue;
        }
        std::size_t i = events.size();
        for (; i > 0 && found < wanted && goes_on(events.size() - i); --i) {
            found += passes(t, events.stretch.row(static_cast<std::uint32_t>(i - 1))) ? 1 : 0;
        }
        worked(events.size() - i);
    }
    return found >= wanted;
}

void EventSlot::keep_at_least(CustomerIndex first, std::int64_t wanted, Marks& marks) {
    if (plan_.failed) {
        marks.fill(0);
        return;
    }
    if (wanted <= 0) {
        return;
    }
    const bool until_now = plan_.window.high > moment_.now.ms;
    const bool by_table =
        counts_events() && !is_filtered() && until_now && (wanted == 1 || tables_.size() == 1);
    if (by_table && wanted <= std::numeric_limits<std::uint32_t>::max()) {
        Marks found{};
        for (const std::uint32_t t : here_) {
            Marks open = marks;
            for (std::size_t w = 0; w < open.size(); ++w) {
                open[w] &= ~found[w];
            }
            tables_[t].scan->keep_at_least(static_cast<std::uint32_t>(wanted), plan_.window, open,
                                           scratch_);
            for (std::size_t w = 0; w < open.size(); ++w) {
                found[w] |= open[w];
            }
        }
        marks = found;
        return;
    }
    keep_busy(first, wanted, marks);
    keep_if_ahead(
        marks, [&](std::uint32_t i) { prefetch(first + i); },
        [&](std::uint32_t i) { return has_at_least(first + i, wanted); });
}

}  // namespace winback::segment
