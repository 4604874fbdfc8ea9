// What every route of the API does the same way, in one place: who may, which parameters and
// members there are, answers that can be repeated safely, pages, chosen fields, versions, errors.
//
// A request is held against the description (description.h) before its handler sees it, and the
// answer is completed afterwards. docs/design/api.md says what clients see.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/desk.h"
#include "http/router.h"

namespace winback::api {

struct Rule {
    std::string method = "GET";
    std::string pattern;
    std::string scope = "read";
    std::size_t body_bytes_max = std::size_t{64} * 1024;
    // Where the work waits; null: at the desk.
    std::shared_ptr<Desk> room;
    // The handler itself decides what strangers see.
    bool open = false;
};

// Answers at once or later, from any thread.
using Later = std::function<void(Desk&, const http::RequestPtr&, const http::Reply&)>;

// `desk` is kept alive by the route.
void add_route(http::Router& router, const std::shared_ptr<Desk>& desk, Rule rule, Later answer);

constexpr std::size_t fields_max = 50;
constexpr std::size_t cursor_bytes_max = 2048;

// A place in a list as text that says nothing: with a check that it was ours, and for this list.
// `list` names the route and its filters.
std::string make_cursor(std::string_view list, std::string_view place);
std::optional<std::string> read_cursor(std::string_view list, std::string_view cursor);

// 400 for one parameter or member; `where` is "limit" or "/channel".
http::Response invalid_request(std::string_view where, std::string_view message);

// The version in If-Match: "12" or "12.anything" in quotes. Nothing without the field.
// Fails with InvalidArgument.
Result<std::optional<std::uint64_t>> version_in_if_match(const http::Request& request);
// The ETag of an answer about a thing with a version, which If-Match asks for.
void set_version(http::Response& response, std::uint64_t version);

}  // namespace winback::api
