// The given traits of customers: one column per attribute.
//
// Reserved traits of the Segment spec have a type, and their camelCase form means the snake_case
// one ("firstName" is kept as "first_name"). Any other value is kept with the type with which it
// came, so that what somebody's attribute is never depends on anybody else's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/value.h"
#include "customer/column.h"
#include "customer/customers.h"

namespace winback::customer {

// "firstName" -> "first_name" for reserved traits; any other name is itself.
std::string_view canonical_attribute(std::string_view name);

// Those of the Segment spec, in the form in which they are kept.
std::vector<std::string> reserved_attributes();

class Attributes {
public:
    // In order of first sight.
    const std::vector<std::string>& names() const { return names_; }
    // Takes either form of a reserved name.
    std::optional<std::uint32_t> find(std::string_view name) const;

    // Null clears. True when the value of the customer changed; a value that was not taken (of
    // another type than a reserved trait has, too long, one attribute too many) is added to
    // `conflicts`. With `only_absent` a value that is there stays.
    bool set(std::uint32_t customer,
             std::string_view name,
             const Value& value,
             bool only_absent,
             std::vector<TypeConflict>& conflicts);
    Value value(std::uint32_t customer, std::uint32_t attribute) const;
    bool has(std::uint32_t customer, std::uint32_t attribute) const {
        return kept_[attribute].column.at(customer).kind != Cell::Kind::Null;
    }
    // The cells of an attribute when they are its values; null when they encode them, since a list
    // or a map is among them.
    const Column* plain_column(std::uint32_t attribute) const;
    // By name, or by a path into a map ("address.city"). Null when absent.
    Value value(std::uint32_t customer, std::string_view name) const;
    void forget(std::uint32_t customer);
    void fit();
    std::size_t memory_bytes() const;

private:
    struct Kept {
        std::optional<ValueType> type;  // Of a reserved trait.
        bool encoded = false;           // Each cell is a text that encodes the value.
        Column column;
    };
    // Nothing when there are too many.
    std::optional<std::uint32_t> add(std::string_view name);
    static void encode_all(Kept& kept);

    std::vector<std::string> names_;
    std::vector<Kept> kept_;
    absl::flat_hash_map<std::string, std::uint32_t, TextHash, std::equal_to<>> by_name_;
};

}  // namespace winback::customer
