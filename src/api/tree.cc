#include "api/tree.h"

#include <charconv>

namespace winback::api {

std::string text_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
}

std::int64_t whole_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_int() == nullptr ? 0 : *value->as_int();
}

Value number(std::uint64_t value) {
    return {static_cast<std::int64_t>(value)};
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stopped, fault] = std::from_chars(text.data(), end, number);
    return fault == std::errc() && stopped == end ? number : 0;
}

}  // namespace winback::api
