#include "expr/conversion.h"

#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "expr/duration.h"
#include "expr/evaluator.h"
#include "expr/exact_span.h"
#include "expr/text_questions.h"

namespace winback::expr {
namespace {

// Longer spans are not counted in nanoseconds.
constexpr std::int64_t exact_span_ms_max =
    std::numeric_limits<std::int64_t>::max() / nanoseconds_per_millisecond;

Operand to_number(const Operand& a, Kind kind) {
    std::optional<Number> number;
    if (a.is_number()) {
        number = converted(a.number(), kind);
    } else if (a.kind == Kind::String) {
        number = read_number(a.text, kind);
    } else if (a.kind == Kind::Time && kind == Kind::Int) {
        const std::int64_t part_of_second = a.integer % 1000;
        number = whole(a.integer / 1000 - (part_of_second < 0 ? 1 : 0));
    }
    return number ? number_operand(*number, a.until) : error_operand(a.until);
}

std::optional<std::string> written(const Operand& a) {
    switch (a.kind) {
        case Kind::Int:
        case Kind::Uint:
        case Kind::Double:
            return text_of(a.number());
        case Kind::Bool:
            return a.integer != 0 ? "true" : "false";
        case Kind::Time:
            return format_iso8601({a.integer});
        case Kind::Duration:  // As CEL writes it, in seconds; days and months have no length.
            if (a.is_moving() || has_calendar(a) || std::abs(a.integer) > exact_span_ms_max) {
                return std::nullopt;
            }
            return format_exact_span(a.integer * nanoseconds_per_millisecond);
        default:
            return std::nullopt;
    }
}

Operand to_text(const Operand& a, Store& store) {
    if (a.kind == Kind::String || (a.kind == Kind::Bytes && is_valid_utf8(a.text))) {
        return text_operand(a.text, a.until);
    }
    std::optional<std::string> text = written(a);
    return text ? text_operand(*store.keep(*std::move(text)).as_string(), a.until)
                : error_operand(a.until);
}

Operand to_time(const Operand& a) {
    if (a.kind == Kind::Int && a.integer >= time_limit_low.ms / 1000 &&
        a.integer <= time_limit_high.ms / 1000) {
        return time_operand({a.integer * 1000}, a.until);
    }
    const Operand time = as_time(a);
    return time.kind == Kind::Time ? time : error_operand(a.until);
}

Operand to_span(const Operand& a) {
    if (a.kind == Kind::Duration) {
        return a;
    }
    const Result<std::int64_t> read = parse_exact_span(a.kind == Kind::String ? a.text : "");
    return read ? duration_operand(*read / nanoseconds_per_millisecond, a.until)
                : error_operand(a.until);
}

}  // namespace

Operand as_time(const Operand& a) {
    if (a.kind == Kind::Time) {
        return a;
    }
    const Result<Timestamp> read = parse_iso8601(a.kind == Kind::String ? a.text : "");
    return read ? time_operand(*read, a.until) : null_operand(a.until);
}

Operand converted(const Operand& value, Kind kind, Store& store) {
    switch (kind) {
        case Kind::Int:
        case Kind::Uint:
        case Kind::Double:
            return to_number(value, kind);
        case Kind::String:
            return to_text(value, store);
        case Kind::Time:
            return to_time(value);
        case Kind::Duration:
            return to_span(value);
        case Kind::Bytes: {
            Operand result = value;
            const bool fits = value.kind == Kind::String || value.kind == Kind::Bytes;
            result.kind = fits ? Kind::Bytes : Kind::Error;
            return result;
        }
        default: {
            const std::optional<bool> read =
                value.kind == Kind::String ? read_bool(value.text) : std::nullopt;
            if (value.kind == Kind::Bool) {
                return value;
            }
            return read ? bool_operand(*read, value.until) : error_operand(value.until);
        }
    }
}

}  // namespace winback::expr
