#include <chrono>

#include "api/ingest.h"
#include "host/host.h"

namespace winback::api {
namespace {

// Keys live by the wall clock even where a replayed folder has a time of its own.
Timestamp wall_clock() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

}  // namespace

IngestPorts ingest_ports(host::Host& host) {
    IngestPorts ports;
    ports.is_write_key = [&host](std::string_view key) {
        return host.keys().find(host::KeyKind::Write, key, wall_clock()).has_value();
    };
    ports.submit = [&host](std::vector<event::Event> events, std::function<void(Status)> done) {
        host.submit_batch(std::move(events), std::move(done));
    };
    ports.retry_after = [&host] { return host.retry_after(); };
    ports.now = [&host] { return host.now(); };
    return ports;
}

}  // namespace winback::api
