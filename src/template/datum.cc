#include "template/datum.h"

#include <cmath>
#include <cstring>

#include "base/strings.h"
#include "template/text.h"

namespace winback::liquid {

Datum Datum::real(double d) {
    Datum datum;
    datum.kind_ = Kind::Double;
    datum.real_ = d;
    return datum;
}

Datum Datum::text(std::string_view text, bool safe) {
    Datum datum;
    datum.kind_ = Kind::Text;
    datum.safe_ = safe;
    datum.text_ = text.data();
    datum.extra_ = static_cast<std::int64_t>(text.size());
    return datum;
}

Datum Datum::big_integer(std::string_view digits) {
    Datum datum = text(digits);
    datum.kind_ = Kind::BigInt;
    return datum;
}

Datum Datum::range(std::int64_t from, std::int64_t to) {
    return with_integer(Kind::Range, from, to);
}

Datum Datum::array(std::span<const Datum> items) {
    Datum datum;
    datum.kind_ = Kind::Array;
    datum.array_ = items.data();
    datum.extra_ = static_cast<std::int64_t>(items.size());
    return datum;
}

Datum Datum::hash(std::span<const Datum> keys_and_values) {
    Datum datum = array(keys_and_values);
    datum.kind_ = Kind::Hash;
    return datum;
}

Datum Datum::object(const Drop& drop) {
    Datum datum;
    datum.kind_ = Kind::Object;
    datum.drop_ = &drop;
    return datum;
}

Datum Datum::of(const ValueMap& map) {
    Datum datum;
    datum.kind_ = Kind::Map;
    datum.map_ = &map;
    return datum;
}

Datum Datum::of(const Value& value) {
    switch (value.type()) {
        case ValueType::Null:
            return {};
        case ValueType::Bool:
            return boolean(*value.as_bool());
        case ValueType::Int:
            return integer(*value.as_int());
        case ValueType::Double:
            return real(*value.as_double());
        case ValueType::String:
            return text(*value.as_string());
        case ValueType::Time:
            return time(*value.as_time());
        case ValueType::Span: {
            const std::int64_t ms = value.as_span()->ms;
            return ms % 1000 == 0 ? integer(ms / 1000) : real(static_cast<double>(ms) / 1000);
        }
        case ValueType::List: {
            Datum datum;
            datum.kind_ = Kind::List;
            datum.list_ = value.as_list();
            return datum;
        }
        case ValueType::Map:
            return of(*value.as_map());
    }
    return {};
}

std::int64_t Datum::item_count() const {
    if (is(Kind::List)) {
        return static_cast<std::int64_t>(list_->size());
    }
    if (is(Kind::Array)) {
        return extra_;
    }
    if (is(Kind::Map)) {
        return static_cast<std::int64_t>(map_->size());
    }
    if (is(Kind::Hash)) {
        return extra_ / 2;
    }
    if (is(Kind::Range) && extra_ >= integer_) {
        // The renderer bounds the ends of a range, so this cannot overflow.
        return extra_ - integer_ + 1;
    }
    return 0;
}

Datum Datum::item(std::int64_t index) const {
    if (is(Kind::List)) {
        return of((*list_)[static_cast<std::size_t>(index)]);
    }
    if (is(Kind::Array)) {
        return array_[index];
    }
    return integer(integer_ + index);
}

Datum Datum::key(std::int64_t index) const {
    return is(Kind::Map) ? text((map_->begin() + index)->first) : array_[2 * index];
}

Datum Datum::value(std::int64_t index) const {
    return is(Kind::Map) ? of((map_->begin() + index)->second) : array_[2 * index + 1];
}

bool Datum::find(std::string_view wanted, Datum& found) const {
    if (is(Kind::Map)) {
        const Value* entry = map_->find(wanted);
        if (entry != nullptr) {
            found = of(*entry);
        }
        return entry != nullptr;
    }
    for (std::int64_t i = 0; is(Kind::Hash) && i < item_count(); ++i) {
        if (key(i).is(Kind::Text) && key(i).as_text() == wanted) {
            found = value(i);
            return true;
        }
    }
    return false;
}

bool Datum::find(const Datum& wanted, Datum& found) const {
    return wanted.is(Kind::Text) && find(wanted.as_text(), found);
}

bool Arena::reserve(std::size_t bytes) {
    if (exhausted_ || bytes > left_) {
        exhausted_ = true;
        return false;
    }
    return true;
}

char* Arena::take(std::size_t bytes) {
    if (!reserve(bytes)) {
        return nullptr;
    }
    left_ -= bytes;
    // Aligned for any Datum: operator new[] of char is, and sizes are rounded up.
    const std::size_t rounded = (bytes + alignof(Datum) - 1) / alignof(Datum) * alignof(Datum);
    if (rounded > chunk_left_) {
        const std::size_t size = std::max(chunk_bytes, rounded);
        chunks_.emplace_back(new char[size]);
        next_ = chunks_.back().get();
        chunk_left_ = size;
    }
    char* const place = next_;
    next_ += rounded;
    chunk_left_ -= rounded;
    return place;
}

std::string_view Arena::keep(std::string_view text) {
    char* const place = text.empty() ? nullptr : take(text.size());
    if (place == nullptr) {
        return {};
    }
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
}

std::span<Datum> Arena::array(std::size_t count) {
    char* const place = count == 0 ? nullptr : take(count * sizeof(Datum));
    if (place == nullptr) {
        return {};
    }
    Datum* const items = new (place) Datum[count];
    return {items, count};
}

std::span<const Datum> Arena::keep(std::span<const Datum> items) {
    const std::span<Datum> kept = array(items.size());
    std::copy(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(kept.size()),
              kept.begin());
    return kept;
}

bool is_empty(const Datum& datum) {
    if (datum.is(Datum::Kind::Text)) {
        return datum.as_text().empty();
    }
    return datum.is_sequence() && !datum.is(Datum::Kind::Range) && datum.item_count() == 0;
}

bool is_blank(const Datum& datum) {
    if (datum.is(Datum::Kind::Text)) {
        return trim(datum.as_text()).empty();
    }
    return !datum.truthy() || is_empty(datum);
}

namespace {

double number(const Datum& datum) {
    return datum.is(Datum::Kind::Int) ? static_cast<double>(datum.as_int()) : datum.as_double();
}

bool equal_numbers(const Datum& a, const Datum& b) {
    using enum Datum::Kind;
    if (a.is(BigInt) || b.is(BigInt)) {
        return a.is(BigInt) && b.is(BigInt) && a.as_digits() == b.as_digits();
    }
    return a.is(Int) && b.is(Int) ? a.as_int() == b.as_int() : number(a) == number(b);
}

// Looking for a key goes through them all.
void spend_search(const Datum& hash, Meter& meter) {
    constexpr std::int64_t keys_per_step = 64;
    meter.spend(hash.item_count() / keys_per_step);
}

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
bool equal_items(const Datum& a, const Datum& b, Meter& meter) {
    bool all = a.item_count() == b.item_count();
    if (!all || !meter.enter()) {
        return false;
    }
    for (std::int64_t i = 0; all && i < a.item_count(); ++i) {
        all = meter.spend(1) && equal(a.item(i), b.item(i), meter);
    }
    meter.leave();
    return all;
}

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
bool equal_hashes(const Datum& a, const Datum& b, Meter& meter) {
    bool all = a.item_count() == b.item_count();
    if (!all || !meter.enter()) {
        return false;
    }
    for (std::int64_t i = 0; all && i < a.item_count(); ++i) {
        Datum other;
        spend_search(b, meter);
        all = meter.spend(1) && b.find(a.key(i), other) && equal(a.value(i), other, meter);
    }
    meter.leave();
    return all;
}

bool equal_texts(std::string_view a, std::string_view b, Meter& meter) {
    return a.size() == b.size() && meter.spend_bytes(a.size()) && a == b;
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
bool equal(const Datum& a, const Datum& b, Meter& meter) {
    using enum Datum::Kind;
    // The words ask the other side; asked by one another they know nothing.
    const bool a_asks = a.is(Empty) || a.is(Blank);
    const bool b_asks = b.is(Empty) || b.is(Blank);
    if (a_asks || b_asks) {
        const Datum& asked = a_asks ? b : a;
        meter.spend_bytes(asked.is(Text) ? asked.as_text().size() : 0);
        return !(a_asks && b_asks) &&
               ((a_asks ? a : b).is(Empty) ? is_empty(asked) : is_blank(asked));
    }
    if (a.is_number() && b.is_number()) {
        return equal_numbers(a, b);
    }
    if (a.is_list() && b.is_list()) {
        return equal_items(a, b, meter);
    }
    if (a.is_hash() && b.is_hash()) {
        return equal_hashes(a, b, meter);
    }
    if (a.kind() != b.kind()) {
        return false;
    }
    if (a.is(Text)) {
        return equal_texts(a.as_text(), b.as_text(), meter);
    }
    if (a.is(Bool) || a.is(Time)) {
        return a.as_int() == b.as_int();
    }
    if (a.is(Range)) {
        return a.range_from() == b.range_from() && a.range_to() == b.range_to();
    }
    return !a.is(Object) || a.as_object().same_as(b.as_object());  // Else nil and nil.
}

namespace {

// The first or the last letter; nothing of nothing.
Datum end_of_text(std::string_view text, bool first) {
    if (text.empty()) {
        return Datum::text("");
    }
    if (first) {
        return Datum::text(code_point_prefix(text, 1));
    }
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) {
        --at;
    }
    return Datum::text(text.substr(at));
}

Datum hash_member(const Datum& hash, std::string_view name, Arena& arena, Meter& meter) {
    Datum found;
    spend_search(hash, meter);
    if (hash.find(name, found)) {
        return found;
    }
    if (name == "size") {
        return Datum::integer(hash.item_count());
    }
    if (name != "first" || hash.item_count() == 0) {
        return {};
    }
    const Datum pair[] = {hash.key(0), hash.value(0)};
    return Datum::array(arena.keep(std::span<const Datum>(pair)));
}

}  // namespace

Datum member(const Datum& datum, std::string_view name, Arena& arena, Meter& meter) {
    using enum Datum::Kind;
    if (datum.is_hash()) {
        return hash_member(datum, name, arena, meter);
    }
    if (datum.is(Object)) {
        return datum.as_object().member(name);
    }
    if (name == "size") {
        if (datum.is(Text)) {
            meter.spend_bytes(datum.as_text().size());
            return Datum::integer(code_point_count(datum.as_text()));
        }
        if (datum.is(Int)) {
            return Datum::integer(8);  // Bytes of a machine word, as the reference says.
        }
        return datum.is_sequence() ? Datum::integer(datum.item_count()) : Datum{};
    }
    if (name != "first" && name != "last") {
        return {};
    }
    const bool first = name == "first";
    if (datum.is(Text)) {
        return end_of_text(datum.as_text(), first);
    }
    if (datum.is(Range)) {
        return Datum::integer(first ? datum.range_from() : datum.range_to());
    }
    const std::int64_t count = datum.item_count();
    return count > 0 ? datum.item(first ? 0 : count - 1) : Datum{};
}

Datum element(const Datum& datum, const Datum& key, Meter& meter) {
    if (datum.is_hash()) {
        Datum found;
        spend_search(datum, meter);
        datum.find(key, found);
        return found;
    }
    if (datum.is(Datum::Kind::Object)) {
        return key.is(Datum::Kind::Text) ? datum.as_object().member(key.as_text()) : Datum{};
    }
    if (!datum.is_list() || !key.is(Datum::Kind::Int)) {
        return {};
    }
    const std::int64_t count = datum.item_count();
    const std::int64_t index = key.as_int() < 0 ? key.as_int() + count : key.as_int();
    return index >= 0 && index < count ? datum.item(index) : Datum{};
}

}  // namespace winback::liquid
