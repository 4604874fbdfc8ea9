#include "webhook/event.h"

#include <algorithm>

#include "customer/channel.h"

namespace winback::webhook {
namespace {

struct Named {
    std::string_view fact;
    std::string_view type;
};

constexpr std::array<Named, 8> facts{{{"Consent Changed", "consent.changed"},
                                      {"Suppressed", "customer.suppressed"},
                                      {"Segment Entered", "segment.entered"},
                                      {"Segment Left", "segment.left"},
                                      {"Journey Entered", "journey.entered"},
                                      {"Journey Exited", "journey.exited"},
                                      {"Journey Finished", "journey.finished"},
                                      {"Goal Reached", "journey.goal_reached"}}};

std::string_view type_of(message::MessageState state) {
    switch (state) {
        case message::MessageState::Sent:
            return "message.sent";
        case message::MessageState::Refused:
            return "message.refused";
        case message::MessageState::Failed:
            return "message.failed";
        case message::MessageState::InDoubt:
            return "message.in_doubt";
        case message::MessageState::Queued:
        case message::MessageState::Held:
        case message::MessageState::Sending:
        case message::MessageState::Previewed:
            break;
    }
    return {};
}

struct Where {
    std::string journey;
    std::string step;
    std::string template_id;
    customer::Channel channel = customer::Channel::Email;
};

Event message_event(std::string_view type,
                    const Hash128& key,
                    const std::string& customer,
                    Timestamp at,
                    const Where& where,
                    std::optional<message::RefusalReason> reason) {
    Event event{.type = std::string(type), .customer = customer, .at = at};
    event.data.set("message", to_hex(key));
    event.data.set("customer", customer);
    event.data.set("journey", where.journey);
    event.data.set("step", where.step);
    event.data.set("template", where.template_id);
    event.data.set("channel", customer::channel_name(where.channel));
    event.data.set("reason", reason ? Value(message::refusal_reason_name(*reason)) : Value());
    return event;
}

// Where a message belongs; empty when the shard has forgotten it.
Where where_of(const engine::Shard& shard, const std::string& customer, const Hash128& key) {
    if (const auto index = shard.customers().find(customer)) {
        for (const engine::MessageRecord& record : shard.messages(*index)) {
            if (record.key == key) {
                return {record.journey, record.step, record.template_id, record.channel};
            }
        }
    }
    return {};
}

}  // namespace

bool is_event_type(std::string_view type) {
    return std::find(event_types.begin(), event_types.end(), type) != event_types.end();
}

std::string event_body(const Event& event) {
    ValueMap tree;
    tree.set("type", event.type);
    tree.set("timestamp", event.at);
    tree.set("data", event.data);
    return to_json(Value(std::move(tree)));
}

std::vector<Event> events_of(const engine::Input& input,
                             const engine::Effects& effects,
                             const engine::Shard& shard) {
    std::vector<Event> events;
    for (const engine::MessageDecided& decided : effects.decided) {
        if (const std::string_view type = type_of(decided.state); !type.empty()) {
            events.push_back(
                message_event(type, decided.key, decided.customer, decided.at,
                              {decided.journey, decided.step, decided.template_id, decided.channel},
                              decided.reason));
        }
    }
    for (const engine::MessageChanged& changed : effects.changed) {
        if (const std::string_view type = type_of(changed.state); !type.empty()) {
            events.push_back(message_event(type, changed.key, changed.customer, changed.at,
                                           where_of(shard, changed.customer, changed.key),
                                           changed.reason));
        }
    }
    for (const engine::Fact& fact : effects.facts) {
        const auto named = std::find_if(facts.begin(), facts.end(),
                                        [&](const Named& one) { return one.fact == fact.name; });
        if (named == facts.end()) {
            continue;
        }
        Event event{.type = std::string(named->type), .customer = fact.customer, .at = fact.at};
        event.data.set("customer", fact.customer);
        for (const auto& [name, value] : fact.details) {
            event.data.set(name, value);
        }
        events.push_back(std::move(event));
    }
    if (const auto erased = engine::erasure(input.body)) {
        const auto index = shard.customers().find(*erased);
        if (index && shard.customers().erased(*index)) {
            Event event{.type = "customer.erased", .customer = *erased, .at = input.at};
            event.data.set("customer", *erased);
            events.push_back(std::move(event));
        }
    }
    return events;
}

}  // namespace winback::webhook
