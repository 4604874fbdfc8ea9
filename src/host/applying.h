// Which input is being applied right now, in memory that survives the end of the process.
//
// Each worker has a cell in a mapped file. If the process aborts within a step (a failed check, a
// bad access), a signal handler marks the cell; the next start counts it against that input. An
// input that has ended the process twice is in quarantine: passed over, live and at replay, and
// reported. A process that is killed from outside marks nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/input.h"
#include "host/health.h"
#include "store/store.h"

namespace winback::host {

constexpr int applying_cells = 64;  // One per worker.
constexpr int aborts_max = 2;

// The same for an input that a client sends again: does not depend on when it came. A Tick is
// known by its place, since another Tick may do something else.
std::uint64_t identity_of(const engine::Input& input, engine::ShardId shard);

struct ApplyingCell {
    std::uint64_t input_hash;
    std::uint64_t sequence;
    std::uint32_t shard;
    std::atomic<std::uint32_t> state;  // 0: nothing, 1: being applied, 2: aborted within.
};

class Applying {
public:
    // Reads what the last process left behind and counts it. The store must be writable. Fails
    // with PermissionDenied or what the store says.
    static Result<std::unique_ptr<Applying>> open(store::Store& store);
    ~Applying();
    Applying(const Applying&) = delete;
    Applying& operator=(const Applying&) = delete;

    bool in_quarantine(std::uint64_t input_hash) const { return quarantine_.contains(input_hash); }
    std::vector<Quarantined> quarantined() const;

    // Before and after a step, on the thread that does it.
    void enter(int cell, engine::ShardId shard, std::uint64_t sequence, std::uint64_t input_hash);
    void leave(int cell);

private:
    Applying() = default;
    Status count_aborts(store::Store& store);

    ApplyingCell* cells_ = nullptr;
    std::map<std::uint64_t, Quarantined> quarantine_;
};

}  // namespace winback::host
