// Whether the server works, for people.
#include <array>
#include <string>

#include "api/access.h"
#include "api/health_watch.h"
#include "api/refusals.h"
#include "api/routes.h"
#include "host/host.h"

namespace winback::api {
namespace {

struct Figure {
    std::string_view name;
    std::uint64_t host::Health::*figure;
};

constexpr std::array<Figure, 11> figures{{{"customers", &host::Health::customers},
                                          {"customer_memory_bytes", &host::Health::memory_bytes},
                                          {"inputs_total", &host::Health::inputs},
                                          {"duplicates_total", &host::Health::duplicates},
                                          {"batches_total", &host::Health::batches},
                                          {"written_bytes_total", &host::Health::bytes_written},
                                          {"disk_bytes", &host::Health::disk_bytes},
                                          {"queued_inputs", &host::Health::queued},
                                          {"lag_inputs", &host::Health::lag_inputs},
                                          {"messages_in_flight", &host::Health::in_flight},
                                          {"messages_waiting", &host::Health::waiting_to_send}}};

}  // namespace

ValueMap health_tree(Desk& desk) {
    host::Host& host = desk.host();
    const host::Health health = host.health();
    ValueMap tree;
    tree.set("status", "ok");
    tree.set("now", host.now());
    tree.set("shards", static_cast<std::int64_t>(host.shard_count()));
    for (const Figure& figure : figures) {
        tree.set(std::string(figure.name), static_cast<std::int64_t>(health.*figure.figure));
    }
    ValueMap parts;
    for (const customer::MemoryPart& part : health.memory_parts) {
        parts.set(std::string(part.name), static_cast<std::int64_t>(part.bytes));
    }
    tree.set("customer_memory", std::move(parts));
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
    ValueMap refused;
    for (std::size_t i = 0; i < refusal_names.size(); ++i) {
        refused.set(std::string(refusal_names.at(i)),
                    static_cast<std::int64_t>(desk.part<Refusals>().of(i)));
    }
    tree.set("sign_ins_refused", std::move(refused));
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
}

}  // namespace winback::api
