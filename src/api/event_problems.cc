#include "api/event_problems.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "base/value.h"
#include "customer/channel.h"
#include "customer/column.h"
#include "customer/order_book.h"
#include "event/names.h"
#include "sender/address.h"

namespace winback::api {
namespace {

constexpr Duration late_after = days(1);  // As the engine: what is later starts no journey.
constexpr Duration ahead_max = minutes(10);
constexpr Timestamp oldest{946'684'800'000};  // 2000-01-01.
constexpr std::size_t problems_max = 20;

constexpr std::array meant_names = {
    event::order_completed,          event::order_refunded,
    event::order_cancelled,          event::subscription_started,
    event::subscription_renewed,     event::subscription_paused,
    event::subscription_resumed,     event::subscription_cancelled,
    event::subscription_reactivated, event::unsubscribed,
    event::marked_as_spam,           event::application_installed,
    event::application_uninstalled,  event::consent_changed,
};

// Letters and digits alone, in lower case: "order_completed" is like "Order Completed".
std::string bare(std::string_view name) {
    std::string out;
    for (const char c : to_lower_ascii(name)) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out += c;
        }
    }
    return out;
}

// Whether one letter more, less or other makes one from the other.
bool nearly_same(std::string_view a, std::string_view b) {
    if (a.size() > b.size()) {
        std::swap(a, b);
    }
    if (b.size() - a.size() > 1) {
        return false;
    }
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto rest_a = static_cast<std::size_t>(a.end() - left);
    const auto rest_b = static_cast<std::size_t>(b.end() - right);
    const std::size_t same = std::min(rest_a, rest_b - (rest_b == 0 ? 0 : 1));
    return a.substr(a.size() - same) == b.substr(b.size() - same);
}

// The name with a meaning that was probably meant; empty when it is one, or far from all.
std::string_view meant_by(std::string_view name) {
    const std::string asked = bare(name);
    for (const std::string_view meant : meant_names) {
        if (name == meant) {
            return {};
        }
    }
    for (const std::string_view meant : meant_names) {
        const std::string known = bare(meant);
        // "Order Complete" and "Orders Completed" too.
        if (asked == known || (asked.size() > 8 && nearly_same(asked, known))) {
            return meant;
        }
    }
    return {};
}

std::string_view type_of(const Value& value) {
    return value.is_number()              ? "number"
           : value.as_bool() != nullptr   ? "yes or no"
           : value.as_list() != nullptr   ? "list"
           : value.as_map() != nullptr    ? "object"
           : value.as_string() != nullptr ? "text"
                                          : "";
}

bool is_state(const Value* value) {
    if (value == nullptr) {
        return false;
    }
    const std::string* text = value->as_string();
    return value->as_bool() != nullptr ||
           (text != nullptr &&
            (equals_ignoring_case(*text, "granted") || equals_ignoring_case(*text, "denied")));
}

bool is_channel(std::string_view name) {
    return customer::parse_channel(to_lower_ascii(name)).has_value();
}

// What of a statement of consent cannot be read; empty when all can.
std::string unread_consent(const event::Event& event) {
    if (event.kind == event::EventKind::Track && event.name == event::consent_changed) {
        const Value* channel = event.properties.find("channel");
        if (channel == nullptr || channel->as_string() == nullptr ||
            !is_channel(*channel->as_string())) {
            return "channel";
        }
        return is_state(event.properties.find("state")) ? "" : "state";
    }
    const Value* stated =
        event.kind == event::EventKind::Identify ? event.properties.find("consent") : nullptr;
    if (stated == nullptr) {
        return "";
    }
    const ValueMap* channels = stated->as_map();
    if (channels == nullptr) {
        return "consent";
    }
    for (const Field& field : *channels) {
        const ValueMap* map = field.second.as_map();
        if (!is_channel(field.first) ||
            !is_state(map == nullptr ? &field.second : map->find("state"))) {
            return field.first;
        }
    }
    return "";
}

// Members of orders and refunds that orders.revenue and its like are summed from.
constexpr std::array<std::string_view, 5> amounts{"revenue", "total", "shipping", "tax", "margin"};

bool has_amounts(const event::Event& event) {
    return event.kind == event::EventKind::Track &&
           (event.name == event::order_completed || event.name == event::order_refunded);
}

bool is_amount_name(const event::Event& event, std::string_view name) {
    return has_amounts(event) && std::find(amounts.begin(), amounts.end(), name) != amounts.end();
}

// The first amount that is there and counts for nothing; empty when all are numbers, as they are or
// as texts.
std::string_view unread_amount(const event::Event& event) {
    for (const std::string_view name : amounts) {
        const Value* value = has_amounts(event) ? event.properties.find(name) : nullptr;
        if (value != nullptr && !value->is_null() &&
            !customer::amount_of(customer::cell_of(*value))) {
            return name;
        }
    }
    return {};
}

// The e-mail address of a customer that no mail can be sent to; null when there is none or it can.
const Value* unusable_email(const event::Event& event) {
    const Value* email =
        event.kind == event::EventKind::Identify ? event.properties.find("email") : nullptr;
    const std::string* text = email == nullptr ? nullptr : email->as_string();
    // An empty text is how many say that there is none.
    if (email == nullptr || email->is_null() || (text != nullptr && trim(*text).empty())) {
        return nullptr;
    }
    return text != nullptr && sender::parse_address(*text) ? nullptr : email;
}

// What an order lacks to count: "order_id" or "total".
std::string missing_of_order(const event::Event& event) {
    if (event.kind != event::EventKind::Track || event.name != event::order_completed) {
        return "";
    }
    const bool has_amount =
        event.properties.find("total") != nullptr || event.properties.find("revenue") != nullptr;
    return event.properties.find("order_id") == nullptr ? "order_id" : has_amount ? "" : "total";
}

// The currency of an order that is not the shop's: never converted, never added to the shop's.
std::string foreign_currency(const event::Event& event, std::string_view shop_currency) {
    const Value* currency =
        event.kind == event::EventKind::Track && event.name == event::order_completed
            ? event.properties.find("currency")
            : nullptr;
    const std::string* code = currency == nullptr ? nullptr : currency->as_string();
    return code == nullptr || code->empty() || shop_currency.empty() ||
                   equals_ignoring_case(*code, shop_currency)
               ? std::string()
               : *code;
}

// The decoder moves what cannot be right to the time of arrival, so what was sent counts here.
void look_at_times(const event::Event& event,
                   std::string_view stated,
                   Timestamp received,
                   std::vector<EventProblem>& found) {
    if (received - event.time > late_after) {
        found.push_back({.code = "late",
                         .message = "it happened more than a day ago: it corrects the past and "
                                    "starts no journey; send events when they happen",
                         .subject = "",
                         .is_remark = true});
    }
    if (stated.size() < 2 || stated == "null" || event.time != received) {
        return;
    }
    const Result<Timestamp> time = parse_iso8601(stated.substr(1, stated.size() - 2));
    if (!time) {
        found.push_back({"unreadable_time",
                         "its timestamp cannot be read, so the time of arrival counts; send ISO "
                         "8601, as 2026-01-31T12:00:00Z",
                         ""});
    } else if (*time > received + ahead_max) {
        found.push_back({"in_the_future",
                         "its timestamp lies in the future, so the time of arrival counts; send "
                         "the time at which it happened, in UTC or with its zone",
                         ""});
    } else if (*time < oldest) {
        found.push_back({"long_ago",
                         "its timestamp lies before the year 2000, so the time of arrival counts; "
                         "seconds may have been taken for milliseconds",
                         ""});
    }
}

}  // namespace

