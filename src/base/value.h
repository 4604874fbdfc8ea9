// A value of the outside world: an event's property, a customer's trait, what a condition or a
// template computes with.
//
// Maps keep the order in which keys came and hold each key once. Depth and size are bounded
// where values enter (event/limits.h), so recursion over a Value is bounded too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"

namespace winback {

class Value;
using ValueList = std::vector<Value>;
using Field = std::pair<std::string, Value>;

// Ordered by arrival; look-up is linear, which is right for the few dozen keys of an event.
class ValueMap {
public:
    const Value* find(std::string_view key) const;
    // Replaces the value when the key is there.
    Value& set(std::string key, Value value);
    bool erase(std::string_view key);
    // Defined below, where a Value is complete (clang instantiates the pair at once).
    inline std::size_t size() const;
    inline bool empty() const;
    inline std::vector<Field>::const_iterator begin() const;
    inline std::vector<Field>::const_iterator end() const;
    // Pre: `key` is not in the map. For decoders that have checked already.
    void append(std::string key, Value value);
    bool operator==(const ValueMap& other) const;

private:
    std::vector<Field> fields_;
};

enum class ValueType : std::uint8_t {
    Null,
    Bool,
    Int,
    Double,
    String,
    Time,
    Span,
    List,
    Map,
};
std::string_view value_type_name(ValueType type);  // "number" is not a type: "int", "double"

class Value {
public:
    Value() = default;
    // Implicit on purpose: values are written as literals everywhere.
    // NOLINTBEGIN(google-explicit-constructor)
    Value(bool b) : data_(b) {}
    Value(int i) : data_(std::int64_t{i}) {}
    Value(std::int64_t i) : data_(i) {}
    Value(double d) : data_(d) {}
    Value(std::string s) : data_(std::move(s)) {}
    Value(std::string_view s) : data_(std::string(s)) {}
    Value(const char* s) : data_(std::string(s)) {}
    Value(Timestamp t) : data_(t) {}
    Value(Duration d) : data_(d) {}
    Value(ValueList l) : data_(std::move(l)) {}
    Value(ValueMap m) : data_(std::move(m)) {}
    // NOLINTEND(google-explicit-constructor)

    ValueType type() const { return static_cast<ValueType>(data_.index()); }
    bool is_null() const { return type() == ValueType::Null; }

    // Null when the value is of another type.
    const bool* as_bool() const { return std::get_if<bool>(&data_); }
    const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&data_); }
    const double* as_double() const { return std::get_if<double>(&data_); }
    const std::string* as_string() const { return std::get_if<std::string>(&data_); }
    const Timestamp* as_time() const { return std::get_if<Timestamp>(&data_); }
    const Duration* as_span() const { return std::get_if<Duration>(&data_); }
    const ValueList* as_list() const { return std::get_if<ValueList>(&data_); }
    const ValueMap* as_map() const { return std::get_if<ValueMap>(&data_); }
    ValueList* as_list() { return std::get_if<ValueList>(&data_); }
    ValueMap* as_map() { return std::get_if<ValueMap>(&data_); }

    // The number in an int or a double; `fallback` otherwise.
    double number_or(double fallback) const;
    bool is_number() const { return as_int() != nullptr || as_double() != nullptr; }

    bool operator==(const Value& other) const { return data_ == other.data_; }

private:
    std::variant<std::monostate,
                 bool,
                 std::int64_t,
                 double,
                 std::string,
                 Timestamp,
                 Duration,
                 ValueList,
                 ValueMap>
        data_;
};

inline std::size_t ValueMap::size() const {
    return fields_.size();
}
inline bool ValueMap::empty() const {
    return fields_.empty();
}
inline std::vector<Field>::const_iterator ValueMap::begin() const {
    return fields_.begin();
}
inline std::vector<Field>::const_iterator ValueMap::end() const {
    return fields_.end();
}

// Compact JSON: times as ISO 8601 text, spans as seconds with "s", NaN and infinities as null.
std::string to_json(const Value& value);
void append_json(std::string& out, const Value& value);
// A JSON string literal with quotes; control characters escaped, UTF-8 kept.
void append_json_string(std::string& out, std::string_view text);

}  // namespace winback
