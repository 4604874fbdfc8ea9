#include "report/overview.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/civil.h"
#include "experiment/assignment.h"

namespace winback::report {
namespace {

constexpr double hopeless_below = 0.01;

int month_index(const Zone& zone, Timestamp time) {
    const CivilTime civil = local_time(zone, time).civil;
    return civil.year * 12 + civil.month - 1;
}

const Zone& zone_of(const engine::Shard& shard) {
    const auto definitions = shard.definitions();
    return definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
}

std::string message_key(const engine::MessageRecord& record) {
    std::string key(message::message_state_name(record.state));
    if (record.state == message::MessageState::Refused && record.reason.has_value()) {
        key += ": ";
        key += message::refusal_reason_name(*record.reason);
    }
    return key;
}

void collect_cohort(Totals& totals,
                    const std::vector<customer::Customers::OrderDay>& order_days,
                    const Zone& zone,
                    int current_month) {
    const int first = month_index(zone, order_days.front().first_time);
    Cohort& cohort = totals.cohorts[first];
    ++cohort.customers;
    int last_counted = -1;
    for (const auto& day : order_days) {
        const int offset = month_index(zone, day.first_time) - first;
        if (offset == last_counted || offset < 0 || first + offset > current_month) {
            continue;
        }
        last_counted = offset;
        const auto slot = static_cast<std::size_t>(offset);
        if (cohort.active.size() <= slot) {
            cohort.active.resize(slot + 1);
        }
        ++cohort.active[slot];
    }
}

void collect_journeys(Totals& totals,
                      const engine::Shard& shard,
                      customer::CustomerIndex customer,
                      Timestamp now) {
    const auto definitions = shard.definitions();
    const bool in_control =
        definitions != nullptr &&
        experiment::bucket("control", definitions->policies.control_salt,
                           shard.customers().id(customer)) < definitions->policies.control_group;
    for (const journey::Enrollment& entry : shard.enrollments(customer)) {
        JourneyTotals& journey = totals.journeys[entry.journey];
        if (in_control) {
            ++journey.control;
            continue;
        }
        experiment::Arm& arm = entry.held_out ? journey.holdout : journey.assigned;
        Micros& revenue = entry.held_out ? journey.holdout_revenue : journey.assigned_revenue;
        ++arm.customers;
        arm.returned += entry.goal_at.has_value() ? 1U : 0U;
        revenue = revenue + entry.goal_revenue;
        journey.waiting += entry.goal_until > now ? 1U : 0U;
    }
    for (const engine::MessageRecord& record : shard.messages(customer)) {
        const std::string key = message_key(record);
        ++totals.messages[key];
        ++totals.journeys[record.journey].messages[key];
    }
}

bool worth_more(const TopCustomer& a, const TopCustomer& b) {
    return a.value_at_risk != b.value_at_risk ? a.value_at_risk > b.value_at_risk : a.id < b.id;
}

void keep_top(std::vector<TopCustomer>& top, TopCustomer candidate) {
    const auto place = std::lower_bound(top.begin(), top.end(), candidate, worth_more);
    if (place != top.end() || top.size() < top_customers_max) {
        top.insert(place, std::move(candidate));
    }
    if (top.size() > top_customers_max) {
        top.pop_back();
    }
}

void collect_standing(Totals& totals,
                      const engine::Shard& shard,
                      customer::CustomerIndex customer,
                      Duration shop_gap,
                      Timestamp now) {
    const customer::Customers& customers = shard.customers();
    const Standing standing = standing_of(customers, customer, shop_gap, now);
    const customer::Orders orders = customers.orders(customer);
    StateTotals& state = totals.states[static_cast<std::size_t>(standing.state)];
    ++state.customers;
    state.revenue = state.revenue + orders.revenue;
    if (totals.currency.empty() && orders.count > 0) {
        const Value currency = customers.trait(customer, "orders.currency");
        totals.currency = currency.as_string() == nullptr ? "" : *currency.as_string();
    }
    totals.orders += orders.count;
    totals.repeat_customers += orders.days > 1 ? 1U : 0U;
    totals.revenue = totals.revenue + orders.revenue;
    const double at_risk = shard.score(customer, "value_at_risk", now).number_or(0);
    state.value_at_risk += at_risk;
    const double p_order = shard.score(customer, "p_order", now).number_or(0);
    const bool leaving =
        standing.state == CustomerState::AtRisk || standing.state == CustomerState::Lapsed;
    if (leaving && p_order > hopeless_below && at_risk > 0) {
        keep_top(totals.top, {.id = std::string(customers.id(customer)),
                              .silent = standing.silent,
                              .usual_gap = standing.usual_gap,
                              .p_order = p_order,
                              .value_at_risk = at_risk,
                              .orders = orders.count,
                              .revenue = orders.revenue,
                              .segments = shard.segments_of(customer)});
    }
}

}  // namespace

void collect(Totals& totals, const engine::Shard& shard, Duration shop_gap, Timestamp now) {
    const customer::Customers& customers = shard.customers();
    const Zone& zone = zone_of(shard);
    const int current_month = month_index(zone, now);
    for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
        if (!customers.merged_into(c).empty() || customers.erased(c)) {
            continue;
        }
        collect_standing(totals, shard, c, shop_gap, now);
        collect_journeys(totals, shard, c, now);
        if (const auto order_days = customers.order_days(c); !order_days.empty()) {
            collect_cohort(totals, order_days, zone, current_month);
        }
    }
    if (const auto definitions = shard.definitions()) {
        for (const segment::Segment& segment : definitions->segments) {
            totals.segments[segment.id] += shard.segment_size(segment.id);
        }
    }
}

namespace {

void merge_arm(experiment::Arm& into, const experiment::Arm& from) {
    into.customers += from.customers;
    into.returned += from.returned;
}

void merge_journey(JourneyTotals& into, const JourneyTotals& from) {
    merge_arm(into.assigned, from.assigned);
    merge_arm(into.holdout, from.holdout);
    into.control += from.control;
    into.waiting += from.waiting;
    into.assigned_revenue = into.assigned_revenue + from.assigned_revenue;
    into.holdout_revenue = into.holdout_revenue + from.holdout_revenue;
    for (const auto& [key, count] : from.messages) {
        into.messages[key] += count;
    }
}

void merge_cohort(Cohort& into, const Cohort& from) {
    into.customers += from.customers;
    into.active.resize(std::max(into.active.size(), from.active.size()));
    for (std::size_t i = 0; i < from.active.size(); ++i) {
        into.active[i] += from.active[i];
    }
}

}  // namespace

void merge(Totals& into, const Totals& from) {
    for (std::size_t i = 0; i < into.states.size(); ++i) {
        into.states[i].customers += from.states[i].customers;
        into.states[i].revenue = into.states[i].revenue + from.states[i].revenue;
        into.states[i].value_at_risk += from.states[i].value_at_risk;
    }
    into.currency = into.currency.empty() ? from.currency : into.currency;
    into.orders += from.orders;
    into.repeat_customers += from.repeat_customers;
    into.revenue = into.revenue + from.revenue;
    for (const auto& [month, cohort] : from.cohorts) {
        merge_cohort(into.cohorts[month], cohort);
    }
    for (const auto& [id, journey] : from.journeys) {
        merge_journey(into.journeys[id], journey);
    }
    for (const auto& [key, count] : from.messages) {
        into.messages[key] += count;
    }
    for (const auto& [id, count] : from.segments) {
        into.segments[id] += count;
    }
    for (const TopCustomer& customer : from.top) {
        keep_top(into.top, customer);
    }
}

}  // namespace winback::report
