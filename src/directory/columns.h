// What lists read of every customer of a shard: one column for each fact, so that a scan of
// everybody reads no more memory than what it asks for.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/time.h"
#include "customer/customers.h"
#include "report/state.h"

namespace winback::directory {

using customer::CustomerIndex;

// Of a score that somebody has not; stands behind all others.
inline constexpr double no_score = -std::numeric_limits<double>::infinity();

struct Columns {
    // Of the last day with an order; what tells most states by itself.
    struct Silence {
        Timestamp last_day = timestamp_min;  // Its first order; timestamp_min: there is none.
        Duration own_gap;                    // Zero: the shop's counts.
    };
    // Of the day with an order before that one.
    struct Before {
        Duration silence;  // Until the last; zero: there is none.
        Duration gap;      // The own usual gap then; zero: the shop's counts.
    };

    std::vector<std::uint8_t> shown;  // 0: merged, erased, or not seen yet.
    std::vector<std::uint8_t> suppressed;
    std::vector<std::uint8_t> consents;  // Two bits per channel.
    std::vector<std::array<std::uint8_t, 3>> rfm;
    std::vector<std::uint32_t> orders;
    std::vector<std::uint32_t> currency;  // Of the orders, as customer::pack_currency.
    std::vector<std::uint32_t> rank;      // Among the ids of those who are shown.
    std::vector<Silence> silence;
    std::vector<Before> before;
    std::vector<Timestamp> last_order;
    std::vector<Timestamp> first_seen;
    std::vector<Timestamp> last_seen;
    std::vector<double> revenue;
    std::vector<double> value_at_risk;  // Or no_score, as the next.
    std::vector<double> p_order;

    std::size_t size() const { return shown.size(); }
    void resize(std::size_t customers);
    void clear(CustomerIndex customer);
    // How long somebody is silent already, in usual gaps: what a scan can tell without branches.
    enum class Phase : std::uint8_t { NoOrder, Current, AtRisk, Lapsed };
    Duration gap_of(CustomerIndex customer, Duration shop_gap) const {
        const Duration own = silence[customer].own_gap;
        return std::max(own.ms > 0 ? own : shop_gap, report::usual_gap_min);
    }
    Phase phase_of(CustomerIndex customer, Duration shop_gap, Timestamp now) const {
        const Silence& last = silence[customer];
        const std::int64_t gap = gap_of(customer, shop_gap).ms;
        const bool ordered = last.last_day != timestamp_min;
        const std::int64_t silent = now.ms - (ordered ? last.last_day.ms : now.ms);
        return static_cast<Phase>(int{ordered} + int{silent > gap * report::at_risk_after_gaps} +
                                  int{silent > gap * report::lapsed_after_gaps});
    }
    // As report::standing_now says it of the order days.
    report::CustomerState state_of(CustomerIndex customer, Duration shop_gap, Timestamp now) const;
    std::size_t memory_bytes() const;
};

}  // namespace winback::directory
