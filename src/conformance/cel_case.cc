#include "conformance/cel_case.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "conformance/json_value.h"
#include "expr/cel_evaluator.h"
#include "expr/cel_time.h"
#include "expr/exact_span.h"
#include "expr/parser.h"
#include "expr/printer.h"

namespace winback::conformance {
namespace {

using expr::CelList;
using expr::CelMap;
using expr::CelValue;

Error bad_case(const std::string& message) {
    return {ErrorCode::InvalidArgument, "no case: " + message};
}

Result<std::string> from_hex(std::string_view digits) {
    std::string bytes;
    const auto value_of = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                      : -1;
    };
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const int high = value_of(digits[i]);
        const int low = i + 1 < digits.size() ? value_of(digits[i + 1]) : -1;
        if (high < 0 || low < 0) {
            return bad_case("'bytes_hex' holds pairs of hexadecimal digits");
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

template <class T>
Result<CelValue> given(const std::optional<T>& value, const std::string& type, const Json& json) {
    if (!value) {
        return bad_case(to_text(json) + " is no " + type);
    }
    return CelValue{*value};
}

Result<CelValue> read_number(const std::string& type, const Json& json) {
    const std::string text = json.is_string() ? json.get<std::string>() : to_text(json);
    const expr::Kind kind = type == "int"    ? expr::Kind::Int
                            : type == "uint" ? expr::Kind::Uint
                                             : expr::Kind::Double;
    const auto number = expr::read_number(text, kind);
    if (!number) {
        return bad_case(to_text(json) + " is no " + type);
    }
    return expr::cel_number(*number);
}

Result<CelValue> read_text(const std::string& type, const std::string& text) {
    if (type == "string") {
        return CelValue{text};
    }
    if (type == "type") {
        return CelValue{expr::CelType{text}};
    }
    if (type == "bytes_hex") {
        WINBACK_TRY(std::string bytes, from_hex(text));
        return CelValue{expr::CelBytes{std::move(bytes)}};
    }
    if (type == "timestamp") {
        return given(expr::read_instant(text), type, text);
    }
    if (type == "duration") {
        WINBACK_TRY(const std::int64_t nanoseconds, expr::parse_exact_span(text));
        return CelValue{expr::CelSpan{nanoseconds}};
    }
    return bad_case("a value of type '" + type + "' is not known");
}

// {"seconds": "12", "nanos": 5}, as protobuf has moments and spans; what is zero may be left out.
Result<CelValue> read_seconds(const std::string& type, const Json& json) {
    const auto part = [&](const char* name) {
        const Json& number = member(json, name);
        const std::string text = number.is_string() ? number.get<std::string>() : to_text(number);
        return number.is_null() ? expr::whole(0) : expr::read_number(text, expr::Kind::Int);
    };
    const auto seconds = part("seconds");
    const auto nanos = part("nanos");
    if (!seconds || !nanos) {
        return bad_case(to_text(json) + " is no " + type);
    }
    if (type == "timestamp") {
        return given(expr::instant_of(seconds->integer, nanos->integer), type, json);
    }
    std::int64_t sum = 0;
    if (__builtin_mul_overflow(seconds->integer, expr::nanoseconds_per_second, &sum) ||
        __builtin_add_overflow(sum, nanos->integer, &sum)) {
        return bad_case(to_text(json) + " is no duration within 292 years");
    }
    return CelValue{expr::CelSpan{sum}};
}

// NOLINTBEGIN(misc-no-recursion): as deep as the JSON of the case, which read_json bounds.
Result<CelValue> read_value(const Json& json);

Result<CelValue> read_list(const Json& json) {
    CelList list;
    for (const Json& item : json) {
        WINBACK_TRY(CelValue value, read_value(item));
        list.push_back(std::move(value));
    }
    return expr::cel_list(std::move(list));
}

Result<CelValue> read_map(const Json& json) {
    CelMap map;
    for (const Json& pair : json) {
        if (!pair.is_array() || pair.size() != 2) {
            return bad_case("a map is a list of pairs of key and value");
        }
        WINBACK_TRY(CelValue key, read_value(pair[0]));
        WINBACK_TRY(CelValue value, read_value(pair[1]));
        map.emplace_back(std::move(key), std::move(value));
    }
    CelValue made = expr::cel_map(std::move(map));
    return made.is_error() ? Result<CelValue>(bad_case(describe(made))) : made;
}

Result<CelValue> read_value(const Json& json) {
    if (!json.is_object() || json.size() != 1) {
        return bad_case("a value is an object of one key, its type, not " + to_text(json));
    }
    const std::string& type = json.begin().key();
    const Json& held = json.begin().value();
    if (type == "null") {
        return CelValue{};
    }
    if (type == "bool" && held.is_boolean()) {
        return CelValue{held.get<bool>()};
    }
    if (type == "int" || type == "uint" || type == "double") {
        return read_number(type, held);
    }
    if (type == "list" && held.is_array()) {
        return read_list(held);
    }
    if (type == "map" && held.is_array()) {
        return read_map(held);
    }
    if ((type == "timestamp" || type == "duration") && held.is_object()) {
        return read_seconds(type, held);
    }
    if (!held.is_string()) {
        return bad_case(to_text(held) + " is no value of type '" + type + "'");
    }
    return read_text(type, held.get<std::string>());
}

// Of the same type and value, where expr::equals compares numbers of all types.
bool is_same(const CelValue& a, const CelValue& b) {
    if (a.kind() != b.kind()) {
        return false;
    }
    if (const double* x = a.as<double>(), *y = b.as<double>(); x != nullptr && std::isnan(*x)) {
        return std::isnan(*y);
    }
    if (const CelList* x = a.list(), *y = b.list(); x != nullptr) {
        return std::equal(x->begin(), x->end(), y->begin(), y->end(), is_same);
    }
    if (const CelMap* x = a.map(), *y = b.map(); x != nullptr) {
        return x->size() == y->size() && std::all_of(x->begin(), x->end(), [&](const auto& entry) {
                   return std::any_of(y->begin(), y->end(), [&](const auto& other) {
                       return is_same(entry.first, other.first) &&
                              is_same(entry.second, other.second);
                   });
               });
    }
    return equals(a, b);
}
// NOLINTEND(misc-no-recursion)

struct Case {
    std::string name;
    std::string text;
    expr::CelScope scope;
    std::optional<CelValue> expected;  // Empty: an error.
    std::string expected_error;
};

Result<std::string> text_at(const Json& json, const char* key) {
    const Json& text = member(json, key);
    if (!text.is_string() && !text.is_null()) {
        return bad_case("'" + std::string(key) + "' is a text, not " + to_text(text));
    }
    return text.is_string() ? text.get<std::string>() : std::string();
}

Result<Case> read_case(const Json& json) {
    if (!json.is_object() || !member(json, "expr").is_string()) {
        return bad_case("it is no object with a text 'expr'");
    }
    Case made;
    WINBACK_TRY(const std::string file, text_at(json, "file"));
    WINBACK_TRY(const std::string section, text_at(json, "section"));
    WINBACK_TRY(made.name, text_at(json, "name"));
    WINBACK_TRY(made.text, text_at(json, "expr"));
    WINBACK_TRY(made.scope.container, text_at(json, "container"));
    made.name =
        (file.empty() ? "" : file + "/") + (section.empty() ? "" : section + "/") + made.name;
    const Json& bindings = member(json, "bindings");
    if (!bindings.is_object() && !bindings.is_null()) {
        return bad_case("'bindings' is an object of names and values");
    }
    for (const auto& [name, value] : bindings.items()) {
        WINBACK_TRY(made.scope.bindings[name], read_value(value));
    }
    if (json.contains("expect_error")) {
        made.expected_error = "error: " + to_text(json["expect_error"]);
        return made;
    }
    made.expected = CelValue{true};
    if (json.contains("expect")) {
        WINBACK_TRY(made.expected, read_value(json["expect"]));
    }
    return made;
}

CelValue run(const Case& test) {
    Diagnostics diagnostics;
    expr::Reporter reporter(test.text, diagnostics);
    const expr::Ast ast = expr::parse(test.text, reporter);
    if (!diagnostics.empty()) {
        return expr::cel_error("not parsed: " + diagnostics[0].message);
    }
    return evaluate_cel(ast, test.scope);
}

}  // namespace

Result<CaseResult> run_cel_case(std::string_view line) {
    WINBACK_TRY(const Json json, read_json(line));
    WINBACK_TRY(const Case test, read_case(json));
    const CelValue actual = run(test);
    CaseResult result;
    result.name = test.name;
    result.passed = test.expected ? is_same(*test.expected, actual) : actual.is_error();
    if (!result.passed) {
        result.expected = test.expected ? describe(*test.expected) : test.expected_error;
        result.expected += " of " + test.text;
        result.actual = describe(actual);
    }
    return result;
}

}  // namespace winback::conformance
