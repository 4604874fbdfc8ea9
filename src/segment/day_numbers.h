// The local day of many moments in one zone, without asking the zone for each.
#pragma once

#include <cstdint>
#include <vector>

#include "base/zone.h"

namespace winback::segment {

constexpr std::int64_t day_ms = 86'400'000;

class DayNumbers {
public:
    explicit DayNumbers(const Zone& zone) : zone_(zone) {}

    // Days since 1970-01-01 as the clock on the wall shows it.
    std::int64_t of(std::int64_t time_ms) {
        // Events come in crowds.
        return begin_ <= time_ms && time_ms < end_ ? day_ : find(time_ms);
    }
    // False on the UTC days on which clocks change: only there can a later moment lie on an
    // earlier day.
    bool is_even(std::int64_t time_ms) {
        return (begin_ <= time_ms && time_ms < end_) || find_even(time_ms);
    }

private:
    static constexpr std::int64_t unknown = INT64_MIN;
    static constexpr std::int64_t uneven = INT64_MAX;
    // UTC days whose offset is remembered: 1970 to 2134.
    static constexpr std::int64_t days_kept = 60'000;

    std::int64_t find(std::int64_t time_ms);
    bool find_even(std::int64_t time_ms);
    std::int64_t offset_of(std::int64_t utc_day);
    std::int64_t find_offset(std::int64_t utc_day) const;

    const Zone& zone_;
    std::vector<std::int64_t> offsets_;  // By UTC day, as far as was asked.
    // What was asked last: moments of one UTC day without change that lie on one local day.
    std::int64_t begin_ = 0;
    std::int64_t end_ = 0;
    std::int64_t day_ = 0;
};

}  // namespace winback::segment
