#include "report/rhythm.h"

#include <algorithm>
#include <numeric>

namespace winback::report {

GapCounts count_gaps(const engine::Shard& shard) {
    GapCounts counts;
    const customer::Customers& customers = shard.customers();
    for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
        const auto order_days = customers.order_days(c);
        for (std::size_t i = 1; i < order_days.size(); ++i) {
            const int gap = std::min(order_days[i].day - order_days[i - 1].day, gap_days_max);
            ++counts.by_days[static_cast<std::size_t>(std::max(gap, 0))];
        }
    }
    return counts;
}

void merge(GapCounts& into, const GapCounts& from) {
    for (std::size_t i = 0; i < into.by_days.size(); ++i) {
        into.by_days[i] += from.by_days[i];
    }
}

Duration median_gap(const GapCounts& counts) {
    const std::uint64_t total =
        std::accumulate(counts.by_days.begin(), counts.by_days.end(), std::uint64_t{0});
    if (total == 0) {
        return days(30);
    }
    std::uint64_t seen = 0;
    std::int64_t day = 0;
    for (const std::uint64_t count : counts.by_days) {
        seen += count;
        if (seen * 2 >= total) {
            break;
        }
        ++day;
    }
    return days(day);
}

}  // namespace winback::report
