// The shop's own rhythm: how long customers usually wait between two orders.
//
// A customer with too few orders to have a habit is judged by the shop's.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "engine/shard.h"

namespace winback::report {

constexpr int gap_days_max = 730;  // Longer gaps count as this long.

// How many gaps between consecutive order days of one customer were so many days long.
struct GapCounts {
    std::array<std::uint64_t, gap_days_max + 1> by_days{};
    bool any_order = false;
};

// Adds the customers [from, to).
void count_gaps(GapCounts& counts,
                const engine::Shard& shard,
                customer::CustomerIndex from,
                customer::CustomerIndex to);
GapCounts count_gaps(const engine::Shard& shard);
void merge(GapCounts& into, const GapCounts& from);

// The median gap in whole days; 30 days when there is none.
Duration median_gap(const GapCounts& counts);

}  // namespace winback::report
