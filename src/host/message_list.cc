#include "host/message_list.h"

#include <algorithm>
#include <tuple>

#include "host/reading.h"
#include "store/row_key.h"
#include "store/rows.h"

namespace winback::host {
namespace {

using message::MessageState;
using store::Family;

constexpr std::string_view made_key = "message_list";
constexpr std::string_view made_form = "1";
constexpr std::size_t rows_per_batch = 1'000;
constexpr std::size_t key_bytes = 16;

Error corrupt() {
    return {ErrorCode::Corrupt,
            "a row (list of messages) cannot be read; run 'winback restore' from a backup"};
}

bool has_reason(MessageState state) {
    return state == MessageState::Refused || state == MessageState::Held ||
           state == MessageState::Queued;
}

bool matches(const MessageFilter& filter, MessageState state) {
    return filter.states.empty() ||
           std::find(filter.states.begin(), filter.states.end(), state) != filter.states.end();
}

bool matches(const MessageFilter& filter, const store::MessageDigest& digest) {
    const auto is = [](const std::string& wanted, const std::string& found) {
        return wanted.empty() || wanted == found;
    };
    return is(filter.journey, digest.journey) && is(filter.step, digest.step) &&
           is(filter.template_id, digest.template_id) && is(filter.language, digest.language) &&
           (!filter.channel.has_value() || *filter.channel == digest.channel);
}

bool matches(const MessageFilter& filter, const store::MessagePlace& place) {
    return matches(filter, place.state) &&
           (!filter.reason.has_value() || filter.reason == place.reason) &&
           place.at >= filter.from && place.at < filter.to;
}

// Newest first; messages of one moment in the order of their keys.
auto order_of(const store::MessagePlace& place) {
    return std::tuple(-place.at.ms, place.key);
}

// The rows of one state and reason, from the newest that is asked for.
struct Range {
    store::Cursor rows;
    store::MessagePlace place;

