// In which state everybody is (report/state.h), as a column that is right until somebody's next.
//
// A state changes by an order or as time passes: at two and at four usual gaps of silence. The
// column is computed for a moment and holds until the first of those moments, mostly minutes away
// in a shard, so that lists and sums read a byte of a customer and stay exact.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "base/time.h"
#include "directory/columns.h"
#include "report/state.h"

namespace winback::directory {

class States {
public:
    // The orders of the customer are others, or are gone. Not while another thread looks.
    void change(const Columns& columns, CustomerIndex customer);

    // Calls use(states) with the state of each customer at `now`; nobody changes it meanwhile. Any
    // thread. Those who are not shown are told as NoOrder.
    template <class Use>
    void at(const Columns& columns, Duration shop_gap, Timestamp now, Use use) {
        const std::lock_guard lock(mutex_);
        if (states_.size() != columns.size() || shop_gap != shop_gap_ || now < from_ ||
            now > until_) {
            compute(columns, shop_gap, now);
        }
        use(static_cast<const std::vector<report::CustomerState>&>(states_));
    }
    std::size_t memory_bytes() const { return states_.capacity(); }

private:
    void compute(const Columns& columns, Duration shop_gap, Timestamp now);
    void set(const Columns& columns, CustomerIndex customer);

    std::mutex mutex_;
    std::vector<report::CustomerState> states_;
    Duration shop_gap_;
    Timestamp from_ = timestamp_max;   // They hold from here
    Timestamp until_ = timestamp_min;  // to here, this moment included.
};

}  // namespace winback::directory
