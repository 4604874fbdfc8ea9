#include "directory/columns.h"

namespace winback::directory {

void Columns::resize(std::size_t customers) {
    shown.resize(customers);
    suppressed.resize(customers);
    consents.resize(customers);
    rfm.resize(customers);
    orders.resize(customers);
    currency.resize(customers);
    rank.resize(customers);
    silence.resize(customers);
    before.resize(customers);
    last_order.resize(customers, timestamp_min);
    first_seen.resize(customers, timestamp_max);
    last_seen.resize(customers, timestamp_min);
    revenue.resize(customers);
    value_at_risk.resize(customers, no_score);
    p_order.resize(customers, no_score);
}

void Columns::clear(CustomerIndex customer) {
    shown[customer] = suppressed[customer] = consents[customer] = 0;
    rfm[customer] = {};
    orders[customer] = rank[customer] = currency[customer] = 0;
    silence[customer] = {};
    before[customer] = {};
    last_order[customer] = last_seen[customer] = timestamp_min;
    first_seen[customer] = timestamp_max;
    revenue[customer] = 0;
    value_at_risk[customer] = p_order[customer] = no_score;
}

report::CustomerState Columns::state_of(CustomerIndex customer,
                                        Duration shop_gap,
                                        Timestamp now) const {
    using report::CustomerState;
    switch (phase_of(customer, shop_gap, now)) {
        case Phase::NoOrder:
            return CustomerState::NoOrder;
        case Phase::AtRisk:
            return CustomerState::AtRisk;
        case Phase::Lapsed:
            return CustomerState::Lapsed;
        case Phase::Current:
            break;
    }
    const Before& earlier = before[customer];
    if (earlier.silence.ms == 0) {
        return CustomerState::New;
    }
    const Duration gap =
        std::max(earlier.gap.ms > 0 ? earlier.gap : shop_gap, report::usual_gap_min);
    return earlier.silence.ms > gap.ms * report::lapsed_after_gaps ? CustomerState::Returned
                                                                   : CustomerState::Active;
}

std::size_t Columns::memory_bytes() const {
    const auto bytes_of = [](const auto& column) { return column.capacity() * sizeof(column[0]); };
    return bytes_of(shown) + bytes_of(suppressed) + bytes_of(consents) + bytes_of(rfm) +
           bytes_of(orders) + bytes_of(currency) + bytes_of(rank) + bytes_of(silence) +
           bytes_of(before) + bytes_of(last_order) + bytes_of(first_seen) + bytes_of(last_seen) +
           bytes_of(revenue) + bytes_of(value_at_risk) + bytes_of(p_order);
}

}  // namespace winback::directory
