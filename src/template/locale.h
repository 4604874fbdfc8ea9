// How a language writes money, numbers, months and days. From ICU's data; the result depends on
// the locale's name alone, never on the machine's settings.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace winback::liquid {

struct CalendarNames {
    std::array<std::string, 12> months;
    std::array<std::string, 12> months_short;
    std::array<std::string, 7> days;  // From Sunday.
    std::array<std::string, 7> days_short;
    std::string am;
    std::string pm;
};

const CalendarNames& english_names();
// English for locales that ICU does not know. Valid until the calling thread ends.
const CalendarNames& calendar_names(std::string_view locale);

// A day as a calendar counts it.
struct CalendarDay {
    int year = 1970;
    int month = 1;
    int day = 1;
    int day_of_year = 1;
};

// How dates are written: in English, Western digits and the Gregorian calendar unless said.
struct DateStyle {
    const CalendarNames* names = &english_names();
    std::string_view locale = "en";  // For upper and lower case.
    char32_t zero = U'0';            // The digits follow it.
    bool has_day = false;            // `day` counts, instead of the Gregorian day of the moment.
    CalendarDay day;
};

// `number` is decimal text ("1234.5"); `currency` an ISO 4217 code. "€1,234.50" in en,
// "1.234,50 €" in de. Empty when ICU cannot (unknown code).
std::string format_money(std::string_view number,
                         std::string_view currency,
                         std::string_view locale);
// "1,234.5" in en, "1.234,5" in de; all digits after the point are kept.
std::string format_number(std::string_view number, std::string_view locale);

}  // namespace winback::liquid
