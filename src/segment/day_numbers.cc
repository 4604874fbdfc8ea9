#include "segment/day_numbers.h"

#include <algorithm>

#include "base/civil.h"

namespace winback::segment {
namespace {

std::int64_t utc_day_of(std::int64_t ms) {
    return (ms >= 0 ? ms : ms - (day_ms - 1)) / day_ms;
}

std::int64_t local_day(const Zone& zone, std::int64_t ms) {
    const CivilTime civil = local_time(zone, {ms}).civil;
    return days_from_civil(civil.year, civil.month, civil.day);
}

std::int64_t local_ms(const Zone& zone, std::int64_t ms) {
    const CivilTime civil = local_time(zone, {ms}).civil;
    return days_from_civil(civil.year, civil.month, civil.day) * day_ms + hours(civil.hour).ms +
           minutes(civil.minute).ms + seconds(civil.second).ms + civil.millisecond;
}

}  // namespace

std::int64_t DayNumbers::find_offset(std::int64_t utc_day) const {
    const std::int64_t start = utc_day * day_ms;
    const std::int64_t last = start + day_ms - 1;
    const std::int64_t offset = local_ms(zone_, start) - start;
    return local_ms(zone_, last) - last == offset ? offset : uneven;
}

std::int64_t DayNumbers::offset_of(std::int64_t utc_day) {
    if (utc_day < 0 || utc_day >= days_kept) {
        return uneven;
    }
    const auto place = static_cast<std::size_t>(utc_day);
    if (place >= offsets_.size()) {
        offsets_.resize(place + 1, unknown);
    }
    if (offsets_[place] == unknown) {
        offsets_[place] = find_offset(utc_day);
    }
    return offsets_[place];
}

std::int64_t DayNumbers::find(std::int64_t time_ms) {
    const std::int64_t utc_day = utc_day_of(time_ms);
    const std::int64_t offset = offset_of(utc_day);
    if (offset == uneven) {
        return local_day(zone_, time_ms);
    }
    day_ = utc_day_of(time_ms + offset);
    begin_ = std::max(utc_day * day_ms, day_ * day_ms - offset);
    end_ = std::min((utc_day + 1) * day_ms, (day_ + 1) * day_ms - offset);
    return day_;
}

bool DayNumbers::find_even(std::int64_t time_ms) {
    return offset_of(utc_day_of(time_ms)) != uneven;
}

}  // namespace winback::segment
