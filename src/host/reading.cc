#include "host/reading.h"

#include <algorithm>
#include <optional>

#include "engine/input.h"
#include "host/host.h"
#include "store/row_key.h"
#include "store/rows.h"

namespace winback::host {
namespace {

using store::Family;

Error corrupt(std::string_view what) {
    return {ErrorCode::Corrupt, "a row (" + std::string(what) +
                                    ") cannot be read; run 'winback restore' from a backup"};
}

}  // namespace

Result<StoredMessage> read_message(const store::Store& store, const Hash128& key) {
    const std::string first = store::message_key(key);
    std::optional<StoredMessage> message;
    store::Cursor rows = store.scan(Family::Message, first, store::message_end(key));
    for (; rows.valid(); rows.next()) {
        if (rows.key() == first) {
            WINBACK_TRY(engine::MessageDecided decided,
                        store::decode_message_decided(rows.value()));
            message = StoredMessage{.decided = std::move(decided), .steps = {}};
            continue;
        }
        WINBACK_TRY(store::MessageStepRow row, store::decode_message_step(rows.value()));
        if (message.has_value()) {
            message->steps.push_back({.state = row.state,
                                      .reason = row.reason,
                                      .at = row.at,
                                      .detail = std::move(row.detail)});
        }
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    if (!message.has_value()) {
        return Error{ErrorCode::NotFound, "there is no message " + to_hex(key)};
    }
    if (message->steps.empty()) {
        return corrupt("message");
    }
    return *std::move(message);
}

Result<std::optional<engine::Fact>> find_fact(
    const store::Store& store,
    std::string_view id,
    const std::function<bool(const engine::Fact&)>& is_it) {
    const store::ShardId shard = engine::shard_of(id, store.shard_count());
    store::Cursor facts =
        store.scan(Family::Fact, store::customer_begin(shard, id), store::customer_end(shard, id));
    for (; facts.valid(); facts.next()) {
        WINBACK_TRY(engine::Fact fact, store::decode_fact(facts.value()));
        if (is_it(fact)) {
            return std::optional(std::move(fact));
        }
    }
    WINBACK_TRY([[maybe_unused]] const Ok read, facts.status());
    return std::optional<engine::Fact>();
}

Status read_chunk(std::string_view bytes, const std::function<void(event::Event)>& take) {
    store::HistoryChunkReader chunk(bytes);
    while (const std::optional<store::HistoryEntry> entry = chunk.next()) {
        WINBACK_TRY(event::Event event, event::decode(entry->event));
        take(std::move(event));
    }
    return chunk.ok() ? Status(Ok{}) : corrupt("history");
}

TimelineRows open_timeline(const store::Store& store, std::string_view id) {
    const store::ShardId shard = engine::shard_of(id, store.shard_count());
    const std::string from = store::customer_begin(shard, id);
    const std::string to = store::customer_end(shard, id);
    return {.events = store.scan(Family::History, from, to),
            .facts = store.scan(Family::Fact, from, to),
            .messages = store.scan(Family::MessageOf, from, to)};
}

void TimelinePart::add(TimelineEntry entry) {
    if (oldest_from_ && entry.at < *oldest_from_) {
        return;
    }
    entries_.push_back(std::move(entry));
    constexpr std::size_t spare = 1'000;
    if (entries_.size() > 2 * (limit_ + skip_) + spare) {
        trim();
    }
}

void TimelinePart::trim() {
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const TimelineEntry& a, const TimelineEntry& b) { return a.at < b.at; });
    const std::size_t kept = std::min(entries_.size(), limit_ + skip_);
    const auto surplus = static_cast<std::ptrdiff_t>(entries_.size() - kept);
    if (oldest_from_) {
        entries_.erase(entries_.end() - surplus, entries_.end());
    } else {
        entries_.erase(entries_.begin(), entries_.begin() + surplus);
    }
}

std::vector<TimelineEntry> TimelinePart::take() {
    trim();
    std::size_t skipped = 0;
    while (skipped < skip_ && skipped < entries_.size() && entries_[skipped].at == *oldest_from_) {
        ++skipped;
    }
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(skipped));
    if (entries_.size() > limit_) {
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(limit_), entries_.end());
    }
    return std::move(entries_);
}

