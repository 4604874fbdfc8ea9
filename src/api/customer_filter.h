// What a list of customers is asked for, as it stands in its address.
//
//   q          text to search for: id, e-mail address, phone, name
//   segment    id of a segment
//   state      report::customer_state_name
//   moved, since   from one state to another since a moment: "active:at_risk"
//   journey, step, arm, done, entered_since, entered_until, entered_under   passage_choice.h
//   where      a condition in the condition language
//   recency, frequency, monetary   1 to 5: a cell of the RFM grid
//   tag        one of the team's tags
//   consent    channel:state, "email:granted"
//   suppressed true, false
//   order, rising   one of directory::order_names; rising=true turns it round
//   columns    separated by commas; forms send `column` once for each
//   limit, after
#pragma once

#include <string>
#include <vector>

#include "api/passage_choice.h"
#include "base/result.h"
#include "directory/table.h"
#include "http/request.h"
#include "http/url.h"

namespace winback::api {

constexpr std::size_t list_limit_default = 50;
constexpr std::size_t list_limit_max = 200;
constexpr std::size_t search_bytes_max = 200;
constexpr std::size_t where_bytes_max = 4'000;
constexpr std::size_t columns_max = 20;
constexpr std::size_t column_bytes_max = 128;

struct CustomerFilter {
    std::string search;
    std::string segment;
    std::string where;
    std::string moved;
    std::string since;
    PassageChoice passage;
    directory::Filter filter;  // The rest; its needle and its segment are set by the list.
    directory::Order order = directory::Order::Id;
    bool rising = false;
    std::vector<std::string> columns;  // Empty: those of `default_columns`.
    std::size_t limit = list_limit_default;
    std::string after;  // As the page before gave it.

    // Anything but the order, the columns and the page.
    bool chosen() const;
    // The address again: all but limit and after.
    http::Pairs address() const;
};

// Fails with InvalidArgument and says how it must be. Parameters that it does not know are not
// looked at; an empty one is as good as none.
Result<CustomerFilter> customer_filter_of(const http::Request& request,
                                          directory::Order order = directory::Order::Id);

// Columns that the tables know; also scores (engine/scores.h), `user.NAME` for any trait, and
// `in.SEGMENT` for membership.
bool is_column(std::string_view name);
const std::vector<std::string>& default_columns();
// For choosing: in the order in which people think of them.
const std::vector<std::string>& known_columns();

// Where a page goes on; opaque to callers.
std::string cursor_of(const directory::Place& place);
Result<directory::Place> place_of(const std::string& cursor);

}  // namespace winback::api
