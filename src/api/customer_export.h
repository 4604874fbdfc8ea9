// Downloads: a list of customers as CSV, and all that is known of one as JSON. Made while they are
// sent, so their size does not matter to the server.
#pragma once

#include "api/desk.h"
#include "http/request.h"
#include "http/response.h"

namespace winback::api {

// The list of customer_filter.h, everybody who matches, ordered by shard and id; `bom=true` puts
// the mark in front that spreadsheets want. Cells that a spreadsheet would run are made harmless.
// 400 for a filter that is wrong.
http::Response export_customers(const std::shared_ptr<Desk>& desk, const http::Request& request);

// {customer, timeline: [...]}: facts, consents, journeys, events, messages with their texts, notes.
http::Response export_customer(const std::shared_ptr<Desk>& desk, const http::Request& request);

}  // namespace winback::api
