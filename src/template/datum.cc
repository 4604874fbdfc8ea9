#include "template/datum.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/strings.h"
#include "template/inspect.h"
#include "template/strftime.h"
#include "template/text.h"

namespace winback::liquid {

Datum Datum::with_integer(Kind kind, std::int64_t value, std::int64_t extra) {
    Datum datum;
    datum.kind_ = kind;
    datum.integer_ = value;
    datum.extra_ = extra;
    return datum;
}

Datum Datum::real(double d) {
    Datum datum;
    datum.kind_ = Kind::Double;
    datum.real_ = d;
    return datum;
}

Datum Datum::big_integer(std::string_view digits) {
    Datum datum = text(digits);
    datum.kind_ = Kind::BigInt;
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

bool Datum::is_sequence() const {
    return is(Kind::List) || is(Kind::Array) || is(Kind::Range) || is(Kind::Map);
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
    if (is(Kind::Range) && extra_ >= integer_) {
        // The renderer bounds the ends of a range to 32 bits, so this cannot overflow.
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

bool Arena::reserve(std::size_t bytes) {
    if (exhausted_ || bytes > left_) {
        exhausted_ = true;
        return false;
    }
    return true;
}

std::string_view Arena::keep(std::string_view text) {
    if (text.empty() || !reserve(text.size())) {
        return {};
    }
    left_ -= text.size();
    if (text.size() > chunk_left_) {
        const std::size_t size = std::max(chunk_bytes, text.size());
        chunks_.push_back(std::make_unique<char[]>(size));
        next_ = chunks_.back().get();
        chunk_left_ = size;
    }
    std::memcpy(next_, text.data(), text.size());
    const std::string_view kept(next_, text.size());
    next_ += text.size();
    chunk_left_ -= text.size();
    return kept;
}

std::span<const Datum> Arena::keep(std::vector<Datum> items) {
    const std::size_t bytes = items.size() * sizeof(Datum);
    if (!reserve(bytes)) {
        return {};
    }
    left_ -= bytes;
    arrays_.push_back(std::move(items));
    return arrays_.back();
}

// The form of Ruby: the shortest digits that read back the same, always with a decimal point; with
// an exponent below 1e-4, and above where zeros would have to fill up more than 15 digits.
void append_double(std::string& out, double number) {
    constexpr int filled_digits_max = 15;
    if (!std::isfinite(number)) {
        out += std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        return;
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                   std::chars_format::scientific);
    const std::string_view form(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
    const std::size_t e = form.find('e');
    int exponent = 0;
    std::from_chars(form.data() + e + (form[e + 1] == '+' ? 2 : 1), end.ptr, exponent);
    const std::size_t sign = form[0] == '-' ? 1 : 0;
    const bool one_digit = e == sign + 1;
    const std::string_view rest = form.substr(sign + 2, one_digit ? 0 : e - sign - 2);
    const int whole_digits = exponent + 1;
    const int digits = static_cast<int>(rest.size()) + 1;
    out += form.substr(0, sign);
    if (whole_digits <= -4 || (whole_digits > filled_digits_max && whole_digits >= digits)) {
        out += form[sign];
        out += '.';
        out += rest.empty() ? "0" : rest;
        out += form.substr(e);
    } else if (whole_digits <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-whole_digits), '0');
        out += form[sign];
        out += rest;
    } else {
        const auto before = std::min(rest.size(), static_cast<std::size_t>(whole_digits - 1));
        out += form[sign];
        out += rest.substr(0, before);
        out.append(static_cast<std::size_t>(std::max(whole_digits - digits, 0)), '0');
        out += '.';
        out += before == rest.size() ? "0" : rest.substr(before);
    }
}

// Depth is bounded where values enter; arrays of filters hold views of them.
// NOLINTNEXTLINE(misc-no-recursion)
void append_text(std::string& out, const Datum& datum, const Zone& zone, std::size_t bytes_max) {
    using enum Datum::Kind;
    switch (datum.kind()) {
        case Bool:
            out += datum.as_bool() ? "true" : "false";
            return;
        case Int: {
            std::array<char, 24> buffer{};
            const auto end =
                std::to_chars(buffer.data(), buffer.data() + buffer.size(), datum.as_int());
            out.append(buffer.data(), end.ptr);
            return;
        }
        case Double:
            append_double(out, datum.as_double());
            return;
        case BigInt:
        case Text:
            out += datum.as_text();
            return;
        case Time:
            append_strftime(out, "%Y-%m-%d %H:%M:%S %z", datum.as_time(), zone);
            return;
        case List:
        case Array:
            for (std::int64_t i = 0; i < datum.item_count() && out.size() <= bytes_max; ++i) {
                append_text(out, datum.item(i), zone, bytes_max);
            }
            return;
        case Map:
            append_to_s(out, datum, zone);
            return;
        case Range:
            out += std::to_string(datum.range_from()) + ".." + std::to_string(datum.range_to());
            return;
        case Nil:
        case Loop:
        case Empty:
        case Blank:
            return;
    }
}

// NOLINTNEXTLINE(misc-no-recursion)
void append_json(std::string& out, const Datum& datum) {
    using enum Datum::Kind;
    switch (datum.kind()) {
        case Map: {
            out += '{';
            bool first = true;
            for (const Field& field : datum.as_map()) {
                out += first ? "" : ",";
                first = false;
                append_json_string(out, field.first);
                out += ':';
                append_json(out, Datum::of(field.second));
            }
            out += '}';
            return;
        }
        case List:
        case Array:
            out += '[';
            for (std::int64_t i = 0; i < datum.item_count(); ++i) {
                out += i == 0 ? "" : ",";
                append_json(out, datum.item(i));
            }
            out += ']';
            return;
        case Text:
            append_json_string(out, datum.as_text());
            return;
        case Time:
            append_json_string(out, format_iso8601(datum.as_time()));
            return;
        case Bool:
        case Int:
        case BigInt:
            append_text(out, datum, utc_zone());
            return;
        case Double:
            if (std::isfinite(datum.as_double())) {
                append_text(out, datum, utc_zone());
                return;
            }
            break;
        case Range:
            out += '"';
            append_text(out, datum, utc_zone());
            out += '"';
            return;
        case Nil:
        case Loop:
        case Empty:
        case Blank:
            break;
    }
    out += "null";
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

bool is_number(const Datum& datum) {
    return datum.is(Datum::Kind::Int) || datum.is(Datum::Kind::Double);
}

double number(const Datum& datum) {
    return datum.is(Datum::Kind::Int) ? static_cast<double>(datum.as_int()) : datum.as_double();
}

// NOLINTNEXTLINE(misc-no-recursion)
bool equal_items(const Datum& a, const Datum& b) {
    if (a.item_count() != b.item_count()) {
        return false;
    }
    for (std::int64_t i = 0; i < a.item_count(); ++i) {
        if (!equal(a.item(i), b.item(i))) {
            return false;
        }
    }
    return true;
}

bool is_list(const Datum& datum) {
    return datum.is(Datum::Kind::List) || datum.is(Datum::Kind::Array);
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
bool equal(const Datum& a, const Datum& b) {
    using enum Datum::Kind;
    if (b.is(Empty) || b.is(Blank)) {
        return a.is(b.kind()) || (b.is(Empty) ? is_empty(a) : is_blank(a));
    }
    if (a.is(Empty) || a.is(Blank)) {
        return a.is(Empty) ? is_empty(b) : is_blank(b);
    }
    if (is_number(a) && is_number(b)) {
        return a.is(Int) && b.is(Int) ? a.as_int() == b.as_int() : number(a) == number(b);
    }
    if (is_list(a) && is_list(b)) {
        return equal_items(a, b);
    }
    if (a.kind() != b.kind()) {
        return false;
    }
    switch (a.kind()) {
        case Bool:
            return a.as_bool() == b.as_bool();
        case BigInt:
        case Text:
            return a.as_text() == b.as_text();
        case Time:
            return a.as_time() == b.as_time();
        case Map:
            return a.as_map() == b.as_map();
        case Range:
            return a.range_from() == b.range_from() && a.range_to() == b.range_to();
        case Loop:
            return a.as_int() == b.as_int();
        case Nil:
        case Int:
        case Double:
        case List:
        case Array:
        case Empty:
        case Blank:
            break;
    }
    return true;  // nil and nil; the others were compared above.
}

namespace {

// The first or the last letter.
Datum end_of_text(std::string_view text, bool first) {
    if (text.empty()) {
        return {};
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

Datum map_pair(const Field& field, Arena& arena) {
    return Datum::array(arena.keep({Datum::text(field.first), Datum::of(field.second)}));
}

}  // namespace

Datum member(const Datum& datum, std::string_view name, Arena& arena) {
    using enum Datum::Kind;
    if (datum.is(Map)) {
        const ValueMap& map = datum.as_map();
        if (const Value* value = map.find(name)) {
            return Datum::of(*value);
        }
        if (name == "size") {
            return Datum::integer(datum.item_count());
        }
        return name == "first" && !map.empty() ? map_pair(*map.begin(), arena) : Datum{};
    }
    if (name == "size") {
        if (datum.is(Text)) {
            return Datum::integer(code_point_count(datum.as_text()));
        }
        if (datum.is(Int)) {
            return Datum::integer(8);  // Bytes of a machine word, as the reference says.
        }
        return datum.is_sequence() ? Datum::integer(datum.item_count()) : Datum{};
    }
    if (datum.is(Text) && (name == "first" || name == "last")) {
        return end_of_text(datum.as_text(), name == "first");
    }
    const std::int64_t count = datum.item_count();
    if (count > 0 && name == "first") {
        return datum.item(0);
    }
    return count > 0 && name == "last" ? datum.item(count - 1) : Datum{};
}

Datum element(const Datum& datum, const Datum& key) {
    if (datum.is(Datum::Kind::Map)) {
        const Value* value =
            key.is(Datum::Kind::Text) ? datum.as_map().find(key.as_text()) : nullptr;
        return value != nullptr ? Datum::of(*value) : Datum{};
    }
    if (!is_list(datum) || !key.is(Datum::Kind::Int)) {
        return {};
    }
    const std::int64_t count = datum.item_count();
    const std::int64_t index = key.as_int() < 0 ? key.as_int() + count : key.as_int();
    return index >= 0 && index < count ? datum.item(index) : Datum{};
}

}  // namespace winback::liquid
