// A value while a template runs: 24 bytes, copied freely, owning nothing.
//
// Texts, lists and maps are views: of the data that the template reads, of the program's
// constants, or of the Arena in which filters build. All three outlive the render.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "base/zone.h"
#include "template/meter.h"

namespace winback::liquid {

class Datum;

// An object whose members are computed when they are read: `forloop`, `tablerowloop`, `self`.
class Drop {
public:
    virtual ~Drop() = default;
    virtual Datum member(std::string_view name) const = 0;  // nil when there is no such member.
    virtual std::string_view class_name() const = 0;  // What it prints: "Liquid::ForloopDrop".
    virtual bool same_as(const Drop& other) const { return this == &other; }
};

class Datum {
public:
    enum class Kind : std::uint8_t {
        Nil,
        Bool,
        Int,
        BigInt,  // Beyond 64 bits: its decimal digits.
        Double,
        Text,
        Time,
        List,   // Of the data.
        Array,  // Built by a filter.
        Map,    // Of the data.
        Hash,   // Built: keys and values in turn.
        Range,  // Both ends included.
        Object,
        Empty,  // The word `empty`.
        Blank,  // The word `blank`.
    };

    Datum() = default;
    static Datum boolean(bool b) { return with_integer(Kind::Bool, b ? 1 : 0, 0); }
    static Datum integer(std::int64_t i) { return with_integer(Kind::Int, i, 0); }
    // `digits`: an optional minus and decimal digits without leading zeros, beyond 64 bits.
    static Datum big_integer(std::string_view digits);
    static Datum real(double d);
    // `safe`: the text is HTML already and is not escaped again.
    static Datum text(std::string_view text, bool safe = false);
    static Datum time(Timestamp t) { return with_integer(Kind::Time, t.ms, 0); }
    static Datum range(std::int64_t from, std::int64_t to);
    static Datum array(std::span<const Datum> items);
    static Datum hash(std::span<const Datum> keys_and_values);
    static Datum object(const Drop& drop);
    static Datum empty() { return with_integer(Kind::Empty, 0, 0); }
    static Datum blank() { return with_integer(Kind::Blank, 0, 0); }
    // A view of `value`, which must outlive it. A span of time becomes its seconds.
    static Datum of(const Value& value);
    static Datum of(const ValueMap& map);

    Kind kind() const { return kind_; }
    bool is(Kind kind) const { return kind_ == kind; }
    bool is_nil() const { return kind_ == Kind::Nil; }
    bool is_safe() const { return safe_; }
    bool is_number() const { return is(Kind::Int) || is(Kind::Double) || is(Kind::BigInt); }
    bool is_list() const { return is(Kind::List) || is(Kind::Array); }
    bool is_hash() const { return is(Kind::Map) || is(Kind::Hash); }
    // Only nil and false are false; 0, "" and empty lists are true.
    bool truthy() const { return !is_nil() && !(kind_ == Kind::Bool && integer_ == 0); }

    // Pre: the kind is the one that the name says.
    bool as_bool() const { return integer_ != 0; }
    std::int64_t as_int() const { return integer_; }
    double as_double() const { return real_; }
    std::string_view as_text() const { return {text_, static_cast<std::size_t>(extra_)}; }
    std::string_view as_digits() const { return as_text(); }
    Timestamp as_time() const { return {integer_}; }
    const ValueList& as_list() const { return *list_; }
    std::span<const Datum> as_array() const { return {array_, static_cast<std::size_t>(extra_)}; }
    const ValueMap& as_map() const { return *map_; }
    const Drop& as_object() const { return *drop_; }
    std::int64_t range_from() const { return integer_; }
    std::int64_t range_to() const { return extra_; }

    // What `for` and the list filters go through. Texts and scalars have no items.
    bool is_sequence() const { return is_list() || is_hash() || is(Kind::Range); }
    std::int64_t item_count() const;
    Datum item(std::int64_t index) const;  // Pre: 0 <= index < item_count(); not a hash.

    // Of a hash. Pre: is_hash(), 0 <= index < item_count().
    Datum key(std::int64_t index) const;
    Datum value(std::int64_t index) const;
    // The value of a key; false when there is no such key.
    bool find(const Datum& key, Datum& value) const;
    bool find(std::string_view key, Datum& value) const;

private:
    static Datum with_integer(Kind kind, std::int64_t value, std::int64_t extra) {
        Datum datum;
        datum.kind_ = kind;
        datum.integer_ = value;
        datum.extra_ = extra;
        return datum;
    }

    Kind kind_ = Kind::Nil;
    bool safe_ = false;
    union {
        std::int64_t integer_ = 0;
        double real_;
        const char* text_;
        const ValueList* list_;
        const Datum* array_;
        const ValueMap* map_;
        const Drop* drop_;
    };
    std::int64_t extra_ = 0;  // Length of a text or array; end of a range.
};

// Where filters, assign and capture build what the data do not hold. Nothing is freed before the
// end of the render; the budget bounds it.
class Arena {
public:
    explicit Arena(std::size_t bytes_max) : left_(bytes_max) {}
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    // Copies the text. Empty, and exhausted() from then on, when the budget is spent.
    std::string_view keep(std::string_view text);
    std::span<const Datum> keep(std::span<const Datum> items);
    std::span<const Datum> keep(const std::vector<Datum>& items) {
        return keep(std::span<const Datum>(items));
    }
    // Room for `count` items to be filled in; empty when the budget is spent.
    std::span<Datum> array(std::size_t count);
    // False, and exhausted(), when `bytes` more would not fit; for filters that build large text.
    bool reserve(std::size_t bytes);
    bool exhausted() const { return exhausted_; }

private:
    static constexpr std::size_t chunk_bytes = 8192;

    char* take(std::size_t bytes);  // Null when the budget is spent.

    std::vector<std::unique_ptr<char[]>> chunks_;
    std::size_t chunk_left_ = 0;
    char* next_ = nullptr;
    std::size_t left_;
    bool exhausted_ = false;
};

// Appends what `{{ datum }}` prints, unescaped: lists joined without a separator, hashes as Ruby
// writes them, times as "2025-01-31 09:00:00 +0100" in `zone`, decimals as "4.0".
void append_text(std::string& out, const Datum& datum, const Zone& zone, Meter& meter);
void append_double(std::string& out, double number);
void append_integer(std::string& out, std::int64_t number);
// JSON of any datum.
void append_json(std::string& out, const Datum& datum, Meter& meter);

// `==` of the language: numbers by value, `empty` and `blank` by what they ask, else same kind.
bool equal(const Datum& a, const Datum& b, Meter& meter);
// A list or map without items, or "".
bool is_empty(const Datum& datum);
// is_empty, nil, false, or a text of white space alone.
bool is_blank(const Datum& datum);

// datum.name: nil when there is no such thing. Knows `size`, `first` and `last`.
Datum member(const Datum& datum, std::string_view name, Arena& arena, Meter& meter);
// datum[key]
Datum element(const Datum& datum, const Datum& key, Meter& meter);

}  // namespace winback::liquid
