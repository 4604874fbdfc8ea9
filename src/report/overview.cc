#include "report/overview.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/civil.h"
#include "experiment/assignment.h"

namespace winback::report {
namespace {

constexpr double hopeless_below = 0.01;

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

void collect_journeys(Totals& totals,
                      const engine::Shard& shard,
                      const Person& person,
                      Timestamp now) {
    const customer::CustomerIndex customer = person.index;
    if (shard.enrollments(customer).empty() && shard.messages(customer).empty()) {
        return;
    }
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
        revenue = revenue + (person.foreign ? Micros{} : entry.goal_revenue);
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

void collect_standing(Totals& totals, const Person& person) {
    const customer::Customers& customers = person.customers();
    customer::Orders orders = customers.orders(person.index);
    if (person.foreign) {
        ++totals.other_currency;
        orders.revenue = {};
    }
    StateTotals& state = totals.states[static_cast<std::size_t>(person.standing.state)];
    ++state.customers;
    state.revenue = state.revenue + orders.revenue;
    if (totals.currency.empty() && orders.count > 0) {
        const Value currency = customers.trait(person.index, "orders.currency");
        totals.currency = currency.as_string() == nullptr ? "" : *currency.as_string();
    }
    totals.orders += orders.count;
    totals.repeat_customers += orders.days > 1 ? 1U : 0U;
    totals.revenue = totals.revenue + orders.revenue;
    const Forecast& ahead = person.ahead[0];
    state.value_at_risk = state.value_at_risk + micros_from_double(ahead.value_at_risk);
    const bool leaving = person.standing.state == CustomerState::AtRisk ||
                         person.standing.state == CustomerState::Lapsed;
    const bool full = totals.top.size() >= top_customers_max;
    if (leaving && ahead.p_order > hopeless_below && ahead.value_at_risk > 0 &&
        (!full || ahead.value_at_risk >= totals.top.back().value_at_risk)) {
        keep_top(totals.top, {.id = std::string(customers.id(person.index)),
                              .silent = person.standing.silent,
                              .usual_gap = person.standing.usual_gap,
                              .own_gap = person.standing.own_gap,
                              .p_order = ahead.p_order,
                              .value_at_risk = ahead.value_at_risk,
                              .orders = orders.count,
                              .revenue = orders.revenue,
                              .segments = person.shard->segments_of(person.index)});
    }
}

}  // namespace

void collect(Totals& totals,
             const engine::Shard& shard,
             const PassOptions& options,
             customer::CustomerIndex from,
             customer::CustomerIndex to) {
    const customer::Customers& customers = shard.customers();
    const Zone& zone = zone_of(shard);
    const auto definitions = shard.definitions();
    const std::string currency =
        definitions == nullptr ? std::string() : definitions->workspace.currency;
    const std::vector<std::string> names = customers.event_names();
    std::array<Timestamp, moment_count> midnights = moments_of(options.now);
    for (Timestamp& moment : midnights) {
        CivilTime civil = local_time(zone, moment).civil;
        moment = from_local(zone, {.year = civil.year, .month = civil.month, .day = civil.day});
    }
    for (customer::CustomerIndex c = from; c < to; ++c) {
        if (!customers.merged_into(c).empty() || customers.erased(c)) {
            continue;
        }
        const Person person = read_person(shard, c, options, midnights, currency);
        collect_standing(totals, person);
        collect_journeys(totals, shard, person, options.now);
        collect(totals.flows, person, options);
        collect(totals.cohorts, person, options, zone, names);
        collect(totals.measures, person, options, names);
        collect(totals.signals, person, options);
    }
    if (from == 0 && definitions != nullptr) {
        for (const segment::Segment& segment : definitions->segments) {
            totals.segments[segment.id] += shard.segment_size(segment.id);
        }
    }
}

void collect(Totals& totals, const engine::Shard& shard, const PassOptions& options) {
    collect(totals, shard, options, 0,
            static_cast<customer::CustomerIndex>(shard.customers().size()));
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

}  // namespace

void merge(Totals& into, const Totals& from) {
    for (std::size_t i = 0; i < into.states.size(); ++i) {
        into.states[i].customers += from.states[i].customers;
        into.states[i].revenue = into.states[i].revenue + from.states[i].revenue;
        into.states[i].value_at_risk = into.states[i].value_at_risk + from.states[i].value_at_risk;
    }
    into.currency = into.currency.empty() ? from.currency : into.currency;
    into.other_currency += from.other_currency;
    into.orders += from.orders;
    into.repeat_customers += from.repeat_customers;
    into.revenue = into.revenue + from.revenue;
    merge(into.flows, from.flows);
    merge(into.cohorts, from.cohorts);
    merge(into.measures, from.measures);
    merge(into.signals, from.signals);
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
