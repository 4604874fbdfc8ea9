// The list of all messages, newest decision first: one small row for each, so that no page has to
// read the texts.
//
// Rows stand in the family MessageOf behind a mark that no shard has: mark, state, reason, time
// of the decision (falling), message key. So all messages of one state and reason lie together,
// and a list of several merges a few ranges. A row moves when its message changes its state; it
// is written in the batch of the step itself. docs/design/rows.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "customer/channel.h"
#include "engine/effect.h"
#include "message/state.h"

namespace winback::store {

constexpr std::size_t digest_subject_bytes_max = 160;  // Of the subject that a list shows.

// Where a message stands in the list.
struct MessagePlace {
    message::MessageState state = message::MessageState::Queued;
    std::optional<message::RefusalReason> reason;
    Timestamp at;  // Of the decision that was made last.
    Hash128 key;
    bool operator==(const MessagePlace&) const = default;
};
std::string message_place_key(const MessagePlace& place);
bool parse_message_place_key(std::string_view key, MessagePlace& out);

// All places of one state and reason; `from` is at most as old as `at`, with `key` the first of
// that moment that is meant.
std::string message_place_from(message::MessageState state,
                               std::optional<message::RefusalReason> reason,
                               Timestamp at,
                               const Hash128& key);
std::string message_place_end(message::MessageState state,
                              std::optional<message::RefusalReason> reason);

// What a list shows beside the place.
struct MessageDigest {
    std::string customer;
    std::string journey;
    std::string step;
    std::string template_id;
    customer::Channel channel = customer::Channel::Email;
    std::string language;
    std::string subject;  // Cut at digest_subject_bytes_max, between letters.
    Timestamp changed_at;
};
MessageDigest digest_of(const engine::MessageDecided& decided);
std::string encode(const MessageDigest& digest);
Result<MessageDigest> decode_message_digest(std::string_view bytes);  // Fails with Corrupt.

}  // namespace winback::store
