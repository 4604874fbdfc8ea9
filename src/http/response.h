// What a handler answers with, and the few shapes that every answer of ours has.
//
// The server adds Date, Content-Length, Connection and, for large text that the client can take
// so, Content-Encoding. Errors are always `{"code":"...","message":"..."}`: the Segment libraries
// read both.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace winback::http {

class BodyStream;
using BodyStreamPtr = std::shared_ptr<BodyStream>;

struct Response {
    int status = 200;
    Pairs headers;  // Without Date, Content-Length, Connection, Transfer-Encoding.
    std::string body;
    // Large text bodies are gzipped for clients that accept it; off for those that mix secrets
    // with what a stranger can choose (BREACH).
    bool compressible = true;
    // A body that is made while it is sent, in place of `body`: see http/stream.h.
    BodyStreamPtr stream;

    // Replaces a field of the same name.
    Response& set(std::string_view name, std::string value);
    // Adds one more field of a name that may repeat (Set-Cookie).
    Response& add(std::string_view name, std::string value);
};

// `text` is JSON already.
Response json(int status, std::string text);
// With the security headers of secure_page().
Response html(int status, std::string text);
Response text(int status, std::string text);
Response no_content();
// 303 See Other: the browser asks for `location` with GET. Control characters in `location` are
// percent-encoded; whether it may leave this host is the caller's decision.
Response redirect(std::string_view location);
Response error(int status, std::string_view code, std::string_view message);
// The one table from error codes to statuses. The message goes to the client as it is, except
// for Internal and Corrupt, whose details stay here.
Response error(const Error& error);
// 429 with Retry-After and X-RateLimit-Reset, both in seconds.
Response too_many_requests(int retry_after_seconds, std::string_view message);

// No scripts or styles but our own files, no framing, no sniffing, no referrer to others.
void secure_page(Response& response);

struct Cookie {
    std::string name;               // A token: letters, digits, '-', '_'.
    std::string value;              // Without control characters, spaces, '"', ',', ';', '\'.
    long long max_age_seconds = 0;  // 0 makes a cookie that ends with the browser; < 0 deletes.
    bool secure = false;            // Set it whenever the site is reached over TLS.
};
// HttpOnly, SameSite=Lax, Path=/. Pre: name and value hold only what is said above.
void set_cookie(Response& response, const Cookie& cookie);

// Answers a preflight of a browser that sends events from any site, and marks an answer as
// readable by it (formats of the Segment HTTP API). For ingest routes only.
Response allow_any_origin_preflight();
void allow_any_origin(Response& response);

// "Not Found" for 404; "Status" for a code without a name here.
std::string_view reason_phrase(int status);

}  // namespace winback::http
