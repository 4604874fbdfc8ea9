#include "ui/countries.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unicode/coll.h>
#include <unicode/strenum.h>
#include <unicode/timezone.h>
#include <unicode/ucurr.h>

#include "ingest/column_names.h"
#include "template/icu_locale.h"

namespace winback::ui {

namespace {

// The only zone of a country; empty when there are several.
std::string only_zone_of(const char* country) {
    std::string text;
    UErrorCode failed = U_ZERO_ERROR;
    const std::unique_ptr<icu::StringEnumeration> zones(icu::TimeZone::createTimeZoneIDEnumeration(
        UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, nullptr, failed));
    if (U_SUCCESS(failed) && zones->count(failed) == 1) {
        const icu::UnicodeString* zone = zones->snext(failed);
        if (U_SUCCESS(failed) && zone != nullptr) {
            zone->toUTF8String(text);
        }
    }
    return text;
}

std::string currency_of(const char* country) {
    std::array<char16_t, 4> code{};
    std::string text;
    UErrorCode failed = U_ZERO_ERROR;
    ucurr_forLocale((std::string("und_") + country).c_str(), code.data(), code.size(), &failed);
    if (U_SUCCESS(failed)) {
        icu::UnicodeString(code.data()).toUTF8String(text);
    }
    return text;
}

// To look through all zones for every country takes too long for each page.
const std::map<std::string, CountryHabits, std::less<>>& all_habits() {
    static const auto all = [] {
        std::map<std::string, CountryHabits, std::less<>> out;
        for (const char* const* code = icu::Locale::getISOCountries(); *code != nullptr; ++code) {
            out.emplace(*code, CountryHabits{only_zone_of(*code), currency_of(*code)});
        }
        for (const ingest::Place& place : ingest::places()) {
            out[std::string(place.code)] = {std::string(place.zone), std::string(place.currency)};
        }
        return out;
    }();
    return all;
}

}  // namespace

CountryHabits habits_of(std::string_view country) {
    const auto found = all_habits().find(country);
    return found == all_habits().end() ? CountryHabits() : found->second;
}

ValueList countries_in(std::string_view locale) {
    const icu::Locale reader = liquid::icu_locale(locale);
    std::vector<std::pair<icu::UnicodeString, std::string>> named;
    for (const auto& [code, habits] : all_habits()) {
        icu::UnicodeString name;
        icu::Locale("", code.c_str()).getDisplayCountry(reader, name);
        named.emplace_back(std::move(name), code);
    }
    UErrorCode failed = U_ZERO_ERROR;
    const std::unique_ptr<icu::Collator> order(icu::Collator::createInstance(reader, failed));
    std::sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
        UErrorCode error = U_ZERO_ERROR;
        return U_SUCCESS(failed) ? order->compare(a.first, b.first, error) == UCOL_LESS
                                 : a.first < b.first;
    });
    ValueList list;
    for (const auto& [name, code] : named) {
        ValueMap map;
        std::string text;
        name.toUTF8String(text);
        map.set("code", code);
        map.set("name", std::move(text));
        map.set("zone", habits_of(code).zone);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace winback::ui
