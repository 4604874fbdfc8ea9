// One event table as a scan of the whole base reads it: block by block of customers.
//
// Most customers have all their events of a name in one stretch of the table's main part. The
// others, with events in the tail or none that count any more, are `unsettled` and cost more.
#pragma once

#include <optional>
#include <vector>

#include "customer/customers.h"
#include "customer/event_table.h"
#include "customer/limits.h"
#include "segment/question.h"

namespace winback::segment {

using customer::CustomerIndex;
using customer::RowIndex;

// Moments from `low` up to but not including `high`, in milliseconds.
struct Window {
    std::int64_t low = timestamp_min.ms;
    std::int64_t high = timestamp_max.ms;
};

// A customer's rows within a window, oldest first. `rows` is empty when they are contiguous.
struct Stretch {
    RowIndex first = 0;
    std::uint32_t count = 0;
    std::span<const RowIndex> rows;
    RowIndex row(std::uint32_t i) const { return rows.empty() ? first + i : rows[i]; }
};

class TableScan {
public:
    explicit TableScan(const customer::EventTable& table);

    const customer::EventTable& table() const { return table_; }
    std::int64_t time(RowIndex row) const { return times_[row].ms; }

    // Before anything of the `count` customers from `first` on is read, at most a block.
    void open(CustomerIndex first, std::uint32_t count);
    // Whether any of them may have rows. Else nothing else may be asked of them.
    bool has_rows() const { return has_rows_; }
    // Valid until the next call with the same scratch.
    Stretch rows(CustomerIndex customer,
                 const Window& window,
                 std::vector<RowIndex>& scratch) const;
    // The customer's newest row of the main part; nullopt when there is none.
    std::optional<RowIndex> newest_row(CustomerIndex customer) const {
        const RowIndex end = starts_[customer - first_ + 1];
        return end > starts_[customer - first_] ? std::optional(end - 1) : std::nullopt;
    }
    void prefetch(RowIndex row) const { __builtin_prefetch(times_ + row); }
    // Not fewer than rows(..) of any window has.
    std::uint32_t most_rows(CustomerIndex customer) const {
        const std::uint32_t i = customer - first_;
        return is_unsettled(i) ? static_cast<std::uint32_t>(table_.count_at_most(customer))
                               : starts_[i + 1] - starts_[i];
    }
    // Keeps of the marks those who have `wanted` events or more before `window.high`, the
    // wanted-th youngest of them not before window.low. Pre: wanted > 0.
    void keep_at_least(std::uint32_t wanted,
                       const Window& window,
                       Marks& marks,
                       std::vector<RowIndex>& scratch) const;

private:
    // Customers ahead of the one at hand whose rows are fetched from memory already.
    static constexpr std::uint32_t ahead = 16;

    bool is_unsettled(std::uint32_t i) const {
        const std::size_t word = (first_ + i) / 64;
        return word < unsettled_.size() && (unsettled_[word] >> ((first_ + i) % 64) & 1U) != 0;
    }
    // Of the 64 customers from the i-th of the block on.
    std::uint64_t unsettled_word(std::uint32_t i) const;
    RowIndex first_at_or_after(RowIndex begin, RowIndex end, std::int64_t moment) const;

    const customer::EventTable& table_;
    const Timestamp* times_;
    CustomerIndex first_ = ~CustomerIndex{0};
    std::uint32_t count_ = 0;
    bool has_rows_ = false;
    std::vector<RowIndex> starts_;              // Of the customers of the block, and some more.
    std::span<const std::uint64_t> unsettled_;  // The table's own: bit by customer.
};

}  // namespace winback::segment
