#include "conformance/json_value.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

namespace winback::conformance {
namespace {

// Where the text that begins with the quote at `at` ends, behind its quote.
std::size_t text_end(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') {
            ++at;
        }
    }
    return std::min(at + 1, text.size());
}

bool fits_64_bits(std::string_view digits) {
    std::int64_t number = 0;
    return std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc();
}

struct Prepared {
    std::string text;
    int depth = 0;
};

// The text with wide whole numbers in quotes, and how deep it is.
Prepared prepare(std::string_view text) {
    constexpr std::string_view of_numbers = "0123456789+-.eE";
    Prepared prepared;
    int depth = 0;
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        std::size_t end = at + 1;
        if (c == '"') {
            end = text_end(text, at);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            end = std::min(text.find_first_not_of(of_numbers, at), text.size());
        }
        const std::string_view piece = text.substr(at, end - at);
        const bool wide = c != '"' && piece.size() > 18 &&
                          piece.find_first_not_of("-0123456789") == std::string_view::npos &&
                          !fits_64_bits(piece);
        (prepared.text += wide ? "\"" : "") += piece;
        prepared.text += wide ? "\"" : "";
        depth += c == '[' || c == '{' ? 1 : 0;
        depth -= c == ']' || c == '}' ? 1 : 0;
        prepared.depth = std::max(prepared.depth, depth);
        at = end;
    }
    return prepared;
}

}  // namespace

Result<Json> read_json(std::string_view text) {
    const Prepared prepared = prepare(text);
    if (prepared.depth > json_depth_max) {
        return Error{ErrorCode::InvalidArgument, "JSON may be " + std::to_string(json_depth_max) +
                                                     " levels deep; this is " +
                                                     std::to_string(prepared.depth)};
    }
    try {
        return Json::parse(prepared.text);
    } catch (const Json::parse_error& error) {
        return Error{ErrorCode::InvalidArgument,
                     "no JSON: something is wrong at character " + std::to_string(error.byte)};
    } catch (const Json::out_of_range&) {
        return Error{ErrorCode::InvalidArgument, "a number is beyond the largest of 64-bit reals"};
    }
}

const Json& member(const Json& object, const char* name) {
    static const Json nothing;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? nothing : *found;
}

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
