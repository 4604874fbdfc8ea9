// Filters that put the items of a list into another order, or find those that repeat.
#include <algorithm>
#include <string>

#include "template/decimal.h"
#include "template/filters.h"
#include "template/inspect.h"
#include "template/item.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

struct Keyed {
    Datum key;
    Datum item;
};

// What the items are sorted or told apart by.
struct Keys {
    std::vector<Keyed> keyed;
    bool no_parts = false;          // An item has no properties at all: the whole filter gives nil.
    bool wrong_type = false;        // An item has parts that are not named so: a mistake.
    bool wrong_type_first = false;  // The mistake comes before any item without parts.
};

// Without a property each item is its own key.
Keys read_keys(FilterInput& in) {
    Keys keys;
    const std::span<const Datum> items = in.items();
    const bool property = !in.arg(0).is_nil();
    keys.keyed.reserve(items.size());
    for (const Datum& item : items) {
        const Part part =
            property ? part_of(item, in.arg(0), in.meter) : Part{Part::Status::Found, item};
        keys.no_parts = keys.no_parts || part.status == Part::Status::NoParts;
        keys.wrong_type_first =
            keys.wrong_type_first || (part.status == Part::Status::WrongType && !keys.no_parts);
        keys.wrong_type = keys.wrong_type || part.status == Part::Status::WrongType;
        keys.keyed.push_back({part.value, item});
    }
    return keys;
}

Datum fail_property(FilterInput& in) {
    return in.fail("cannot select the property '" + std::string(in.arg_text(0)) + "'");
}

template <class T>
int order(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

std::optional<int> compare(const Datum& a, const Datum& b, Meter& meter);

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
std::optional<int> compare_lists(const Datum& a, const Datum& b, Meter& meter) {
    const std::int64_t count = std::min(a.item_count(), b.item_count());
    std::optional<int> result = 0;
    if (!meter.enter()) {
        return 0;
    }
    for (std::int64_t i = 0; i < count && result == 0 && meter.spend(1); ++i) {
        const Datum x = a.item(i);
        const Datum y = b.item(i);
        const bool nothing = x.is_nil() != y.is_nil();
        result = nothing ? std::nullopt : compare(x, y, meter);
    }
    meter.leave();
    return result == 0 ? order(a.item_count(), b.item_count()) : result;
}

// Ruby's <=>, with nil behind everything; nothing when there is no order between the two.
// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
std::optional<int> compare(const Datum& a, const Datum& b, Meter& meter) {
    if (a.is_number() && b.is_number()) {
        return compare_numbers(a, b);
    }
    if (a.is(Datum::Kind::Text) && b.is(Datum::Kind::Text)) {
        const bool paid = meter.spend_bytes(std::min(a.as_text().size(), b.as_text().size()));
        return paid ? order(a.as_text(), b.as_text()) : 0;
    }
    if (a.is_nil() || b.is_nil()) {
        return order(a.is_nil(), b.is_nil());
    }
    if (a.is(Datum::Kind::Time) && b.is(Datum::Kind::Time)) {
        return order(a.as_time(), b.as_time());
    }
    if (a.is_list() && b.is_list()) {
        return compare_lists(a, b, meter);
    }
    return equal(a, b, meter) ? std::optional(0) : std::nullopt;
}

Datum keep_items(FilterInput& in, const std::vector<Keyed>& keyed) {
    std::vector<Datum> out;
    out.reserve(keyed.size());
    for (const Keyed& one : keyed) {
        out.push_back(one.item);
    }
    return in.keep(std::move(out));
}

// Items with equal keys stay as they were. Two items are enough for a wrong key to show.
Datum sort(FilterInput& in) {
    Keys keys = read_keys(in);
    if (keys.no_parts) {
        return {};
    }
    if (keys.wrong_type && keys.keyed.size() > 1) {
        return fail_property(in);
    }
    bool comparable = true;
    std::stable_sort(keys.keyed.begin(), keys.keyed.end(), [&](const Keyed& a, const Keyed& b) {
        const std::optional<int> result = compare(a.key, b.key, in.meter);
        comparable = comparable && result.has_value();
        return result.value_or(0) < 0;
    });
    return comparable ? keep_items(in, keys.keyed)
                      : in.fail("cannot sort values of incompatible types");
}

// Upper and lower case are the same, in ASCII; everything is compared as text.
Datum sort_natural(FilterInput& in) {
    Keys keys = read_keys(in);
    if (keys.no_parts) {
        return {};
    }
    if (keys.wrong_type && keys.keyed.size() > 1) {
        return fail_property(in);
    }
    for (Keyed& one : keys.keyed) {
        one.key = one.key.is_nil() ? one.key : Datum::text(in.text(one.key));
    }
    std::stable_sort(keys.keyed.begin(), keys.keyed.end(), [&](const Keyed& a, const Keyed& b) {
        if (a.key.is_nil() || b.key.is_nil()) {
            return !a.key.is_nil() && b.key.is_nil();
        }
        return in.meter.spend_bytes(std::min(a.key.as_text().size(), b.key.as_text().size())) &&
               compare_ignoring_case(a.key.as_text(), b.key.as_text()) < 0;
    });
    return keep_items(in, keys.keyed);
}

Datum reverse(FilterInput& in) {
    const std::span<const Datum> items = in.items();
    return in.keep(std::vector<Datum>(items.rbegin(), items.rend()));
}

// Numbers of items by the hash of their keys, each in the first free place.
class Seen {
public:
    Seen(const std::vector<Keyed>& keyed, Meter& meter) : keyed_(keyed), meter_(meter) {
        std::size_t size = 8;
        while (size < 2 * keyed.size()) {
            size *= 2;
        }
        places_.resize(size, free);
    }

    // False when a key that is the same was added before.
    bool add(std::size_t number) {
        const std::size_t mask = places_.size() - 1;
        std::size_t at = hash_of(keyed_[number].key, meter_) & mask;
        for (; places_[at] != free && meter_.spend(1); at = (at + 1) & mask) {
            if (same(keyed_[places_[at]].key, keyed_[number].key, meter_)) {
                return false;
            }
        }
        places_[at] = static_cast<std::uint32_t>(number);
        return true;
    }

private:
    static constexpr std::uint32_t free = UINT32_MAX;
    const std::vector<Keyed>& keyed_;
    Meter& meter_;
    std::vector<std::uint32_t> places_;
};

Datum uniq(FilterInput& in) {
    const Keys keys = read_keys(in);
    if (keys.keyed.size() < 2) {  // Ruby does not ask for the key then.
        return keep_items(in, keys.keyed);
    }
    if (keys.wrong_type && (!keys.no_parts || keys.wrong_type_first)) {
        return fail_property(in);
    }
    if (keys.no_parts) {
        return {};
    }
    Seen seen(keys.keyed, in.meter);
    std::vector<Datum> out;
    for (std::size_t i = 0; i < keys.keyed.size(); ++i) {
        if (seen.add(i)) {
            out.push_back(keys.keyed[i].item);
        }
    }
    return in.keep(std::move(out));
}

constexpr FilterSpec table[] = {
    {"reverse", reverse, 0, 0},
    {"sort", sort, 0, 1},
    {"sort_natural", sort_natural, 0, 1},
    {"uniq", uniq, 0, 1},
};

}  // namespace

std::span<const FilterSpec> order_filters() {
    return table;
}

}  // namespace winback::liquid
