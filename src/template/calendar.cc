#include "template/calendar.h"

#include <array>
#include <map>
#include <memory>

#include <unicode/calendar.h>
#include <unicode/dtfmtsym.h>
#include <unicode/numsys.h>
#include <unicode/smpdtfmt.h>

#include "template/icu_locale.h"

namespace winback::liquid {
namespace {

constexpr std::size_t memo_size_max = 256;  // Then it starts anew: locales come from customers.

const char* icu_name(Calendar calendar) {
    switch (calendar) {
        case Calendar::Persian:
            return "persian";
        case Calendar::Islamic:
            return "islamic-umalqura";
        case Calendar::Gregorian:
            break;
    }
    return "gregorian";
}

icu::Locale with_calendar(std::string_view name, Calendar calendar) {
    icu::Locale locale = icu_locale(name);
    UErrorCode status = U_ZERO_ERROR;
    locale.setKeywordValue("calendar", icu_name(calendar), status);
    return locale;
}

template <std::size_t n>
void copy_names(const icu::UnicodeString* names,
                std::int32_t count,
                std::int32_t skip,
                std::array<std::string, n>& out) {
    for (std::size_t i = 0; i < n && static_cast<std::int32_t>(i) + skip < count; ++i) {
        out[i].clear();
        names[i + static_cast<std::size_t>(skip)].toUTF8String(out[i]);
    }
}

CalendarNames load_names(const icu::Locale& locale, Calendar calendar) {
    CalendarNames names = english_names();
    UErrorCode status = U_ZERO_ERROR;
    const icu::DateFormatSymbols symbols(locale, icu_name(calendar), status);
    if (U_FAILURE(status)) {
        return names;
    }
    using Symbols = icu::DateFormatSymbols;
    std::int32_t count = 0;
    const icu::UnicodeString* found = nullptr;
    found = symbols.getMonths(count, Symbols::FORMAT, Symbols::WIDE);
    copy_names(found, count, 0, names.months);
    found = symbols.getMonths(count, Symbols::FORMAT, Symbols::ABBREVIATED);
    copy_names(found, count, 0, names.months_short);
    // ICU counts days from 1.
    found = symbols.getWeekdays(count, Symbols::FORMAT, Symbols::WIDE);
    copy_names(found, count, 1, names.days);
    found = symbols.getWeekdays(count, Symbols::FORMAT, Symbols::ABBREVIATED);
    copy_names(found, count, 1, names.days_short);
    found = symbols.getAmPmStrings(count);
    std::array<std::string, 2> halves{names.am, names.pm};
    copy_names(found, count, 0, halves);
    names.am = halves[0];
    names.pm = halves[1];
    return names;
}

// The first of the ten digits that the locale writes with.
char32_t load_zero(const icu::Locale& locale) {
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::NumberingSystem> system(
        icu::NumberingSystem::createInstance(locale, status));
    const bool digits = U_SUCCESS(status) && system->getRadix() == 10 && !system->isAlgorithmic();
    return digits ? static_cast<char32_t>(system->getDescription().char32At(0)) : U'0';
}

std::unique_ptr<icu::DateFormat> load_format(const icu::Locale& order,
                                             const icu::Locale& locale,
                                             icu::DateFormat::EStyle length) {
    const std::unique_ptr<icu::DateFormat> model(
        icu::DateFormat::createDateInstance(length, order));
    const auto* simple = dynamic_cast<const icu::SimpleDateFormat*>(model.get());
    if (simple == nullptr) {
        return nullptr;
    }
    icu::UnicodeString pattern;
    simple->toPattern(pattern);
    UErrorCode status = U_ZERO_ERROR;
    auto format = std::make_unique<icu::SimpleDateFormat>(pattern, locale, status);
    if (U_FAILURE(status)) {
        return nullptr;
    }
    format->setTimeZone(*icu::TimeZone::getGMT());
    return format;
}

// What making takes tens of microseconds, kept by each thread. It depends on the key alone, so it
// cannot change an answer.
struct Known {
    CalendarNames names;
    char32_t zero = U'0';
    std::unique_ptr<icu::Calendar> calendar;
    std::array<std::unique_ptr<icu::DateFormat>, 4> formats;
};

Known load(std::string_view locale_name, Calendar calendar) {
    const icu::Locale locale = with_calendar(locale_name, calendar);
    Known known;
    known.names = load_names(locale, calendar);
    known.zero = load_zero(locale);
    UErrorCode status = U_ZERO_ERROR;
    known.calendar.reset(
        icu::Calendar::createInstance(icu::TimeZone::getGMT()->clone(), locale, status));
    // The order of a language's dates is the same in every calendar, but ICU knows it for the
    // Gregorian alone: others would come out as "1403 Bahman 12, Friday".
    const icu::Locale gregorian = with_calendar(locale_name, Calendar::Gregorian);
    const std::array lengths{icu::DateFormat::kShort, icu::DateFormat::kMedium,
                             icu::DateFormat::kLong, icu::DateFormat::kFull};
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        known.formats[i] = load_format(gregorian, locale, lengths[i]);
    }
    return known;
}

Known& known_style(std::string_view locale, Calendar calendar) {
    thread_local std::map<std::string, Known, std::less<>> memo;
    std::string key(locale);
    key += '/';
    key += icu_name(calendar);
    const auto found = memo.find(key);
    if (found != memo.end()) {
        return found->second;
    }
    if (memo.size() >= memo_size_max) {
        memo.clear();
    }
    return memo.emplace(std::move(key), load(locale, calendar)).first->second;
}

bool is_english(std::string_view locale) {
    return locale.empty() || locale == "en" || locale.starts_with("en-");
}

// ICU's calendars read the wall clock as if it were the clock of Greenwich.
UDate wall_clock(const CivilTime& civil) {
    return static_cast<UDate>(timestamp_from_civil(civil).ms);
}

}  // namespace

