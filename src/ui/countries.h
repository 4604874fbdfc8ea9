// The countries of which a shop may be, as a reader of one language calls and orders them.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace winback::ui {

// Maps of `code` (ISO 3166-1 alpha-2), `name` and `zone` of every country, in the order of the
// locale's alphabet. Names and order are of ICU; English for a locale that it does not know.
ValueList countries_in(std::string_view locale);

// What follows from a country. The zone of its largest city, as far as we know it, else its only
// one; empty when there are several.
struct CountryHabits {
    std::string zone;
    std::string currency;  // ISO 4217; empty where there is none.
};
CountryHabits habits_of(std::string_view country);

}  // namespace winback::ui
