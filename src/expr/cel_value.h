// A value of strict CEL, whose type is known only when it is there: what the conformance tests of
// cel-spec compute with. Conditions compute with operand.h, which knows of movement and holds
// times to the millisecond; numbers, texts and parts of times are the same functions for both.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "expr/ast.h"
#include "expr/number.h"
#include "expr/types.h"

namespace winback::expr {

struct CelValue;
using CelList = std::vector<CelValue>;
using CelMap = std::vector<std::pair<CelValue, CelValue>>;  // Each key once.

struct CelBytes {
    std::string bytes;
    auto operator<=>(const CelBytes&) const = default;
};

// A moment from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z.
struct CelInstant {
    std::int64_t seconds = 0;      // Since 1970.
    std::int64_t nanoseconds = 0;  // From 0 to one second.
    auto operator<=>(const CelInstant&) const = default;
};

struct CelSpan {
    std::int64_t nanoseconds = 0;
    auto operator<=>(const CelSpan&) const = default;
};

struct CelType {
    std::string name;
    bool operator==(const CelType&) const = default;
};

struct CelError {
    std::string message;
};

struct CelValue {
    std::variant<std::monostate,  // null
                 bool,
                 std::int64_t,
                 std::uint64_t,
                 double,
                 std::string,
                 CelBytes,
                 CelInstant,
                 CelSpan,
                 std::shared_ptr<const CelList>,
                 std::shared_ptr<const CelMap>,
                 CelType,
                 CelError>
        data;

    Kind kind() const;
    bool is_error() const { return std::holds_alternative<CelError>(data); }
    // Null when the value is of another type.
    template <class T>
    const T* as() const {
        return std::get_if<T>(&data);
    }
    const CelList* list() const;
    const CelMap* map() const;
    std::optional<Number> number() const;
};

CelValue cel_error(std::string message);
CelValue cel_number(const Number& number);
CelValue cel_list(CelList list);
// Error when a key is none or stands there twice.
CelValue cel_map(CelMap map);

// "int", "list", "google.protobuf.Timestamp". Pre: not an error.
std::string_view type_name(const CelValue& value);

// Values of different types are unequal, but numbers compare by value.
bool equals(const CelValue& a, const CelValue& b);

// The binary operators but && and ||. Pre: neither is an error.
CelValue apply(BinaryOp op, const CelValue& a, const CelValue& b);
CelValue negative(const CelValue& a);

// target[index]
CelValue element(const CelValue& target, const CelValue& index);
// target.name
CelValue field(const CelValue& target, std::string_view name);
// Null when the map has no such key; numbers are looked up by value.
const CelValue* find_key(const CelMap& map, const CelValue& key);

// As CEL writes it, or "error: ...", for people.
std::string describe(const CelValue& value);

}  // namespace winback::expr
