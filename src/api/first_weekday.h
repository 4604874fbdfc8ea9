// With which day a week begins in a country: by CLDR, as ICU has it.
#pragma once

#include <string_view>

namespace winback::api {

// 0 = Sunday. Monday for an empty or unknown country, as ISO 8601 and CLDR's world say.
int first_weekday(std::string_view country);

}  // namespace winback::api
