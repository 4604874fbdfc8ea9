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
// Some of a timeline, whatever the order in which its rows are read: never many more in memory.
// Entries of one moment stand in the order in which they were added.
class TimelinePart {
public:
    // The `limit` newest; or the oldest ones from `from` on, without `skip` of that moment.
    explicit TimelinePart(std::size_t limit) : limit_(limit) {}
    TimelinePart(Timestamp from, std::size_t skip, std::size_t limit)
        : limit_(limit), oldest_from_(from), skip_(skip) {}

    void add(TimelineEntry entry);
    std::vector<TimelineEntry> take();  // Newest last. Once.

private:
    void trim();

    std::size_t limit_;
    std::optional<Timestamp> oldest_from_;
    std::size_t skip_ = 0;
    std::vector<TimelineEntry> entries_;
};

// What they say. A message that was erased since is left out.
Status read_timeline(const store::Store& store, TimelineRows& rows, TimelinePart& part);

// The first fact of one id that `is_it` says yes to: read one by one, each forgotten at once.
Result<std::optional<engine::Fact>> find_fact(
    const store::Store& store,
    std::string_view id,
    const std::function<bool(const engine::Fact&)>& is_it);

// The events of a chunk of history.
Status read_chunk(std::string_view bytes, const std::function<void(event::Event)>& take);

}  // namespace winback::host
