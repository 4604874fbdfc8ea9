#include "base/value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace winback {

const Value* ValueMap::find(std::string_view key) const {
    for (const Field& field : fields_) {
        if (field.first == key) {
            return &field.second;
        }
    }
    return nullptr;
}

Value& ValueMap::set(std::string key, Value value) {
    for (Field& field : fields_) {
        if (field.first == key) {
            field.second = std::move(value);
            return field.second;
        }
    }
    return fields_.emplace_back(std::move(key), std::move(value)).second;
}

void ValueMap::append(std::string key, Value value) {
    fields_.emplace_back(std::move(key), std::move(value));
}

bool ValueMap::erase(std::string_view key) {
    for (auto it = fields_.begin(); it != fields_.end(); ++it) {
        if (it->first == key) {
            fields_.erase(it);
            return true;
        }
    }
    return false;
}

bool ValueMap::operator==(const ValueMap& other) const {
    return fields_ == other.fields_;
}

std::string_view value_type_name(ValueType type) {
    constexpr std::array<std::string_view, 9> names{
        "null", "bool", "int", "double", "string", "timestamp", "duration", "list", "map"};
    return names[static_cast<std::size_t>(type)];
}

double Value::number_or(double fallback) const {
    if (const std::int64_t* i = as_int()) {
        return static_cast<double>(*i);
    }
    const double* d = as_double();
    return d != nullptr ? *d : fallback;
}

void append_json_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        } else {
            out += c;
        }
    }
    out += '"';
}

namespace {

void append_double(std::string& out, double d) {
    if (!std::isfinite(d)) {
        out += "null";
        return;
    }
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), d);
    WINBACK_CHECK(end.ec == std::errc{});
    out.append(buffer.data(), end.ptr);
}

struct JsonWriter {
    std::string& out;

    void operator()(std::monostate) const { out += "null"; }
    void operator()(bool b) const { out += b ? "true" : "false"; }
    void operator()(std::int64_t i) const { out += std::to_string(i); }
    void operator()(double d) const { append_double(out, d); }
    void operator()(const std::string& s) const { append_json_string(out, s); }
    void operator()(Timestamp t) const { append_json_string(out, format_iso8601(t)); }
    void operator()(Duration d) const {
        out += '"';
        append_double(out, static_cast<double>(d.ms) / 1000.0);
        out += "s\"";
    }
};

}  // namespace

// Depth is bounded where values enter.
void append_json(std::string& out, const Value& value) {  // NOLINT(misc-no-recursion)
    const JsonWriter write{out};
    if (const ValueList* list = value.as_list()) {
        out += '[';
        for (std::size_t i = 0; i < list->size(); ++i) {
            out += i == 0 ? "" : ",";
            append_json(out, (*list)[i]);
        }
        out += ']';
    } else if (const ValueMap* map = value.as_map()) {
        out += '{';
        bool first = true;
        for (const Field& field : *map) {
            out += first ? "" : ",";
            first = false;
            append_json_string(out, field.first);
            out += ':';
            append_json(out, field.second);
        }
        out += '}';
    } else {
        switch (value.type()) {
            case ValueType::Bool:
                write(*value.as_bool());
                break;
            case ValueType::Int:
                write(*value.as_int());
                break;
            case ValueType::Double:
                write(*value.as_double());
                break;
            case ValueType::String:
                write(*value.as_string());
                break;
            case ValueType::Time:
                write(*value.as_time());
                break;
            case ValueType::Span:
                write(*value.as_span());
                break;
            case ValueType::Null:
            case ValueType::List:
            case ValueType::Map:
                write(std::monostate{});
                break;
        }
    }
}

std::string to_json(const Value& value) {
    std::string out;
    append_json(out, value);
    return out;
}

}  // namespace winback
