// One customer as a tree: facts, rhythm, scores, consents, segments, journeys, messages.
#include <algorithm>
#include <array>
#include <cstdio>

#include "api/customer_outlook.h"
#include "api/customers.h"
#include "base/civil.h"
#include "customer/traits.h"
#include "engine/scores.h"
#include "host/host.h"
#include "report/overview.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using customer::Customers;

constexpr int merges_max = 32;

double days_of(Duration duration) {
    return static_cast<double>(duration.ms) / static_cast<double>(days(1).ms);
}

Value time_or_null(Timestamp time) {
    return time == timestamp_min || time == timestamp_max ? Value() : Value(time);
}

std::string_view consent_name(expr::ConsentState state) {
    switch (state) {
        case expr::ConsentState::Unset:
            return "unset";
        case expr::ConsentState::Granted:
            return "granted";
        case expr::ConsentState::Denied:
            return "denied";
    }
    return "unset";
}

ValueMap derived_value(const Customers& customers, CustomerIndex c) {
    ValueMap map;
    for (const customer::DerivedTrait& trait : customer::derived_traits()) {
        Value value = customers.trait(c, trait.name);
        if (const Duration* span = value.as_span()) {
            value = days_of(*span);  // In days, as everywhere in the API.
        }
        map.set(std::string(trait.name), std::move(value));
    }
    return map;
}

std::string date_text(std::int32_t day) {
    const CivilTime civil = civil_from_timestamp({std::int64_t{day} * days(1).ms});
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", civil.year, civil.month, civil.day);
    return text.data();
}

ValueList order_days_value(const Customers& customers, CustomerIndex c) {
    const std::vector<Customers::OrderDay> order_days = customers.order_days(c);
    const std::size_t skip = order_days.size() - std::min(order_days.size(), order_days_shown_max);
    ValueList list;
    for (std::size_t i = skip; i < order_days.size(); ++i) {
        ValueMap map;
        map.set("date", date_text(order_days[i].day));
        map.set("day", std::int64_t{order_days[i].day});
        map.set("revenue", to_double(order_days[i].revenue));
        list.emplace_back(std::move(map));
    }
    return list;
}

Value rhythm_value(const customer::Rhythm& rhythm) {
    if (rhythm.gap_count == 0) {
        return {};
    }
    ValueMap map;
    map.set("gaps", std::int64_t{rhythm.gap_count});
    map.set("median_days", days_of(rhythm.median));
    map.set("low_days", days_of(rhythm.low));
    map.set("high_days", days_of(rhythm.high));
    return map;
}

ValueList consents_value(const Customers& customers, CustomerIndex c) {
    ValueList list;
    for (std::size_t i = 0; i < customer::channel_count; ++i) {
        const auto channel = static_cast<customer::Channel>(i);
        const customer::Consent consent = customers.consent(c, channel);
        const bool unset = consent.state == expr::ConsentState::Unset;
        ValueMap map;
        map.set("channel", customer::channel_name(channel));
        map.set("state", consent_name(consent.state));
        map.set("time", unset ? Value() : Value(consent.time));
        map.set("source", consent.source);
        list.emplace_back(std::move(map));
    }
    return list;
}

ValueMap scores_value(const host::ShardView& view, CustomerIndex c) {
    ValueMap map;
    for (const std::string_view name : engine::score_names) {
        map.set(std::string(name), view.shard.score(c, name, view.now));
    }
    const auto& models = view.shard.models();
    map.set("horizon_days", models.has_value() ? Value(models->horizon_days) : Value());
    return map;
}

ValueList segments_value(const host::ShardView& view, CustomerIndex c) {
    const engine::DefinitionsPtr definitions = view.shard.definitions();
    ValueList list;
    for (const std::string& id : view.shard.segments_of(c)) {
        const segment::Segment* segment = definitions->segment(id);
        ValueMap map;
        map.set("id", id);
        add_names(map, id, segment);
        list.emplace_back(std::move(map));
    }
    return list;
}

std::string_view step_kind_name(journey::StepKind kind) {
    switch (kind) {
        case journey::StepKind::Wait:
            return "wait";
        case journey::StepKind::Branch:
            return "branch";
        case journey::StepKind::Message:
            return "message";
        case journey::StepKind::Exit:
            return "exit";
    }
    return "exit";
}

