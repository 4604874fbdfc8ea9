#include "api/messages.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "api/day.h"
#include "api/routes.h"
#include "api/walk.h"
#include "host/host.h"
#include "host/message_list.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;
using message::MessageState;

constexpr Duration passages_age_max = seconds(30);
constexpr std::size_t filter_bytes_max = 256;

report::Passages collect_passages(Desk& desk) {
    const Timestamp now = desk.host().now();
    report::Passages passages;
    passages.as_of = now;
    Walk(desk.host()).run([&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        report::collect(passages, view.shard, now, from, to);
    });
    return passages;
}

Result<std::string> text_of(const http::Request& request, std::string_view name) {
    const std::string* value = request.query_value(name);
    if (value != nullptr && value->size() > filter_bytes_max) {
        return Error{ErrorCode::InvalidArgument,
                     "'" + std::string(name) + "' is text of at most 256 bytes"};
    }
    return value == nullptr ? std::string() : *value;
}

// The customer's own id and those that were absorbed. Fails with NotFound.
Result<std::vector<std::string>> ids_of(Desk& desk, std::string id) {
    constexpr int merges_max = 32;
    for (int hop = 0; hop < merges_max; ++hop) {
        std::string into;
        std::vector<std::string> ids;
        desk.host().query_customer(id, [&](host::ShardView view) {
            const customer::Customers& customers = view.shard.customers();
            const auto found = customers.find(id);
            if (!found.has_value() || customers.erased(*found)) {
                return;
            }
            into = customers.merged_into(*found);
            ids = customers.absorbed_ids(*found);
            ids.insert(ids.begin(), id);
        });
        if (into.empty()) {
            return ids.empty() ? Result<std::vector<std::string>>(
                                     Error{ErrorCode::NotFound, "there is no such customer"})
                               : ids;
        }
        id = into;
    }
    return Error{ErrorCode::NotFound, "there is no such customer"};
}

Result<host::MessageFilter> filter_of(Desk& desk, const http::Request& request) {
    host::MessageFilter filter;
    WINBACK_TRY(const std::string state, text_of(request, "state"));
    WINBACK_TRY(const std::string reason, text_of(request, "reason"));
    WINBACK_TRY(const std::string channel, text_of(request, "channel"));
    WINBACK_TRY(filter.journey, text_of(request, "journey"));
    WINBACK_TRY(filter.step, text_of(request, "step"));
    WINBACK_TRY(filter.template_id, text_of(request, "template"));
    WINBACK_TRY(filter.language, text_of(request, "language"));
    WINBACK_TRY(const std::string customer, text_of(request, "customer"));
    WINBACK_TRY(const std::string since, text_of(request, "since"));
    WINBACK_TRY(const std::string until, text_of(request, "until"));
    filter.states = states_of(state);
    filter.reason = message::parse_refusal_reason(reason);
    filter.channel = customer::parse_channel(channel);
    for (const auto& [name, given, known] :
         {std::tuple("state", &state, !filter.states.empty()),
          std::tuple("reason", &reason, filter.reason.has_value()),
          std::tuple("channel", &channel, filter.channel.has_value())}) {
        if (!given->empty() && !known) {
            return Error{ErrorCode::InvalidArgument,
                         "'" + std::string(name) + "' has no value of that name"};
        }
    }
    if (!since.empty()) {
        WINBACK_TRY(filter.from, moment_of(desk, since, false));
    }
    if (!until.empty()) {
        WINBACK_TRY(filter.to, moment_of(desk, until, true));
    }
    if (!customer.empty()) {
        WINBACK_TRY(filter.customers, ids_of(desk, customer));
    }
    return filter;
}

// "MILLISECONDS-KEY"
Result<std::optional<host::MessageCursor>> cursor_of(const http::Request& request) {
    const std::string* text = request.query_value("after");
    if (text == nullptr || text->empty()) {
        return std::optional<host::MessageCursor>();
    }
    host::MessageCursor cursor;
    const std::size_t dash = text->rfind('-');
    const char* begin = text->data();
    const char* end = begin + (dash == std::string::npos ? 0 : dash);
    const auto [stopped, fault] = std::from_chars(begin, end, cursor.at.ms);
    const bool whole = fault == std::errc() && stopped == end && dash != std::string::npos &&
                       cursor.at >= time_limit_low && cursor.at <= time_limit_high;
    if (!whole || !parse_hex(std::string_view(*text).substr(dash + 1), cursor.key)) {
        return Error{ErrorCode::InvalidArgument, "'after' is the one that a page before gave"};
    }
    return std::optional(cursor);
}

