#include "event/json.h"

#include <charconv>
#include <cmath>

#include "event/limits.h"

namespace winback::event {
namespace {

using simdjson::dom::element_type;

constexpr double exact_integer_max = 9007199254740992.0;  // 2^53

template <class T>
T get(const JsonElement& element) {
    T value{};
    [[maybe_unused]] const auto error = element.get<T>().get(value);
    return value;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded
JsonFault to_list(const simdjson::dom::array& array, int depth, ValueList& out) {
    out.reserve(array.size());
    for (const JsonElement item : array) {
        const JsonFault fault = to_value(item, depth, out.emplace_back());
        if (fault != JsonFault::None) {
            return fault;
        }
    }
    return JsonFault::None;
}

std::size_t digits(std::uint64_t value) {
    std::size_t count = 1;
    for (; value >= 10; value /= 10) {
        ++count;
    }
    return count;
}

// The end of the number that starts at `pos`; `integer` when it has no fraction or exponent.
std::size_t number_end(std::string_view body, std::size_t pos, bool& integer) {
    integer = true;
    for (; pos < body.size(); ++pos) {
        const char c = body[pos];
        if (c == '.' || c == 'e' || c == 'E') {
            integer = false;
        } else if (c != '-' && c != '+' && (c < '0' || c > '9')) {
            break;
        }
    }
    return pos;
}

std::size_t string_end(std::string_view body, std::size_t pos) {
    for (++pos; pos < body.size(); ++pos) {
        if (body[pos] == '\\') {
            ++pos;
        } else if (body[pos] == '"') {
            return pos + 1;
        }
    }
    return body.size();
}

}  // namespace

JsonFault to_map(const JsonObject& object, int depth, ValueMap& out) {  // NOLINT(misc-no-recursion)
    for (const auto field : object) {
        Value value;
        const JsonFault fault = to_value(field.value, depth, value);
        if (fault != JsonFault::None) {
            return fault;
        }
        out.set(std::string(field.key), std::move(value));
        if (out.size() > map_fields_max) {
            return JsonFault::TooManyFields;
        }
    }
    return JsonFault::None;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded
JsonFault to_value(const JsonElement& element, int depth, Value& out) {
    switch (element.type()) {
        case element_type::NULL_VALUE:
            out = Value();
            return JsonFault::None;
        case element_type::BOOL:
            out = get<bool>(element);
            return JsonFault::None;
        case element_type::INT64:
            out = get<std::int64_t>(element);
            return JsonFault::None;
        case element_type::UINT64:
            out = static_cast<double>(get<std::uint64_t>(element));
            return JsonFault::None;
        case element_type::DOUBLE:
            out = get<double>(element);
            return JsonFault::None;
        case element_type::STRING:
            out = get<std::string_view>(element);
            return JsonFault::None;
        case element_type::ARRAY: {
            ValueList list;
            const JsonFault fault =
                depth >= depth_max ? JsonFault::TooDeep
                                   : to_list(get<simdjson::dom::array>(element), depth + 1, list);
            out = std::move(list);
            return fault;
        }
        case element_type::OBJECT: {
            ValueMap map;
            const JsonFault fault = depth >= depth_max
                                        ? JsonFault::TooDeep
                                        : to_map(get<JsonObject>(element), depth + 1, map);
            out = std::move(map);
            return fault;
        }
    }
    return JsonFault::None;
}

std::size_t least_size(const JsonElement& element) {  // NOLINT(misc-no-recursion): parser's depth
    switch (element.type()) {
        case element_type::NULL_VALUE:
            return 4;
        case element_type::BOOL:
            return get<bool>(element) ? 4 : 5;
        case element_type::INT64: {
            const auto value = get<std::int64_t>(element);
            return value < 0 ? 1 + digits(-static_cast<std::uint64_t>(value))
                             : digits(static_cast<std::uint64_t>(value));
        }
        case element_type::UINT64:
            return digits(get<std::uint64_t>(element));
        case element_type::DOUBLE:
            return 3;
        case element_type::STRING:
            return get<std::string_view>(element).size() + 2;
        case element_type::ARRAY: {
            std::size_t size = 1;
            for (const JsonElement item : get<simdjson::dom::array>(element)) {
                size += least_size(item) + 1;
            }
            return size + (size == 1 ? 1 : 0);
        }
        case element_type::OBJECT: {
            std::size_t size = 1;
            for (const auto field : get<JsonObject>(element)) {
                size += field.key.size() + 4 + least_size(field.value);
            }
            return size + (size == 1 ? 1 : 0);
        }
    }
    return 0;
}

std::string_view text_or_empty(const JsonElement& element) {
    return get<std::string_view>(element);
}

bool read_id(const JsonElement& element, std::string& out) {
    switch (element.type()) {
        case element_type::STRING:
            out = get<std::string_view>(element);
            return true;
        case element_type::INT64:
            out = std::to_string(get<std::int64_t>(element));
            return true;
        case element_type::UINT64:
            out = std::to_string(get<std::uint64_t>(element));
            return true;
        case element_type::DOUBLE: {
            const auto number = get<double>(element);
            if (std::fabs(number) > exact_integer_max) {
                return false;  // Two customers' ids might have become one.
            }
            append_json(out, Value(number));
            return true;
        }
        case element_type::NULL_VALUE:
            return true;
        case element_type::BOOL:
        case element_type::ARRAY:
        case element_type::OBJECT:
            return false;
    }
    return false;
}

std::string with_wide_integers_as_fractions(std::string_view body) {
    std::string out;
    out.reserve(body.size() + 16);
    for (std::size_t pos = 0; pos < body.size();) {
        const char c = body[pos];
        std::size_t end = pos + 1;
        bool integer = false;
        if (c == '"') {
            end = string_end(body, pos);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            end = number_end(body, pos, integer);
        }
        const std::string_view token = body.substr(pos, end - pos);
        out += token;
        std::int64_t value = 0;
        if (integer && std::from_chars(token.data(), token.data() + token.size(), value).ec ==
                           std::errc::result_out_of_range) {
            out += ".0";
        }
        pos = end;
    }
    return out;
}

}  // namespace winback::event
