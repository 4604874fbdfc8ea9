#include "directory/states.h"

#include <algorithm>

namespace winback::directory {

void States::change(const Columns& columns, CustomerIndex customer) {
    if (customer < states_.size()) {
        set(columns, customer);
    }
}

void States::renew(const Columns& columns, Duration shop_gap, Timestamp now) {
    shop_gap_ = shop_gap;
    from_ = now;
    until_ = timestamp_max;
    states_.resize(columns.size());
    for (CustomerIndex c = 0; c < columns.size(); ++c) {
        set(columns, c);
    }
}

void States::set(const Columns& columns, CustomerIndex customer) {
    states_[customer] = columns.state_of(customer, shop_gap_, from_);
    const Timestamp last = columns.silence[customer].last_day;
    if (last == timestamp_min) {
        return;
    }
    const Duration gap = columns.gap_of(customer, shop_gap_);
    for (const int gaps : {report::at_risk_after_gaps, report::lapsed_after_gaps}) {
        if (const Timestamp end = last + milliseconds(gap.ms * gaps); end >= from_) {
            until_ = std::min(until_, end);
            return;
        }
    }
}

}  // namespace winback::directory
