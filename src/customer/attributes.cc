#include "customer/attributes.h"

#include <array>
#include <cmath>

#include "base/bytes.h"
#include "customer/limits.h"

namespace winback::customer {
namespace {

struct Reserved {
    std::string_view name;
    std::string_view camel;  // Empty when it is the same.
    ValueType type;
};

constexpr std::array<Reserved, 23> reserved{{
    {"address", "", ValueType::Map},
    {"age", "", ValueType::Double},
    {"avatar", "", ValueType::String},
    {"birthday", "", ValueType::Time},
    {"company", "", ValueType::Map},
    {"country", "", ValueType::String},
    {"created_at", "createdAt", ValueType::Time},
    {"description", "", ValueType::String},
    {"email", "", ValueType::String},
    {"first_name", "firstName", ValueType::String},
    {"gender", "", ValueType::String},
    {"id", "", ValueType::String},
    {"language", "", ValueType::String},
    {"last_name", "lastName", ValueType::String},
    {lists_attribute, "", ValueType::List},
    {"locale", "", ValueType::String},
    {"name", "", ValueType::String},
    {"phone", "", ValueType::String},
    {tags_attribute, "", ValueType::List},
    {"timezone", "timeZone", ValueType::String},
    {"title", "", ValueType::String},
    {"username", "userName", ValueType::String},
    {"website", "webSite", ValueType::String},
}};

const Reserved* find_reserved(std::string_view name) {
    for (const Reserved& trait : reserved) {
        if (trait.name == name || (!trait.camel.empty() && trait.camel == name)) {
            return &trait;
        }
    }
    return nullptr;
}

// Seconds or milliseconds since the epoch: what is beyond the year 5138 in seconds is the latter.
std::optional<Timestamp> time_of_number(double number) {
    constexpr double seconds_max = 1e11;
    const double ms = std::abs(number) < seconds_max ? number * 1000 : number;
    if (!(ms >= static_cast<double>(time_limit_low.ms) &&
          ms <= static_cast<double>(time_limit_high.ms))) {
        return std::nullopt;
    }
    return Timestamp{static_cast<std::int64_t>(ms)};
}

std::optional<Timestamp> time_of(const Value& value) {
    if (const Timestamp* time = value.as_time()) {
        return *time;
    }
    if (value.is_number()) {
        return time_of_number(value.number_or(0));
    }
    const std::string* text = value.as_string();
    if (text == nullptr) {
        return std::nullopt;
    }
    const Result<Timestamp> time = parse_iso8601(*text);
    return time ? std::optional(*time) : std::nullopt;
}

bool wants_encoding(ValueType type) {
    return type == ValueType::List || type == ValueType::Map || type == ValueType::Span;
}

std::string encoded(const Value& value) {
    std::string bytes;
    ByteWriter(bytes).value(value);
    return bytes;
}

}  // namespace

std::vector<std::string> reserved_attributes() {
    std::vector<std::string> names;
    for (const Reserved& trait : reserved) {
        names.emplace_back(trait.name);
    }
    return names;
}

std::string_view canonical_attribute(std::string_view name) {
    const Reserved* trait = find_reserved(name);
    return trait == nullptr ? name : trait->name;
}

std::optional<std::uint32_t> Attributes::find(std::string_view name) const {
    auto known = by_name_.find(name);
    if (known == by_name_.end()) {
        known = by_name_.find(canonical_attribute(name));
    }
    return known == by_name_.end() ? std::nullopt : std::optional(known->second);
}

std::optional<std::uint32_t> Attributes::add(std::string_view name) {
    const Reserved* trait = find_reserved(name);
    const std::string_view kept = trait == nullptr ? name : trait->name;
    if (names_.size() >= attributes_max || kept.empty() || kept.size() > attribute_name_bytes_max) {
        return std::nullopt;
    }
    const auto attribute = static_cast<std::uint32_t>(names_.size());
    names_.emplace_back(kept);
    kept_.emplace_back();
    if (trait != nullptr) {
        kept_.back().type = trait->type;
        kept_.back().encoded = wants_encoding(trait->type);
    }
    by_name_.emplace(std::string(kept), attribute);
    return attribute;
}

void Attributes::encode_all(Kept& kept) {
    Column column;
    for (std::size_t row = 0; row < kept.column.size(); ++row) {
        const Cell cell = kept.column.at(row);
        if (cell.kind != Cell::Kind::Null) {
            column.put(row, text_cell(encoded(value_of(cell))));
        }
    }
    kept.column = std::move(column);
    kept.encoded = true;
}

bool Attributes::set(std::uint32_t customer,
                     std::string_view name,
                     const Value& value,
                     bool only_absent,
                     std::vector<TypeConflict>& conflicts) {
    std::optional<std::uint32_t> attribute = find(name);
    if (value.is_null() && !attribute) {
        return false;
    }
    if (!attribute) {
        attribute = add(name);
    }
    const auto refuse = [&](ValueType expected) {
        conflicts.push_back({std::string(name), expected, value.type()});
        return false;
    };
    if (!attribute) {
        return refuse(ValueType::Null);
    }
    Kept& kept = kept_[*attribute];
    if (only_absent && has(customer, *attribute)) {
        return false;
    }
    Cell cell = cell_of(value);
    if (kept.type == ValueType::Time && !value.is_null()) {
        const std::optional<Timestamp> time = time_of(value);
        if (!time) {
            return refuse(*kept.type);
        }
        cell = time_cell(*time);
    } else if (kept.type && !value.is_null() && *kept.type != value.type() &&
               !(kept.type == ValueType::Double && value.type() == ValueType::Int)) {
        return refuse(*kept.type);
    }
    if (wants_encoding(value.type()) && !kept.encoded) {
        encode_all(kept);
    }
    std::string bytes;
    if (kept.encoded && !value.is_null()) {
        bytes = encoded(value);
        cell = text_cell(bytes);
    }
    if (cell.text.size() > attribute_bytes_max) {
        return refuse(kept.type.value_or(value.type()));
    }
    if (same_cell(cell, kept.column.at(customer))) {
        return false;
    }
    kept.column.put(customer, cell);
    return true;
}

const Column* Attributes::plain_column(std::uint32_t attribute) const {
    return kept_[attribute].encoded ? nullptr : &kept_[attribute].column;
}

Value Attributes::value(std::uint32_t customer, std::uint32_t attribute) const {
    const Cell cell = kept_[attribute].column.at(customer);
    if (cell.kind == Cell::Kind::Text && kept_[attribute].encoded) {
        ByteReader reader(cell.text);
        return reader.value();
    }
    return value_of(cell);
}

Value Attributes::value(std::uint32_t customer, std::string_view name) const {
    if (const std::optional<std::uint32_t> attribute = find(name)) {
        return value(customer, *attribute);
    }
    std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
        return {};
    }
    const std::optional<std::uint32_t> attribute = find(name.substr(0, dot));
    if (!attribute || !kept_[*attribute].encoded) {
        return {};
    }
    Value whole = value(customer, *attribute);
    const Value* at = &whole;
    while (dot != std::string_view::npos && at != nullptr && at->as_map() != nullptr) {
        name.remove_prefix(dot + 1);
        dot = name.find('.');
        at = at->as_map()->find(name.substr(0, dot));
    }
    return at == nullptr || dot != std::string_view::npos || at == &whole ? Value() : *at;
}

void Attributes::forget(std::uint32_t customer) {
    for (Kept& kept : kept_) {
        if (customer < kept.column.size()) {
            kept.column.put(customer, null_cell());
        }
    }
}

void Attributes::fit() {
    for (Kept& kept : kept_) {
        kept.column.fit();
    }
}

std::size_t Attributes::memory_bytes() const {
    std::size_t bytes = 0;
    for (const Kept& kept : kept_) {
        bytes += kept.column.memory_bytes() + 64;
    }
    return bytes;
}

}  // namespace winback::customer
