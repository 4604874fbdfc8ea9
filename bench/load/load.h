// A closed- or open-loop HTTP load generator on one thread: epoll, keep-alive, N connections.
//
// Closed loop: each connection sends its next request when the last was answered. Open loop
// (`requests_per_second` > 0): requests fall due at even distances and latency counts from when
// one was due, so that a stalled server cannot hide its stall by slowing the generator down.
// A 429 is waited out (Retry-After) and the same request is sent again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace winback::load {

struct LoadOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    int connections = 16;
    std::uint64_t requests_max = 0;  // 0: until `seconds` have passed.
    double seconds = 10;
    double requests_per_second = 0;  // 0: as fast as answers come.
};

struct LoadReport {
    std::uint64_t answered = 0;   // With status 200.
    std::uint64_t postponed = 0;  // With 429.
    std::uint64_t failed = 0;     // Any other status, or the connection ended.
    double seconds = 0;
    std::vector<std::uint32_t> latencies_us;  // Of the answered ones, sorted.
    std::string first_failure;

    // 0 <= p <= 1. 0 when nothing was answered.
    std::uint32_t percentile_us(double p) const;
};

// Puts one whole request into `out`, replacing what was there.
using WriteRequest = std::function<void(std::uint64_t n, std::string& out)>;

// Fails with Unavailable when the server cannot be reached.
Result<LoadReport> run_load(const LoadOptions& options, const WriteRequest& write);

}  // namespace winback::load
