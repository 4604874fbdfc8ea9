#include "expr/cel_value.h"

#include <algorithm>
#include <array>
#include <utility>

#include "expr/cel_time.h"
#include "expr/printer.h"

namespace winback::expr {
namespace {

constexpr std::array<Kind, 13> kinds{
    Kind::Null, Kind::Bool,     Kind::Int,  Kind::Uint, Kind::Double, Kind::String, Kind::Bytes,
    Kind::Time, Kind::Duration, Kind::List, Kind::Map,  Kind::Type,   Kind::Error};

bool is_relation_holding(BinaryOp op, std::partial_ordering order) {
    switch (op) {
        case BinaryOp::Less:
            return order < 0;
        case BinaryOp::LessEqual:
            return order <= 0;
        case BinaryOp::Greater:
            return order > 0;
        default:
            return order >= 0;
    }
}

CelValue no_overload(BinaryOp op, const CelValue& a, const CelValue& b) {
    return cel_error("no such overload: " + std::string(type_name(a)) + " " +
                     std::string(symbol_of(op)) + " " + std::string(type_name(b)));
}

std::string_view words_of(Fault fault) {
    switch (fault) {
        case Fault::NoOverload:
            return "no such overload";
        case Fault::Overflow:
            return "overflow of 64 bits";
        case Fault::DividedByZero:
            return "division by zero";
        case Fault::OutOfRange:
            return "out of range";
    }
    return "";
}

CelValue from_computed(const Computed& computed) {
    return computed.number ? cel_number(*computed.number)
                           : cel_error(std::string(words_of(computed.fault)));
}

bool is_key(const CelValue& value) {
    switch (value.kind()) {
        case Kind::Bool:
        case Kind::Int:
        case Kind::Uint:
        case Kind::String:
            return true;
        default:
            return false;
    }
}

// Of two values of one type that have an order.
template <class T>
CelValue ordered(BinaryOp op, const CelValue& a, const CelValue& b) {
    return {is_relation_holding(op, *a.as<T>() <=> *b.as<T>())};
}

CelValue compared(BinaryOp op, const CelValue& a, const CelValue& b) {
    if (const auto x = a.number(), y = b.number(); x && y) {
        return {is_relation_holding(op, order_as_suite(*x, *y))};
    }
    if (a.kind() != b.kind()) {
        return no_overload(op, a, b);
    }
    switch (a.kind()) {
        case Kind::Bool:
            return ordered<bool>(op, a, b);
        case Kind::String:
            return ordered<std::string>(op, a, b);
        case Kind::Bytes:
            return ordered<CelBytes>(op, a, b);
        case Kind::Time:
            return ordered<CelInstant>(op, a, b);
        case Kind::Duration:
            return ordered<CelSpan>(op, a, b);
        default:
            return no_overload(op, a, b);
    }
}

CelValue contained(const CelValue& item, const CelValue& all) {
    if (const CelList* list = all.list()) {
        return {std::any_of(list->begin(), list->end(),
                            [&](const CelValue& value) { return equals(item, value); })};
    }
    if (const CelMap* map = all.map()) {
        return {find_key(*map, item) != nullptr};
    }
    return no_overload(BinaryOp::In, item, all);
}

CelValue added(const CelValue& a, const CelValue& b) {
    if (a.kind() == Kind::Time && b.kind() == Kind::Duration) {
        return moved(*a.as<CelInstant>(), *b.as<CelSpan>(), BinaryOp::Add);
    }
    if (a.kind() == Kind::Duration && b.kind() == Kind::Time) {
        return added(b, a);
    }
    if (a.kind() != b.kind()) {
        return no_overload(BinaryOp::Add, a, b);
    }
    switch (a.kind()) {
        case Kind::String:
            return {*a.as<std::string>() + *b.as<std::string>()};
        case Kind::Bytes:
            return {CelBytes{a.as<CelBytes>()->bytes + b.as<CelBytes>()->bytes}};
        case Kind::Duration:
            return sum(*a.as<CelSpan>(), *b.as<CelSpan>(), BinaryOp::Add);
        case Kind::List: {
            CelList joined = *a.list();
            joined.insert(joined.end(), b.list()->begin(), b.list()->end());
            return cel_list(std::move(joined));
        }
        default:
            return no_overload(BinaryOp::Add, a, b);
    }
}

CelValue subtracted(const CelValue& a, const CelValue& b) {
    if (a.kind() == Kind::Time && b.kind() == Kind::Duration) {
        return moved(*a.as<CelInstant>(), *b.as<CelSpan>(), BinaryOp::Subtract);
    }
    if (a.kind() == Kind::Time && b.kind() == Kind::Time) {
        return difference(*a.as<CelInstant>(), *b.as<CelInstant>());
    }
    if (a.kind() == Kind::Duration && b.kind() == Kind::Duration) {
        return sum(*a.as<CelSpan>(), *b.as<CelSpan>(), BinaryOp::Subtract);
    }
    return no_overload(BinaryOp::Subtract, a, b);
}

std::string joined(const CelList& list) {
    std::string text;
    for (const CelValue& item : list) {
        text += (text.empty() ? "" : ", ") + describe(item);
    }
    return text;
}

std::string joined(const CelMap& map) {
    std::string text;
    for (const auto& [key, value] : map) {
        text += (text.empty() ? "" : ", ") + describe(key) + ": " + describe(value);
    }
    return text;
}

}  // namespace

Kind CelValue::kind() const {
    return kinds[data.index()];
}

const CelList* CelValue::list() const {
    const auto* shared = as<std::shared_ptr<const CelList>>();
    return shared == nullptr ? nullptr : shared->get();
}

const CelMap* CelValue::map() const {
    const auto* shared = as<std::shared_ptr<const CelMap>>();
    return shared == nullptr ? nullptr : shared->get();
}

std::optional<Number> CelValue::number() const {
    switch (kind()) {
        case Kind::Int:
            return whole(*as<std::int64_t>());
        case Kind::Uint:
            return unsigned_whole(*as<std::uint64_t>());
        case Kind::Double:
            return real(*as<double>());
        default:
            return std::nullopt;
    }
}

CelValue cel_error(std::string message) {
    return {CelError{std::move(message)}};
}

CelValue cel_number(const Number& number) {
    switch (number.kind) {
        case Kind::Int:
            return {number.integer};
        case Kind::Uint:
            return {number.bits()};
        default:
            return {number.real};
    }
}

CelValue cel_list(CelList list) {
    return {std::make_shared<const CelList>(std::move(list))};
}

CelValue cel_map(CelMap map) {
    for (std::size_t i = 0; i < map.size(); ++i) {
        const CelValue& key = map[i].first;
        if (!is_key(key)) {
            return cel_error("unsupported key type: " + std::string(type_name(key)));
        }
        const auto same = [&](const auto& entry) { return equals(entry.first, key); };
        const auto here = map.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::any_of(map.begin(), here, same)) {
            return cel_error("repeated key: " + describe(key));
        }
    }
    return {std::make_shared<const CelMap>(std::move(map))};
}

