// Timelines and messages as trees.
#include "api/customers.h"
#include "host/host.h"

namespace winback::api {
namespace {

ValueMap event_value(const event::Event& event) {
    ValueMap map;
    map.set("kind", "event");
    map.set("name", event.name);
    map.set("call", event::event_kind_name(event.kind));
    map.set("surface", event::surface_name(event.surface));
    map.set("message_id", event.message_id);
    map.set("properties", event.properties);
    return map;
}

ValueMap fact_value(const engine::Fact& fact) {
    ValueMap map;
    map.set("kind", "fact");
    map.set("name", fact.name);
    map.set("details", fact.details);
    return map;
}

Value reason_value(const std::optional<message::RefusalReason>& reason) {
    return reason.has_value() ? Value(message::refusal_reason_name(*reason)) : Value();
}

ValueMap entry_value(const host::TimelineEntry& entry) {
    ValueMap map;
    if (const auto* event = std::get_if<event::Event>(&entry.what)) {
        map = event_value(*event);
    } else if (const auto* fact = std::get_if<engine::Fact>(&entry.what)) {
        map = fact_value(*fact);
    } else {
        map = message_summary(std::get<host::StoredMessage>(entry.what));
        map.set("kind", "message");
    }
    map.set("at", entry.at);
    return map;
}

}  // namespace

ValueMap message_summary(const host::StoredMessage& message) {
    const engine::MessageDecided& decided = message.decided;
    const bool has_step = !message.steps.empty();
    ValueMap map;
    map.set("key", to_hex(decided.key));
    map.set("customer", decided.customer);
    map.set("journey", decided.journey);
    map.set("step", decided.step);
    map.set("template", decided.template_id);
    map.set("channel", customer::channel_name(decided.channel));
    map.set("decided_at", decided.at);
    map.set("state", message::message_state_name(has_step ? message.last().state : decided.state));
    map.set("reason", reason_value(has_step ? message.last().reason : decided.reason));
    map.set("changed_at", has_step ? message.last().at : decided.at);
    map.set("subject", decided.rendered.subject);
    map.set("language", decided.rendered.language);
    return map;
}

ValueMap message_value(const host::StoredMessage& message) {
    ValueMap map = message_summary(message);
    const message::RenderedMessage& rendered = message.decided.rendered;
    ValueMap parts;
    parts.set("to", rendered.to);
    parts.set("from", rendered.from);
    parts.set("from_name", rendered.from_name);
    parts.set("reply_to", rendered.reply_to);
    parts.set("subject", rendered.subject);
    parts.set("preheader", rendered.preheader);
    parts.set("html", rendered.html);
    parts.set("text", rendered.text);
    parts.set("language", rendered.language);
    parts.set("direction", rendered.direction);
    map.set("rendered", std::move(parts));
    map.set("explanation", message.decided.explanation);
    ValueList steps;
    for (const host::MessageStep& step : message.steps) {
        ValueMap one;
        one.set("state", message::message_state_name(step.state));
        one.set("reason", reason_value(step.reason));
        one.set("at", step.at);
        one.set("detail", step.detail);
        steps.emplace_back(std::move(one));
    }
    map.set("steps", std::move(steps));
    return map;
}

Result<ValueList> describe_timeline(Desk& desk, std::string_view id, std::size_t limit) {
    WINBACK_TRY(const std::vector<host::TimelineEntry> entries, desk.host().timeline(id, limit));
    ValueList list;
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        list.emplace_back(entry_value(*entry));
    }
    return list;
}

}  // namespace winback::api
