// All messages, newest first, and how many there are of each kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/cached.h"
#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"
#include "http/request.h"
#include "report/passages.h"

namespace winback::api {

constexpr std::size_t messages_limit_default = 50;
constexpr std::size_t messages_limit_max = 200;

// The states that a value of the query's `state` means: one, or those of a group. Empty for a name
// that is neither.
std::vector<message::MessageState> states_of(std::string_view name);

// {messages: [...], after, cut, looked_until, counts}: by the query's `state` (`states_of`),
// `reason`, `journey`, `step`, `template`, `channel`, `language`, `customer`, `since`, `until`
// (days or moments), `limit`, `after`. Fails with InvalidArgument for what does not exist and with
// NotFound for a customer who does not.
Result<ValueMap> list_messages(Desk& desk, const http::Request& request);

// The neighbours of a message in the list of this query: {newer, older}, keys or null.
Result<ValueMap> message_neighbours(Desk& desk, const http::Request& request, std::string_view key);

// {all, states: {queued: 3, ...}, refused: {no_consent: 2, ...}, held: {...}, clicked}.
ValueMap message_counts_value(const report::MessageCounts& counts);

// The passages of all customers through all journeys, at most half a minute old.
class PassageCache : public Cached<report::Passages> {
public:
    explicit PassageCache(Desk& desk);
};

}  // namespace winback::api
