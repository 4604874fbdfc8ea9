#include "conformance/json_value.h"

#include <nlohmann/json.hpp>

namespace winback::conformance {

// NOLINTNEXTLINE(misc-no-recursion): as deep as the suite's data.
Value to_value(const Json& json) {
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json.is_number_integer()) {
        return json.get<std::int64_t>();
    }
    if (json.is_number_float()) {
        return json.get<double>();
    }
    if (json.is_string()) {
        return json.get<std::string>();
    }
    if (json.is_array()) {
        ValueList list;
        for (const Json& item : json) {
            list.push_back(to_value(item));
        }
        return list;
    }
    return json.is_object() ? Value(to_map(json)) : Value();
}

// NOLINTNEXTLINE(misc-no-recursion)
ValueMap to_map(const Json& json) {
    ValueMap map;
    if (json.is_object()) {
        for (const auto& [key, item] : json.items()) {
            map.set(key, to_value(item));
        }
    }
    return map;
}

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace winback::conformance
