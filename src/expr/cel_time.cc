#include "expr/cel_time.h"

#include <algorithm>
#include <string>

#include "expr/exact_span.h"

namespace winback::expr {
namespace {

constexpr std::int64_t seconds_low = time_limit_low.ms / 1000;
constexpr std::int64_t seconds_high = (time_limit_high.ms - 999) / 1000;

bool overflows(BinaryOp op, std::int64_t a, std::int64_t b, std::int64_t& result) {
    return op == BinaryOp::Add ? __builtin_add_overflow(a, b, &result)
                               : __builtin_sub_overflow(a, b, &result);
}

std::int64_t floor_divided(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

// "Z" or "+02:00" at the end; base/time.h would do without one.
bool has_offset(std::string_view text) {
    return text.ends_with('Z') || text.ends_with('z') ||
           (text.size() > 6 && text[text.size() - 3] == ':' &&
            (text[text.size() - 6] == '+' || text[text.size() - 6] == '-'));
}

// The digits after the point, as nanoseconds; those beyond nine drop out.
std::int64_t fraction_of(std::string_view text) {
    const std::size_t point = text.find('.');
    if (point == std::string_view::npos) {
        return 0;
    }
    std::int64_t value = 0;
    std::int64_t place = nanoseconds_per_second / 10;
    for (std::size_t i = point + 1; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) {
        value += place * (text[i] - '0');
        place /= 10;
    }
    return value;
}

CelValue checked(std::optional<CelInstant> instant) {
    return instant ? CelValue{*instant} : cel_error("timestamp out of range");
}

}  // namespace

std::optional<CelInstant> instant_of(std::int64_t seconds, std::int64_t nanoseconds) {
    if (seconds < seconds_low || seconds > seconds_high) {
        return std::nullopt;
    }
    return CelInstant{seconds, nanoseconds};
}

std::optional<CelInstant> read_instant(std::string_view text) {
    constexpr std::size_t shortest = std::string_view("2009-02-13T23:31:30Z").size();
    const Result<Timestamp> time = parse_iso8601(text);
    if (!time || text.size() < shortest || text[10] != 'T' || text[16] != ':' || text[17] > '5' ||
        !has_offset(text)) {
        return std::nullopt;
    }
    return instant_of(floor_divided(time->ms, 1000), fraction_of(text));
}

std::string text_of(const CelInstant& instant) {
    std::string text = format_iso8601({instant.seconds * 1000});
    text.pop_back();
    return text + format_fraction(instant.nanoseconds) + "Z";
}

std::string text_of(const CelSpan& span) {
    return format_exact_span(span.nanoseconds);
}

CelValue moved(const CelInstant& instant, const CelSpan& span, BinaryOp op) {
    const std::int64_t whole_seconds = floor_divided(span.nanoseconds, nanoseconds_per_second);
    const std::int64_t rest = span.nanoseconds - whole_seconds * nanoseconds_per_second;
    const std::int64_t sign = op == BinaryOp::Add ? 1 : -1;
    const std::int64_t nanoseconds = instant.nanoseconds + sign * rest;
    const std::int64_t carried = floor_divided(nanoseconds, nanoseconds_per_second);
    return checked(instant_of(instant.seconds + sign * whole_seconds + carried,
                              nanoseconds - carried * nanoseconds_per_second));
}

CelValue sum(const CelSpan& a, const CelSpan& b, BinaryOp op) {
    CelSpan result;
    if (overflows(op, a.nanoseconds, b.nanoseconds, result.nanoseconds)) {
        return cel_error("duration out of range");
    }
    return {result};
}

CelValue difference(const CelInstant& a, const CelInstant& b) {
    CelSpan result;
    const bool overflow = __builtin_mul_overflow(a.seconds - b.seconds, nanoseconds_per_second,
                                                 &result.nanoseconds) ||
                          __builtin_add_overflow(result.nanoseconds, a.nanoseconds - b.nanoseconds,
                                                 &result.nanoseconds);
    return overflow ? cel_error("duration out of range") : CelValue{result};
}

std::int64_t part_of(TimePart part, const CelInstant& instant, const Place& place) {
    const std::int64_t ms =
        instant.seconds * 1000 + instant.nanoseconds / nanoseconds_per_millisecond;
    return part_of(part, Timestamp{ms}, place);
}

}  // namespace winback::expr
