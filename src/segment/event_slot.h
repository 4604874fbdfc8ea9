// One question about events, ev(..) narrowed and finished, asked of many customers at one moment.
//
// Windows are constant moments here, filters are tests of columns, and nothing is copied out of
// the tables. Values are exactly those of expr/finish.cc.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "segment/day_numbers.h"
#include "segment/table_scan.h"

namespace winback::segment {

// A part of where(..): true or false of one event.
struct EventPart {
    enum class Kind : std::uint8_t { Constant, And, Or, Not, Ternary, Field, Time };
    Kind kind = Kind::Constant;
    bool constant = false;
    std::vector<std::uint32_t> parts;  // In EventSlot::Plan::parts.
    // Field and Time: `question` with `fixed` on the other side.
    std::uint32_t field = 0;
    Question question;
    expr::Operand fixed;
    bool fixed_is_left = false;
};

class EventSlot {
public:
    struct Follow {
        std::vector<TableScan*> tables;
        CalendarStep step;
    };
    struct Plan {
        std::vector<TableScan*> tables;  // In the order of their names.
        Window window;
        bool failed = false;  // A bound cannot be computed.
        std::vector<EventPart> parts;
        std::vector<std::uint32_t> wheres;  // Roots in `parts`.
        std::vector<Follow> follows;
        expr::Function finish = expr::Function::Count;
        std::vector<std::string> fields;  // Of the event set.
        std::uint32_t field = 0;          // Where the finish reads one.
        expr::Operand otherwise;          // Of last_time_or(..).
    };
    // With an interrupt, which may be null, the answers may be given up (expr/interrupt.h).
    EventSlot(Plan plan,
              const expr::Moment& moment,
              DayNumbers& days,
              expr::Interrupt* interrupt = nullptr);

    // Before a block of customers, or the first so many of one.
    void open(CustomerIndex first, std::uint32_t count);
    // Keeps of the marks those with `wanted` events or more; with `wanted` values or days where
    // the finish is distinct or days_active. Nobody when the slot failed.
    void keep_at_least(CustomerIndex first, std::int64_t wanted, Marks& marks);
    // Brings what answers about the customer read into the cache.
    void prefetch(CustomerIndex customer) const;
    // Adds to `found` those of `asked` who may have an event within the window; no other has.
    void add_any(const Marks& asked, Marks& found);
    // Error when the slot failed. Texts are views of the tables.
    expr::Operand finish(CustomerIndex customer);
    // The same of somebody who has no event within the window.
    expr::Operand finish_without();
    bool failed() const { return plan_.failed; }
    // Of the properties that filters and the finish read, over all rows.
    std::size_t column_bytes() const;
    // A guess of what a customer costs, to do cheap parts of a condition first.
    std::size_t cost() const;

private:
    struct Entry {
        std::int64_t time;
        std::uint32_t table;
        RowIndex row;
    };
    // A customer's events, oldest first; those of one table without copies.
    struct View {
        const TableScan* scan = nullptr;  // Null: `entries`.
        std::uint32_t table = 0;
        Stretch stretch;
        std::span<const Entry> entries;

        std::size_t size() const { return scan == nullptr ? entries.size() : stretch.count; }
        Entry at(std::size_t i) const {
            if (scan == nullptr) {
                return entries[i];
            }
            const RowIndex row = stretch.row(static_cast<std::uint32_t>(i));
            return {scan->time(row), table, row};
        }
    };
    struct Table {
        TableScan* scan = nullptr;
        std::vector<CellTest> tests;                      // By number of the Field part.
        const customer::Column* finish_column = nullptr;  // Null: the field is not kept.
    };

    bool without_events_ = false;  // What every view shows meanwhile.

    View view(CustomerIndex customer);
    View view(CustomerIndex customer, std::uint32_t table);
    void read_follows(CustomerIndex customer);
    bool is_filtered() const { return !plan_.wheres.empty() || !plan_.follows.empty(); }
    // Adds the tests of a part that is nothing but a conjunction of them; false of others.
    bool flatten(std::uint32_t part, std::vector<std::uint32_t>& tests) const;
    bool passes(std::uint32_t table, RowIndex row);
    bool holds(std::uint32_t part, std::uint32_t table, RowIndex row);
    bool is_followed(std::size_t follow, std::int64_t time) const;
    bool counts_events() const;
    // Before the row behind so many of a stretch; at the end of it, worked.
    static constexpr std::size_t rows_between = 256;
    bool goes_on(std::size_t rows) const {
        return rows % rows_between != 0 || rows == 0 || interrupt_ == nullptr ||
               !interrupt_->after(rows_between * row_ns_);
    }
    void worked(std::size_t rows) const;
    // Before rows are gathered or put in order, which nothing can leave half done.
    bool may_gather(std::size_t rows, std::size_t each_ns) const;
    bool given_up() const { return interrupt_ != nullptr && interrupt_->given_up(); }
    void keep_busy(CustomerIndex first, std::int64_t wanted, Marks& marks);
    bool has_at_least(CustomerIndex customer, std::int64_t wanted);
    bool has_events(CustomerIndex customer, std::int64_t wanted);
    bool is_busy(CustomerIndex customer, std::int64_t wanted);

    // Finishes.
    template <class Visit>
    void each(const View& events, Visit visit);
    template <class Visit>
    bool each_until(const View& events, Visit visit);
    std::optional<Entry> youngest(CustomerIndex customer);
    std::optional<Entry> oldest(CustomerIndex customer);
    expr::Operand count(CustomerIndex customer);
    expr::Operand total(const View& events);
    expr::Operand extreme(const View& events);
    expr::Operand distinct(const View& events);
    bool has_values(CustomerIndex customer, std::int64_t wanted);
    expr::Operand gap(const View& events);
    expr::Operand days_active(CustomerIndex customer);
    bool has_days(CustomerIndex customer, std::int64_t wanted);
    std::optional<std::int64_t> days_of_all(CustomerIndex customer, std::int64_t enough);
    std::int64_t days_in_order(const View& events);
    static expr::Operand at_time(const std::optional<Entry>& event);
    expr::Operand at_cell(const std::optional<Entry>& event) const;
    expr::Cell cell(const Entry& event) const;
    bool real_number(const Entry& event, double& value) const;

    Plan plan_;
    expr::Moment moment_;
    DayNumbers& days_;
    expr::Interrupt* interrupt_;
    std::size_t row_ns_ = 2;  // Of a row that is looked at, texts apart.
    std::vector<Table> tables_;
    std::vector<std::uint32_t> test_numbers_;  // By part: its place in Table::tests.
    bool is_flat_ = true;                      // All of where(..) is a conjunction of flat_tests_.
    std::vector<std::uint32_t> flat_tests_;
    // Numbers of those tables_ of which the block has rows; then that of most events first.
    std::vector<std::uint32_t> here_;
    std::vector<std::uint32_t> here_by_size_;
    // Reused by every answer.
    std::vector<RowIndex> scratch_;
    std::vector<Entry> entries_;
    std::vector<std::int64_t> gaps_;
    std::vector<expr::Operand> items_;
    std::vector<std::uint64_t> day_bits_;
    struct Span {
        std::size_t follow;
        const Timestamp* begin;
        const Timestamp* end;
    };
    std::vector<Span> follow_spans_;
    std::deque<std::vector<Timestamp>> follow_times_;  // Of customers whose rows are scattered.
};

}  // namespace winback::segment
