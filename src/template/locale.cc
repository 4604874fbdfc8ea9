#include "template/locale.h"

#include <algorithm>
#include <map>
#include <memory>

#include <unicode/currunit.h>
#include <unicode/formattedvalue.h>
#include <unicode/measunit.h>
#include <unicode/numberformatter.h>
#include <unicode/numsys.h>
#include <unicode/plurrule.h>

#include "template/icu_locale.h"

namespace winback::liquid {
namespace {

constexpr std::size_t memo_size_max = 256;  // Then it starts anew: locales come from customers.

using Formatter = icu::number::LocalizedNumberFormatter;

// Making a formatter takes tens of microseconds; using one takes one. What is kept depends on
// the key alone, so this memo of one thread cannot change an answer.
template <class T, class Make>
const T& remembered(std::string_view locale, std::string_view kind, Make make) {
    thread_local std::map<std::string, std::unique_ptr<const T>> memo;
    std::string key(locale);
    key += '/';
    key += kind;
    const auto found = memo.find(key);
    if (found != memo.end()) {
        return *found->second;
    }
    if (memo.size() >= memo_size_max) {
        memo.clear();
    }
    return *memo.emplace(std::move(key), make()).first->second;
}

template <class Settings>
std::unique_ptr<const Formatter> make_formatter(std::string_view locale, Settings settings) {
    return std::make_unique<const Formatter>(
        settings(icu::number::NumberFormatter::withLocale(icu_locale(locale))));
}

const Formatter& number_formatter(std::string_view locale) {
    constexpr int fraction_max = 20;
    return remembered<Formatter>(locale, "", [&] {
        return make_formatter(locale, [](Formatter plain) {
            return plain.precision(icu::number::Precision::maxFraction(fraction_max));
        });
    });
}

std::string format(const Formatter& formatter, std::string_view number) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::number::FormattedNumber formatted = formatter.formatDecimal(
        icu::StringPiece(number.data(), static_cast<std::int32_t>(number.size())), status);
    std::string out;
    formatted.toString(status).toUTF8String(out);
    return U_SUCCESS(status) ? out : std::string();
}

// "US$" among right-to-left letters would be shown as "$US": a symbol with Latin letters keeps its
// order by standing alone.
icu::UnicodeString with_symbol_alone(const icu::number::FormattedNumber& formatted,
                                     UErrorCode& status) {
    icu::UnicodeString text = formatted.toString(status);
    icu::ConstrainedFieldPosition place;
    place.constrainField(UFIELD_CATEGORY_NUMBER, UNUM_CURRENCY_FIELD);
    if (!formatted.nextPosition(place, status)) {
        return text;
    }
    const icu::UnicodeString symbol = text.tempSubStringBetween(place.getStart(), place.getLimit());
    for (std::int32_t i = 0; i < symbol.length(); ++i) {
        if ((symbol[i] >= u'A' && symbol[i] <= u'Z') || (symbol[i] >= u'a' && symbol[i] <= u'z')) {
            text.insert(place.getLimit(), u'\u2069');
            text.insert(place.getStart(), u'\u2066');
            break;
        }
    }
    return text;
}

}  // namespace

icu::Locale icu_locale(std::string_view name) {
    std::string tag(name);  // "fa_IR" is as good as "fa-IR".
    std::replace(tag.begin(), tag.end(), '_', '-');
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale locale = icu::Locale::forLanguageTag(tag, status);
    return U_SUCCESS(status) && !locale.isBogus() && !name.empty() ? locale
                                                                   : icu::Locale::getEnglish();
}

std::string format_money(std::string_view number,
                         std::string_view currency,
                         std::string_view locale,
                         bool whole) {
    const bool code =
        currency.size() == 3 &&
        currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
    if (!code) {
        return {};
    }
    const Formatter& formatter =
        remembered<Formatter>(locale, std::string(currency) + (whole ? "0" : ""), [&] {
            return make_formatter(locale, [&](Formatter plain) {
                UErrorCode status = U_ZERO_ERROR;
                const icu::CurrencyUnit unit(
                    icu::StringPiece(currency.data(), static_cast<std::int32_t>(currency.size())),
                    status);
                plain = plain.unit(unit).roundingMode(UNUM_ROUND_HALFUP);
                return whole ? plain.precision(icu::number::Precision::integer()) : plain;
            });
        });
    UErrorCode status = U_ZERO_ERROR;
    const icu::number::FormattedNumber formatted = formatter.formatDecimal(
        icu::StringPiece(number.data(), static_cast<std::int32_t>(number.size())), status);
    std::string out;
    (icu_locale(locale).isRightToLeft() ? with_symbol_alone(formatted, status)
                                        : formatted.toString(status))
        .toUTF8String(out);
    return U_SUCCESS(status) ? out : std::string();
}

std::string format_number(std::string_view number, std::string_view locale) {
    return format(number_formatter(locale), number);
}

std::string format_percent(std::string_view number, int digits, std::string_view locale) {
    const Formatter& formatter = remembered<Formatter>(locale, "%" + std::to_string(digits), [&] {
        return make_formatter(locale, [&](Formatter plain) {
            return plain.unit(icu::MeasureUnit::getPercent())
                .scale(icu::number::Scale::powerOfTen(2))
                .precision(icu::number::Precision::maxFraction(digits))
                .roundingMode(UNUM_ROUND_HALFUP);
        });
    });
    return format(formatter, number);
}

std::string plural_category(std::string_view number, std::string_view locale) {
    const icu::PluralRules& rules = remembered<icu::PluralRules>(locale, "", [&] {
        UErrorCode status = U_ZERO_ERROR;
        return std::unique_ptr<const icu::PluralRules>(
            icu::PluralRules::forLocale(icu_locale(locale), status));
    });
    UErrorCode status = U_ZERO_ERROR;
    const icu::number::FormattedNumber formatted = number_formatter(locale).formatDecimal(
        icu::StringPiece(number.data(), static_cast<std::int32_t>(number.size())), status);
    std::string category;
    rules.select(formatted, status).toUTF8String(category);
    return U_SUCCESS(status) ? category : "other";
}

std::string with_digits(std::string_view locale) {
    UErrorCode status = U_ZERO_ERROR;
    icu::Locale named = icu_locale(locale);
    const std::unique_ptr<icu::NumberingSystem> digits(
        icu::NumberingSystem::createInstance(named, status));
    named.setUnicodeKeywordValue("nu", U_SUCCESS(status) ? digits->getName() : "latn", status);
    std::string tag = named.toLanguageTag<std::string>(status);
    return U_SUCCESS(status) ? tag : "en";
}

}  // namespace winback::liquid
