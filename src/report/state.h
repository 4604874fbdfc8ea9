// In which state of their life with the shop a customer is, now or at any moment before.
//
// A state is computed from the orders up to the moment that is asked for, never stored, so the
// movement between two moments is exact however late an order became known. Definitions:
// docs/design/report.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "customer/customers.h"

namespace winback::report {

// By the time since the last day with an order, measured in the customer's usual gap (own median
// with two gaps or more, else the shop's median; at least usual_gap_min).
enum class CustomerState : std::uint8_t {
    New,       // Up to two usual gaps, and ordered on one day only.
    Active,    // Up to two usual gaps.
    Returned,  // Up to two usual gaps, and the last order ended a silence beyond four.
    AtRisk,    // Up to four usual gaps.
    Lapsed,    // Longer.
    NoOrder,   // Known, but never ordered.
    Unknown,   // Of the past alone: not known yet at that moment.
};
constexpr std::size_t customer_state_count = 6;  // That a customer can have now.
constexpr std::size_t past_state_count = 7;
std::string_view customer_state_name(CustomerState state);  // "at_risk"
std::optional<CustomerState> parse_customer_state(std::string_view name);
// New, active or returned.
bool is_current(CustomerState state);
// Current or at risk: who can still be kept.
bool is_kept(CustomerState state);

constexpr Duration usual_gap_min = days(14);
constexpr int at_risk_after_gaps = 2;
constexpr int lapsed_after_gaps = 4;

using OrderDays = std::span<const customer::Customers::OrderDay>;

// Everything about one customer that states and lists need.
struct Standing {
    CustomerState state = CustomerState::NoOrder;
    Duration silent;     // Since the first order of the last day with one.
    Duration usual_gap;  // By which the state was judged.
    bool own_gap = false;
};
// As of `at`: what was ordered later does not count. `shop_gap` is the present one for every
// moment (rhythm.h), so that nobody moves because the yardstick did.
Standing standing_at(OrderDays order_days, Timestamp first_seen, Duration shop_gap, Timestamp at);
// Of the present, in which nobody is unknown.
Standing standing_now(OrderDays order_days, Duration shop_gap, Timestamp now);
Standing standing_of(const customer::Customers& customers,
                     customer::CustomerIndex customer,
                     Duration shop_gap,
                     Timestamp now);

// "at_risk:lapsed". Either side is a state, or one of the groups "any", "current" (new, active,
// returned) and "kept" (these and at risk). Bit k of a side is CustomerState k.
struct Move {
    std::uint8_t from = 0;
    std::uint8_t to = 0;
};
std::optional<Move> parse_move(std::string_view text);
// Whether the customer was in a state of `from` at `since` and is in one of `to` at `now`.
bool has_moved(const customer::Customers& customers,
               customer::CustomerIndex customer,
               Duration shop_gap,
               const Move& move,
               Timestamp since,
               Timestamp now);

}  // namespace winback::report
