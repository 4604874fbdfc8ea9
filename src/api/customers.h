// What the API and the pages say of customers: a thin list, one customer whole, a timeline.
//
// All of these read the base through the host and block; they run on the desk's threads.
// docs/design/api.md names every key of the trees.
#pragma once

#include <string>
#include <string_view>

#include "api/desk.h"
#include "base/result.h"
#include "base/value.h"

namespace winback::host {
struct TimelineEntry;
struct StoredMessage;
}  // namespace winback::host

namespace winback::api {

constexpr std::size_t list_limit_default = 50;
constexpr std::size_t list_limit_max = 200;
constexpr std::size_t timeline_limit_default = 100;
constexpr std::size_t timeline_limit_max = 1000;
constexpr std::size_t search_bytes_max = 200;
constexpr std::size_t order_days_shown_max = 500;  // The newest.

enum class CustomerOrder { ById, ByValueAtRisk };

struct CustomerFilter {
    std::string segment;  // Empty: all.
    std::string state;    // report::customer_state_name; empty: all.
    std::string search;   // Part of the id, the e-mail address or the name, without regard to case.
    CustomerOrder order = CustomerOrder::ById;
    std::size_t limit = list_limit_default;
    std::string after;  // Id of the last customer of the page before; empty: the first page.
};

// {customers: [...], matching, after}; `after` is null on the last page. Fails with
// InvalidArgument for a state that does not exist and with NotFound for such a segment.
Result<ValueMap> list_customers(Desk& desk, const CustomerFilter& filter);

// Everything known of one customer. An id that was merged into another gives that one. Fails
// with NotFound.
Result<ValueMap> describe_customer(Desk& desk, std::string_view id);

// Newest first. Fails with NotFound.
Result<ValueList> describe_timeline(Desk& desk, std::string_view id, std::size_t limit);

// A message with its text, its explanation and its steps.
ValueMap message_value(const host::StoredMessage& message);
// The same without text and explanation, for lists.
ValueMap message_summary(const host::StoredMessage& message);

}  // namespace winback::api
