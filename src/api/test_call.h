// For tests: asks a router as the server would, without sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "http/router.h"
#include "http/stream.h"
#include "http/url.h"

namespace winback::api {

struct Call {
    std::string method = "GET";
    std::string target;  // "/customers?q=a"
    http::Pairs headers;
    std::string body;
};

// Puts what a stream has ready into the body, so that tests see it like any other answer. The
// stream stays: a push stream may be read again.
inline void read_stream(http::Response& response) {
    response.stream->attach([] {});
    while (response.stream->take(response.body) == http::BodyStream::State::More) {
    }
}

// Pre: the handlers answer before they return (a desk without threads).
inline http::Response call(const http::Router& router, const Call& call) {
    const std::string_view target = call.target;
    const std::size_t mark = target.find('?');
    const std::string_view path = target.substr(0, mark);
    const http::Router::Match match = router.match(call.method, path);
    if (match.route == nullptr) {
        return http::no_route(match, call.method);
    }
    const auto request = std::make_shared<http::Request>();
    request->method = call.method;
    request->target = call.target;
    request->path = http::percent_decode(path).value();
    if (mark != std::string_view::npos) {
        const Result<http::Pairs> query = http::parse_query(target.substr(mark + 1));
        if (!query) {
            return http::error(400, "bad_request", query.error().message);  // As the server does.
        }
        request->query = *query;
    }
    request->headers = call.headers;
    request->params = match.params;
    request->body = call.body;
    std::optional<http::Response> answer;
    match.route->handler(request, [&](http::Response response) {
        if (!answer) {
            answer = std::move(response);
        }
    });
    EXPECT_TRUE(answer.has_value()) << call.target;
    if (answer && answer->stream != nullptr) {
        read_stream(*answer);
    }
    return answer ? *std::move(answer) : http::text(599, "no answer");
}

}  // namespace winback::api
