#include "ui/countries.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unicode/coll.h>

#include "ingest/column_names.h"
#include "template/icu_locale.h"

namespace winback::ui {

ValueList countries_in(std::string_view locale) {
    const icu::Locale reader = liquid::icu_locale(locale);
    std::vector<std::pair<icu::UnicodeString, const ingest::Place*>> named;
    for (const ingest::Place& place : ingest::places()) {
        icu::UnicodeString name;
        icu::Locale("", std::string(place.code).c_str()).getDisplayCountry(reader, name);
        named.emplace_back(std::move(name), &place);
    }
    UErrorCode failed = U_ZERO_ERROR;
    const std::unique_ptr<icu::Collator> order(icu::Collator::createInstance(reader, failed));
    std::sort(named.begin(), named.end(), [&](const auto& a, const auto& b) {
        UErrorCode error = U_ZERO_ERROR;
        return U_SUCCESS(failed) ? order->compare(a.first, b.first, error) == UCOL_LESS
                                 : a.first < b.first;
    });
    ValueList list;
    for (const auto& [name, place] : named) {
        ValueMap map;
        std::string text;
        name.toUTF8String(text);
        map.set("code", place->code);
        map.set("name", std::move(text));
        map.set("zone", place->zone);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace winback::ui
