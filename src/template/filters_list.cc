// Filters on lists.
#include <algorithm>
#include <string>

#include "template/decimal.h"
#include "template/filters.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

Datum size(FilterInput& in) {
    if (in.value.is_sequence()) {
        return Datum::integer(in.value.item_count());
    }
    const Datum count = member(in.value, "size", in.arena);
    return count.is_nil() ? Datum::integer(0) : count;
}

Datum first(FilterInput& in) {
    return member(in.value, "first", in.arena);
}

Datum last(FilterInput& in) {
    return in.value.is(Datum::Kind::Map) ? Datum{} : member(in.value, "last", in.arena);
}

Datum join(FilterInput& in) {
    const std::string_view separator = in.args.empty() ? " " : in.arg_text(0);
    bool between = false;
    for (const Datum& item : in.items()) {
        in.buffer += between ? separator : "";
        between = true;
        append_text(in.buffer, item, in.zone);
        if (!in.arena.reserve(in.buffer.size())) {
            return {};
        }
    }
    return in.keep(in.buffer);
}

// item.a.b for the property "a.b".
Datum property(FilterInput& in, const Datum& item, std::string_view path) {
    Datum found = item;
    while (true) {
        const std::size_t dot = path.find('.');
        found = member(found, path.substr(0, dot), in.arena);
        if (dot == std::string_view::npos) {
            return found;
        }
        path.remove_prefix(dot + 1);
    }
}

bool has_properties(const Datum& item) {
    return item.is(Datum::Kind::Map) || item.is_nil();
}

Datum map(FilterInput& in) {
    const std::string_view path = in.arg_text(0);
    std::vector<Datum> out;
    for (const Datum& item : in.items()) {
        if (!has_properties(item)) {
            return in.fail("the items have no property '" + std::string(path) + "'");
        }
        out.push_back(property(in, item, path));
    }
    return in.keep(std::move(out));
}

bool matches(FilterInput& in, const Datum& item) {
    const Datum found = property(in, item, in.arg_text(0));
    return in.args.size() > 1 && !in.arg(1).is_nil() ? equal(found, in.arg(1)) : found.truthy();
}

Datum filter_items(FilterInput& in, bool wanted) {
    std::vector<Datum> out;
    for (const Datum& item : in.items()) {
        if (!has_properties(item)) {
            return in.fail("the items have no property '" + std::string(in.arg_text(0)) + "'");
        }
        if (matches(in, item) == wanted) {
            out.push_back(item);
        }
    }
    return in.keep(std::move(out));
}

Datum where(FilterInput& in) {
    return filter_items(in, true);
}

Datum reject(FilterInput& in) {
    return filter_items(in, false);
}

// Kinds that can be ordered among themselves.
enum class Order { Number, Text, Time, None };

Order order_of(const Datum& datum) {
    using enum Datum::Kind;
    if (datum.is(Int) || datum.is(Double)) {
        return Order::Number;
    }
    return datum.is(Text) ? Order::Text : datum.is(Time) ? Order::Time : Order::None;
}

bool less(const Datum& a, const Datum& b) {
    switch (order_of(a)) {
        case Order::Number:
            return compare_numbers(a, b) < 0;
        case Order::Text:
            return a.as_text() < b.as_text();
        case Order::Time:
            return a.as_time() < b.as_time();
        case Order::None:
            return false;
    }
    return false;
}

struct Keyed {
    Datum key;
    Datum item;
};

Datum sorted(FilterInput& in, std::vector<Keyed> keyed) {
    Order order = Order::None;
    for (const Keyed& one : keyed) {
        if (one.key.is_nil() || keyed.size() == 1) {
            continue;
        }
        const Order mine = order_of(one.key);
        if (mine == Order::None || (order != Order::None && order != mine)) {
            return in.fail("the items cannot be compared with one another");
        }
        order = mine;
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
        if (a.key.is_nil() || b.key.is_nil()) {
            return !a.key.is_nil() && b.key.is_nil();
        }
        return less(a.key, b.key);
    });
    std::vector<Datum> out;
    for (const Keyed& one : keyed) {
        out.push_back(one.item);
    }
    return in.keep(std::move(out));
}

Datum key_of(FilterInput& in, const Datum& item) {
    return in.args.empty() || in.arg(0).is_nil() ? item : property(in, item, in.arg_text(0));
}

Datum sort(FilterInput& in) {
    std::vector<Keyed> keyed;
    for (const Datum& item : in.items()) {
        keyed.push_back({key_of(in, item), item});
    }
    return sorted(in, std::move(keyed));
}

// Upper and lower case are the same; everything is compared as text.
Datum sort_natural(FilterInput& in) {
    std::vector<Keyed> keyed;
    for (const Datum& item : in.items()) {
        const Datum key = key_of(in, item);
        keyed.push_back({key.is_nil() ? key : in.keep(to_lower(in.text(key), "")), item});
    }
    return sorted(in, std::move(keyed));
}

Datum reverse(FilterInput& in) {
    std::vector<Datum> items = in.items();
    std::reverse(items.begin(), items.end());
    return in.keep(std::move(items));
}

Datum compact(FilterInput& in) {
    std::vector<Datum> out;
    for (const Datum& item : in.items()) {
        if (!key_of(in, item).is_nil()) {
            out.push_back(item);
        }
    }
    return in.keep(std::move(out));
}

// Quadratic, so it has a bound of its own.
Datum uniq(FilterInput& in) {
    constexpr std::size_t items_max = 1000;
    std::vector<Keyed> kept;
    std::vector<Datum> out;
    for (const Datum& item : in.items()) {
        const Datum key = key_of(in, item);
        const bool known = std::any_of(kept.begin(), kept.end(),
                                       [&](const Keyed& one) { return equal(one.key, key); });
        if (!known) {
            kept.push_back({key, item});
            out.push_back(item);
        }
        if (kept.size() > items_max) {
            return in.fail("the list is too long");
        }
    }
    return in.keep(std::move(out));
}

Datum concat(FilterInput& in) {
    std::vector<Datum> out = in.items();
    const Datum other = in.arg(0);
    if (!other.is_sequence() || other.is(Datum::Kind::Map)) {
        return in.fail("the argument must be a list");
    }
    if (!in.arena.reserve(static_cast<std::size_t>(other.item_count()) * sizeof(Datum))) {
        return {};
    }
    for (std::int64_t i = 0; i < other.item_count(); ++i) {
        out.push_back(other.item(i));
    }
    return in.keep(std::move(out));
}

Datum sum(FilterInput& in) {
    Datum total = Datum::integer(0);
    for (const Datum& item : in.items()) {
        total = add_numbers(total, to_number(key_of(in, item)));
    }
    return total;
}

constexpr FilterSpec table[] = {
    {"compact", compact, 0, 1},
    {"concat", concat, 1, 1},
    {"first", first, 0, 0},
    {"join", join, 0, 1},
    {"last", last, 0, 0},
    {"map", map, 1, 1},
    {"reject", reject, 1, 2},
    {"reverse", reverse, 0, 0},
    {"size", size, 0, 0},
    {"sort", sort, 0, 1},
    {"sort_natural", sort_natural, 0, 1},
    {"sum", sum, 0, 1},
    {"uniq", uniq, 0, 1},
    {"where", where, 1, 2},
};

}  // namespace

std::span<const FilterSpec> list_filters() {
    return table;
}

}  // namespace winback::liquid
