// Filters that write as the reader's language does.
#include <algorithm>

#include "template/decimal.h"
#include "template/filters.h"
#include "template/locale.h"

namespace winback::liquid {
namespace {

// {{ 1234.5 | money: 'EUR' }}: whole units, never cents. Rounded as the currency is, half up.
Datum money(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    const std::optional<Datum> number = arithmetic.strict_number(in.value);
    if (!number) {
        return in.value;
    }
    const std::string written =
        format_money(in.text(arithmetic.result(*number)), in.arg_text(0), in.options.locale);
    return written.empty() ? in.fail("'" + std::string(in.arg_text(0)) +
                                     "' is not a currency of ISO 4217, such as 'EUR'")
                           : in.keep(written);
}

// {{ 1234567.5 | number_with_delimiter }}; an argument replaces the locale's own: "1 234 567.5".
Datum number_with_delimiter(FilterInput& in) {
    Arithmetic arithmetic(in.arena);
    const std::optional<Datum> number = arithmetic.strict_number(in.value);
    if (!number) {
        return in.value;
    }
    const Datum floor = arithmetic.floor(*number);
    const bool whole = !floor.is_nil() && compare_numbers(floor, *number) == 0;
    const std::string_view digits = in.text(whole ? floor : *number);
    if (in.args.empty()) {
        return in.keep(format_number(digits, in.options.locale));
    }
    const std::size_t sign = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    in.buffer = digits.substr(0, sign);
    for (std::size_t i = sign; i < point; ++i) {
        in.buffer += i > sign && (point - i) % 3 == 0 ? in.arg_text(0) : "";
        in.buffer += digits[i];
    }
    in.buffer += digits.substr(point);
    return in.keep(in.buffer);
}

constexpr FilterSpec table[] = {
    {"money", money, 1, 1},
    {"number_with_delimiter", number_with_delimiter, 0, 1},
};

}  // namespace

std::span<const FilterSpec> locale_filters() {
    return table;
}

}  // namespace winback::liquid