const CalendarNames& english_names() {
    static const CalendarNames names{
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"},
        {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
        {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
        {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
        "AM",
        "PM"};
    return names;
}

std::optional<Calendar> calendar_named(std::string_view name) {
    if (name == "gregorian" || name == "gregory") {
        return Calendar::Gregorian;
    }
    if (name == "persian") {
        return Calendar::Persian;
    }
    const bool islamic = name == "islamic" || name == "islamic-umalqura";
    return islamic ? std::optional(Calendar::Islamic) : std::nullopt;
}

Calendar calendar_of(std::string_view locale) {
    constexpr std::string_view mark = "-u-ca-";
    const std::size_t at = locale.find(mark);
    if (at != std::string_view::npos) {
        // What follows the calendar is another key with two letters: "-nu-arab".
        std::string_view name = locale.substr(at + mark.size());
        for (std::size_t dash = name.find('-'); dash != std::string_view::npos;
             dash = name.find('-', dash + 1)) {
            if (dash + 3 < name.size() && name[dash + 3] == '-') {
                name = name.substr(0, dash);
                break;
            }
        }
        if (const auto named = calendar_named(name)) {
            return *named;
        }
    }
    const bool persian = locale == "fa" || locale.starts_with("fa-") || locale.starts_with("fa_");
    return persian ? Calendar::Persian : Calendar::Gregorian;
}

DateStyle date_style(std::string_view locale, Calendar calendar, const CivilTime& civil) {
    DateStyle style;
    style.locale = locale;
    if (is_english(locale) && calendar == Calendar::Gregorian) {
        return style;
    }
    const Known& known = known_style(locale, calendar);
    style.names = &known.names;
    style.zero = known.zero;
    if (calendar == Calendar::Gregorian || known.calendar == nullptr) {
        return style;
    }
    UErrorCode status = U_ZERO_ERROR;
    known.calendar->setTime(wall_clock(civil), status);
    const auto field = [&](UCalendarDateFields name) { return known.calendar->get(name, status); };
    const CalendarDay day{field(UCAL_YEAR), field(UCAL_MONTH) + 1, field(UCAL_DATE),
                          field(UCAL_DAY_OF_YEAR)};
    style.has_day = U_SUCCESS(status) && day.month >= 1 && day.month <= 12;
    style.day = style.has_day ? day : style.day;
    return style;
}

std::optional<DateLength> date_length_named(std::string_view name) {
    constexpr std::array<std::string_view, 4> names{"short", "medium", "long", "full"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) {
            return static_cast<DateLength>(i);
        }
    }
    return std::nullopt;
}

std::string format_date(std::string_view locale,
                        Calendar calendar,
                        DateLength length,
                        const CivilTime& civil) {
    const Known& known = known_style(locale, calendar);
    const auto& format = known.formats[static_cast<std::size_t>(length)];
    std::string out;
    if (format != nullptr) {
        icu::UnicodeString text;
        format->format(wall_clock(civil), text).toUTF8String(out);
    }
    return out;
}

}  // namespace winback::liquid
