// The countries of which a shop may be, as a reader of one language calls and orders them.
#pragma once

#include <string_view>

#include "base/value.h"

namespace winback::ui {

// Maps of `code` (ISO 3166-1 alpha-2), `name` and `zone`, in the order of the locale's alphabet.
// Names and order are of ICU; English for a locale that it does not know.
ValueList countries_in(std::string_view locale);

}  // namespace winback::ui
