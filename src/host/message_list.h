// Reads the list of all messages, newest decision first, and makes it for folders that have none.
//
// The rows are those of store/message_list.h. States and reasons are ranges of their own, so they
// cost nothing to filter by; the other filters are asked of each row, and after `looked_max` rows
// the page ends where it stands and says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/message_list.h"
#include "store/store.h"

namespace winback::host {

constexpr std::size_t looked_max = 20'000;            // Rows that one page looks at.
constexpr std::size_t customer_messages_max = 2'000;  // Of one customer that a page looks at.

struct MessageFilter {
    std::vector<message::MessageState> states;  // One of these; empty: any.
    std::optional<message::RefusalReason> reason;
    std::optional<customer::Channel> channel;
    std::string journey;  // Empty: any; so below.
    std::string step;
    std::string template_id;
    std::string language;
    std::vector<std::string> customers;  // The ids of one customer; empty: everybody.
    Timestamp from = timestamp_min;      // Decided in [from, to).
    Timestamp to = timestamp_max;
};

// After which message a page begins; its own place in the order of time.
struct MessageCursor {
    Timestamp at;
    Hash128 key;
};

struct ListedMessage {
    store::MessagePlace place;
    store::MessageDigest digest;
};

struct MessagePage {
    std::vector<ListedMessage> messages;
    std::optional<MessageCursor> after;  // Nothing on the last page.
    bool cut = false;                    // Ended by looked_max: older ones may match.
};

// Fails with Corrupt.
Result<MessagePage> list_messages(const store::Store& store,
                                  const MessageFilter& filter,
                                  const std::optional<MessageCursor>& after,
                                  std::size_t limit);

// Queued, held or sending: in any other state a message stays as it is.
bool may_change(message::MessageState state);

// The place that a message has by its rows. Fails with NotFound or Corrupt.
Result<store::MessagePlace> message_place(const store::Store& store, const Hash128& key);

// For folders that were made before there was a list: reads every message once. Does nothing in
// a folder that has its list. Fails with Corrupt and as Store::write.
Status make_message_list(store::Store& store);

}  // namespace winback::host