ValueMap enrollment_value(const journey::Enrollment& entry, const journey::Journey* journey) {
    ValueMap map;
    map.set("journey", entry.journey);
    add_name(map, entry.journey, journey);
    map.set("entry", std::int64_t{entry.entry});
    map.set("state", journey::enrollment_state_name(entry.state));
    map.set("held_out", entry.held_out);
    map.set("entered_at", entry.entered_at);
    map.set("goal_until", entry.goal_until);
    map.set("goal_at", entry.goal_at.has_value() ? Value(*entry.goal_at) : Value());
    map.set("goal_revenue", to_double(entry.goal_revenue));
    map.set("wake_at", time_or_null(entry.wake_at));
    const bool running = entry.state == journey::EnrollmentState::Running;
    if (running && journey != nullptr && entry.step < journey->steps.size()) {
        map.set("step", journey->steps[entry.step].id);
        map.set("step_kind", step_kind_name(journey->steps[entry.step].kind));
    }
    return map;
}

ValueList enrollments_value(const host::ShardView& view, CustomerIndex c) {
    const engine::DefinitionsPtr definitions = view.shard.definitions();
    ValueList list;
    for (const journey::Enrollment& entry : view.shard.enrollments(c)) {
        list.emplace_back(enrollment_value(
            entry, definitions == nullptr ? nullptr : definitions->journey(entry.journey)));
    }
    std::reverse(list.begin(), list.end());
    return list;
}

ValueMap whole(const host::ShardView& view, CustomerIndex c, Duration shop_gap) {
    const Customers& customers = view.shard.customers();
    const report::Standing standing = report::standing_of(customers, c, shop_gap, view.now);
    const bool ordered = standing.state != report::CustomerState::NoOrder;
    ValueMap map;
    map.set("id", customers.id(c));
    map.set("now", view.now);
    map.set("identified", customers.identified(c));
    map.set("erased", customers.erased(c));
    map.set("suppressed", customers.suppressed(c));
    map.set("suppression_reason", customers.suppression_reason(c));
    map.set("suppressed_since", time_or_null(customers.suppressed_since(c)));
    ValueList tags;
    for (const std::string& tag : customers.labels(c, customer::tags_attribute)) {
        tags.emplace_back(tag);
    }
    map.set("tags", std::move(tags));
    map.set("first_seen", time_or_null(customers.first_seen(c)));
    map.set("last_seen", time_or_null(customers.last_seen(c)));
    map.set("state", report::customer_state_name(standing.state));
    map.set("silent_days", ordered ? Value(days_of(standing.silent)) : Value());
    map.set("usual_gap_days", ordered ? Value(days_of(standing.usual_gap)) : Value());
    map.set("own_gap", standing.own_gap);
    map.set("rhythm", rhythm_value(customers.rhythm(c)));
    map.set("scores", scores_value(view, c));
    map.set("attributes", customers.attributes(c));
    map.set("derived", derived_value(customers, c));
    map.set("order_days", order_days_value(customers, c));
    map.set("consents", consents_value(customers, c));
    map.set("segments", segments_value(view, c));
    map.set("enrollments", enrollments_value(view, c));
    map.set("course", course_value(view, c));
    map.set("upcoming", upcoming_value(view, c));
    ValueList absorbed;
    for (const std::string& id : customers.absorbed_ids(c)) {
        absorbed.emplace_back(id);
    }
    map.set("also_known_as", std::move(absorbed));
    return map;
}

}  // namespace

Result<ValueMap> describe_customer(Desk& desk, std::string_view id) {
    const Duration shop_gap = desk.directory().shop_gap();
    std::string wanted(id);
    for (int hop = 0; hop < merges_max; ++hop) {
        std::optional<ValueMap> found;
        std::string into;
        desk.host().query_customer(wanted, [&](host::ShardView view) {
            const auto c = view.shard.customers().find(wanted);
            if (!c) {
                return;
            }
            into = view.shard.customers().merged_into(*c);
            if (into.empty()) {
                found = whole(view, *c, shop_gap);
            }
        });
        if (found) {
            return *std::move(found);
        }
        if (into.empty()) {
            break;
        }
        wanted = std::move(into);
    }
    return Error{ErrorCode::NotFound, "there is no such customer"};
}

}  // namespace winback::api
