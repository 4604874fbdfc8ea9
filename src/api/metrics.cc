// What Prometheus reads.
#include <fstream>
#include <string>

#include <unistd.h>

#include "api/access.h"
#include "api/exposition.h"
#include "api/meter.h"
#include "api/refusals.h"
#include "api/routes.h"
#include "host/host.h"
#include "message/state.h"
#include "webhook/courier.h"

namespace winback::api {
namespace {

struct Metric {
    std::string_view name;
    std::string_view type;
    std::string_view help;
    std::uint64_t host::Health::*figure;
};

constexpr std::array<Metric, 12> host_metrics{{
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
    {"winback_queued_inputs_longest", "gauge", "Inputs that wait in the longest queue.",
     &host::Health::queue_max},
    {"winback_lag_inputs", "gauge", "Inputs that a start would replay.", &host::Health::lag_inputs},
    {"winback_messages_in_flight", "gauge", "Messages at the sender.", &host::Health::in_flight},
    {"winback_messages_waiting", "gauge", "Messages that wait to be sent.",
     &host::Health::waiting_to_send},
}};

void write_host(Exposition& text, const host::Health& health) {
    for (const Metric& metric : host_metrics) {
        text.family(metric.name, metric.type, metric.help);
        text.sample(health.*metric.figure);
    }
    text.family("winback_quarantined_inputs", "gauge", "Inputs that ended the process twice.");
    text.sample(std::uint64_t{health.quarantined.size()});
    text.family("winback_messages_total", "counter",
                "Messages that came into a state since the start.");
    for (std::size_t i = 0; i < health.message_states.size(); ++i) {
        text.sample(
            health.message_states.at(i),
            {{"state", message::message_state_name(static_cast<message::MessageState>(i))}});
    }
    text.family("winback_batch_write_duration_seconds", "histogram",
                "Writing a batch of inputs until it is durable.");
    text.histogram(host::LatencyCounts::bounds_micros, health.batch_latency.counts,
                   health.batch_latency.sum_micros);
    text.family("winback_customer_memory_part_bytes", "gauge",
                "Memory of customers by what it holds, approximate.");
    for (const customer::MemoryPart& part : health.memory_parts) {
        text.sample(std::uint64_t{part.bytes}, {{"part", part.name}});
    }
    text.family("winback_start_duration_seconds", "gauge", "How long the start took.");
    text.sample(static_cast<double>(health.start_duration.ms) / 1000);
    text.family("winback_replayed_inputs", "gauge", "Inputs that the start replayed.");
    text.sample(health.replayed_at_start);
}

void write_webhooks(Exposition& text, const webhook::CourierFigures& figures) {
    text.family("winback_webhooks", "gauge", "Endpoints.");
    text.sample(std::uint64_t{figures.endpoints});
    text.family("winback_webhook_deliveries_waiting", "gauge", "Deliveries that wait.");
    text.sample(std::uint64_t{figures.waiting});
    text.family("winback_webhook_deliveries_in_flight", "gauge", "Deliveries under way.");
    text.sample(std::uint64_t{figures.under_way});
    text.family("winback_webhook_deliveries_total", "counter",
                "Deliveries since the start, by outcome.");
    text.sample(figures.delivered, {{"outcome", "delivered"}});
    text.sample(figures.retried, {{"outcome", "retried"}});
    text.sample(figures.failed, {{"outcome", "failed"}});
    text.sample(figures.lost, {{"outcome", "lost"}});
}

void write_refusals(Exposition& text, const Refusals& refusals) {
    text.family("winback_sign_ins_refused_total", "counter",
                "Attempts to come in that were refused since the start, by reason.");
    for (std::size_t i = 0; i < refusal_names.size(); ++i) {
        text.sample(refusals.of(i), {{"reason", refusal_names.at(i)}});
    }
}

void write_process(Exposition& text) {
    std::ifstream memory("/proc/self/statm");
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    if (memory >> pages >> resident) {
        text.family("process_resident_memory_bytes", "gauge", "Resident memory.");
        text.sample(resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    }
    const auto ticks = static_cast<double>(::clock()) / CLOCKS_PER_SEC;
    text.family("process_cpu_seconds_total", "counter", "Processor time.");
    text.sample(ticks);
    text.family("winback_build_info", "gauge", "The version that runs; always 1.");
    text.sample(std::uint64_t{1}, {{"version", WINBACK_VERSION}, {"compiler", __VERSION__}});
}

http::Response metrics(Desk& desk, const Meter* meter, const webhook::Courier* courier) {
    std::string out;
    Exposition text(out);
    write_host(text, desk.host().health());
    text.family("winback_desk_waiting", "gauge", "Questions that wait for a thread.");
    text.sample(std::uint64_t{desk.waiting()});
    if (courier != nullptr) {
        write_webhooks(text, courier->figures());
    }
    write_refusals(text, desk.part<Refusals>());
    write_process(text);
    if (meter != nullptr) {
        meter->write(out);
    }
    http::Response response = http::text(200, std::move(out));
    response.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

void add_metrics_route(http::Router& router, const DeskPtr& desk, const ApiOptions& options) {
    add_guarded(
        router, desk, "/metrics", "read",
        [meter = options.meter, courier = options.webhooks](Desk& at, const http::Request&) {
            return metrics(at, meter.get(), courier.get());
        });
}

}  // namespace winback::api
