// The table of routes: which handler answers which method and path.
//
// A pattern is a path whose segments may be ":name", standing for one non-empty segment; the last
// may be "*name", standing for the rest, slashes included. Literal segments win over ":name",
// ":name" over "*name"; in a tie the route added first wins. HEAD is answered by GET's handler
// with the body left out; OPTIONS, unless routed, by 204 with Allow.
//
// Handlers run on the I/O threads: they must not block. A handler answers through `reply`, at
// once or later, from any thread; only the first call counts. A reply that is dropped without
// having been called answers 500. The connection may be gone by then: that is the server's worry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"
#include "http/response.h"

namespace winback::http {

using Reply = std::function<void(Response)>;
using Handler = std::function<void(const RequestPtr& request, Reply reply)>;

// For handlers that answer at once.
Handler sync(std::function<Response(const Request&)> handler);

struct RouteOptions {
    std::size_t body_bytes_max = 0;      // As it arrives; 0: the server's default.
    std::size_t inflated_bytes_max = 0;  // After gzip is undone; 0: ten times body_bytes_max.

    // Not 0: the body may be this large and goes to files (http/upload.h); the limits above do not
    // count. At most upload_bytes_max.
    std::uint64_t file_bytes_max = 0;
    // Of routes that take files: asked when the head has come, before anything is kept; an answer
    // refuses the body. Path, query and params are decoded. On an I/O thread: must not block.
    std::function<std::optional<Response>(const Request& head)> admit;
    // Of routes that take files: called about once per megabyte that has come, on an I/O thread.
    // `total` is 0 when the client did not say.
    std::function<void(const Request& head, std::uint64_t came, std::uint64_t total)> on_progress;
};

struct Route {
    std::string method;
    std::string pattern;  // Also what logs show instead of the path, which may hold secrets.
    Handler handler;
    RouteOptions options;
    std::vector<std::string> segments;  // Of the pattern; filled by Router::add.
};

class Router {
public:
    // Pre: `pattern` begins with '/'; no route has the same method and pattern.
    void add(std::string_view method,
             std::string_view pattern,
             Handler handler,
             RouteOptions options = {});

    struct Match {
        const Route* route = nullptr;  // Null: answer 404, or 405 if `allow` is not empty.
        Pairs params;
        std::string allow;  // "GET, HEAD, OPTIONS": what the path can do, if the method cannot.
        bool malformed = false;  // The path holds a broken percent sequence: answer 400.
    };
    // `raw_path` is undecoded and without query. The pointer lives as long as the router is
    // neither changed nor destroyed.
    Match match(std::string_view method, std::string_view raw_path) const;

    const std::vector<Route>& routes() const { return routes_; }

private:
    std::vector<Route> routes_;
};

// The answer when match() found no route: 400, 404, 405, or 204 for OPTIONS.
Response no_route(const Router::Match& match, std::string_view method);

}  // namespace winback::http
