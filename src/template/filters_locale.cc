// Filters that write as the reader's language does.
#include <algorithm>

#include "template/decimal.h"
#include "template/filters.h"
#include "template/locale.h"

namespace winback::liquid {
namespace {

// {{ 1234.5 | money: 'EUR' }}: whole units, never cents. Rounded as the currency is, half up; with
// `whole: true` without its fractions: "€1,235".
Datum money(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    const std::optional<Datum> number = arithmetic.strict_number(in.value);
    if (!number) {
        return in.value;
    }
    const std::string written = format_money(in.text(arithmetic.result(*number)), in.arg_text(0),
                                             in.options.locale, in.keyword("whole").truthy());
    return written.empty() ? in.fail("'" + std::string(in.arg_text(0)) +
                                     "' is not a currency of ISO 4217, such as 'EUR'")
                           : in.keep(written);
}

// "5" for 5.0: nobody counts five point nought things.
Datum without_zeros(Arithmetic& arithmetic, const Datum& number) {
    const Datum floor = arithmetic.floor(number);
    const bool whole = !floor.is_nil() && compare_numbers(floor, number) == 0;
    return whole ? floor : number;
}

// {{ 1234567.5 | number_with_delimiter }}; an argument replaces the locale's own: "1 234 567.5".
Datum number_with_delimiter(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    const std::optional<Datum> number = arithmetic.strict_number(in.value);
    if (!number) {
        return in.value;
    }
    const std::string_view digits = in.text(without_zeros(arithmetic, *number));
    if (in.args.empty()) {
        return in.keep(format_number(digits, in.options.locale));
    }
    const std::size_t sign = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    in.buffer = digits.substr(0, sign);
    for (std::size_t i = sign; i < point && in.arena.reserve(in.buffer.size()); ++i) {
        in.buffer += i > sign && (point - i) % 3 == 0 ? in.arg_text(0) : "";
        in.buffer += digits[i];
    }
    in.buffer += digits.substr(point);
    return in.keep(in.buffer);
}

// {{ 0.25 | percent }} is "25%"; an argument allows digits after the point.
Datum percent(FilterInput& in) {
    constexpr std::int64_t digits_max = 20;
    Arithmetic arithmetic(in.arena);
    const std::optional<Datum> number = arithmetic.strict_number(in.value);
    const std::int64_t digits = std::clamp<std::int64_t>(in.whole_arg(0, 0), 0, digits_max);
    if (!number || in.error) {
        return in.error ? Datum{} : in.value;
    }
    return in.keep(format_percent(in.text(*number), static_cast<int>(digits), in.options.locale));
}

// {{ n | pluralize: one: 'a day', other: '%n days' }}: the form that the language has for n, or
// `other` where the template has none; %n and # are the number as the language writes it.
Datum pluralize(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    const Datum number = without_zeros(arithmetic, arithmetic.number(in.value));
    const std::string_view digits = in.text(number);
    const std::string category = plural_category(digits, in.options.locale);
    const Datum form = in.keyword(category).is_nil() ? in.keyword("other") : in.keyword(category);
    if (form.is_nil()) {
        return in.fail("there is no text for '" + category + "' and none for 'other'");
    }
    const std::string written = format_number(digits, in.options.locale);
    std::string_view rest = in.text(form);
    while (!rest.empty() && in.arena.reserve(in.buffer.size())) {
        const bool number_here = rest.front() == '#' || rest.starts_with("%n");
        if (number_here) {
            in.buffer += written;
        } else {
            in.buffer += rest.front();
        }
        rest.remove_prefix(number_here && rest.front() == '%' ? 2 : 1);
    }
    return in.keep(in.buffer, form.is_safe());
}

constexpr FilterSpec table[] = {
    {"money", money, 1, 1, {"whole"}},
    {"number_with_delimiter", number_with_delimiter, 0, 1},
    {"percent", percent, 0, 1},
    {"pluralize", pluralize, 0, 0, {"zero", "one", "two", "few", "many", "other"}},
};

}  // namespace

std::span<const FilterSpec> locale_filters() {
    return table;
}

}  // namespace winback::liquid