std::string_view type_name(const CelValue& value) {
    switch (value.kind()) {
        case Kind::Null:
            return "null_type";
        case Kind::Time:
            return "google.protobuf.Timestamp";
        case Kind::Duration:
            return "google.protobuf.Duration";
        default:
            return kind_name(value.kind());
    }
}

bool equals(const CelValue& a, const CelValue& b) {
    if (const auto x = a.number(), y = b.number(); x && y) {
        return order_as_suite(*x, *y) == 0;
    }
    if (a.kind() != b.kind()) {
        return false;
    }
    switch (a.kind()) {
        case Kind::Error:
            return false;
        case Kind::List:
            return std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(),
                              b.list()->end(),
                              [](const CelValue& x, const CelValue& y) { return equals(x, y); });
        case Kind::Map:
            return a.map()->size() == b.map()->size() &&
                   std::all_of(a.map()->begin(), a.map()->end(), [&](const auto& entry) {
                       const CelValue* other = find_key(*b.map(), entry.first);
                       return other != nullptr && equals(entry.second, *other);
                   });
        case Kind::Bool:
            return *a.as<bool>() == *b.as<bool>();
        case Kind::String:
            return *a.as<std::string>() == *b.as<std::string>();
        case Kind::Bytes:
            return *a.as<CelBytes>() == *b.as<CelBytes>();
        case Kind::Time:
            return *a.as<CelInstant>() == *b.as<CelInstant>();
        case Kind::Duration:
            return *a.as<CelSpan>() == *b.as<CelSpan>();
        case Kind::Type:
            return *a.as<CelType>() == *b.as<CelType>();
        default:
            return true;  // Null
    }
}

