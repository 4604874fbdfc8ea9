#include "engine/definitions.h"

#include <algorithm>

#include "base/civil.h"

namespace winback::engine {

bool may_keep(const CalendarStep& silent) {
    // The longest six months have 184 days: fewer are never six months.
    const Timestamp from = timestamp_from_civil({.year = 2001, .month = 3, .day = 1});
    const auto after = [&](const CalendarStep& by) { return add(utc_zone(), from, by); };
    return silent.ms == 0 && after(silent) >= after({.months = 6}) &&
           after(silent) <= after({.months = 12 * 20});
}

const journey::Journey* Definitions::journey(std::string_view id) const {
    const auto found = std::find_if(journeys.begin(), journeys.end(),
                                    [&](const journey::Journey& j) { return j.id == id; });
    return found == journeys.end() ? nullptr : &*found;
}

const segment::Segment* Definitions::segment(std::string_view id) const {
    const auto found = std::find_if(segments.begin(), segments.end(),
                                    [&](const segment::Segment& s) { return s.id == id; });
    return found == segments.end() ? nullptr : &*found;
}

}  // namespace winback::engine