    // False at the end. Fails with Corrupt.
    Result<bool> read() {
        if (!rows.valid()) {
            WINBACK_TRY(const Ok read, rows.status());
            static_cast<void>(read);
            return false;
        }
        return store::parse_message_place_key(rows.key(), place) ? Result<bool>(true)
                                                                 : Result<bool>(corrupt());
    }
};

Result<std::vector<Range>> open_ranges(const store::Store& store,
                                       const MessageFilter& filter,
                                       const std::optional<MessageCursor>& after) {
    constexpr Timestamp newest{timestamp_max.ms - 1};
    MessageCursor start{std::min(newest, filter.to - milliseconds(1)), {}};
    if (after.has_value() && after->at <= start.at) {
        start = *after;
    }
    std::vector<Range> ranges;
    for (int s = 0; s < message::message_state_count; ++s) {
        const auto state = static_cast<MessageState>(s);
        if (!matches(filter, state)) {
            continue;
        }
        for (int r = -1; r < (has_reason(state) ? message::refusal_reason_count : 0); ++r) {
            const auto reason =
                r < 0 ? std::nullopt : std::optional(static_cast<message::RefusalReason>(r));
            if (filter.reason.has_value() && filter.reason != reason) {
                continue;
            }
            Range range{
                .rows = store.scan(Family::MessageOf,
                                   store::message_place_from(state, reason, start.at, start.key),
                                   store::message_place_end(state, reason)),
                .place = {}};
            WINBACK_TRY(bool more, range.read());
            if (more && after.has_value() && range.place.at == after->at &&
                range.place.key == after->key) {
                range.rows.next();
                WINBACK_TRY(more, range.read());
            }
            if (more) {
                ranges.push_back(std::move(range));
            }
        }
    }
    return ranges;
}

Result<MessagePage> list_everybody(const store::Store& store,
                                   const MessageFilter& filter,
                                   const std::optional<MessageCursor>& after,
                                   std::size_t limit) {
    WINBACK_TRY(std::vector<Range> ranges, open_ranges(store, filter, after));
    const auto later = [](const Range& a, const Range& b) {
        return order_of(a.place) > order_of(b.place);
    };
    std::make_heap(ranges.begin(), ranges.end(), later);
    MessagePage page;
    for (std::size_t looked = 0; !ranges.empty(); ++looked) {
        std::pop_heap(ranges.begin(), ranges.end(), later);
        Range& next = ranges.back();
        if (next.place.at < filter.from) {
            break;  // All that is left is older still.
        }
        const bool full = page.messages.size() == limit;
        if (full || looked == looked_max) {
            page.cut = !full;
            return page;
        }
        page.after = MessageCursor{next.place.at, next.place.key};
        WINBACK_TRY(store::MessageDigest digest, store::decode_message_digest(next.rows.value()));
        if (matches(filter, digest)) {
            page.messages.push_back({next.place, std::move(digest)});
        }
        next.rows.next();
        WINBACK_TRY(const bool more, next.read());
        if (more) {
            std::push_heap(ranges.begin(), ranges.end(), later);
        } else {
            ranges.pop_back();
        }
    }
    page.after.reset();
    return page;
}

// Of one customer there are few: they are read and put in order.
Result<MessagePage> list_customer(const store::Store& store,
                                  const MessageFilter& filter,
                                  const std::optional<MessageCursor>& after,
                                  std::size_t limit) {
    std::vector<ListedMessage> all;
    std::size_t looked = 0;
    MessagePage page;
    for (const std::string& id : filter.customers) {
        const store::ShardId shard = engine::shard_of(id, store.shard_count());
        store::Cursor rows = store.scan(Family::MessageOf, store::customer_begin(shard, id),
                                        store::customer_end(shard, id));
        for (; rows.valid() && looked < customer_messages_max; rows.next(), ++looked) {
            Hash128 key;
            if (!store::parse_message_of_key(rows.key(), key)) {
                return corrupt();
            }
            WINBACK_TRY(const StoredMessage message, read_message(store, key));
            ListedMessage listed{.place = {.state = message.last().state,
                                           .reason = message.last().reason,
                                           .at = message.decided.at,
                                           .key = key},
                                 .digest = store::digest_of(message.decided)};
            listed.digest.changed_at = message.last().at;
            if (matches(filter, listed.place) && matches(filter, listed.digest)) {
                all.push_back(std::move(listed));
            }
        }
        WINBACK_TRY(const Ok read, rows.status());
        static_cast<void>(read);
    }
    page.cut = looked == customer_messages_max;
    std::sort(all.begin(), all.end(), [](const ListedMessage& a, const ListedMessage& b) {
        return order_of(a.place) < order_of(b.place);
    });
    for (ListedMessage& listed : all) {
        const bool before =
            after.has_value() && order_of(listed.place) <= std::tuple(-after->at.ms, after->key);
        if (before) {
            continue;
        }
        if (page.messages.size() == limit) {
            const store::MessagePlace& last = page.messages.back().place;
            page.after = MessageCursor{last.at, last.key};
            break;
        }
        page.messages.push_back(std::move(listed));
    }
    return page;
}

}  // namespace

bool may_change(MessageState state) {
    return state == MessageState::Queued || state == MessageState::Held ||
           state == MessageState::Sending;
}

Result<MessagePage> list_messages(const store::Store& store,
                                  const MessageFilter& filter,
                                  const std::optional<MessageCursor>& after,
                                  std::size_t limit) {
    return filter.customers.empty() ? list_everybody(store, filter, after, limit)
                                    : list_customer(store, filter, after, limit);
}

Result<store::MessagePlace> message_place(const store::Store& store, const Hash128& key) {
    WINBACK_TRY(const StoredMessage message, read_message(store, key));
    return store::MessagePlace{.state = message.last().state,
                               .reason = message.last().reason,
                               .at = message.decided.at,
                               .key = key};
}

namespace {

// Puts the message that was read last into the list.
struct Lister {
    store::Store& store;
    store::Batch batch;
    std::size_t rows = 0;
    std::optional<engine::MessageDecided> decided;
    store::MessageStepRow last;

    Status put() {
        if (!decided.has_value()) {
            return Ok{};
        }
        store::MessageDigest digest = store::digest_of(*decided);
        digest.changed_at = last.at;
        batch.put(Family::MessageOf,
                  store::message_place_key({.state = last.state,
                                            .reason = last.reason,
                                            .at = decided->at,
                                            .key = decided->key}),
                  store::encode(digest));
        decided.reset();
        if (++rows % rows_per_batch != 0) {
            return Ok{};
        }
        WINBACK_TRY(const Ok written, store.write(batch, false));
        static_cast<void>(written);
        batch.clear();
        return Ok{};
    }
};

}  // namespace

Status make_message_list(store::Store& store) {
    WINBACK_TRY(const auto made, store.get(Family::Control, made_key));
    if (made.has_value()) {
        return Ok{};
    }
    Lister lister{.store = store, .batch = store::Batch(store), .decided = {}, .last = {}};
    store::Cursor rows = store.scan(Family::Message, {}, {});
    for (; rows.valid(); rows.next()) {
        if (rows.key().size() == key_bytes) {
            WINBACK_TRY(const Ok put, lister.put());
            static_cast<void>(put);
            WINBACK_TRY(lister.decided, store::decode_message_decided(rows.value()));
            lister.last = {.state = lister.decided->state,
                           .reason = lister.decided->reason,
                           .at = lister.decided->at};
        } else {
            WINBACK_TRY(lister.last, store::decode_message_step(rows.value()));
        }
    }
    WINBACK_TRY(const Ok read, rows.status());
    static_cast<void>(read);
    WINBACK_TRY(const Ok put, lister.put());
    static_cast<void>(put);
    lister.batch.put(Family::Control, made_key, made_form);
    return store.write(lister.batch, true);
}

}  // namespace winback::host
