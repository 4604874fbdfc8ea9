// Decoding against its reference, simdjson's parse alone, on the browser's typical event.

#include <string>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "event/decode.h"

namespace {

using namespace winback;

// 934 bytes, as the browser's client sends it.
std::string item(int n) {
    std::string text =
        R"({"timestamp":"2026-11-21T22:11:55.232Z","integrations":{},"event":"Product Viewed",)"
        R"("type":"track","properties":{"product_id":"507f1f77bcf86cd799439011","sku":"G-32",)"
        R"("category":"Games","name":"Monopoly: 3rd Edition","brand":"Hasbro","price":18.99,)"
        R"("quantity":1,"currency":"GBP","position":3},"context":{"page":{"path":"/p/1",)"
        R"("referrer":"","search":"?utm_source=nl&utm_campaign=spring","title":"Monopoly",)"
        R"("url":"https://shop.example.com/p/1?utm_source=nl&utm_campaign=spring"},)"
        R"("userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36","locale":"en-US",)"
        R"("library":{"name":"analytics.js","version":"npm:next-1.84.3"},)"
        R"("campaign":{"source":"nl","name":"spring"},"timezone":"Europe/London"},)"
        R"("messageId":"ajs-next-1795299115232-b7c1eed3-0320-4779-87d7-4cd28ee2)" +
        std::to_string(1000 + n) + R"(","userId":"user-)" + std::to_string(100000 + n) +
        R"(","anonymousId":"016003bb-33b7-41ee-9303-20f77987d74c","writeKey":"wkb","_metadata":)"
        R"({"bundled":["Segment.io"],"unbundled":[],"bundledIds":[]}})";
    return text;
}

std::string batch_body(int count) {
    std::string body = R"({"writeKey":"wkb","batch":[)";
    for (int i = 0; i < count; ++i) {
        body += (i == 0 ? "" : ",") + item(i);
    }
    return body + R"(],"sentAt":"2026-11-21T22:11:55.238Z"})";
}

constexpr int batch_size = 100;

void report(benchmark::State& state, const std::string& body) {
    state.counters["events/s"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * batch_size, benchmark::Counter::kIsRate);
    state.counters["bytes/event"] = static_cast<double>(body.size()) / batch_size;
}

void ParseAlone(benchmark::State& state) {
    const std::string body = batch_body(batch_size);
    simdjson::dom::parser parser;
    for (auto _ : state) {
        simdjson::dom::element json;
        benchmark::DoNotOptimize(parser.parse(body).get(json));
    }
    report(state, body);
}
BENCHMARK(ParseAlone);

void DecodeBatch(benchmark::State& state) {
    const std::string body = batch_body(batch_size);
    event::Decoder decoder;
    for (auto _ : state) {
        const auto decoded =
            decoder.decode(body, {.received = {1'800'000'000'000}, .call = {.batch = true}});
        benchmark::DoNotOptimize(decoded->events.data());
    }
    report(state, body);
}
BENCHMARK(DecodeBatch);

void EncodeRecord(benchmark::State& state) {
    event::Decoder decoder;
    const auto decoded = decoder.decode(batch_body(batch_size),
                                        {.received = {1'800'000'000'000}, .call = {.batch = true}});
    std::size_t bytes = 0;
    for (auto _ : state) {
        bytes = 0;
        for (const event::Event& event : decoded->events) {
            bytes += event::encode(event).size();
        }
    }
    state.counters["events/s"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * batch_size, benchmark::Counter::kIsRate);
    state.counters["bytes/event"] = static_cast<double>(bytes) / batch_size;
}
BENCHMARK(EncodeRecord);

void DecodeRecord(benchmark::State& state) {
    event::Decoder decoder;
    const auto decoded =
        decoder.decode(batch_body(1), {.received = {1'800'000'000'000}, .call = {.batch = true}});
    const std::string record = event::encode(decoded->events[0]);
    for (auto _ : state) {
        const auto event = event::decode(record);
        benchmark::DoNotOptimize(event->time);
    }
    state.counters["events/s"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(DecodeRecord);

}  // namespace
