// The name of a locale as ICU takes it.
#pragma once

#include <string_view>

#include <unicode/locid.h>

namespace winback::liquid {

// English for names that ICU does not know.
icu::Locale icu_locale(std::string_view name);

}  // namespace winback::liquid
