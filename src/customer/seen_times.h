// First and last time that each customer was seen, overall and per surface.
//
// Most customers are seen on one surface only; its times are then the overall ones and cost
// nothing. The rest have a record beside the columns.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/time.h"
#include "event/event.h"

namespace winback::customer {

struct SeenRange {
    Timestamp first = timestamp_max;
    Timestamp last = timestamp_min;
    bool never() const { return last < first; }
};

class SeenTimes {
public:
    void add_customer();
    void see(std::uint32_t customer, event::Surface surface, Timestamp time);
    SeenRange overall(std::uint32_t customer) const { return overall_[customer]; }
    SeenRange on(std::uint32_t customer, event::Surface surface) const;
    void forget(std::uint32_t customer);
    void fit() {
        overall_.shrink_to_fit();
        surfaces_.shrink_to_fit();
    }
    std::size_t memory_bytes() const;

private:
    using Record = std::array<SeenRange, event::surface_count>;

    std::vector<SeenRange> overall_;
    std::vector<std::uint8_t> surfaces_;                  // A bit for each surface seen.
    absl::flat_hash_map<std::uint32_t, Record> records_;  // Of those seen on several.
};

}  // namespace winback::customer
