// Reads messages and timelines back from the store.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/timeline.h"
#include "store/store.h"

namespace winback::host {

// Fails with NotFound or Corrupt.
Result<StoredMessage> read_message(const store::Store& store, const Hash128& key);

// What the store holds of one id: events, facts and messages, in no order.
Status read_timeline(const store::Store& store,
                     std::string_view id,
                     std::vector<TimelineEntry>& entries);

// The events of a chunk of history.
Status read_chunk(std::string_view bytes, std::vector<event::Event>& events);

}  // namespace winback::host