std::vector<std::string_view> event_problem_codes() {
    return {"unreadable_time",
            "in_the_future",
            "long_ago",
            "late",
            "duplicate",
            "unknown_name",
            "type_conflict",
            "unreadable_consent",
            "incomplete_order",
            "not_a_number",
            "unusable_email",
            "other_currency",
            "invalid_write_key",
            "invalid_json",
            "too_large",
            "not_an_object",
            "no_batch",
            "batch_too_long",
            "unknown_type",
            "bad_id",
            "id_too_long",
            "no_user_anon_id",
            "no_user_id",
            "no_previous_id",
            "no_group_id",
            "no_event",
            "event_name_too_long",
            "message_id_too_long",
            "bad_properties",
            "too_deep",
            "too_many_fields"};
}

void EventProblems::look_at_types(const event::Event& event, std::vector<EventProblem>& found) {
    for (const Field& field : event.properties) {
        const std::string_view type = type_of(field.second);
        // 12.5 and "12.5" are one amount; what is none is a problem of its own.
        if (type.empty() || is_amount_name(event, field.first)) {
            continue;
        }
        const std::string key = event.name + '\0' + field.first;
        const auto known = types_.find(key);
        if (known == types_.end()) {
            if (types_.size() < properties_max) {
                types_.emplace(key, type);
            }
        } else if (known->second != type && found.size() < problems_max) {
            found.push_back({"type_conflict",
                             "'" + field.first + "' is " + std::string(type) + ", and was " +
                                 known->second +
                                 " before: conditions find it under one type only; send one",
                             field.first});
        }
    }
}

