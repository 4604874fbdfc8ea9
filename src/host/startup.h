// Brings a shard back as it was: rows, histories, message ids, then the log from the watermark.
//
// Effects of replayed inputs are dropped: what they were is in the store already, written in the
// same batches as the inputs. See docs/design/durability.md "the start".
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "host/resident.h"
#include "host/shared.h"

namespace winback::host {

// Touches only `resident`: shards may be read beside each other. `cell` is the worker's.
Status load_resident(Shared& shared, Resident& resident, int cell);

// Once all shards are loaded: what was under way when the last process ended.
struct Unfinished {
    std::vector<HandoverItem> handovers;   // In order per pair of shards.
    std::vector<store::OutboxRow> outbox;  // Queued, or Sending and so in doubt.
};
Result<Unfinished> find_unfinished(const store::Store& store, std::vector<Resident*>& residents);

}  // namespace winback::host
