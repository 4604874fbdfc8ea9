#include "expr/operand.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/bytes.h"
#include "expr/printer.h"

namespace winback::expr {
namespace {

bool in_calendar(std::int64_t ms) {
    return ms >= time_limit_low.ms && ms <= time_limit_high.ms;
}

Operand make(Kind kind, std::int64_t integer, Timestamp until) {
    Operand operand;
    operand.kind = kind;
    operand.integer = integer;
    operand.until = until;
    return operand;
}

std::uint64_t bits(const Operand& a) {
    return static_cast<std::uint64_t>(a.integer);
}

// Lists and maps of facts are bounded in depth by event/limits.h.
bool same(const Value& a, const Value& b) {
    return equals(from_value(a), from_value(b));
}

bool same_lists(const ValueList& a, const ValueList& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
}

// In the order of their keys, which large maps are not searched for one by one.
std::vector<const Field*> by_key(const ValueMap& map) {
    std::vector<const Field*> fields;
    for (const Field& field : map) {
        fields.push_back(&field);
    }
    std::sort(fields.begin(), fields.end(),
              [](const Field* a, const Field* b) { return a->first < b->first; });
    return fields;
}

bool same_maps(const ValueMap& a, const ValueMap& b) {
    if (a.size() != b.size()) {
        return false;
    }
    const std::vector<const Field*> left = by_key(a);
    const std::vector<const Field*> right = by_key(b);
    return std::equal(left.begin(), left.end(), right.begin(), [](const Field* x, const Field* y) {
        return x->first == y->first && same(x->second, y->second);
    });
}

}  // namespace

Operand error_operand(Timestamp until) {
    return make(Kind::Error, 0, until);
}
Operand null_operand(Timestamp until) {
    return make(Kind::Null, 0, until);
}
Operand bool_operand(bool value, Timestamp until) {
    return make(Kind::Bool, value ? 1 : 0, until);
}
Operand int_operand(std::int64_t value, Timestamp until) {
    return make(Kind::Int, value, until);
}
Operand duration_operand(std::int64_t ms, Timestamp until) {
    return make(Kind::Duration, ms, until);
}
Operand double_operand(double value, Timestamp until) {
    return number_operand(real(value), until);
}
Operand number_operand(const Number& value, Timestamp until) {
    Operand operand = make(value.kind, value.integer, until);
    operand.real = value.real;
    return operand;
}
Operand time_operand(Timestamp value, Timestamp until) {
    return make(in_calendar(value.ms) ? Kind::Time : Kind::Error, value.ms, until);
}
Operand step_operand(const CalendarStep& step) {
    Operand operand = make(Kind::Duration, step.ms, timestamp_max);
    operand.step = {step.months, step.days, 0};
    return operand;
}
Operand text_operand(std::string_view text, Timestamp until) {
    Operand operand = make(Kind::String, 0, until);
    operand.text = text;
    return operand;
}
Operand moving_operand(const CalendarStep& step, const Moment& moment) {
    Operand operand = time_operand(moved(moment, step), timestamp_max);
    operand.moves = operand.kind == Kind::Time;
    operand.step = step;
    return operand;
}

Operand from_value(const Value& value) {
    switch (value.type()) {
        case ValueType::Null:
            return null_operand(timestamp_max);
        case ValueType::Bool:
            return bool_operand(*value.as_bool(), timestamp_max);
        case ValueType::Int:
            return int_operand(*value.as_int(), timestamp_max);
        case ValueType::Double:
            return double_operand(*value.as_double(), timestamp_max);
        case ValueType::String:
            return text_operand(*value.as_string(), timestamp_max);
        case ValueType::Time:
            return time_operand(*value.as_time(), timestamp_max);
        case ValueType::Span:
            return duration_operand(value.as_span()->ms, timestamp_max);
        case ValueType::List: {
            Operand operand = make(Kind::List, 0, timestamp_max);
            operand.list = value.as_list();
            return operand;
        }
        case ValueType::Map: {
            Operand operand = make(Kind::Map, 0, timestamp_max);
            operand.map = value.as_map();
            return operand;
        }
    }
    return error_operand(timestamp_max);
}

Operand from_cell(const Cell& cell) {
    switch (cell.kind) {
        case Cell::Kind::Null:
            return null_operand(timestamp_max);
        case Cell::Kind::Bool:
            return bool_operand(cell.integer != 0, timestamp_max);
        case Cell::Kind::Int:
            return int_operand(cell.integer, timestamp_max);
        case Cell::Kind::Double:
            return double_operand(cell.real, timestamp_max);
        case Cell::Kind::Text:
            return text_operand(cell.text, timestamp_max);
        case Cell::Kind::Time:
            return time_operand({cell.integer}, timestamp_max);
        case Cell::Kind::Encoded:
            return null_operand(timestamp_max);
    }
    return error_operand(timestamp_max);
}

Operand from_cell(const Cell& cell, Value& kept) {
    if (cell.kind != Cell::Kind::Encoded) {
        return from_cell(cell);
    }
    kept = ByteReader(cell.text).value();
    return from_value(kept);
}

bool joins(BinaryOp op, const Operand& left, const Operand& right) {
    return op == BinaryOp::Add && left.kind == right.kind &&
           (left.kind == Kind::String || left.kind == Kind::Bytes || left.kind == Kind::List);
}

Operand joined(const Operand& left, const Operand& right, const Value& kept) {
    Operand result = from_value(kept);
    result.kind = left.kind;
    result.until = std::min(left.until, right.until);
    return result;
}

Value join(const Operand& left, const Operand& right) {
    if (left.kind == Kind::List) {
        ValueList list(*left.list);
        list.insert(list.end(), right.list->begin(), right.list->end());
        return list;
    }
    std::string text(left.text);
    text += right.text;
    return text;
}

Value to_value(const Operand& a) {
    switch (a.kind) {
        case Kind::Bool:
            return a.integer != 0;
        case Kind::Int:
            return a.integer;
        case Kind::Uint:
            return a.integer >= 0 ? Value(a.integer) : Value(static_cast<double>(bits(a)));
        case Kind::Double:
            return a.real;
        case Kind::String:
        case Kind::Bytes:
            return a.text;
        case Kind::Time:
            return Timestamp{a.integer};
        case Kind::Duration:
            return Duration{a.integer + days(a.step.days).ms};
        case Kind::List:
            return *a.list;
        case Kind::Map:
            return *a.map;
        default:
            return {};
    }
}

bool equals(const Operand& a, const Operand& b) {
    if (a.is_number() && b.is_number()) {
        return order(a.number(), b.number()) == 0;
    }
    if (a.kind != b.kind) {
        return false;
    }
    switch (a.kind) {
        case Kind::Null:
            return true;
        case Kind::Bool:
        case Kind::Time:
            return a.integer == b.integer;
        case Kind::Duration:
            return a.integer == b.integer && a.step == b.step;
        case Kind::String:
        case Kind::Bytes:
            return a.text == b.text;
        case Kind::List:
            return same_lists(*a.list, *b.list);
        case Kind::Map:
            return same_maps(*a.map, *b.map);
        default:
            return false;
    }
}

std::string describe(const Operand& a, bool exactly) {
    switch (a.kind) {
        case Kind::Null:
            return "no value";
        case Kind::Error:
            return "cannot be computed";
        case Kind::Uint:
            return std::to_string(bits(a)) + "u";
        case Kind::Bytes:
            return "b" + quoted(a.text, true);
        case Kind::Duration: {
            const bool negative_ms = a.integer < 0;
            const std::int64_t ms = negative_ms ? -a.integer : a.integer;
            const CalendarStep step{a.ends == Ends::None ? std::abs(a.step.months) : 0,
                                    a.ends == Ends::None ? std::abs(a.step.days) : 0, 0};
            const bool nominal = step.months == 0 && step.days == 0;
            const CalendarStep shown{step.months,
                                     nominal ? static_cast<int>(ms / days(1).ms) : step.days,
                                     nominal ? ms % days(1).ms : ms};
            const bool minus = negative_ms || a.step.days < 0 || a.step.months < 0;
            std::string text = minus && (nominal ? negative_ms : true) ? "-" : "";
            const std::string rest =
                exactly && ms % 1000 != 0 ? std::to_string(ms % 1000) + "ms" : "";
            const CalendarStep seconds{shown.months, shown.days, shown.ms - shown.ms % 1000};
            text += seconds == CalendarStep{} && !rest.empty() ? "" : format_calendar_step(seconds);
            return text + rest;
        }
        default:
            return to_json(to_value(a));
    }
}

}  // namespace winback::expr
