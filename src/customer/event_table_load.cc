// Filling a table at the start: rows are appended to the main part, and each customer's block is
// put in order when the next one begins.
#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "customer/event_table.h"
#include "customer/limits.h"

namespace winback::customer {

void EventTable::load(std::uint32_t customer,
                      Timestamp time,
                      std::uint32_t id_hash,
                      std::span<const Cell> cells) {
    WINBACK_CHECK(loading_ || times_.empty());
    loading_ = true;
    if (customers_.empty() || customers_.back() != customer) {
        settle_block();
        customers_.push_back(customer);
        starts_.push_back(static_cast<RowIndex>(times_.size()));
    } else if (times_.size() - starts_.back() >= std::size_t{2} * events_per_name_max) {
        settle_block();  // An abuser's long past is not kept until the end.
    }
    append(time, id_hash, cells);
}

// Brings rows of one customer, in order of arrival, into order of time, each event once, and
// leaves the newest that are kept. Rows are counted from `first`.
void EventTable::settle(std::vector<RowIndex>& rows, RowIndex first) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](RowIndex a, RowIndex b) { return times_[first + a] < times_[first + b]; });
    const auto is_known = [&](std::size_t kept, RowIndex row) {
        while (kept > 0 && times_[first + rows[kept - 1]] == times_[first + row]) {
            if (id_hashes_[first + rows[--kept]] == id_hashes_[first + row]) {
                return true;
            }
        }
        return false;
    };
    std::size_t kept = 0;
    for (const RowIndex row : rows) {
        if (!is_known(kept, row)) {
            rows[kept++] = row;
        }
    }
    rows.resize(kept);
    if (kept > events_per_name_max) {
        const std::size_t excess = kept - events_per_name_max;
        rolled_off_ += excess;
        rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(excess));
    }
}

// The rows from the start of the last block to the end.
void EventTable::settle_block() {
    if (starts_.empty()) {
        return;
    }
    const RowIndex first = starts_.back();
    const std::size_t count = times_.size() - first;
    const auto begin = times_.begin() + first;
    const bool in_order =
        count <= events_per_name_max &&
        std::adjacent_find(begin, times_.end(), std::greater_equal<>{}) == times_.end();
    if (in_order) {
        return;
    }
    std::vector<RowIndex> rows(count);
    std::iota(rows.begin(), rows.end(), RowIndex{0});
    settle(rows, first);
    std::vector<Timestamp> times;
    std::vector<std::uint32_t> id_hashes;
    for (const RowIndex row : rows) {
        times.push_back(times_[first + row]);
        id_hashes.push_back(id_hashes_[first + row]);
    }
    times_.resize(first);
    times_.insert(times_.end(), times.begin(), times.end());
    id_hashes_.resize(first);
    id_hashes_.insert(id_hashes_.end(), id_hashes.begin(), id_hashes.end());
    for (Column& column : columns_) {
        column.reorder(first, rows);
    }
}

// All rows by customer, and customers_ and starts_ to it: for blocks that came in any order, of
// which a customer may have several.
std::vector<RowIndex> EventTable::block_order() {
    std::vector<std::uint32_t> blocks(customers_.size());
    std::iota(blocks.begin(), blocks.end(), 0U);
    std::stable_sort(blocks.begin(), blocks.end(), [&](std::uint32_t a, std::uint32_t b) {
        return customers_[a] < customers_[b];
    });
    std::vector<std::uint32_t> customers;
    std::vector<RowIndex> starts;
    std::vector<RowIndex> order;
    order.reserve(times_.size());
    std::vector<RowIndex> rows;
    for (std::size_t i = 0; i < blocks.size();) {
        const std::uint32_t customer = customers_[blocks[i]];
        rows.clear();
        for (; i < blocks.size() && customers_[blocks[i]] == customer; ++i) {
            for (RowIndex row = starts_[blocks[i]]; row < starts_[blocks[i] + 1]; ++row) {
                rows.push_back(row);
            }
        }
        settle(rows, 0);
        customers.push_back(customer);
        starts.push_back(static_cast<RowIndex>(order.size()));
        order.insert(order.end(), rows.begin(), rows.end());
    }
    starts.push_back(static_cast<RowIndex>(order.size()));
    customers_ = std::move(customers);
    starts_ = std::move(starts);
    return order;
}

void EventTable::finish_load() {
    if (!loading_) {
        return;
    }
    settle_block();
    loading_ = false;
    starts_.push_back(static_cast<RowIndex>(times_.size()));
    const bool ascending = std::adjacent_find(customers_.begin(), customers_.end(),
                                              std::greater_equal<>{}) == customers_.end();
    if (ascending) {
        main_ = times_.size();
        make_dense();
    } else {
        lay_out(block_order());
    }
    times_.shrink_to_fit();
    id_hashes_.shrink_to_fit();
    customers_.shrink_to_fit();
    starts_.shrink_to_fit();
    for (Column& column : columns_) {
        column.fit();
    }
}

}  // namespace winback::customer
