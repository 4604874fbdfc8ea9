// An HTTP/1.1 server: sockets on one side, handlers and plain structs on the other.
//
// Each thread runs its own event loop and owns the connections that it accepted, so connections
// need no locks. Replies may come from any thread and in any order; they are sent in the order
// of the requests. Every wait has a deadline and every buffer a bound, so that slow, silent and
// hostile clients cost little. TLS and HTTP/2 are a proxy's work. See docs/design/http.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/router.h"
#include "http/upload.h"

namespace winback::http {

// One answered request, without anything that could be a secret.
struct AccessRecord {
    std::string_view method;
    std::string_view route;  // The pattern, or "" when none matched.
    std::string_view remote_address;
    int status = 0;
    std::size_t request_bytes = 0;   // Of the body, after Content-Encoding was undone.
    std::size_t response_bytes = 0;  // Head and body as written.
    std::int64_t micros = 0;         // From the request's last byte to the reply.
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any free one; start() says which.
    int threads = 1;

    std::size_t header_bytes_max = std::size_t{16} * 1024;  // Request line and fields; else 431.
    std::size_t body_bytes_max = std::size_t{512} * 1024;   // A route may say otherwise; else 413.
    int connections_max = 20'000;                           // Further ones get 503 and are closed.
    int pending_max = 50'000;  // Requests awaiting their reply; else 429.
    int pipelined_max = 64;    // Unanswered requests of one connection; then it is not read.
    int streams_max = 256;     // Streamed answers under way; further ones get 503.

    UploadOptions uploads;  // Where routes that take files put them.

    Duration idle_timeout = seconds(75);    // Between requests.
    Duration header_timeout = seconds(10);  // From a request's first byte to its last field.
    // A body must arrive within this and one second more for each 16 KB that has come.
    Duration body_timeout = seconds(20);
    Duration write_timeout = seconds(30);  // Without the client having taken a single byte.
    Duration heartbeat = seconds(15);      // Of push streams that have nothing to say.
    Duration drain_timeout = seconds(10);  // What stop() waits for requests under way.

    // Called on the I/O threads after each answer; must not block. May be empty.
    std::function<void(const AccessRecord&)> on_access;
};

struct ServerStats {
    int connections = 0;
    int pending = 0;             // Handed to a handler, reply not yet called.
    int streams = 0;             // Streamed answers that have not ended.
    std::uint64_t requests = 0;  // Handed to a handler since the start.
};

class Server {
public:
    Server(ServerOptions options, Router router);
    ~Server();  // As stop().
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Listens and serves until stop(). Returns the port. Fails with Conflict when the port is
    // taken, PermissionDenied when it may not be used, InvalidArgument for an address that is
    // not one; the message says what to do. Pre: called once.
    Result<std::uint16_t> start();

    // Accepts no more, closes idle connections, waits up to drain_timeout for requests under
    // way, then closes all. Replies may still be called afterwards; they go nowhere.
    // Pre: not called on an I/O thread. May be called more than once.
    void stop() noexcept;

    ServerStats stats() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace winback::http