std::string text_of(const host::MessageCursor& cursor) {
    return std::to_string(cursor.at.ms) + "-" + to_hex(cursor.key);
}

ValueMap row_value(const host::ListedMessage& message, const engine::Definitions* definitions) {
    const journey::Journey* journey =
        definitions == nullptr ? nullptr : definitions->journey(message.digest.journey);
    ValueMap map;
    map.set("key", to_hex(message.place.key));
    map.set("customer", message.digest.customer);
    map.set("journey", message.digest.journey);
    set_name(map, "journey_name", message.digest.journey, journey);
    map.set("step", message.digest.step);
    map.set("template", message.digest.template_id);
    map.set("channel", customer::channel_name(message.digest.channel));
    map.set("decided_at", message.place.at);
    map.set("state", message::message_state_name(message.place.state));
    map.set("reason", message.place.reason.has_value()
                          ? Value(message::refusal_reason_name(*message.place.reason))
                          : Value());
    map.set("changed_at", message.digest.changed_at);
    map.set("subject", message.digest.subject);
    map.set("language", message.digest.language);
    return map;
}

template <class Counts>
ValueMap reasons_value(const Counts& counts) {
    ValueMap map;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0) {
            map.set(
                std::string(message::refusal_reason_name(static_cast<message::RefusalReason>(i))),
                static_cast<std::int64_t>(counts[i]));
        }
    }
    return map;
}

}  // namespace

std::vector<MessageState> states_of(std::string_view name) {
    using enum message::MessageState;
    if (const auto one = message::parse_message_state(name)) {
        return {*one};
    }
    return name == "outbox"     ? std::vector{Queued, Held, Sending}
           : name == "out"      ? std::vector{Sent, Previewed}
           : name == "gone"     ? std::vector{Sent, InDoubt}
           : name == "not_sent" ? std::vector{Refused, Failed}
                                : std::vector<MessageState>();
}

PassageCache::PassageCache(Desk& desk)
    : Cached(desk,
             std::min(passages_age_max, Duration{desk.options().overview_age_max.ms * 6}),
             collect_passages) {}

ValueMap message_counts_value(const report::MessageCounts& counts) {
    ValueMap states;
    for (std::size_t i = 0; i < counts.states.size(); ++i) {
        states.set(std::string(message::message_state_name(static_cast<MessageState>(i))),
                   static_cast<std::int64_t>(counts.states[i]));
    }
    ValueMap map;
    map.set("all", static_cast<std::int64_t>(counts.all()));
    map.set("states", std::move(states));
    map.set("refused", reasons_value(counts.refused));
    map.set("held", reasons_value(counts.held));
    map.set("clicked", static_cast<std::int64_t>(counts.clicked));
    return map;
}

Result<ValueMap> list_messages(Desk& desk, const http::Request& request) {
    WINBACK_TRY(const std::size_t limit,
                limit_of(request, messages_limit_default, messages_limit_max));
    WINBACK_TRY(const host::MessageFilter filter, filter_of(desk, request));
    WINBACK_TRY(const std::optional<host::MessageCursor> after, cursor_of(request));
    WINBACK_TRY(const host::MessagePage page,
                host::list_messages(desk.host().store(), filter, after, limit));
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    ValueList rows;
    for (const host::ListedMessage& message : page.messages) {
        rows.emplace_back(row_value(message, definitions.get()));
    }
    ValueMap tree;
    tree.set("messages", std::move(rows));
    tree.set("after", page.after.has_value() ? Value(text_of(*page.after)) : Value());
    tree.set("cut", page.cut);
    tree.set("looked_until", page.cut && page.after.has_value() ? Value(page.after->at) : Value());
    return tree;
}

Result<ValueMap> message_neighbours(Desk& desk,
                                    const http::Request& request,
                                    std::string_view key) {
    WINBACK_TRY(const host::MessageFilter filter, filter_of(desk, request));
    WINBACK_TRY(const std::optional<host::MessageCursor> after, cursor_of(request));
    WINBACK_TRY(const host::MessagePage page,
                host::list_messages(desk.host().store(), filter, after, messages_limit_max));
    const auto at = std::find_if(
        page.messages.begin(), page.messages.end(),
        [&](const host::ListedMessage& message) { return to_hex(message.place.key) == key; });
    const auto key_at = [&](auto message) { return Value(to_hex(message->place.key)); };
    ValueMap tree;
    tree.set("newer", at == page.messages.end() || at == page.messages.begin()
                          ? Value()
                          : key_at(std::prev(at)));
    tree.set("older", at == page.messages.end() || std::next(at) == page.messages.end()
                          ? Value()
                          : key_at(std::next(at)));
    return tree;
}

}  // namespace winback::api
