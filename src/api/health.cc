// Whether the server works, for people and for Prometheus.
#include <array>
#include <string>

#include "api/access.h"
#include "api/health_watch.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

struct Metric {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    std::uint64_t host::Health::*figure;
};

constexpr std::array<Metric, 11> metrics{{
    {"winback_customers", "gauge", "Customers in memory.", &host::Health::customers},
    {"winback_customer_memory_bytes", "gauge", "Memory of customers, approximate.",
     &host::Health::memory_bytes},
    {"winback_inputs_total", "counter", "Inputs applied since the start.", &host::Health::inputs},
    {"winback_duplicates_total", "counter", "Events that were known already.",
     &host::Health::duplicates},
    {"winback_batches_total", "counter", "Durable batches written.", &host::Health::batches},
    {"winback_written_bytes_total", "counter", "Bytes of batches.", &host::Health::bytes_written},
    {"winback_disk_bytes", "gauge", "Size of the data folder.", &host::Health::disk_bytes},
    {"winback_queued_inputs", "gauge", "Inputs that wait.", &host::Health::queued},
    {"winback_lag_inputs", "gauge", "Inputs that a start would replay.", &host::Health::lag_inputs},
    {"winback_messages_in_flight", "gauge", "Messages at the sender.", &host::Health::in_flight},
    {"winback_messages_waiting", "gauge", "Messages that wait to be sent.",
     &host::Health::waiting_to_send},
}};

http::Response prometheus(Desk& desk, const http::Request&) {
    const host::Health health = desk.host().health();
    std::string text;
    const auto add = [&](std::string_view name, std::string_view type, std::string_view help,
                         std::uint64_t value) {
        text.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
        text.append(name).append(" ").append(type).append("\n");
        text.append(name).append(" ").append(std::to_string(value)).append("\n");
    };
    for (const Metric& metric : metrics) {
        add(metric.name, metric.type, metric.help, health.*metric.figure);
    }
    add("winback_quarantined_inputs", "gauge", "Inputs that ended the process twice.",
        health.quarantined.size());
    http::Response response = http::text(200, std::move(text));
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    return response;
}

}  // namespace

ValueMap health_tree(Desk& desk) {
    host::Host& host = desk.host();
    const host::Health health = host.health();
    ValueMap tree;
    tree.set("status", "ok");
    tree.set("now", host.now());
    tree.set("shards", static_cast<std::int64_t>(host.shard_count()));
    for (const Metric& metric : metrics) {
        std::string name(metric.name.substr(std::string_view("winback_").size()));
        tree.set(std::move(name), static_cast<std::int64_t>(health.*metric.figure));
    }
    tree.set("batch_micros_mean", health.batch_micros_mean);
    tree.set("start_seconds", static_cast<double>(health.start_duration.ms) / 1000);
    tree.set("replayed_at_start", static_cast<std::int64_t>(health.replayed_at_start));
    ValueList quarantined;
    for (const host::Quarantined& input : health.quarantined) {
        ValueMap one;
        one.set("shard", std::int64_t{input.shard});
        one.set("sequence", static_cast<std::int64_t>(input.sequence));
        quarantined.emplace_back(std::move(one));
    }
    tree.set("quarantined", std::move(quarantined));
    tree.set("watch", desk.part<HealthWatch>().tree());
    return tree;
}

void add_health_routes(http::Router& router, const DeskPtr& desk) {
    // Bare for whoever watches from outside: it says nothing that a stranger could use.
    add_route(router, desk, {.pattern = "/api/v1/health", .open = true},
              [](Desk& at, const http::RequestPtr& request, const http::Reply& reply) {
                  reply(refuse(*request, at.host().keys(), "read")
                            ? http::json(200, R"({"status":"ok"})")
                            : json_answer(health_tree(at)));
              });
    add_guarded(router, desk, "/metrics", "read", prometheus);
}

}  // namespace winback::api
