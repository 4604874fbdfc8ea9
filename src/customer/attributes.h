// The given traits of customers: one column per attribute, typed at first sight.
//
// Reserved traits of the Segment spec have their type from the start, and their camelCase form
// means the snake_case one ("firstName" is kept as "first_name"). An attribute of ints becomes
// one of numbers when a double comes; each value stays as it was sent.
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
    ValueType type(std::size_t attribute) const { return types_[attribute]; }
    // Takes either form of a reserved name.
    std::optional<std::uint32_t> find(std::string_view name) const;

    // Null clears. True when the value of the customer changed; a value that was not taken is
    // added to `conflicts`. With `only_absent` a value that is there stays.
    bool set(std::uint32_t customer,
             std::string_view name,
             const Value& value,
             bool only_absent,
             std::vector<TypeConflict>& conflicts);
    Value value(std::uint32_t customer, std::uint32_t attribute) const;
    bool has(std::uint32_t customer, std::uint32_t attribute) const {
        return columns_[attribute].at(customer).kind != Cell::Kind::Null;
    }
    // The cells of an attribute when they are its values; null when they encode lists or maps.
    const Column* plain_column(std::uint32_t attribute) const;
    // By name, or by a path into a map ("address.city"). Null when absent.
    Value value(std::uint32_t customer, std::string_view name) const;
    void forget(std::uint32_t customer);
    void fit();
    std::size_t memory_bytes() const;
    // Makes an attribute of this type known; for what a row says.
    std::optional<std::uint32_t> declare(std::string_view name, ValueType type);

private:
    std::vector<std::string> names_;
    std::vector<ValueType> types_;
    std::vector<Column> columns_;
    absl::flat_hash_map<std::string, std::uint32_t, TextHash, std::equal_to<>> by_name_;
};

}  // namespace winback::customer
