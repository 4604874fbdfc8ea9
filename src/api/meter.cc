#include "api/meter.h"

#include <algorithm>

#include "api/exposition.h"

namespace winback::api {
namespace {

constexpr std::array<std::string_view, 6> class_names{"", "1xx", "2xx", "3xx", "4xx", "5xx"};

std::string_view known_method(std::string_view method) {
    for (const std::string_view known :
         {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        if (method == known) {
            return known;
        }
    }
    return "other";
}

struct Names {
    std::string_view method;
    std::string_view route;
};

Names names_of(std::string_view key) {
    const std::size_t space = key.find(' ');
    return {key.substr(0, space), key.substr(space + 1)};
}

}  // namespace

void Meter::count(const http::AccessRecord& record) {
    std::string key(known_method(record.method));
    key += ' ';
    key += record.route.empty() ? std::string_view("(none)") : record.route;
    const auto bound =
        std::lower_bound(request_bounds_micros.begin(), request_bounds_micros.end(), record.micros);
    const auto status_class = static_cast<std::size_t>(std::clamp(record.status / 100, 1, 5));
    const std::lock_guard lock(mutex_);
    Route& route = routes_[std::move(key)];
    route.counts.at(static_cast<std::size_t>(bound - request_bounds_micros.begin())) += 1;
    route.sum_micros += static_cast<std::uint64_t>(std::max<std::int64_t>(record.micros, 0));
    route.by_class.at(status_class) += 1;
    request_bytes_ += record.request_bytes;
    response_bytes_ += record.response_bytes;
}

void Meter::watch(std::function<http::ServerStats()> stats) {
    const std::lock_guard lock(mutex_);
    stats_ = std::move(stats);
}

void Meter::write(std::string& out) const {
    const std::lock_guard lock(mutex_);
    Exposition text(out);
    text.family("winback_http_requests_total", "counter", "Answers, by route and class of status.");
    for (const auto& [key, route] : routes_) {
        for (std::size_t i = 1; i < route.by_class.size(); ++i) {
            if (route.by_class.at(i) > 0) {
                text.sample(route.by_class.at(i), {{"method", names_of(key).method},
                                                   {"route", names_of(key).route},
                                                   {"status", class_names.at(i)}});
            }
        }
    }
    text.family("winback_http_request_duration_seconds", "histogram",
                "From a request's last byte to its answer; of events until they are durable.");
    for (const auto& [key, route] : routes_) {
        text.histogram(request_bounds_micros, route.counts, route.sum_micros,
                       {{"method", names_of(key).method}, {"route", names_of(key).route}});
    }
    text.family("winback_http_request_bytes_total", "counter", "Bodies that came.");
    text.sample(request_bytes_);
    text.family("winback_http_response_bytes_total", "counter", "Heads and bodies that left.");
    text.sample(response_bytes_);
    if (stats_) {
        const http::ServerStats stats = stats_();
        text.family("winback_http_connections", "gauge", "Open connections.");
        text.sample(static_cast<std::uint64_t>(std::max(stats.connections, 0)));
        text.family("winback_http_requests_pending", "gauge", "Requests that wait for an answer.");
        text.sample(static_cast<std::uint64_t>(std::max(stats.pending, 0)));
    }
}

}  // namespace winback::api
