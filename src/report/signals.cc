#include "report/signals.h"

#include <algorithm>

#include "event/names.h"

namespace winback::report {
namespace {

constexpr Duration week = days(7);
constexpr std::string_view email_bounced = "Email Bounced";

void count(Recent& recent, Timestamp at, Timestamp now) {
    recent.now += at > now - week && at <= now ? 1U : 0U;
    recent.before += at > now - week - week && at <= now - week ? 1U : 0U;
}

void count_messages(Signals& signals, const Person& person, Timestamp now) {
    for (const engine::MessageRecord& record : person.shard->messages(person.index)) {
        if (record.state == message::MessageState::Failed) {
            count(signals.failed, record.changed_at, now);
        } else if (record.state == message::MessageState::Sent) {
            count(signals.sent, record.changed_at, now);
        }
    }
}

void count_vip(Signals& signals, const Person& person, const PassOptions& options) {
    const std::optional<model::FittedModels>& models = person.shard->models();
    if (person.standing.state != CustomerState::AtRisk || !models || !models->rfm) {
        return;
    }
    Micros revenue;
    for (const auto& day : person.order_days) {
        revenue = revenue + day.revenue;
    }
    const bool is_vip = to_double(revenue) > models->rfm->revenue.back();
    if (is_vip && is_current(standing_at(person.order_days, person.first_seen, options.shop_gap,
                                         options.now - week)
                                 .state)) {
        signals.vips_at_risk += 1;
        signals.vips_value = signals.vips_value + micros_from_double(person.ahead[0].value_at_risk);
    }
}

void merge_recent(Recent& into, const Recent& from) {
    into.now += from.now;
    into.before += from.before;
}

}  // namespace

void collect(Signals& signals, const Person& person, const PassOptions& options) {
    const customer::Customers& customers = person.customers();
    count_messages(signals, person, options.now);
    for (const Timestamp at : customers.event_times(person.index, email_bounced)) {
        count(signals.bounced, at, options.now);
    }
    for (const Timestamp at : customers.event_times(person.index, event::marked_as_spam)) {
        count(signals.complained, at, options.now);
    }
    count_vip(signals, person, options);
    if (customers.identified(person.index)) {
        signals.identified += 1;
        const bool asked = customers.consent(person.index, customer::Channel::Email).state !=
                           expr::ConsentState::Unset;
        signals.without_consent += asked ? 0U : 1U;
    }
    signals.last_event = std::max(signals.last_event, person.last_seen);
    for (const auto& day : person.order_days) {
        const std::int64_t ago = (options.now - day.first_time).ms / days(1).ms;
        if (day.first_time <= options.now && ago < static_cast<std::int64_t>(silence_days)) {
            ++signals.orders_days_ago[static_cast<std::size_t>(ago)];
        }
    }
}

void merge(Signals& into, const Signals& from) {
    merge_recent(into.failed, from.failed);
    merge_recent(into.sent, from.sent);
    merge_recent(into.bounced, from.bounced);
    merge_recent(into.complained, from.complained);
    into.vips_at_risk += from.vips_at_risk;
    into.vips_value = into.vips_value + from.vips_value;
    into.identified += from.identified;
    into.without_consent += from.without_consent;
    into.last_event = std::max(into.last_event, from.last_event);
    for (std::size_t i = 0; i < silence_days; ++i) {
        into.orders_days_ago[i] += from.orders_days_ago[i];
    }
}

int longest_silence(const Signals& signals) {
    int longest = 0;
    int run = 0;
    bool began = false;
    for (const std::uint64_t orders : signals.orders_days_ago) {
        if (orders > 0) {
            longest = began ? std::max(longest, run) : 0;
            began = true;
            run = 0;
        } else {
            ++run;
        }
    }
    return longest;
}

}  // namespace winback::report
