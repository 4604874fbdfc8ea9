// Counts requests for Prometheus, and knows whether the server is on its way out.
//
// Fed by http::Server through `on_access`, once for each answer; shared by the server and the
// routes that show it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "http/server.h"

namespace winback::api {

// Upper bounds in microseconds; 50 ms is what a page may take.
inline constexpr std::array<std::int64_t, 11> request_bounds_micros{
    1'000, 2'500, 5'000, 10'000, 25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 5'000'000};

class Meter {
public:
    // Any thread. Patterns of routes bound what is counted, never what a client sends.
    void count(const http::AccessRecord& record);

    // Adds the families of requests and connections to a text in Prometheus' format.
    void write(std::string& out) const;

    // Set by whoever runs the server. May be empty.
    void watch(std::function<http::ServerStats()> stats);
    void stop() { stopping_ = true; }
    bool stopping() const { return stopping_; }

private:
    struct Route {
        std::array<std::uint64_t, request_bounds_micros.size() + 1> counts{};
        std::uint64_t sum_micros = 0;
        std::array<std::uint64_t, 6> by_class{};  // Of statuses: 1xx … 5xx; 0 is not used.
    };

    mutable std::mutex mutex_;
    std::map<std::string, Route, std::less<>> routes_;  // "GET /api/v1/overview"
    std::uint64_t request_bytes_ = 0;
    std::uint64_t response_bytes_ = 0;
    std::function<http::ServerStats()> stats_;
    std::atomic<bool> stopping_{false};
};

}  // namespace winback::api
