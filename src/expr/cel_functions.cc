#include "expr/cel_functions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/strings.h"
#include "expr/cel_time.h"
#include "expr/exact_span.h"
#include "expr/pattern.h"
#include "expr/text_questions.h"
#include "expr/time_parts.h"

namespace winback::expr {
namespace {

CelValue no_overload(std::string_view name, const CelValue& a) {
    return cel_error("no such overload: " + std::string(name) + "(" + std::string(type_name(a)) +
                     ")");
}

template <class T>
CelValue given(const std::optional<T>& value, std::string_view problem) {
    return value ? CelValue{*value} : cel_error(std::string(problem));
}

CelValue given_number(const std::optional<Number>& value, std::string_view problem) {
    return value ? cel_number(*value) : cel_error(std::string(problem));
}

CelValue size(const CelValue& a) {
    switch (a.kind()) {
        case Kind::String:
            return {length_of(*a.as<std::string>())};
        case Kind::Bytes:
            return {static_cast<std::int64_t>(a.as<CelBytes>()->bytes.size())};
        case Kind::List:
            return {static_cast<std::int64_t>(a.list()->size())};
        case Kind::Map:
            return {static_cast<std::int64_t>(a.map()->size())};
        default:
            return no_overload("size", a);
    }
}

CelValue to_number(const CelValue& a, Kind kind) {
    if (const std::optional<Number> number = a.number()) {
        return given_number(converted(*number, kind), "range error");
    }
    if (const std::string* text = a.as<std::string>()) {
        return given_number(read_number(*text, kind), "this text is no such number");
    }
    if (const CelInstant* instant = a.as<CelInstant>(); instant != nullptr && kind == Kind::Int) {
        return {instant->seconds};
    }
    return no_overload(kind_name(kind), a);
}

CelValue to_text(const CelValue& a) {
    switch (a.kind()) {
        case Kind::Int:
        case Kind::Uint:
        case Kind::Double:
            return {text_of(*a.number())};
        case Kind::Bool:
            return {std::string(*a.as<bool>() ? "true" : "false")};
        case Kind::String:
            return a;
        case Kind::Time:
            return {text_of(*a.as<CelInstant>())};
        case Kind::Duration:
            return {text_of(*a.as<CelSpan>())};
        case Kind::Bytes:
            return is_valid_utf8(a.as<CelBytes>()->bytes) ? CelValue{a.as<CelBytes>()->bytes}
                                                          : cel_error("invalid UTF-8");
        default:
            return no_overload("string", a);
    }
}

CelValue to_bytes(const CelValue& a) {
    const std::string* text = a.as<std::string>();
    if (text == nullptr && a.kind() != Kind::Bytes) {
        return no_overload("bytes", a);
    }
    return text == nullptr ? a : CelValue{CelBytes{*text}};
}

CelValue to_bool(const CelValue& a) {
    const std::string* text = a.as<std::string>();
    if (text == nullptr && a.kind() != Kind::Bool) {
        return no_overload("bool", a);
    }
    return text == nullptr ? a : given(read_bool(*text), "type conversion error: not a bool");
}

CelValue to_time(const CelValue& a) {
    if (const std::string* text = a.as<std::string>()) {
        return given(read_instant(*text), "not a timestamp, or out of range");
    }
    if (const std::int64_t* seconds = a.as<std::int64_t>()) {
        return given(instant_of(*seconds, 0), "timestamp out of range");
    }
    return a.kind() == Kind::Time ? a : no_overload("timestamp", a);
}

CelValue to_span(const CelValue& a) {
    if (const std::string* text = a.as<std::string>()) {
        const Result<std::int64_t> read = parse_exact_span(*text);
        return read ? CelValue{CelSpan{*read}} : cel_error(read.error().message);
    }
    return a.kind() == Kind::Duration ? a : no_overload("duration", a);
}

CelValue match(const CelValue& text, const CelValue& pattern) {
    const std::string* subject = text.as<std::string>();
    const std::string* expression = pattern.as<std::string>();
    if (subject == nullptr || expression == nullptr) {
        return no_overload("matches", subject == nullptr ? text : pattern);
    }
    const std::string problem = pattern_problem(*expression);
    return problem.empty() ? CelValue{matches(compile_pattern(*expression), *subject)}
                           : cel_error(problem);
}

CelValue part(TimePart part, const CelValue& target, const CelList& arguments) {
    if (const CelSpan* span = target.as<CelSpan>(); span != nullptr && arguments.empty()) {
        return given(part_of_span(part, span->nanoseconds / nanoseconds_per_millisecond),
                     "no such overload: of a duration");
    }
    const CelInstant* instant = target.as<CelInstant>();
    if (instant == nullptr || arguments.size() > 1) {
        return no_overload("a part of a time", target);
    }
    Place place;
    if (!arguments.empty()) {
        const std::string* name = arguments[0].as<std::string>();
        const std::optional<Place> found = name == nullptr ? std::nullopt : find_place(*name);
        if (!found) {
            return cel_error("unknown zone: " + describe(arguments[0]));
        }
        place = *found;
    }
    return {part_of(part, *instant, place)};
}

CelValue text_method(std::string_view name, const CelValue& target, const CelValue& argument) {
    const std::string* text = target.as<std::string>();
    const std::string* piece = argument.as<std::string>();
    if (text == nullptr || piece == nullptr) {
        return no_overload(name, text == nullptr ? target : argument);
    }
    if (name == "contains") {
        return {text->find(*piece) != std::string::npos};
    }
    return {name == "startsWith" ? text->starts_with(*piece) : text->ends_with(*piece)};
}

struct Global {
    std::string_view name;
    CelValue (*function)(const CelValue&);
};

constexpr std::array<Global, 11> globals{{
    {"size", size},
    {"int", [](const CelValue& a) { return to_number(a, Kind::Int); }},
    {"uint", [](const CelValue& a) { return to_number(a, Kind::Uint); }},
    {"double", [](const CelValue& a) { return to_number(a, Kind::Double); }},
    {"string", to_text},
    {"bytes", to_bytes},
    {"bool", to_bool},
    {"timestamp", to_time},
    {"duration", to_span},
    {"type", [](const CelValue& a) { return CelValue{CelType{std::string(type_name(a))}}; }},
    {"dyn", [](const CelValue& a) { return a; }},
}};

CelValue unbound(std::string_view name) {
    return cel_error("unbound function: " + std::string(name));
}

}  // namespace

CelValue call_global(std::string_view name, const CelList& arguments) {
    if (name == "matches" && arguments.size() == 2) {
        return match(arguments[0], arguments[1]);
    }
    for (const Global& global : globals) {
        if (global.name == name && arguments.size() == 1) {
            return global.function(arguments[0]);
        }
    }
    return unbound(name);
}

CelValue call_method(std::string_view name, const CelValue& target, const CelList& arguments) {
    if (const std::optional<TimePart> known = part_named(name)) {
        return part(*known, target, arguments);
    }
    if (name == "size" && arguments.empty()) {
        return size(target);
    }
    if (arguments.size() != 1) {
        return unbound(name);
    }
    if (name == "matches") {
        return match(target, arguments[0]);
    }
    const bool is_text = name == "contains" || name == "startsWith" || name == "endsWith";
    return is_text ? text_method(name, target, arguments[0]) : unbound(name);
}

bool is_message(std::string_view name) {
    return name == "google.protobuf.Value";
}

CelValue make_message(std::string_view name, const CelMap& fields) {
    if (!is_message(name)) {
        return cel_error("unknown message: " + std::string(name));
    }
    if (fields.size() != 1) {
        return fields.empty() ? CelValue{} : cel_error("a Value holds one value");
    }
    const std::string& field = *fields[0].first.as<std::string>();
    const CelValue& value = fields[0].second;
    const auto held = [&](Kind kind) {
        return value.kind() == kind ? value : no_overload(field, value);
    };
    if (field == "null_value") {
        return held(Kind::Null);
    }
    if (field == "bool_value") {
        return held(Kind::Bool);
    }
    if (field == "number_value") {
        return held(Kind::Double);
    }
    if (field == "string_value") {
        return held(Kind::String);
    }
    if (field == "list_value") {
        return held(Kind::List);
    }
    return field == "struct_value" ? held(Kind::Map) : cel_error("no such field: " + field);
}

const CelValue* find_constant(std::string_view name) {
    static const auto types = [] {
        constexpr std::array<std::string_view, 12> names{"bool",
                                                         "int",
                                                         "uint",
                                                         "double",
                                                         "string",
                                                         "bytes",
                                                         "list",
                                                         "map",
                                                         "null_type",
                                                         "type",
                                                         "google.protobuf.Timestamp",
                                                         "google.protobuf.Duration"};
        std::array<CelValue, names.size()> made;
        std::transform(names.begin(), names.end(), made.begin(),
                       [](std::string_view type) { return CelValue{CelType{std::string(type)}}; });
        return made;
    }();
    static const CelValue null;
    if (name == "google.protobuf.NullValue.NULL_VALUE") {
        return &null;
    }
    const auto found = std::find_if(types.begin(), types.end(), [&](const CelValue& type) {
        return type.as<CelType>()->name == name;
    });
    return found == types.end() ? nullptr : &*found;
}

}  // namespace winback::expr
