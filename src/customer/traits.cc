#include "customer/traits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/strings.h"
#include "customer/impl.h"
#include "event/names.h"

namespace winback::customer {
namespace {

constexpr std::array<DerivedTrait, 31> traits{{
    {Derived::FirstSeen, "first_seen", ValueType::Time},
    {Derived::FirstSeenWeb, "first_seen.web", ValueType::Time},
    {Derived::FirstSeenApp, "first_seen.app", ValueType::Time},
    {Derived::FirstSeenShop, "first_seen.shop", ValueType::Time},
    {Derived::LastSeen, "last_seen", ValueType::Time},
    {Derived::LastSeenWeb, "last_seen.web", ValueType::Time},
    {Derived::LastSeenApp, "last_seen.app", ValueType::Time},
    {Derived::LastSeenShop, "last_seen.shop", ValueType::Time},
    {Derived::OrdersCount, "orders.count", ValueType::Int},
    {Derived::OrdersDays, "orders.days", ValueType::Int},
    {Derived::OrdersRevenue, "orders.revenue", ValueType::Double},
    {Derived::OrdersMargin, "orders.margin", ValueType::Double},
    {Derived::OrdersAverage, "orders.average", ValueType::Double},
    {Derived::OrdersCurrency, "orders.currency", ValueType::String},
    {Derived::OrdersFirst, "orders.first", ValueType::Time},
    {Derived::OrdersLast, "orders.last", ValueType::Time},
    {Derived::OrdersGap, "orders.gap", ValueType::Span},
    {Derived::OrdersGapLow, "orders.gap_low", ValueType::Span},
    {Derived::OrdersGapHigh, "orders.gap_high", ValueType::Span},
    {Derived::RefundsCount, "refunds.count", ValueType::Int},
    {Derived::RefundsAmount, "refunds.amount", ValueType::Double},
    {Derived::SubscriptionState, "subscription.state", ValueType::String},
    {Derived::SubscriptionPlan, "subscription.plan", ValueType::String},
    {Derived::SubscriptionStarted, "subscription.started", ValueType::Time},
    {Derived::SubscriptionCancelled, "subscription.cancelled", ValueType::Time},
    {Derived::SubscriptionRenewals, "subscription.renewals", ValueType::Int},
    {Derived::SubscriptionSince, "subscription.since", ValueType::Time},
    {Derived::SubscriptionBefore, "subscription.before", ValueType::Span},
    {Derived::Language, "language", ValueType::String},
    {Derived::TimeZone, "timezone", ValueType::String},
    {Derived::Country, "country", ValueType::String},
}};

Value seen_value(const SeenRange& range, bool first) {
    return range.never() ? Value() : Value(first ? range.first : range.last);
}

struct Locale {
    std::string language;
    std::string region;
};

bool all_letters(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

// "pt-BR", "pt_BR", "zh-Hant-TW": the language, and the first subtag of two letters.
Locale read_locale(std::string_view text) {
    Locale locale;
    text = text.substr(0, text.find_first_of(".@"));  // "tr_TR.UTF-8"
    std::size_t end = text.find_first_of("-_");
    const std::string_view language = text.substr(0, end);
    if (!all_letters(language) || language.size() > 3) {
        return locale;
    }
    locale.language = to_lower_ascii(language);
    while (end != std::string_view::npos && locale.region.empty()) {
        text.remove_prefix(end + 1);
        end = text.find_first_of("-_");
        const std::string_view part = text.substr(0, end);
        if (part.size() == 2 && all_letters(part)) {
            for (const char c : part) {
                locale.region += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
            }
        }
    }
    return locale;
}

Value text_or_null(std::string text) {
    return text.empty() ? Value() : Value(std::move(text));
}

// One of the events that move a subscription, and the state that it leads to.
struct Move {
    std::string_view name;
    std::string_view state;
    bool has_plan;
};
constexpr std::array<Move, 6> moves{{{event::subscription_started, "active", true},
                                     {event::subscription_renewed, "active", true},
                                     {event::subscription_resumed, "active", true},
                                     {event::subscription_reactivated, "active", true},
                                     {event::subscription_paused, "paused", false},
                                     {event::subscription_cancelled, "cancelled", false}}};

// Type 7 of Hyndman and Fan (1996), "Sample Quantiles in Statistical Packages". Pre: sorted and
// not empty.
Duration quantile(const std::vector<std::int64_t>& sorted, double p) {
    const double place = p * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    const double part = place - static_cast<double>(below);
    const auto step = static_cast<double>(sorted[above] - sorted[below]);
    return {sorted[below] + static_cast<std::int64_t>(std::llround(part * step))};
}

}  // namespace

std::span<const DerivedTrait> derived_traits() {
    return traits;
}

std::optional<Derived> find_derived(std::string_view name) {
    for (const DerivedTrait& trait : traits) {
        if (trait.name == name) {
            return trait.id;
        }
    }
    return std::nullopt;
}

TraitSource Customers::Impl::trait_source(const std::string& name) const {
    if (const std::optional<Derived> derived = find_derived(name)) {
        return {.kind = TraitSource::Kind::Derived, .derived = *derived};
    }
    if (const std::optional<std::uint32_t> attribute = attributes.find(name)) {
        return {.kind = TraitSource::Kind::Attribute, .attribute = *attribute};
    }
    const bool dotted = name.find('.') != std::string::npos;
    return {.kind = dotted ? TraitSource::Kind::Path : TraitSource::Kind::Unknown};
}

Value Customers::Impl::trait(CustomerIndex customer,
                             const TraitSource& source,
                             const std::string& name) const {
    switch (source.kind) {
        case TraitSource::Kind::Derived:
            return trait(customer, source.derived);
        case TraitSource::Kind::Attribute:
            return attributes.value(customer, source.attribute);
        case TraitSource::Kind::Path:
            return attributes.value(customer, name);
        case TraitSource::Kind::Unknown:
            break;
    }
    return {};
}

std::string_view Customers::Impl::locale_of(CustomerIndex customer) const {
    return locale.at(customer).text;
}

Value Customers::Impl::language(CustomerIndex customer) const {
    for (const std::string_view name : {"language", "locale"}) {
        const Value given = attributes.value(customer, name);
        const std::string* text = given.as_string();
        if (text != nullptr && !text->empty()) {
            Locale given_locale = read_locale(*text);
            return given_locale.language.empty() ? given : Value(std::move(given_locale.language));
        }
    }
    return text_or_null(read_locale(locale_of(customer)).language);
}

Value Customers::Impl::country(CustomerIndex customer) const {
    for (const std::string_view name : {"country", "address.country"}) {
        const Value given = attributes.value(customer, name);
        if (given.as_string() != nullptr && !given.as_string()->empty()) {
            return given;
        }
    }
    const Value given = attributes.value(customer, "locale");
    if (given.as_string() != nullptr) {
        Locale given_locale = read_locale(*given.as_string());
        if (!given_locale.region.empty()) {
            return {std::move(given_locale.region)};
        }
    }
    return text_or_null(read_locale(locale_of(customer)).region);
}

// Read from the histories, so that late events need no correction. At the same time the later of
// `moves` decides: a cancellation over all else.
Value Customers::Impl::subscription(CustomerIndex customer, Derived derived) const {
    Timestamp newest = timestamp_min;
    Timestamp plan_time = timestamp_min;
    Value state;
    Value plan;
    std::vector<RowIndex> scratch;
    for (const Move& move : moves) {
        const EventTable* table = history.find(move.name);
        const Slice slice = table == nullptr ? Slice{} : table->slice(customer, scratch);
        const bool is_renewal = move.name == event::subscription_renewed;
        if (is_renewal && derived == Derived::SubscriptionRenewals) {
            return {std::int64_t{slice.count}};
        }
        if (slice.count == 0) {
            continue;
        }
        const RowIndex last = slice.row(slice.count - 1);
        const Timestamp time = table->time(last);
        if ((derived == Derived::SubscriptionStarted && move.name == event::subscription_started) ||
            (derived == Derived::SubscriptionCancelled &&
             move.name == event::subscription_cancelled)) {
            return {time};
        }
        if (time >= newest) {
            newest = time;
            state = Value(move.state);
        }
        const int column = move.has_plan ? table->field("plan") : -1;
        for (std::uint32_t i = slice.count; column >= 0 && i > 0; --i) {
            const Cell cell = table->cell(column, slice.row(i - 1));
            if (cell.kind != Cell::Kind::Null) {
                if (table->time(slice.row(i - 1)) >= plan_time) {
                    plan_time = table->time(slice.row(i - 1));
                    plan = value_of(cell);
                }
                break;
            }
        }
    }
    if (derived == Derived::SubscriptionRenewals) {
        return {std::int64_t{0}};
    }
    return derived == Derived::SubscriptionState  ? state
           : derived == Derived::SubscriptionPlan ? plan
                                                  : Value();
}

// Since when it is active now, and how long it was before that: neither moves with the clock, and
// together they are the whole time. At the same time as in `subscription`.
Value Customers::Impl::subscribed_time(CustomerIndex customer, Derived derived) const {
    struct Turn {
        Timestamp time;
        bool active;
    };
    std::vector<Turn> turns;
    std::vector<RowIndex> scratch;
    for (const Move& move : moves) {
        const EventTable* table = history.find(move.name);
        const Slice slice = table == nullptr ? Slice{} : table->slice(customer, scratch);
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            turns.push_back({table->time(slice.row(i)), move.state == "active"});
        }
    }
    if (turns.empty()) {
        return {};
    }
    std::stable_sort(turns.begin(), turns.end(),
                     [](const Turn& a, const Turn& b) { return a.time < b.time; });
    Timestamp since = timestamp_max;  // While it is not active.
    Duration before;
    for (const Turn& turn : turns) {
        const bool was_active = since != timestamp_max;
        if (turn.active && !was_active) {
            since = turn.time;
        } else if (!turn.active && was_active) {
            before = before + (turn.time - since);
            since = timestamp_max;
        }
    }
    if (derived == Derived::SubscriptionBefore) {
        return {before};
    }
    return since == timestamp_max ? Value() : Value(since);
}

std::vector<Customers::OrderDay> Customers::Impl::order_days(CustomerIndex customer) const {
    std::vector<OrderDay> list;
    const std::uint32_t currency = orders.sums(customer).currency;
    for (const OrderLine& line : order_lines(order_tables().completed, customer)) {
        const auto day = static_cast<std::int32_t>(utc_day(line.time));
        if (list.empty() || list.back().day != day) {
            list.push_back({.day = day, .revenue = {}, .first_time = line.time});
        }
        if (line.currency == 0 || line.currency == currency) {
            list.back().revenue = list.back().revenue + line.revenue;
        }
    }
    return list;
}

Rhythm Customers::Impl::rhythm(CustomerIndex customer) const {
    if (orders.sums(customer).orders.days < 2) {
        return {};
    }
    std::vector<std::int64_t> gaps;
    const std::vector<OrderDay> list = order_days(customer);
    for (std::size_t i = 1; i < list.size(); ++i) {
        gaps.push_back(days(list[i].day - list[i - 1].day).ms);
    }
    if (gaps.empty()) {
        return {};
    }
    std::sort(gaps.begin(), gaps.end());
    return {.gap_count = static_cast<std::uint32_t>(gaps.size()),
            .median = quantile(gaps, 0.5),
            .low = quantile(gaps, 0.25),
            .high = quantile(gaps, 0.75)};
}

Value Customers::Impl::order_trait(CustomerIndex customer, Derived derived) const {
    const OrderBook::Sums sums = orders.sums(customer);
    const Orders& all = sums.orders;
    if (derived == Derived::OrdersCount) {
        return {std::int64_t{all.count}};
    }
    if (derived == Derived::OrdersDays) {
        return {std::int64_t{all.days}};
    }
    if (derived == Derived::OrdersRevenue) {
        return {to_double(all.revenue)};
    }
    if (derived == Derived::RefundsCount) {
        return {std::int64_t{all.refund_count}};
    }
    if (derived == Derived::RefundsAmount) {
        return {to_double(all.refunded)};
    }
    if (all.count == 0) {
        return {};
    }
    if (derived == Derived::OrdersMargin) {
        return all.margin ? Value(to_double(*all.margin)) : Value();
    }
    if (derived == Derived::OrdersAverage) {
        return {to_double(all.revenue) / all.count};
    }
    if (derived == Derived::OrdersCurrency) {
        return text_or_null(unpack_currency(sums.currency));
    }
    if (derived == Derived::OrdersFirst || derived == Derived::OrdersLast) {
        return {derived == Derived::OrdersFirst ? all.first : all.last};
    }
    const Rhythm gaps = rhythm(customer);
    return gaps.gap_count == 0                ? Value()
           : derived == Derived::OrdersGap    ? Value(gaps.median)
           : derived == Derived::OrdersGapLow ? Value(gaps.low)
                                              : Value(gaps.high);
}

Value Customers::Impl::trait(CustomerIndex customer, Derived derived) const {
    using event::Surface;
    switch (derived) {
        case Derived::FirstSeen:
            return seen_value(seen.overall(customer), true);
        case Derived::FirstSeenWeb:
            return seen_value(seen.on(customer, Surface::Web), true);
        case Derived::FirstSeenApp:
            return seen_value(seen.on(customer, Surface::App), true);
        case Derived::FirstSeenShop:
            return seen_value(seen.on(customer, Surface::Shop), true);
        case Derived::LastSeen:
            return seen_value(seen.overall(customer), false);
        case Derived::LastSeenWeb:
            return seen_value(seen.on(customer, Surface::Web), false);
        case Derived::LastSeenApp:
            return seen_value(seen.on(customer, Surface::App), false);
        case Derived::LastSeenShop:
            return seen_value(seen.on(customer, Surface::Shop), false);
        case Derived::OrdersCount:
        case Derived::OrdersDays:
        case Derived::OrdersRevenue:
        case Derived::OrdersMargin:
        case Derived::OrdersAverage:
        case Derived::OrdersCurrency:
        case Derived::OrdersFirst:
        case Derived::OrdersLast:
        case Derived::OrdersGap:
        case Derived::OrdersGapLow:
        case Derived::OrdersGapHigh:
        case Derived::RefundsCount:
        case Derived::RefundsAmount:
            return order_trait(customer, derived);
        case Derived::SubscriptionState:
        case Derived::SubscriptionPlan:
        case Derived::SubscriptionStarted:
        case Derived::SubscriptionCancelled:
        case Derived::SubscriptionRenewals:
            return subscription(customer, derived);
        case Derived::SubscriptionSince:
        case Derived::SubscriptionBefore:
            return subscribed_time(customer, derived);
        case Derived::Language:
            return language(customer);
        case Derived::TimeZone: {
            Value given = attributes.value(customer, "timezone");
            return given.is_null() ? value_of(time_zone.at(customer)) : given;
        }
        case Derived::Country:
            return country(customer);
    }
    return {};
}

}  // namespace winback::customer
