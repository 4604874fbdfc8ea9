// Dates as a language writes them: its names of months, its digits, and its calendar.
//
// Everything comes from ICU's data and depends on the arguments alone. In English nothing is
// looked up: names are Ruby's, digits Western, the calendar Gregorian.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/civil.h"

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

enum class Calendar : std::uint8_t {
    Gregorian,
    Persian,  // Of Iran: years of the sun from 622, beginning in March.
    Islamic,  // Umm al-Qura, of Saudi Arabia: years of twelve moons.
};

std::optional<Calendar> calendar_named(std::string_view name);  // "gregorian"
// Persian for Persian, Gregorian for all others; a locale may say another: "ar-u-ca-islamic".
Calendar calendar_of(std::string_view locale);

// Valid until the calling thread ends.
DateStyle date_style(std::string_view locale, Calendar calendar, const CivilTime& civil);

enum class DateLength : std::uint8_t { Short, Medium, Long, Full };
std::optional<DateLength> date_length_named(std::string_view name);  // "long"
// The date alone: "31 January 2025" in en-GB, "۱۲ بهمن ۱۴۰۳" in fa.
std::string format_date(std::string_view locale,
                        Calendar calendar,
                        DateLength length,
                        const CivilTime& civil);

}  // namespace winback::liquid
