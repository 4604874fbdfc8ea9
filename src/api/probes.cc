// For those who watch from outside: whether the process lives, and whether it takes work. Open to
// everybody, answered on the I/O thread without waiting for anything, and silent about the rest.
#include <filesystem>

#include "api/meter.h"
#include "api/routes.h"
#include "host/host.h"
#include "store/store.h"

namespace winback::api {
namespace {

// Empty when it is ready.
std::vector<std::string> obstacles(host::Host& host, const Meter* meter) {
    std::vector<std::string> found;
    if (meter != nullptr && meter->stopping()) {
        found.emplace_back("stopping");
    }
    if (!host.takes_inputs()) {
        found.emplace_back("storage_failed");
    }
    std::error_code error;
    const auto space = std::filesystem::space(host.store().folder(), error);
    if (error || space.available < store::disk_reserve_bytes) {
        found.emplace_back("disk_full");
    }
    return found;
}

http::Response status_answer(int status, std::string_view word, ValueMap tree) {
    ValueMap whole;
    whole.set("status", word);
    for (const auto& [name, value] : tree) {
        whole.set(name, value);
    }
    http::Response response = http::json(status, to_json(Value(std::move(whole))));
    response.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

void add_probe_routes(http::Router& router, const DeskPtr& desk, const ApiOptions& options) {
    router.add("GET", "/healthz",
               http::sync([](const http::Request&) { return status_answer(200, "ok", {}); }));
    // The server listens only when every row is in memory, so what is left to ask is little.
    router.add("GET", "/readyz", http::sync([desk, meter = options.meter](const http::Request&) {
                   const std::vector<std::string> found = obstacles(desk->host(), meter.get());
                   if (found.empty()) {
                       return status_answer(200, "ready", {});
                   }
                   ValueMap tree;
                   tree.set("reasons", ValueList(found.begin(), found.end()));
                   return status_answer(503, "not_ready", std::move(tree));
               }));
}

}  // namespace winback::api
