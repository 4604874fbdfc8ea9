// The message ids of the last one to two days of arrival, exactly, for de-duplication.
//
// Two generations of one UTC day of arrival each: an id is remembered for the rest of its day
// and the whole of the next one. Days pass by arrival times, never by a clock.
#pragma once

#include <cstdint>

#include <absl/container/flat_hash_set.h>

namespace winback::customer {

class MessageIds {
public:
    // True when the id was new. An arrival before the older generation counts to that one.
    bool add(std::uint64_t id_hash, std::int64_t day);
    std::size_t memory_bytes() const { return (newer_.capacity() + older_.capacity()) * 9; }

private:
    absl::flat_hash_set<std::uint64_t> newer_;
    absl::flat_hash_set<std::uint64_t> older_;
    std::int64_t day_ = 0;  // Of newer_; older_ is the day before.
    bool started_ = false;
};

}  // namespace winback::customer