Status read_timeline(const store::Store& store, TimelineRows& rows, TimelinePart& part) {
    const auto take = [&](event::Event event) {
        const Timestamp at = event.time;
        part.add({.at = at, .what = std::move(event)});
    };
    for (; rows.events.valid(); rows.events.next()) {
        WINBACK_TRY(const Ok read, read_chunk(rows.events.value(), take));
        static_cast<void>(read);
    }
    WINBACK_TRY(const Ok events_read, rows.events.status());
    static_cast<void>(events_read);
    for (; rows.facts.valid(); rows.facts.next()) {
        WINBACK_TRY(engine::Fact fact, store::decode_fact(rows.facts.value()));
        const Timestamp at = fact.at;
        part.add({.at = at, .what = std::move(fact)});
    }
    WINBACK_TRY(const Ok facts_read, rows.facts.status());
    static_cast<void>(facts_read);
    for (; rows.messages.valid(); rows.messages.next()) {
        Hash128 key;
        if (!store::parse_message_of_key(rows.messages.key(), key)) {
            return corrupt("message index");
        }
        Result<StoredMessage> message = read_message(store, key);
        if (!message.has_value() && message.error().code == ErrorCode::NotFound) {
            continue;
        }
        WINBACK_TRY(StoredMessage found, std::move(message));
        const Timestamp at = found.decided.at;
        part.add({.at = at, .what = std::move(found)});
    }
    return rows.messages.status();
}

namespace {

// Events of the log that are not in the histories yet: those that the engine recorded are found
// by stepping, which needs definitions; here it is enough that they are new by message id.
Status visit_log(store::Store& store,
                 store::ShardId shard,
                 const std::function<bool(const event::Event&)>& visit,
                 bool& more) {
    WINBACK_TRY(const auto bytes, store.get(Family::Meta, store::meta_key(shard, "mark")));
    store::Mark mark;
    if (bytes.has_value()) {
        WINBACK_TRY(mark, store::decode_mark(*bytes));
    }
    store::Cursor rows =
        store.scan(Family::Log, store::log_key(shard, mark.log_from), store::shard_end(shard));
    for (; rows.valid() && more; rows.next()) {
        store::LogChunkReader chunk(rows.value());
        while (const std::optional<store::LogEntry> entry = chunk.next()) {
            ByteReader in(entry->input);
            in.u8();
            const std::uint8_t kind = in.u8();
            const std::uint64_t sequence = in.u64();
            in.time();
            if (kind != 0 || sequence < mark.watermark || entry->skipped || !more) {
                continue;
            }
            WINBACK_TRY(const event::Event event, event::decode(in.text()));
            more = visit(event);
        }
        if (!chunk.ok()) {
            return corrupt("log");
        }
    }
    return rows.status();
}

}  // namespace

Status for_each_event(store::Store& store, const std::function<bool(const event::Event&)>& visit) {
    bool more = true;
    for (std::uint32_t s = 0; s < store.shard_count() && more; ++s) {
        const auto shard = static_cast<store::ShardId>(s);
        store::Cursor rows =
            store.scan(Family::History, store::shard_begin(shard), store::shard_end(shard));
        for (; rows.valid() && more; rows.next()) {
            WINBACK_TRY(const Ok read, read_chunk(rows.value(), [&](const event::Event& event) {
                            more = more && visit(event);
                        }));
            static_cast<void>(read);
        }
        WINBACK_TRY(const Ok read, rows.status());
        static_cast<void>(read);
        WINBACK_TRY(const Ok log_read, visit_log(store, shard, visit, more));
        static_cast<void>(log_read);
    }
    return Ok{};
}

Result<Timestamp> last_moment(store::Store& store, Timestamp limit) {
    Timestamp last = timestamp_min;
    WINBACK_TRY(const Ok read, for_each_event(store, [&](const event::Event& event) {
                    if (event.time <= limit) {
                        last = std::max(last, event.time);
                    }
                    return true;
                }));
    static_cast<void>(read);
    return last;
}

}  // namespace winback::host
