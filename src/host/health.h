// The figures of a running host, for the health page, metrics and 429 decisions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace winback::host {

// An input that ended the process twice and is passed over.
struct Quarantined {
    std::uint64_t input_hash = 0;
    std::uint16_t shard = 0;
    std::uint64_t sequence = 0;
};

struct Health {
    std::uint64_t customers = 0;
    std::uint64_t memory_bytes = 0;  // Of customers; approximate.
    std::uint64_t inputs = 0;        // Since the start.
    std::uint64_t duplicates = 0;
    std::uint64_t batches = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t queued = 0;      // Inputs waiting now.
    std::uint64_t queue_max = 0;   // The longest worker queue now.
    std::uint64_t lag_inputs = 0;  // What a start would replay.
    std::uint64_t in_flight = 0;   // Messages at the sender.
    std::uint64_t waiting_to_send = 0;
    std::int64_t batch_micros_mean = 0;
    Duration start_duration;
    std::uint64_t replayed_at_start = 0;
    std::vector<Quarantined> quarantined;
};

}  // namespace winback::host
