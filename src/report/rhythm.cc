#include "report/rhythm.h"

#include <algorithm>
#include <numeric>

namespace winback::report {

void count_gaps(GapCounts& counts,
                const engine::Shard& shard,
                customer::CustomerIndex from,
                customer::CustomerIndex to) {
    const customer::Customers& customers = shard.customers();
    for (customer::CustomerIndex c = from; c < to; ++c) {
        const auto order_days = customers.order_days(c);
        counts.any_order = counts.any_order || !order_days.empty();
        for (std::size_t i = 1; i < order_days.size(); ++i) {
            const int gap = std::min(order_days[i].day - order_days[i - 1].day, gap_days_max);
            ++counts.by_days[static_cast<std::size_t>(std::max(gap, 0))];
        }
    }
}

GapCounts count_gaps(const engine::Shard& shard) {
    GapCounts counts;
    count_gaps(counts, shard, 0, static_cast<customer::CustomerIndex>(shard.customers().size()));
    return counts;
}

void merge(GapCounts& into, const GapCounts& from) {
    into.any_order = into.any_order || from.any_order;
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
