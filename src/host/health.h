// The figures of a running host, for the health page, metrics and 429 decisions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "customer/customers.h"
#include "message/state.h"

namespace winback::host {

// An input that ended the process twice and is passed over.
struct Quarantined {
    std::uint64_t input_hash = 0;
    std::uint16_t shard = 0;
    std::uint64_t sequence = 0;
};

// How long something took, counted by upper bounds.
struct LatencyCounts {
    static constexpr std::array<std::int64_t, 10> bounds_micros{
        500, 1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 1'000'000};
    std::array<std::uint64_t, bounds_micros.size() + 1> counts{};  // The last: above all bounds.
    std::uint64_t sum_micros = 0;
};

struct Health {
    bool failed = false;  // A write or read failed: nothing is taken any more.
    std::uint64_t customers = 0;
    std::uint64_t memory_bytes = 0;  // Of customers; approximate.
    std::vector<customer::MemoryPart> memory_parts;
    std::uint64_t inputs = 0;  // Since the start.
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
    LatencyCounts batch_latency;  // From a batch's last step until it was durable.
    // Since the start: how many messages came into each state, by message::MessageState.
    std::array<std::uint64_t, message::message_state_count> message_states{};
    Duration start_duration;
    std::uint64_t replayed_at_start = 0;
    std::vector<Quarantined> quarantined;
};

}  // namespace winback::host
