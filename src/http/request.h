// A complete HTTP request as plain data: what handlers see.
//
// Nothing here knows of sockets. A request reaches a handler only when it was well-formed and
// within the limits: path and query are decoded, the body is whole and any Content-Encoding has
// been undone. `target`, `query`, header values and the body may hold secrets: never log them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace winback::http {

// Ordered as sent; a name may occur more than once.
using Pairs = std::vector<std::pair<std::string, std::string>>;

// Null when no pair has this name; the first when several have.
const std::string* find_pair(const Pairs& pairs, std::string_view name);
// The same, ignoring ASCII case: for header fields.
const std::string* find_field(const Pairs& fields, std::string_view name);

class Upload;

struct Request {
    std::string method;  // "GET", as sent; methods are case-sensitive.
    std::string target;  // As sent, undecoded: for signatures.
    std::string path;    // Decoded, without the query; begins with '/'.
    Pairs query;         // Decoded.
    Pairs headers;
    Pairs params;      // What ":name" and "*name" of the route's pattern stood for; decoded.
    std::string body;  // Content-Encoding undone.
    // In place of `body`, of routes that take files (http/upload.h).
    std::vector<std::shared_ptr<Upload>> uploads;
    Pairs form;                  // The fields of a form with files that are none.
    std::string remote_address;  // Without the port: "127.0.0.1", "::1".
    Timestamp received_at;       // When the last byte had arrived.

    const std::string* header(std::string_view name) const { return find_field(headers, name); }
    const std::string* query_value(std::string_view name) const { return find_pair(query, name); }
    // Empty when the pattern has no such parameter.
    std::string_view param(std::string_view name) const;
    // The first cookie of this name.
    std::optional<std::string> cookie(std::string_view name) const;
};

using RequestPtr = std::shared_ptr<const Request>;

}  // namespace winback::http
