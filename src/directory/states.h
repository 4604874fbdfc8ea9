// In which state everybody is (report/state.h), as a column that is right until somebody's next.
//
// A state changes by an order or as time passes: at two and at four usual gaps of silence. The
// column is computed for a moment and holds until the first of those moments, mostly minutes away
// in a shard, so that lists and sums read a byte of a customer and stay exact.
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"
#include "directory/columns.h"
#include "report/state.h"

namespace winback::directory {

class States {
public:
    // The orders of the customer are others, or are gone.
    void change(const Columns& columns, CustomerIndex customer);
    // Whether of(customer) is right at `now`.
    bool hold(const Columns& columns, Duration shop_gap, Timestamp now) const {
        return states_.size() == columns.size() && shop_gap == shop_gap_ && now >= from_ &&
               now <= until_;
    }
    void renew(const Columns& columns, Duration shop_gap, Timestamp now);
    // Pre: they hold.
    report::CustomerState of(CustomerIndex customer) const { return states_[customer]; }
    std::size_t memory_bytes() const { return states_.capacity(); }

private:
    void set(const Columns& columns, CustomerIndex customer);

    std::vector<report::CustomerState> states_;
    Duration shop_gap_;
    Timestamp from_ = timestamp_max;   // They hold from here
    Timestamp until_ = timestamp_min;  // to here, this moment included.
};

}  // namespace winback::directory
