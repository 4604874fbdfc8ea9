#include "api/customer_filter.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "api/routes.h"
#include "base/strings.h"
#include "engine/scores.h"
#include "report/state.h"

namespace winback::api {
namespace {

std::string text_of(const http::Request& request, std::string_view name) {
    const std::string* value = request.query_value(name);
    return value == nullptr ? std::string() : *value;
}

Error invalid(std::string text) {
    return {ErrorCode::InvalidArgument, std::move(text)};
}

Result<std::optional<report::CustomerState>> state_of(std::string_view name) {
    if (name.empty()) {
        return std::optional<report::CustomerState>();
    }
    const auto state = report::parse_customer_state(name);
    if (!state || *state == report::CustomerState::Unknown) {
        return invalid(
            "there is no such state; the states are new, active, returned, at_risk, lapsed, "
            "no_order");
    }
    return state;
}

// `moved` and `since` come together.
Result<Ok> take_move(const http::Request& request, CustomerFilter& filter) {
    filter.moved = text_of(request, "moved");
    if (filter.moved.empty()) {
        return Ok{};
    }
    filter.since = text_of(request, "since");
    if (!report::parse_move(filter.moved)) {
        return invalid("'moved' is a state, a colon and a state: 'active:at_risk'");
    }
    if (!parse_iso8601(filter.since)) {
        return invalid("'moved' needs 'since', a moment in ISO 8601");
    }
    return Ok{};
}

Result<std::uint8_t> quintile_of(const http::Request& request, std::string_view name) {
    const std::string text = text_of(request, name);
    if (text.empty()) {
        return std::uint8_t{0};
    }
    if (text.size() != 1 || text[0] < '1' || text[0] > '5') {
        return invalid("'" + std::string(name) + "' is a number from 1 to 5");
    }
    return static_cast<std::uint8_t>(text[0] - '0');
}

Result<bool> flag_of(const http::Request& request, std::string_view name) {
    const std::string text = text_of(request, name);
    if (!text.empty() && text != "true" && text != "false") {
        return invalid("'" + std::string(name) + "' is true or false");
    }
    return text == "true";
}

Result<Ok> take_consent(std::string_view text, directory::Filter& filter) {
    if (text.empty()) {
        return Ok{};
    }
    const std::size_t colon = text.find(':');
    const auto channel = customer::parse_channel(text.substr(0, colon));
    const std::string_view state = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (!channel || (state != "granted" && state != "denied" && state != "unset")) {
        return invalid(
            "'consent' is a channel (email, sms, push, in_app), a colon and granted, denied or "
            "unset");
    }
    filter.channel = channel;
    filter.consent = state == "granted"  ? expr::ConsentState::Granted
                     : state == "denied" ? expr::ConsentState::Denied
                                         : expr::ConsentState::Unset;
    return Ok{};
}

std::string_view consent_text(expr::ConsentState state) {
    return state == expr::ConsentState::Granted  ? "granted"
           : state == expr::ConsentState::Denied ? "denied"
                                                 : "unset";
}

// `columns=a,b` and `column=a&column=b`, the form's way, mean the same.
Result<std::vector<std::string>> columns_of(const http::Request& request) {
    std::vector<std::string> columns;
    const auto add = [&](std::string_view name) {
        name = trim(name);
        if (!name.empty() && std::find(columns.begin(), columns.end(), name) == columns.end()) {
            columns.emplace_back(name);
        }
    };
    for (const auto& [name, value] : request.query) {
        if (name == "column") {
            add(value);
        } else if (name == "columns") {
            for (const std::string_view part : split(value, ',')) {
                add(part);
            }
        }
    }
    if (columns.size() > columns_max) {
        return invalid("at most " + std::to_string(columns_max) + " columns at once");
    }
    for (const std::string& column : columns) {
        if (!is_column(column)) {
            return invalid("there is no column '" + column.substr(0, column_bytes_max) +
                           "'; there are user.NAME, in.SEGMENT, and those of the documentation");
        }
    }
    return columns;
}

Result<Ok> take_conditions(const http::Request& request, CustomerFilter& filter) {
    WINBACK_TRY(filter.filter.state, state_of(text_of(request, "state")));
    WINBACK_TRY(filter.filter.recency, quintile_of(request, "recency"));
    WINBACK_TRY(filter.filter.frequency, quintile_of(request, "frequency"));
    WINBACK_TRY(filter.filter.monetary, quintile_of(request, "monetary"));
    WINBACK_TRY(const Ok consent, take_consent(text_of(request, "consent"), filter.filter));
    static_cast<void>(consent);
    WINBACK_TRY(const Ok moved, take_move(request, filter));
    static_cast<void>(moved);
    WINBACK_TRY(filter.passage, passage_choice_of(request));
    WINBACK_TRY(const bool suppressed, flag_of(request, "suppressed"));
    if (!text_of(request, "suppressed").empty()) {
        filter.filter.suppressed = suppressed;
    }
    filter.filter.tag = text_of(request, "tag");
    filter.segment = text_of(request, "segment");
    filter.search = text_of(request, "q");
    filter.where = text_of(request, "where");
    if (filter.search.size() > search_bytes_max) {
        return invalid("'q' is text of at most 200 bytes");
    }
    if (filter.where.size() > where_bytes_max) {
        return invalid("'where' is a condition of at most 4000 bytes");
    }
    return Ok{};
}

}  // namespace

bool is_column(std::string_view name) {
    if (name.size() > column_bytes_max) {
        return false;
    }
    const auto& known = known_columns();
    return std::find(known.begin(), known.end(), name) != known.end() ||
           engine::parse_score(name).has_value() ||
           (name.starts_with("user.") && name.size() > 5) ||
           (name.starts_with("in.") && name.size() > 3);
}

const std::vector<std::string>& default_columns() {
    static const std::vector<std::string> columns{
        "id",      "name",     "email",      "state",   "orders",
        "revenue", "currency", "last_order", "p_order", "value_at_risk"};
    return columns;
}

const std::vector<std::string>& known_columns() {
    static const std::vector<std::string> columns{
        "id",       "name",           "email",          "state",         "orders",     "revenue",
        "currency", "last_order",     "p_order",        "value_at_risk", "first_seen", "last_seen",
        "recency",  "frequency",      "monetary",       "tags",          "suppressed", "p_alive",
        "overdue",  "expected_value", "expected_orders"};
    return columns;
}

bool CustomerFilter::chosen() const {
    return !search.empty() || !segment.empty() || !where.empty() || !moved.empty() ||
           !passage.journey.empty() || !filter.anybody();
}

http::Pairs CustomerFilter::address() const {
    http::Pairs pairs;
    const auto add = [&](const char* name, std::string value) {
        if (!value.empty()) {
            pairs.emplace_back(name, std::move(value));
        }
    };
    const auto digit = [](std::uint8_t value) {
        return value == 0 ? std::string() : std::to_string(value);
    };
    add("q", search);
    add("segment", segment);
    add("state", filter.state ? std::string(report::customer_state_name(*filter.state)) : "");
    add("moved", moved);
    add("since", since);
    for (auto& [name, value] : passage.address()) {
        pairs.emplace_back(std::move(name), std::move(value));
    }
    add("where", where);
    add("recency", digit(filter.recency));
    add("frequency", digit(filter.frequency));
    add("monetary", digit(filter.monetary));
    add("tag", filter.tag);
    if (filter.channel) {
        add("consent", std::string(customer::channel_name(*filter.channel)) + ":" +
                           std::string(consent_text(filter.consent)));
    }
    add("suppressed", filter.suppressed ? (*filter.suppressed ? "true" : "false") : "");
    add("order", std::string(directory::order_names[static_cast<std::size_t>(order)]));
    add("rising", rising ? "true" : "");
    std::string all;
    for (const std::string& column : columns) {
        all += (all.empty() ? "" : ",") + column;
    }
    add("columns", all);
    return pairs;
}

Result<CustomerFilter> customer_filter_of(const http::Request& request, directory::Order order) {
    CustomerFilter filter;
    filter.order = order;
    WINBACK_TRY(filter.limit, limit_of(request, list_limit_default, list_limit_max));
    WINBACK_TRY(const Ok taken, take_conditions(request, filter));
    static_cast<void>(taken);
    if (const std::string name = text_of(request, "order"); !name.empty()) {
        const auto known = directory::parse_order(name);
        if (!known) {
            return invalid(
                "'order' is id, value_at_risk, p_order, revenue, orders, last_order, first_seen or "
                "last_seen");
        }
        filter.order = *known;
    }
    WINBACK_TRY(filter.rising, flag_of(request, "rising"));
    WINBACK_TRY(filter.columns, columns_of(request));
    filter.after = text_of(request, "after");
    return filter;
}

// One digit for the fit, 16 hex digits for the key, then the id.
std::string cursor_of(const directory::Place& place) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text(1, static_cast<char>('0' + static_cast<int>(place.fit)));
    const auto bits = std::bit_cast<std::uint64_t>(place.key);
    for (int shift = 60; shift >= 0; shift -= 4) {
        text += hex[bits >> static_cast<unsigned>(shift) & 15U];
    }
    return text + place.id;
}

Result<directory::Place> place_of(const std::string& cursor) {
    constexpr std::size_t head = 17;
    directory::Place place;
    std::uint64_t bits = 0;
    const bool long_enough = cursor.size() > head && cursor[0] >= '0' && cursor[0] <= '2';
    if (long_enough) {
        const char* end = cursor.data() + head;
        const auto [stopped, fault] = std::from_chars(cursor.data() + 1, end, bits, 16);
        place = {static_cast<directory::Fit>(cursor[0] - '0'), std::bit_cast<double>(bits),
                 cursor.substr(head)};
        if (fault == std::errc() && stopped == end && !std::isnan(place.key)) {
            return place;
        }
    }
    return invalid("'after' is what the page before gave as 'after'");
}

}  // namespace winback::api
