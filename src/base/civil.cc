#include "base/civil.h"

namespace winback {
namespace {

constexpr std::int64_t ms_per_day = 86'400'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

std::int64_t days_from_civil(int year, int month, int day) {
    const std::int64_t y = month <= 2 ? std::int64_t{year} - 1 : year;
    const std::int64_t era = floor_div(y, 400);
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t shifted_month = month > 2 ? month - 3 : month + 9;
    const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

int days_in_month(int year, int month) {
    constexpr int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

bool is_valid_date(int year, int month, int day) {
    return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in_month(year, month);
}

int weekday_from_days(std::int64_t days_since_epoch) {
    return static_cast<int>(((days_since_epoch + 4) % 7 + 7) % 7);
}

CivilTime civil_from_timestamp(Timestamp time) {
    const std::int64_t day_count = floor_div(time.ms, ms_per_day);
    const std::int64_t rest = time.ms - day_count * ms_per_day;
    const std::int64_t z = day_count + 719'468;
    const std::int64_t era = floor_div(z, 146'097);
    const std::int64_t day_of_era = z - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const int month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    CivilTime c;
    c.year = static_cast<int>(year_of_era + era * 400) + (month <= 2 ? 1 : 0);
    c.month = month;
    c.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    c.hour = static_cast<int>(rest / 3'600'000);
    c.minute = static_cast<int>(rest / 60'000 % 60);
    c.second = static_cast<int>(rest / 1000 % 60);
    c.millisecond = static_cast<int>(rest % 1000);
    return c;
}

Timestamp timestamp_from_civil(const CivilTime& c) {
    return {days_from_civil(c.year, c.month, c.day) * ms_per_day +
            std::int64_t{c.hour} * 3'600'000 + std::int64_t{c.minute} * 60'000 +
            std::int64_t{c.second} * 1000 + c.millisecond};
}

}  // namespace winback
