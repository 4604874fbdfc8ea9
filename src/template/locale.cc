#include "template/locale.h"

#include <map>
#include <memory>

#include <unicode/currunit.h>
#include <unicode/dtfmtsym.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>

namespace winback::liquid {
namespace {

constexpr std::size_t memo_size_max = 256;  // Then it starts anew: locales come from customers.

icu::Locale icu_locale(std::string_view name) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale locale = icu::Locale::forLanguageTag(
        icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())), status);
    return U_SUCCESS(status) && !locale.isBogus() && !name.empty() ? locale
                                                                   : icu::Locale::getEnglish();
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

CalendarNames load_names(std::string_view name) {
    CalendarNames names = english_names();
    UErrorCode status = U_ZERO_ERROR;
    // Gregorian by name: "fa" and "th" would bring the months of their own calendars.
    const icu::DateFormatSymbols symbols(icu_locale(name), "gregorian", status);
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

using Formatter = icu::number::LocalizedNumberFormatter;

// Making a formatter takes tens of microseconds; using one takes one. What is kept depends on
// the key alone, so this memo of one thread cannot change an answer.
const Formatter& formatter(std::string_view locale, std::string_view currency) {
    thread_local std::map<std::string, std::unique_ptr<Formatter>> memo;
    std::string key(locale);
    key += '/';
    key += currency;
    const auto found = memo.find(key);
    if (found != memo.end()) {
        return *found->second;
    }
    if (memo.size() >= memo_size_max) {
        memo.clear();
    }
    auto settings = icu::number::NumberFormatter::withLocale(icu_locale(locale));
    if (currency.empty()) {
        settings = settings.precision(icu::number::Precision::maxFraction(20));
    } else {
        UErrorCode status = U_ZERO_ERROR;
        const icu::CurrencyUnit unit(
            icu::StringPiece(currency.data(), static_cast<std::int32_t>(currency.size())), status);
        settings = settings.unit(unit).roundingMode(UNUM_ROUND_HALFUP);
    }
    return *memo.emplace(std::move(key), std::make_unique<Formatter>(settings)).first->second;
}

std::string format(const Formatter& formatter, std::string_view number) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::number::FormattedNumber formatted = formatter.formatDecimal(
        icu::StringPiece(number.data(), static_cast<std::int32_t>(number.size())), status);
    std::string out;
    formatted.toString(status).toUTF8String(out);
    return U_SUCCESS(status) ? out : std::string();
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

const CalendarNames& calendar_names(std::string_view locale) {
    if (locale.empty() || locale == "en" || locale.starts_with("en-")) {
        return english_names();
    }
    thread_local std::map<std::string, CalendarNames, std::less<>> memo;
    const auto found = memo.find(locale);
    if (found != memo.end()) {
        return found->second;
    }
    if (memo.size() >= memo_size_max) {
        memo.clear();
    }
    return memo.emplace(std::string(locale), load_names(locale)).first->second;
}

std::string format_money(std::string_view number,
                         std::string_view currency,
                         std::string_view locale) {
    const bool code =
        currency.size() == 3 &&
        currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
    return code ? format(formatter(locale, currency), number) : std::string();
}

std::string format_number(std::string_view number, std::string_view locale) {
    return format(formatter(locale, ""), number);
}

}  // namespace winback::liquid
