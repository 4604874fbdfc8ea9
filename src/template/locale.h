// How a language writes money, numbers and plurals. From ICU's data; the result depends on the
// locale's name alone, never on the machine's settings. Dates are in calendar.h.
#pragma once

#include <string>
#include <string_view>

namespace winback::liquid {

// `number` is decimal text ("1234.5") in all of these; `currency` an ISO 4217 code. "€1,234.50" in
// en, "1.234,50 €" in de; `whole` rounds to "€1,235". Empty when ICU cannot (unknown code).
std::string format_money(std::string_view number,
                         std::string_view currency,
                         std::string_view locale,
                         bool whole = false);
// "1,234.5" in en, "1.234,5" in de; all digits after the point are kept.
std::string format_number(std::string_view number, std::string_view locale);
// 0.25 is "25%" in en, "25 %" in de; rounded half up to `digits` after the point, at most.
std::string format_percent(std::string_view number, int digits, std::string_view locale);
// The form that the language has for so many things: "zero", "one", "two", "few", "many" or
// "other".
std::string plural_category(std::string_view number, std::string_view locale);

// The locale for somebody with other data, such as a browser, with its digits named: "ar-EG" is
// "ar-EG-u-nu-arab". As BCP 47 writes it.
std::string with_digits(std::string_view locale);

}  // namespace winback::liquid
