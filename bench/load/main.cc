// winback_load: measures a running server with Segment batches, or the HTTP server alone.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/time.h"
#include "events.h"
#include "http/server.h"
#include "load.h"

namespace {

using winback::load::EventOptions;
using winback::load::LoadOptions;
using winback::load::LoadReport;

struct Arguments {
    LoadOptions load;
    EventOptions events;
    bool echo = false;
    int echo_threads = 1;
    int echo_bytes = 1024;
    bool json = false;
};

void read_arguments(CLI::App& app, Arguments& a) {
    app.add_option("--address", a.load.address, "IPv4 address of the server")
        ->capture_default_str();
    app.add_option("--port", a.load.port, "port of the server")->capture_default_str();
    app.add_option("--connections", a.load.connections, "open connections")->capture_default_str();
    app.add_option("--seconds", a.load.seconds, "how long to send")->capture_default_str();
    app.add_option("--requests", a.load.requests_max, "how many requests, instead of --seconds");
    app.add_option("--rate", a.load.requests_per_second,
                   "requests per second, evenly; without it as fast as answers come");
    app.add_option("--key", a.events.write_key, "write key (winback key create --kind write)");
    app.add_option("--path", a.events.path, "path to post to")->capture_default_str();
    app.add_option("--batch", a.events.batch, "events in a request")
        ->capture_default_str()
        ->check(CLI::Range(1, 2500));
    app.add_option("--customers", a.events.customers, "how many customers the events are of")
        ->capture_default_str()
        ->check(CLI::Range(1, 99'999'999));
    app.add_option("--seed", a.events.seed, "another seed, other events")->capture_default_str();
    app.add_flag("--echo", a.echo, "measure the HTTP server alone: echo of a 1 KB body");
    app.add_option("--echo-threads", a.echo_threads, "its threads")->capture_default_str();
    app.add_option("--echo-bytes", a.echo_bytes, "its bodies' size")->capture_default_str();
    app.add_flag("--json", a.json, "print one line of JSON");
}

void print(const Arguments& a, const LoadReport& report) {
    const double requests = static_cast<double>(report.answered) / report.seconds;
    const double events = a.echo ? 0 : requests * a.events.batch;
    if (a.json) {
        std::printf(R"({"answered":%llu,"postponed":%llu,"failed":%llu,"seconds":%.3f,)"
                    R"("requests_per_second":%.0f,"events_per_second":%.0f,)"
                    R"("p50_us":%u,"p99_us":%u,"max_us":%u})"
                    "\n",
                    static_cast<unsigned long long>(report.answered),
                    static_cast<unsigned long long>(report.postponed),
                    static_cast<unsigned long long>(report.failed), report.seconds, requests,
                    events, report.percentile_us(0.5), report.percentile_us(0.99),
                    report.percentile_us(1));
        return;
    }
    std::printf("%.0f requests/s", requests);
    if (!a.echo) {
        std::printf(", %.0f events/s", events);
    }
    std::printf("; latency p50 %.2f ms, p99 %.2f ms, max %.2f ms\n",
                report.percentile_us(0.5) / 1000.0, report.percentile_us(0.99) / 1000.0,
                report.percentile_us(1) / 1000.0);
    std::printf("%llu answered in %.2f s, %llu asked to wait (429), %llu failed\n",
                static_cast<unsigned long long>(report.answered), report.seconds,
                static_cast<unsigned long long>(report.postponed),
                static_cast<unsigned long long>(report.failed));
    if (!report.first_failure.empty()) {
        std::printf("first failure: %s\n", report.first_failure.c_str());
    }
}

// An own server with nothing behind it: what HTTP alone costs.
std::unique_ptr<winback::http::Server> echo_server(int threads) {
    namespace http = winback::http;
    http::Router router;
    router.add("POST", "/echo", http::sync([](const http::Request& request) {
                   return http::text(200, request.body);
               }));
    http::ServerOptions options;
    options.threads = threads;
    return std::make_unique<http::Server>(options, std::move(router));
}

std::string now_iso() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return winback::format_iso8601(
        {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()});
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Sends events to a winback server and says how fast they were taken."};
    Arguments arguments;
    read_arguments(app, arguments);
    CLI11_PARSE(app, argc, argv);
    std::unique_ptr<winback::http::Server> echo;
    winback::load::WriteRequest write;
    arguments.events.now_iso = now_iso();
    winback::load::EventWriter events(arguments.events);
    const std::string body(static_cast<std::size_t>(arguments.echo_bytes), 'x');
    const std::string echo_request =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    if (arguments.echo) {
        echo = echo_server(arguments.echo_threads);
        winback::Result<std::uint16_t> port = echo->start();
        if (!port) {
            std::fprintf(stderr, "%s\n", port.error().message.c_str());
            return 1;
        }
        arguments.load.port = *port;
        write = [&](std::uint64_t, std::string& out) { out = echo_request; };
    } else {
        write = [&](std::uint64_t n, std::string& out) { events.write(n, out); };
    }
    winback::Result<LoadReport> report = winback::load::run_load(arguments.load, write);
    if (!report) {
        std::fprintf(stderr, "%s\n", report.error().message.c_str());
        return 1;
    }
    print(arguments, *report);
    return report->failed == 0 ? 0 : 2;
}
