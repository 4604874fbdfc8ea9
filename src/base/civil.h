// The proleptic Gregorian calendar in UTC. Zones are in base/zone.h.
//
// Algorithms: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
#pragma once

#include <cstdint>

#include "base/time.h"

namespace winback {

struct CivilTime {
    int year = 1970;
    int month = 1;  // 1..12
    int day = 1;    // 1..31
    int hour = 0;
    int minute = 0;
    int second = 0;
    int millisecond = 0;
    auto operator<=>(const CivilTime&) const = default;
};

// Days since 1970-01-01.
std::int64_t days_from_civil(int year, int month, int day);

bool is_valid_date(int year, int month, int day);
int days_in_month(int year, int month);

// 0 = Sunday .. 6 = Saturday.
int weekday_from_days(std::int64_t days_since_epoch);

CivilTime civil_from_timestamp(Timestamp time);
Timestamp timestamp_from_civil(const CivilTime& civil);

}  // namespace winback