CelValue apply(BinaryOp op, const CelValue& a, const CelValue& b) {
    if (op == BinaryOp::Equal || op == BinaryOp::NotEqual) {
        return {equals(a, b) == (op == BinaryOp::Equal)};
    }
    if (op == BinaryOp::In) {
        return contained(a, b);
    }
    if (is_relation(op)) {
        return compared(op, a, b);
    }
    if (const auto x = a.number(), y = b.number(); x && y) {
        const Computed computed = compute(op, *x, *y);
        return computed.number || computed.fault != Fault::NoOverload ? from_computed(computed)
                                                                      : no_overload(op, a, b);
    }
    if (op == BinaryOp::Add) {
        return added(a, b);
    }
    return op == BinaryOp::Subtract ? subtracted(a, b) : no_overload(op, a, b);
}

CelValue negative(const CelValue& a) {
    const std::optional<Number> number = a.number();
    return number ? from_computed(negated(*number))
                  : cel_error("no such overload: -" + std::string(type_name(a)));
}

CelValue element(const CelValue& target, const CelValue& index) {
    if (const CelMap* map = target.map()) {
        const CelValue* found = find_key(*map, index);
        return found != nullptr ? *found : cel_error("no such key: " + describe(index));
    }
    const CelList* list = target.list();
    const std::optional<Number> place = index.number();
    if (list == nullptr) {
        return cel_error("no such overload: " + std::string(type_name(target)) + "[" +
                         std::string(type_name(index)) + "]");
    }
    const std::optional<Number> at = place ? converted(*place, Kind::Int) : std::nullopt;
    if (!at || order(*at, *place) != 0 || at->integer < 0 ||
        at->integer >= static_cast<std::int64_t>(list->size())) {
        return cel_error("index out of bounds: " + describe(index));
    }
    return (*list)[static_cast<std::size_t>(at->integer)];
}

CelValue field(const CelValue& target, std::string_view name) {
    if (target.map() == nullptr) {
        return cel_error("type '" + std::string(type_name(target)) +
                         "' does not support field selection");
    }
    return element(target, {std::string(name)});
}

const CelValue* find_key(const CelMap& map, const CelValue& key) {
    const auto found = std::find_if(map.begin(), map.end(),
                                    [&](const auto& entry) { return equals(entry.first, key); });
    return found == map.end() ? nullptr : &found->second;
}

std::string describe(const CelValue& value) {
    switch (value.kind()) {
        case Kind::Null:
            return "null";
        case Kind::Bool:
            return *value.as<bool>() ? "true" : "false";
        case Kind::Uint:
            return text_of(*value.number()) + "u";
        case Kind::Int:
        case Kind::Double:
            return text_of(*value.number());
        case Kind::String:
            return quoted(*value.as<std::string>(), false);
        case Kind::Bytes:
            return "b" + quoted(value.as<CelBytes>()->bytes, true);
        case Kind::Time:
            return "timestamp(\"" + text_of(*value.as<CelInstant>()) + "\")";
        case Kind::Duration:
            return "duration(\"" + text_of(*value.as<CelSpan>()) + "\")";
        case Kind::List:
            return "[" + joined(*value.list()) + "]";
        case Kind::Map:
            return "{" + joined(*value.map()) + "}";
        case Kind::Type:
            return "type " + value.as<CelType>()->name;
        default:
            return "error: " + value.as<CelError>()->message;
    }
}

}  // namespace winback::expr
