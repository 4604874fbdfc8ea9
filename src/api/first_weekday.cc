#include "api/first_weekday.h"

#include <memory>
#include <string>

#include <unicode/calendar.h>

namespace winback::api {

int first_weekday(std::string_view country) {
    constexpr int monday = 1;
    if (country.empty()) {
        return monday;
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::Locale place("", std::string(country).c_str());
    const std::unique_ptr<icu::Calendar> calendar(icu::Calendar::createInstance(place, status));
    if (U_FAILURE(status) || calendar == nullptr) {
        return monday;
    }
    const UCalendarDaysOfWeek day = calendar->getFirstDayOfWeek(status);
    return U_SUCCESS(status) ? day - UCAL_SUNDAY : monday;
}

}  // namespace winback::api
