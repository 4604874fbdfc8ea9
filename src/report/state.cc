#include "report/state.h"

#include <algorithm>
#include <array>
#include <vector>

namespace winback::report {
namespace {

constexpr std::array<std::string_view, past_state_count> names{
    "new", "active", "returned", "at_risk", "lapsed", "no_order", "unknown"};

OrderDays until(OrderDays order_days, Timestamp at) {
    const auto end =
        std::upper_bound(order_days.begin(), order_days.end(), at,
                         [](Timestamp time, const auto& day) { return time < day.first_time; });
    return order_days.first(static_cast<std::size_t>(end - order_days.begin()));
}

// The mean of the two in the middle when their number is even. Pre: two order days or more.
Duration median_gap_of(OrderDays order_days) {
    std::vector<std::int32_t> gaps;
    gaps.reserve(order_days.size() - 1);
    for (std::size_t i = 1; i < order_days.size(); ++i) {
        gaps.push_back(order_days[i].day - order_days[i - 1].day);
    }
    const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
    std::nth_element(gaps.begin(), middle, gaps.end());
    const std::int32_t upper = *middle;
    if (gaps.size() % 2 == 1) {
        return days(upper);
    }
    const std::int32_t lower = *std::max_element(gaps.begin(), middle);
    return {(days(upper).ms + days(lower).ms) / 2};
}

// Silence against the usual gap, from all of the given days. Pre: there is one.
Standing judge(OrderDays known, Duration shop_gap, Timestamp at) {
    Standing standing;
    standing.own_gap = known.size() >= 3;
    standing.usual_gap =
        std::max(standing.own_gap ? median_gap_of(known) : shop_gap, usual_gap_min);
    standing.silent = std::max(at - known.back().first_time, Duration{});
    const auto gaps = [&](int n) { return standing.usual_gap.ms * n; };
    standing.state = standing.silent.ms <= gaps(at_risk_after_gaps)  ? CustomerState::Active
                     : standing.silent.ms <= gaps(lapsed_after_gaps) ? CustomerState::AtRisk
                                                                     : CustomerState::Lapsed;
    return standing;
}

std::uint8_t bit(CustomerState state) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(state));
}

// 0 for a name of none.
std::uint8_t states_of(std::string_view name) {
    if (const std::optional<CustomerState> state = parse_customer_state(name)) {
        return bit(*state);
    }
    std::uint8_t states = 0;
    for (std::size_t i = 0; i < past_state_count; ++i) {
        const auto state = static_cast<CustomerState>(i);
        if (name == "any" || (name == "current" && is_current(state)) ||
            (name == "kept" && is_kept(state))) {
            states = static_cast<std::uint8_t>(states | bit(state));
        }
    }
    return states;
}

}  // namespace

std::string_view customer_state_name(CustomerState state) {
    return names[static_cast<std::size_t>(state)];
}

std::optional<CustomerState> parse_customer_state(std::string_view name) {
    const auto* const found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<CustomerState>(found - names.begin());
}

bool is_current(CustomerState state) {
    return state == CustomerState::New || state == CustomerState::Active ||
           state == CustomerState::Returned;
}

bool is_kept(CustomerState state) {
    return is_current(state) || state == CustomerState::AtRisk;
}

Standing standing_at(OrderDays order_days, Timestamp first_seen, Duration shop_gap, Timestamp at) {
    const OrderDays known = until(order_days, at);
    if (known.empty()) {
        Standing standing;
        standing.state = first_seen > at ? CustomerState::Unknown : CustomerState::NoOrder;
        return standing;
    }
    Standing standing = judge(known, shop_gap, at);
    if (standing.state != CustomerState::Active) {
        return standing;
    }
    if (known.size() == 1) {
        standing.state = CustomerState::New;
        return standing;
    }
    const Standing before = judge(known.first(known.size() - 1), shop_gap, known.back().first_time);
    if (before.state == CustomerState::Lapsed) {
        standing.state = CustomerState::Returned;
    }
    return standing;
}

Standing standing_now(OrderDays order_days, Duration shop_gap, Timestamp now) {
    return standing_at(order_days, timestamp_min, shop_gap, now);
}

Standing standing_of(const customer::Customers& customers,
                     customer::CustomerIndex customer,
                     Duration shop_gap,
                     Timestamp now) {
    return standing_now(customers.order_days(customer), shop_gap, now);
}

std::optional<Move> parse_move(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    const Move move{.from = states_of(text.substr(0, colon)),
                    .to = states_of(text.substr(colon + 1))};
    // Nobody is unknown now.
    const bool sound = move.from != 0 && move.to != 0 && move.to != bit(CustomerState::Unknown);
    return sound ? std::optional(move) : std::nullopt;
}

bool has_moved(const customer::Customers& customers,
               customer::CustomerIndex customer,
               Duration shop_gap,
               const Move& move,
               Timestamp since,
               Timestamp now) {
    const std::vector<customer::Customers::OrderDay> order_days = customers.order_days(customer);
    const Timestamp first_seen = customers.first_seen(customer);
    return (move.to & bit(standing_now(order_days, shop_gap, now).state)) != 0 &&
           (move.from & bit(standing_at(order_days, first_seen, shop_gap, since).state)) != 0;
}

}  // namespace winback::report
