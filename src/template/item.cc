#include "template/item.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/hash.h"
#include "template/text.h"

namespace winback::liquid {
namespace {

bool is_textual(const Datum& datum) {
    return datum.is(Datum::Kind::Text) || datum.is(Datum::Kind::BigInt);
}

Datum letter_at(std::string_view text, std::int64_t index) {
    const std::int64_t at = index < 0 ? index + code_point_count(text) : index;
    const std::string_view rest =
        at < 0 ? std::string_view() : text.substr(code_point_prefix(text, at).size());
    return rest.empty() ? Datum{} : Datum::text(code_point_prefix(rest, 1));
}

Part part_of_text(std::string_view text, const Datum& key) {
    if (key.is(Datum::Kind::Text)) {
        const bool inside = find_text(text, key.as_text()) != std::string_view::npos;
        return {Part::Status::Found, inside ? key : Datum{}};
    }
    if (key.is(Datum::Kind::Int)) {
        return {Part::Status::Found, letter_at(text, key.as_int())};
    }
    if (key.is(Datum::Kind::Double) && std::fabs(key.as_double()) < 9e18) {
        return {Part::Status::Found, letter_at(text, static_cast<std::int64_t>(key.as_double()))};
    }
    return {Part::Status::WrongType, {}};
}

// Its bits, from the lowest. Ruby cuts a decimal key to a whole one.
Part part_of_whole(const Datum& item, const Datum& key) {
    constexpr std::int64_t last_bit = 63;
    std::int64_t bit = 0;
    if (key.is(Datum::Kind::Int)) {
        bit = key.as_int();
    } else if (key.is(Datum::Kind::Double) && std::isfinite(key.as_double())) {
        bit = static_cast<std::int64_t>(std::clamp(key.as_double(), -9e18, 9e18));
    } else {
        return {Part::Status::WrongType, {}};
    }
    if (bit < 0 || !item.is(Datum::Kind::Int)) {
        return {Part::Status::Found, Datum::integer(0)};
    }
    return {Part::Status::Found, Datum::integer(item.as_int() >> std::min(bit, last_bit) & 1)};
}

Part part_of_list(const Datum& item, const Datum& key, Meter& meter) {
    if (!key.is(Datum::Kind::Int)) {
        return {Part::Status::WrongType, {}};
    }
    return {Part::Status::Found, element(item, key, meter)};
}

}  // namespace

Part part_of(const Datum& item, const Datum& key, Meter& meter) {
    using enum Datum::Kind;
    if (item.is_hash() || item.is(Object)) {
        return {Part::Status::Found, element(item, key, meter)};
    }
    if (item.is(Text)) {
        meter.spend_bytes(item.as_text().size());
        return part_of_text(item.as_text(), key);
    }
    if (item.is(Int) || item.is(BigInt)) {
        return part_of_whole(item, key);
    }
    return item.is_list() ? part_of_list(item, key, meter) : Part{Part::Status::NoParts, {}};
}

namespace {

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
bool same_items(const Datum& a, const Datum& b, Meter& meter) {
    bool all = a.item_count() == b.item_count();
    if (!all || !meter.enter()) {
        return false;
    }
    for (std::int64_t i = 0; all && i < a.item_count(); ++i) {
        Datum other;
        if (a.is_list()) {
            all = meter.spend(1) && same(a.item(i), b.item(i), meter);
        } else {
            all = meter.spend(1 + b.item_count() / 64) && b.find(a.key(i), other) &&
                  same(a.value(i), other, meter);
        }
    }
    meter.leave();
    return all;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
bool same(const Datum& a, const Datum& b, Meter& meter) {
    if ((a.is_list() && b.is_list()) || (a.is_hash() && b.is_hash())) {
        return same_items(a, b, meter);
    }
    return a.kind() == b.kind() && equal(a, b, meter);
}

namespace {

constexpr std::uint64_t factor = 0x9e3779b97f4a7c15;

// NOLINTNEXTLINE(misc-no-recursion)
std::uint64_t hash_of_items(const Datum& datum, std::uint64_t hash, Meter& meter) {
    if (!meter.enter()) {
        return hash;
    }
    for (std::int64_t i = 0; i < datum.item_count() && meter.spend(1); ++i) {
        if (datum.is_list()) {
            hash = std::rotl(hash, 5) * factor + hash_of(datum.item(i), meter);
        } else {
            hash += hash_of(datum.key(i), meter) * factor ^ hash_of(datum.value(i), meter);
        }
    }
    meter.leave();
    return hash;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
std::uint64_t hash_of(const Datum& datum, Meter& meter) {
    using enum Datum::Kind;
    const auto kind = static_cast<std::uint64_t>(datum.is_list()   ? Array
                                                 : datum.is_hash() ? Hash
                                                                   : datum.kind());
    if (is_textual(datum)) {
        meter.spend_bytes(datum.as_text().size());
        return hash64(datum.as_text(), kind);
    }
    std::uint64_t hash = kind * factor;
    if (datum.is_list() || datum.is_hash()) {
        hash = hash_of_items(datum, hash, meter);
    } else if (datum.is(Object)) {
        hash += hash64(datum.as_object().class_name(), kind);
    } else if (datum.is(Double)) {
        const double number = datum.as_double() == 0 ? 0 : datum.as_double();
        hash += std::bit_cast<std::uint64_t>(number) * factor;
    } else if (datum.is(Range)) {
        hash += static_cast<std::uint64_t>(datum.range_from()) * factor;
        hash ^= static_cast<std::uint64_t>(datum.range_to());
    } else if (!datum.is_nil()) {
        hash += static_cast<std::uint64_t>(datum.as_int()) * factor;
    }
    return hash ^ hash >> 29U;
}

}  // namespace winback::liquid
