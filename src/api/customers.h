// What the API and the pages say of customers: a thin list, one customer whole, a timeline.
//
// All of these read the base through the host and block; they run on the desk's threads.
// docs/design/api.md names every key of the trees.
#pragma once

#include <string>
#include <string_view>

#include "api/customer_filter.h"
#include "api/desk.h"
#include "api/directory.h"
#include "base/diagnostic.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::host {
struct TimelineEntry;
struct StoredMessage;
}  // namespace winback::host

namespace winback::api {

constexpr std::size_t timeline_limit_default = 100;
constexpr std::size_t timeline_limit_max = 1000;
// Of the newest entries; what is older stays in the store.
constexpr std::size_t timeline_kept_max = 5000;
constexpr std::size_t order_days_shown_max = 500;  // The newest.

// {customers: [...], matching, after}; `after` is null on the last page. When a condition took too
// long, `looked_at` and `of` say how far it came.
struct CustomerList {
    ValueMap tree;
    Diagnostics diagnostics;  // Of `where`; with errors nothing was listed.
    // `where` reads what is not in memory, and the pass over the histories goes on: nobody is
    // listed yet, `looked_at` and `of` say how far it is.
    bool reading = false;
};
// Fails with InvalidArgument for a cursor that is none and with NotFound for such a segment.
Result<CustomerList> list_customers(Desk& desk, const CustomerFilter& filter);

// What a filter asks of the directory, for lists and exports.
struct CustomerQuestion {
    directory::Question question;
    std::string segment;
    ChosenPtr chosen;         // Null when there is no `where`.
    Diagnostics diagnostics;  // Of `where`.
};
Result<CustomerQuestion> customer_question(Desk& desk, const CustomerFilter& filter);

// The columns of these customers of one list, as far as they are still there.
std::vector<ValueMap> customer_rows(Desk& desk,
                                    const std::vector<Directory::Hit>& hits,
                                    const std::vector<std::string>& columns);

// Everything known of one customer. An id that was merged into another gives that one. Fails
// with NotFound.
Result<ValueMap> describe_customer(Desk& desk, std::string_view id);

struct TimelineFilter {
    std::string kind;  // event, message, decision, consent, note; empty: all.
    std::size_t limit = timeline_limit_default;
    std::string after;  // As the page before gave it; empty: from the newest on.
};
// The filter in the query of a request: kind, limit, after.
Result<TimelineFilter> timeline_filter_of(const http::Request& request);
// {entries: [...], after}: newest first; `after` is null where nothing older is kept. Fails with
// NotFound and InvalidArgument.
Result<ValueMap> describe_timeline(Desk& desk, std::string_view id, const TimelineFilter& filter);

// One entry; `whole` gives messages with their texts, events with all that came.
ValueMap timeline_value(const host::TimelineEntry& entry, bool whole);

// A message with its text, its explanation and its steps.
ValueMap message_value(const host::StoredMessage& message);
// The same without text and explanation, for lists.
ValueMap message_summary(const host::StoredMessage& message);

}  // namespace winback::api
