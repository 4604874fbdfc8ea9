#include "ui/tree.h"

#include <cmath>

#include "api/tree.h"

namespace winback::ui {

double number_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? 0 : value->number_or(0);
}

std::string text_at(const ValueMap& map, std::string_view key) {
    return api::text_at(map, key);
}

const ValueMap& map_at(const ValueMap& map, std::string_view key) {
    static const ValueMap none;
    const Value* value = map.find(key);
    return value == nullptr || value->as_map() == nullptr ? none : *value->as_map();
}

const ValueList& list_at(const ValueMap& map, std::string_view key) {
    static const ValueList none;
    const Value* value = map.find(key);
    return value == nullptr || value->as_list() == nullptr ? none : *value->as_list();
}

std::int64_t whole(double number) {
    return std::llround(number);
}

double share_of(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

}  // namespace winback::ui
