#include "api/ingest.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/live_events.h"
#include "api/public_address.h"
#include "api/visitor.h"
#include "base/check.h"
#include "base/strings.h"
#include "base/value.h"
#include "http/authorization.h"

namespace winback::api {
namespace {

using PortsPtr = std::shared_ptr<const IngestPorts>;

http::Response readable_anywhere(http::Response response) {
    http::allow_any_origin(response);
    return response;
}

http::Response unknown_key() {
    return readable_anywhere(
        http::error(401, "invalid_write_key",
                    "the write key is missing or unknown; make one with: winback key create "
                    "--kind write"));
}

// The key that the request itself names, empty when only its body can.
std::string key_of(const http::Request& request) {
    const std::string* header = request.header("authorization");
    if (header == nullptr) {
        return {};
    }
    Result<http::Authorization> authorization = http::parse_authorization(*header);
    if (!authorization || authorization->scheme != http::AuthorizationScheme::Basic) {
        return {};  // A bearer token says who the client is, not to whom the events belong.
    }
    return authorization->user;
}

http::Response refused_body(const Error& error) {
    const bool large = error.code == ErrorCode::LimitExceeded;
    return readable_anywhere(http::error(400, large ? "too_large" : "invalid_json", error.message));
}

http::Response accepted(const std::vector<event::Rejection>& rejected) {
    std::string body = R"({"success":true)";
    for (const event::Rejection& rejection : rejected) {
        body += &rejection == rejected.data() ? R"(,"rejected":[{"index":)" : R"(,{"index":)";
        body += std::to_string(rejection.index);
        body += R"(,"code":)";
        append_json_string(body, rejection.code);
        body += R"(,"message":)";
        append_json_string(body, rejection.message);
        body += '}';
    }
    body += rejected.empty() ? "}" : "]}";
    return readable_anywhere(http::json(200, std::move(body)));
}

http::Response not_taken(const Error& error, const IngestPorts& ports) {
    if (error.code != ErrorCode::Unavailable) {
        return readable_anywhere(http::error(error));
    }
    constexpr std::int64_t seconds_max = 300;  // Clients wait no longer, whatever they are told.
    const std::int64_t wait = (ports.retry_after().ms + 999) / 1000;
    const auto seconds = static_cast<int>(std::clamp<std::int64_t>(wait, 1, seconds_max));
    return readable_anywhere(http::too_many_requests(
        seconds, "too many events are waiting; send this again after Retry-After seconds"));
}

void show(const IngestPorts& ports, Arrival arrival) {
    if (ports.live != nullptr) {
        ports.live->offer(std::move(arrival));
    }
}

void refuse_key(const IngestPorts& ports, Arrival arrival, const http::Reply& reply) {
    arrival.write_key.clear();
    arrival.refused_code = "invalid_write_key";
    arrival.refused_message = "the write key is missing or unknown; make one under Settings";
    show(ports, std::move(arrival));
    reply(unknown_key());
}

void take(const PortsPtr& kept,
          const event::Call& call,
          const http::RequestPtr& request,
          const http::Reply& reply) {
    const IngestPorts& ports = *kept;
    const std::string named_key = key_of(*request);
    Arrival arrival{
        .request = request, .call = call, .received = ports.now(), .write_key = named_key};
    if (!named_key.empty() && !ports.is_write_key(named_key)) {
        refuse_key(ports, std::move(arrival), reply);
        return;
    }
    // Its buffers are as large as the largest body; one per I/O thread.
    thread_local event::Decoder decoder;
    event::DecodeOptions options;
    options.received = arrival.received;
    options.call = call;
    Result<event::Decoded> decoded = decoder.decode(request->body, options);
    if (!decoded && !named_key.empty()) {
        arrival.refused_code =
            decoded.error().code == ErrorCode::LimitExceeded ? "too_large" : "invalid_json";
        arrival.refused_message = decoded.error().message;
        show(ports, std::move(arrival));
        reply(refused_body(decoded.error()));
        return;
    }
    // Without a key that is known, nobody learns what the decoder thinks of a body.
    if (!decoded || (named_key.empty() && !ports.is_write_key(decoded->write_key))) {
        refuse_key(ports, std::move(arrival), reply);
        return;
    }
    if (named_key.empty()) {
        arrival.write_key = decoded->write_key;
    }
    arrival.events = decoded->events.size() + decoded->rejected.size();
    show(ports, std::move(arrival));
    if (ports.on_rejected) {
        std::for_each(decoded->rejected.begin(), decoded->rejected.end(), ports.on_rejected);
    }
    if (decoded->events.empty()) {
        reply(accepted(decoded->rejected));
        return;
    }
    ports.submit(std::move(decoded->events),
                 [kept, reply, rejected = std::move(decoded->rejected)](const Status& status) {
                     reply(status ? accepted(rejected) : not_taken(status.error(), *kept));
                 });
}

// What the browser library asks for before it sends anything: where to send to.
http::Response settings(const IngestPorts& ports, const http::Request& request) {
    const std::string_view key = request.param("write_key");
    if (!ports.is_write_key(key)) {
        return readable_anywhere(http::error(404, "not_found", "there is no such write key"));
    }
    std::string body = R"({"integrations":{"Segment.io":{"apiKey":)";
    append_json_string(body, key);
    body += R"(,"apiHost":)";
    append_json_string(body, host_of(request).value_or("") + "/v1");
    body += R"(,"protocol":)";
    body += over_tls(request) ? R"("https")" : R"("http")";
    body += R"(,"addBundledMetadata":true,"unbundledIntegrations":[]}},)"
            R"("plan":{"track":{"__default":{"enabled":true,"integrations":{}}},)"
            R"("identify":{"__default":{"enabled":true}},"group":{"__default":{"enabled":true}}},)"
            R"("edgeFunction":{},"analyticsNextEnabled":true,"middlewareSettings":{},)"
            R"("enabledMiddleware":{},"metrics":{"sampleRate":0},)"
            R"("legacyVideoPluginsEnabled":false,"remotePlugins":[]})";
    http::Response response = readable_anywhere(http::json(200, std::move(body)));
    response.add("Cache-Control", "private, max-age=300");
    return response;
}

}  // namespace

void add_ingest_routes(http::Router& router, IngestPorts ports) {
    const auto kept = std::make_shared<const IngestPorts>(std::move(ports));
    const http::RouteOptions limits{ingest_body_bytes_max, ingest_body_bytes_max};
    const http::Handler preflight =
        http::sync([](const http::Request&) { return http::allow_any_origin_preflight(); });
    for (const char* name : {"identify", "track", "page", "screen", "group", "alias", "batch",
                             "import", "i", "t", "p", "s", "g", "a", "b"}) {
        const std::string path = std::string("/v1/") + name;
        const std::optional<event::Call> call = event::call_from_path(path);
        WINBACK_CHECK(call.has_value());
        router.add(
            "POST", path,
            [kept, call = *call](const http::RequestPtr& request, const http::Reply& reply) {
                take(kept, call, request, reply);
            },
            limits);
        router.add("OPTIONS", path, preflight);
    }
    // Counters of the browser library about itself; taken so that it does not complain.
    router.add("POST", "/v1/m", http::sync([](const http::Request&) { return accepted({}); }));
    router.add("OPTIONS", "/v1/m", preflight);
    router.add(
        "GET", "/v1/projects/:write_key/settings",
        http::sync([kept](const http::Request& request) { return settings(*kept, request); }));
}

}  // namespace winback::api
