// Timelines and messages as trees.
#include <algorithm>
#include <array>
#include <charconv>

#include "api/customers.h"
#include "api/routes.h"
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

ValueMap timeline_value(const host::TimelineEntry& entry, bool whole) {
    ValueMap map;
    if (const auto* event = std::get_if<event::Event>(&entry.what)) {
        map = event_value(*event);
    } else if (const auto* fact = std::get_if<engine::Fact>(&entry.what)) {
        map = fact_value(*fact);
    } else {
        const auto& message = std::get<host::StoredMessage>(entry.what);
        map = whole ? message_value(message) : message_summary(message);
        map.set("kind", "message");
    }
    map.set("at", entry.at);
    return map;
}

namespace {

// The oldest entry of a page as milliseconds, and how many of that moment were shown.
struct Cursor {
    std::int64_t at = 0;
    std::size_t shown = 0;
};

Result<std::optional<Cursor>> cursor_in(const std::string& text) {
    if (text.empty()) {
        return std::optional<Cursor>();
    }
    Cursor cursor;
    const char* end = text.data() + text.size();
    const auto at = std::from_chars(text.data(), end, cursor.at);
    if (at.ec == std::errc() && at.ptr != end && *at.ptr == '.') {
        const auto shown = std::from_chars(at.ptr + 1, end, cursor.shown);
        if (shown.ec == std::errc() && shown.ptr == end) {
            return std::optional(cursor);
        }
    }
    return Error{ErrorCode::InvalidArgument, "'after' is what the page before gave as 'after'"};
}

std::string_view kind_of(const host::TimelineEntry& entry) {
    if (std::holds_alternative<event::Event>(entry.what)) {
        const std::string& name = std::get<event::Event>(entry.what).name;
        return name == "Consent Changed" || name == "Unsubscribed" ? "consent" : "event";
    }
    const auto* fact = std::get_if<engine::Fact>(&entry.what);
    if (fact == nullptr) {
        return "message";
    }
    return fact->name == engine::note_fact ? "note"
           : fact->name == "Consent Changed" || fact->name == "Suppressed" ||
                   fact->name == "Suppression Lifted"
               ? "consent"
               : "decision";
}

}  // namespace

Result<TimelineFilter> timeline_filter_of(const http::Request& request) {
    TimelineFilter filter;
    WINBACK_TRY(filter.limit, limit_of(request, timeline_limit_default, timeline_limit_max));
    const std::string* kind = request.query_value("kind");
    const std::string* after = request.query_value("after");
    filter.kind = kind == nullptr ? "" : *kind;
    filter.after = after == nullptr ? "" : *after;
    constexpr std::array<std::string_view, 6> kinds{"",         "event",   "message",
                                                    "decision", "consent", "note"};
    if (std::find(kinds.begin(), kinds.end(), filter.kind) == kinds.end()) {
        return Error{ErrorCode::InvalidArgument,
                     "'kind' is event, message, decision, consent or note"};
    }
    return filter;
}

Result<ValueMap> describe_timeline(Desk& desk, std::string_view id, const TimelineFilter& filter) {
    WINBACK_TRY(const std::optional<Cursor> cursor, cursor_in(filter.after));
    WINBACK_TRY(const std::vector<host::TimelineEntry> entries,
                desk.host().timeline(id, timeline_kept_max));
    std::size_t skip = cursor ? cursor->shown : 0;
    ValueList list;
    Cursor last;
    ValueMap tree;
    tree.set("after", Value());
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
        const std::string_view kind = kind_of(*entry);
        if ((!filter.kind.empty() && kind != filter.kind) ||
            (cursor && entry->at.ms > cursor->at)) {
            continue;
        }
        if (cursor && entry->at.ms == cursor->at && skip > 0) {
            --skip;
            continue;
        }
        if (list.size() == filter.limit) {
            tree.set("after", std::to_string(last.at) + "." + std::to_string(last.shown));
            break;
        }
        const bool same = !list.empty() && entry->at.ms == last.at;
        const std::size_t before =
            cursor && entry->at.ms == cursor->at ? cursor->shown : std::size_t{0};
        last = {entry->at.ms, same ? last.shown + 1 : before + 1};
        ValueMap value = timeline_value(*entry, false);
        value.set("group", kind);
        list.emplace_back(std::move(value));
    }
    tree.set("entries", std::move(list));
    return tree;
}

}  // namespace winback::api