std::vector<EventProblem> EventProblems::look(const event::Event& event,
                                              std::string_view stated,
                                              Timestamp received,
                                              std::string_view shop_currency) {
    std::vector<EventProblem> found;
    if (!ids_.insert(event.message_id).second) {
        found.push_back({"duplicate",
                         "its messageId came before, so it counts once; a new event needs a new "
                         "messageId",
                         event.message_id});
    } else {
        ids_in_order_.push_back(event.message_id);
        if (ids_in_order_.size() > ids_max) {
            ids_.erase(ids_in_order_.front());
            ids_in_order_.pop_front();
        }
    }
    look_at_times(event, stated, received, found);
    if (event.kind == event::EventKind::Track) {
        if (const std::string_view meant = meant_by(event.name); !meant.empty()) {
            found.push_back({"unknown_name",
                             "'" + event.name + "' has no meaning here; if it is '" +
                                 std::string(meant) + "', send that name",
                             std::string(meant)});
        }
    }
    if (std::string subject = unread_consent(event); !subject.empty()) {
        found.push_back({"unreadable_consent",
                         "the consent cannot be read at '" + subject +
                             "': the channel is email, sms, push or in_app, the state granted or "
                             "denied",
                         subject});
    }
    if (std::string subject = missing_of_order(event); !subject.empty()) {
        found.push_back(
            {"incomplete_order", "an order needs '" + subject + "' to count in full", subject});
    }
    if (const std::string_view subject = unread_amount(event); !subject.empty()) {
        found.push_back({"not_a_number",
                         "'" + std::string(subject) +
                             "' is no number, so it counts as nothing; send a number with a point, "
                             "such as 12.50",
                         std::string(subject)});
    }
    if (const Value* email = unusable_email(event)) {
        found.push_back({"unusable_email",
                         "no mail can be sent to this e-mail address; send one such as "
                         "ada@example.com, or none",
                         email->as_string() == nullptr ? to_json(*email) : *email->as_string()});
    }
    if (std::string currency = foreign_currency(event, shop_currency); !currency.empty()) {
        found.push_back({.code = "other_currency",
                         .message = "the order is in " + currency + " and the shop counts in " +
                                    std::string(shop_currency) +
                                    ": it counts, and its amount is not added to the shop's",
                         .subject = currency,
                         .is_remark = true});
    }
    look_at_types(event, found);
    return found;
}

}  // namespace winback::api
