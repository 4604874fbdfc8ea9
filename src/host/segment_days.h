// How many members each segment had at the end of each day: a row of a shard for each of its days.
//
// A day ends for a shard with the first input whose arrival is on a later day in the workspace's
// zone. Before that input is stepped the sizes of the segments are those at the end of every day
// since the last row: they are put into the input's own batch, so that they are written once,
// with it or not at all, and no replay makes them again. Without an input nobody enters or leaves,
// so a shard that slept for a week writes one row for the week. docs/design/segments.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/zone.h"
#include "engine/definitions.h"
#include "engine/shard.h"
#include "host/resident.h"
#include "store/store.h"

namespace winback::host {

// Days of which a shard keeps rows; whoever is read further back has no number.
constexpr std::int64_t segment_days_kept = 100;

// Of one segment at the end of the days of a row.
struct SegmentSize {
    std::string segment;
    std::uint64_t meaning = 0;  // The same as long as its condition means the same.
    std::uint64_t customers = 0;
};
struct SegmentDays {
    std::int64_t from = 0;  // Days since 1970-01-01 in the zone of the workspace, both included.
    std::int64_t through = 0;
    std::vector<SegmentSize> sizes;  // None: the shard was not looked at before.
};

std::int64_t local_day(const Zone& zone, Timestamp at);

// By position in the definitions: a hash of the condition, of the zone in which it counts days,
// and of what the segments mean that it refers to.
std::vector<std::uint64_t> segment_meanings(const engine::Definitions& definitions);

// Before the step of an input that arrives `at`: ends the days that are over.
void end_days(Resident& resident, Timestamp at, store::Batch& batch);

// Rows of a shard that reach to `day` or further, oldest first. Fails with Corrupt.
Result<std::vector<SegmentDays>> read_segment_days(const store::Store& store,
                                                   ShardId shard,
                                                   std::int64_t day);
// Of the newest row; nothing before the first.
Result<std::optional<std::int64_t>> last_ended_day(const store::Store& store, ShardId shard);
// Whether a row ends with `day`: as long as none does, the shard has no other rows than before.
Result<bool> ended_with(const store::Store& store, ShardId shard, std::int64_t day);

}  // namespace winback::host
