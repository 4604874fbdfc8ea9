// Reads messages and timelines back from the store.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/timeline.h"
#include "store/store.h"

namespace winback::host {

// Fails with NotFound or Corrupt.
Result<StoredMessage> read_message(const store::Store& store, const Hash128& key);

// The rows of one id as they are now: events, facts, and which messages there are.
struct TimelineRows {
    store::Cursor events;
    store::Cursor facts;
    store::Cursor messages;
};
TimelineRows open_timeline(const store::Store& store, std::string_view id);
// What they say, in no order. A message that was erased since is left out.
Status read_timeline(const store::Store& store,
                     TimelineRows& rows,
                     std::vector<TimelineEntry>& entries);

// The first fact of one id that `is_it` says yes to: read one by one, each forgotten at once.
Result<std::optional<engine::Fact>> find_fact(
    const store::Store& store,
    std::string_view id,
    const std::function<bool(const engine::Fact&)>& is_it);

// The events of a chunk of history.
Status read_chunk(std::string_view bytes, std::vector<event::Event>& events);

}  // namespace winback::host
