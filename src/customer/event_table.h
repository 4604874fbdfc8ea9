// All events of one name in a shard, ordered by customer, time and arrival.
//
// The main part is sorted, so one customer's events are a contiguous slice. Arrivals go to a
// tail behind it in the same arrays and are linked per customer; when the tail has grown to an
// eighth of the main part both are merged in one pass, which makes an arrival amortised O(log).
// A reader sees the newest `events_per_name_max` events of a customer whether merged or not.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "base/time.h"
#include "customer/column.h"

namespace winback::customer {

using RowIndex = std::uint32_t;

// One customer's rows, oldest first. `rows` is empty when they are contiguous from `first`.
struct Slice {
    RowIndex first = 0;
    std::uint32_t count = 0;
    std::span<const RowIndex> rows;
    RowIndex row(std::uint32_t i) const { return rows.empty() ? first + i : rows[i]; }
};

// What events take of memory: times, who they are of, message ids, properties.
struct EventBytes {
    std::size_t times = 0;
    std::size_t places = 0;
    std::size_t ids = 0;
    std::size_t properties = 0;
};

class EventTable {
public:
    EventTable(std::string name, std::vector<std::string> fields);

    const std::string& name() const { return name_; }
    const std::vector<std::string>& fields() const { return fields_; }
    // Position of the field's column, or -1.
    int field(std::string_view name) const;
    // Columns of fields that stay are kept; new ones are null.
    void set_fields(std::vector<std::string> fields);

    // Pre: cells.size() == fields().size(). Text is cut at event_text_bytes_max.
    void add(std::uint32_t customer,
             Timestamp time,
             std::uint32_t id_hash,
             std::span<const Cell> cells);
    // Takes rows of many customers at once, each customer's in order of arrival, while nothing
    // is read: between the first `load` and `finish_load` only these two and set-up may be
    // called. Cheapest when customers come in ascending order. Pre: the table was empty.
    void load(std::uint32_t customer,
              Timestamp time,
              std::uint32_t id_hash,
              std::span<const Cell> cells);
    // Afterwards the table is as if `add` had taken each event that it did not contain.
    void finish_load();
    // True when this very event is in the customer's rows.
    bool contains(std::uint32_t customer, Timestamp time, std::uint32_t id_hash) const;
    // `scratch` holds the rows when the customer has some in the tail. Valid until a change. Of a
    // customer with rows in the tail those older than `since` are left out.
    Slice slice(std::uint32_t customer,
                std::vector<RowIndex>& scratch,
                Timestamp since = timestamp_min) const;
    // Not fewer than `slice` has.
    std::size_t count_at_most(std::uint32_t customer) const;
    // Brings into the cache what the first look at the customer reads.
    void prefetch(std::uint32_t customer) const;
    // The customer's newest event; timestamp_min when there is none.
    Timestamp newest(std::uint32_t customer) const;
    // True when the customer has the most events that are kept and all are newer than `time`.
    bool is_below_bound(std::uint32_t customer, Timestamp time) const;
    void remove(std::uint32_t customer);
    void clear();

    Timestamp time(RowIndex row) const { return times_[row]; }
    std::span<const Timestamp> times(RowIndex first, std::uint32_t count) const {
        return {times_.data() + first, count};
    }
    std::uint32_t id_hash(RowIndex row) const { return id_hashes_[row]; }
    Cell cell(int field, RowIndex row) const {
        return columns_[static_cast<std::size_t>(field)].at(row);
    }

    const Column& column(int field) const { return columns_[static_cast<std::size_t>(field)]; }
    // For scans of many customers. Of each customer from `first` on the main rows begin at
    // starts[i] and end at starts[i + 1], oldest first; `starts` has count + 1 entries, all the
    // same when none has such events.
    void main_starts(std::uint32_t first, std::span<RowIndex> starts) const;
    // Whether any of `count` customers from `first` on has such a row.
    bool has_main_rows(std::uint32_t first, std::uint32_t count) const;
    // The bit of each customer for whom `slice` knows more or less than that; customers beyond the
    // last bit have none. Empty when there is nobody. Valid until a change.
    std::span<const std::uint64_t> unsettled() const { return unsettled_; }
    std::size_t main_size() const { return main_; }
    const Timestamp* all_times() const { return times_.data(); }

    // Rows that the bound per customer made leave memory.
    std::uint64_t rolled_off() const { return rolled_off_; }
    EventBytes memory_bytes() const;
    // Merges the tail now.
    void merge();

private:
    static constexpr RowIndex no_row = 0xffff'ffff;
    struct Range {
        RowIndex first = 0;
        std::uint32_t count = 0;
    };

    // A customer's rows in the tail, linked newest first.
    struct Chain {
        RowIndex newest = no_row;
        std::uint32_t count = 0;
    };

    Range main_range(std::uint32_t customer) const;
    bool is_unsettled(std::uint32_t customer) const {
        const std::size_t word = customer / 64;
        return word < unsettled_.size() && (unsettled_[word] >> (customer % 64) & 1U) != 0;
    }
    void unsettle(std::uint32_t customer);
    const Chain* chain_of(std::uint32_t customer) const;
    std::uint32_t link(std::uint32_t customer, RowIndex row);
    std::size_t tail_size() const { return times_.size() - main_; }
    void merge_when_due();
    std::vector<RowIndex> sorted_tail() const;
    void merge_rows(std::span<const RowIndex> older,
                    std::span<const RowIndex> newer,
                    std::vector<RowIndex>& out) const;
    std::vector<RowIndex> merged_order();
    void lay_out(const std::vector<RowIndex>& order);
    void append(Timestamp time, std::uint32_t id_hash, std::span<const Cell> cells);
    void make_tail_room();
    // event_table_load.cc
    void settle_block();
    void settle(std::vector<RowIndex>& rows, RowIndex first);
    std::vector<RowIndex> block_order();
    void make_dense();

    std::string name_;
    std::vector<std::string> fields_;
    // Main part [0, main_), tail behind it.
    std::size_t main_ = 0;
    std::vector<Timestamp> times_;
    std::vector<std::uint32_t> id_hashes_;
    std::vector<Column> columns_;
    bool loading_ = false;  // Then customers_ and starts_ are blocks in order of coming.
    // Which customer has which slice of the main part: customers_[i] has rows
    // starts_[i] .. starts_[i + 1]. When most customers have such events, customers_ is empty
    // and i is the customer.
    std::vector<std::uint32_t> customers_;
    std::vector<RowIndex> starts_;
    // Tail: owner (no_row when removed) and the owner's next older row.
    std::vector<std::uint32_t> tail_owner_;
    std::vector<RowIndex> tail_older_;
    absl::flat_hash_map<std::uint32_t, Chain> chains_;
    absl::flat_hash_set<std::uint32_t> removed_;  // Customers without their main slice.
    // Who is, or was, in one of the two: most are not, and one bit says so.
    std::vector<std::uint64_t> unsettled_;
    std::uint64_t rolled_off_ = 0;
};

}  // namespace winback::customer
