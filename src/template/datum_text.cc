// Values as text: what `{{ }}` prints, and JSON.
#include <array>
#include <charconv>
#include <cmath>

#include "template/datum.h"
#include "template/inspect.h"
#include "template/strftime.h"
#include "template/text.h"

namespace winback::liquid {

// The form of Ruby: the shortest digits that read back the same, always with a decimal point; with
// an exponent below 1e-4, and above where zeros would have to fill up more than 15 digits.
void append_double(std::string& out, double number) {
    constexpr int filled_digits_max = 15;
    if (!std::isfinite(number)) {
        out += std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity";
        return;
    }
    std::array<char, 40> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                   std::chars_format::scientific);
    const std::string_view form(buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data()));
    const std::size_t e = form.find('e');
    int exponent = 0;
    std::from_chars(form.data() + e + (form[e + 1] == '+' ? 2 : 1), end.ptr, exponent);
    const std::size_t sign = form[0] == '-' ? 1 : 0;
    const bool one_digit = e == sign + 1;
    const std::string_view rest = form.substr(sign + 2, one_digit ? 0 : e - sign - 2);
    const int whole_digits = exponent + 1;
    const int digits = static_cast<int>(rest.size()) + 1;
    out += form.substr(0, sign);
    if (whole_digits <= -4 || (whole_digits > filled_digits_max && whole_digits >= digits)) {
        out += form[sign];
        out += '.';
        out += rest.empty() ? "0" : rest;
        out += form.substr(e);
    } else if (whole_digits <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-whole_digits), '0');
        out += form[sign];
        out += rest;
    } else {
        const auto before = std::min(rest.size(), static_cast<std::size_t>(whole_digits - 1));
        out += form[sign];
        out += rest.substr(0, before);
        out.append(static_cast<std::size_t>(std::max(whole_digits - digits, 0)), '0');
        out += '.';
        out += before == rest.size() ? "0" : rest.substr(before);
    }
}

void append_integer(std::string& out, std::int64_t number) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    out.append(buffer.data(), end.ptr);
}

namespace {

// What needs no zone and no descent.
void append_scalar(std::string& out, const Datum& datum) {
    using enum Datum::Kind;
    if (datum.is(Bool)) {
        out += datum.as_bool() ? "true" : "false";
    } else if (datum.is(Int)) {
        append_integer(out, datum.as_int());
    } else if (datum.is(Double)) {
        append_double(out, datum.as_double());
    } else if (datum.is(Text) || datum.is(BigInt)) {
        out += datum.as_text();
    } else if (datum.is(Range)) {
        append_integer(out, datum.range_from());
        out += "..";
        append_integer(out, datum.range_to());
    } else if (datum.is(Object)) {
        out += datum.as_object().class_name();
    }
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
void append_text(std::string& out, const Datum& datum, const Zone& zone, Meter& meter) {
    if (datum.is_list()) {
        if (!meter.enter()) {
            return;
        }
        for (std::int64_t i = 0; i < datum.item_count() && meter.spend(1); ++i) {
            append_text(out, datum.item(i), zone, meter);
        }
        meter.leave();
    } else if (datum.is_hash()) {
        append_to_s(out, datum, zone, meter);
    } else if (datum.is(Datum::Kind::Time)) {
        append_strftime(out, "%Y-%m-%d %H:%M:%S %z", datum.as_time(), zone);
    } else if (meter.allows(out)) {
        const std::size_t before = out.size();
        append_scalar(out, datum);
        meter.spend_bytes(out.size() - before);
    }
}

namespace {

// NOLINTNEXTLINE(misc-no-recursion): the meter bounds the depth.
void append_json_items(std::string& out, const Datum& datum, Meter& meter) {
    const bool hash = datum.is_hash();
    if (!meter.enter()) {
        return;
    }
    out += hash ? '{' : '[';
    for (std::int64_t i = 0; i < datum.item_count() && meter.spend(1); ++i) {
        out += i == 0 ? "" : ",";
        if (hash) {
            std::string key;
            append_scalar(key, datum.key(i));
            append_json_string(out, key);
            out += ':';
        }
        append_json(out, hash ? datum.value(i) : datum.item(i), meter);
    }
    out += hash ? '}' : ']';
    meter.leave();
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion)
void append_json(std::string& out, const Datum& datum, Meter& meter) {
    using enum Datum::Kind;
    if (!meter.allows(out)) {
        return;
    }
    if (datum.is_list() || datum.is_hash()) {
        append_json_items(out, datum, meter);
    } else if (datum.is(Text)) {
        meter.spend_bytes(datum.as_text().size());
        append_json_string(out, datum.as_text());
    } else if (datum.is(Time)) {
        append_json_string(out, format_iso8601(datum.as_time()));
    } else if (datum.is(Bool) || datum.is(Int) || datum.is(BigInt) ||
               (datum.is(Double) && std::isfinite(datum.as_double()))) {
        append_scalar(out, datum);
    } else if (datum.is(Range)) {
        out += '"';
        append_scalar(out, datum);
        out += '"';
    } else {
        out += "null";
    }
}

}  // namespace winback::liquid
