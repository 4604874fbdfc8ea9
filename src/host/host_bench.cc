// Ingest through a host against RocksDB alone with the same rows, and the start of a folder.
//
//   host_bench --benchmark_filter=Ingest      events/s, durable, batches of 100
//   host_bench --benchmark_filter=Start/1000000
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "host/host.h"
#include "store/row_key.h"
#include "store/rows.h"

namespace winback::host {
namespace {

constexpr int request_events = 100;
constexpr int requests_open = 64;
constexpr std::uint32_t customers = 100'000;
constexpr Timestamp noon{1'780'315'200'000};

class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "winback-bench-XXXXXX");
        path_ = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string data() const { return path_ + "/data"; }

private:
    std::string path_;
};

// About 150 bytes in the log, as an order is.
event::Event make_event(std::uint64_t n, std::uint64_t customer_count) {
    event::Event event;
    event.message_id = "message-" + std::to_string(n);
    event.user_id = "customer-" + std::to_string(hash64(std::to_string(n)) % customer_count);
    event.name = "Order Completed";
    event.time = noon - seconds(static_cast<std::int64_t>(n % 1'000'000));
    event.properties.set("order_id", "order-" + std::to_string(n));
    event.properties.set("revenue", static_cast<double>(n % 100) + 0.99);
    event.properties.set("currency", "GBP");
    return event;
}

std::unique_ptr<Host> open(const Folder& folder, bool sync) {
    HostOptions options;
    options.folder = folder.data();
    options.workers = 2;
    options.sync = sync;
    options.queue_inputs_max = 1'000'000;
    return *Host::open(std::move(options));
}

// Keeps `requests_open` requests under way until all events are durable.
void ingest(Host& host, std::uint64_t events, std::uint64_t customer_count) {
    std::mutex mutex;
    std::condition_variable changed;
    int under_way = 0;
    for (std::uint64_t n = 0; n < events;) {
        std::vector<event::Event> request;
        for (int i = 0; i < request_events; ++i) {
            request.push_back(make_event(n++, customer_count));
        }
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return under_way < requests_open; });
            ++under_way;
        }
        host.submit_batch(std::move(request), [&](const Status&) {
            const std::lock_guard lock(mutex);
            --under_way;
            changed.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return under_way == 0; });
}

void Ingest(benchmark::State& state) {
    const auto events = static_cast<std::uint64_t>(state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        const Folder folder;
        auto host = open(folder, true);
        state.ResumeTiming();
        ingest(*host, events, customers);
        state.PauseTiming();
        const Health health = host->health();
        state.counters["batches"] = static_cast<double>(health.batches);
        state.counters["written_mb"] = static_cast<double>(health.bytes_written) / 1e6;
        host.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Ingest)->Arg(1'000'000)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

// The rows of a thousand events: log and message ids in chunks per shard, where each shard stands,
// and what was flushed: with 100,000 customers and a lag of 400,000 inputs, a customer's row and
// one chunk of history for every four events.
void put_rows(store::Batch& batch, std::uint64_t n, std::uint64_t from_shard) {
    constexpr int batch_events = 1'000;
    constexpr int shards = 32;
    constexpr int events_per_flush = 4;
    const std::string row(230, 'r');
    for (int s = 0; s < shards; ++s) {
        const auto shard = static_cast<store::ShardId>(from_shard + static_cast<std::uint64_t>(s));
        store::LogChunkWriter log;
        store::DedupeWriter ids;
        store::HistoryChunkWriter chunk;
        for (int i = 0; i < batch_events / shards; ++i, ++n) {
            const event::Event event = make_event(n, customers);
            const std::string bytes = event::encode(event);
            log.add(bytes, false);
            ids.add(hash64(event.message_id), n);
            chunk.add(event.time, bytes);
            if (i % events_per_flush == 0) {
                batch.put(store::Family::Customer, store::customer_key(shard, event.user_id), row);
                batch.put(store::Family::History, store::history_key(shard, event.user_id, n),
                          chunk.take());
            }
        }
        batch.put(store::Family::Log, store::log_key(shard, n), log.take());
        batch.put(store::Family::Dedupe, store::dedupe_key(shard, 20'000, n), ids.take());
        batch.put(store::Family::Meta, store::meta_key(shard, "mark"),
                  store::encode(store::Mark{.watermark = n}));
    }
}

void RocksDbAlone(benchmark::State& state) {
    const auto events = static_cast<std::uint64_t>(state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        const Folder folder;
        auto store = *store::Store::open({.folder = folder.data()});
        state.ResumeTiming();
        const auto write = [&](std::uint64_t from) {
            for (std::uint64_t n = 0; n < events / 2; n += 1'000) {
                store::Batch batch(*store);
                put_rows(batch, from * events / 2 + n, from * 32);
                benchmark::DoNotOptimize(store->write(batch, true));
            }
        };
        std::thread other([&] { write(1); });
        write(0);
        other.join();
        state.PauseTiming();
        state.counters["written_mb"] = static_cast<double>(store->stats().bytes_written) / 1e6;
        store.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(RocksDbAlone)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

double resident_bytes() {
    constexpr double page_bytes = 4096;
    std::ifstream statm("/proc/self/statm");
    double total_pages = 0;
    double resident_pages = 0;
    statm >> total_pages >> resident_pages;
    return resident_pages * page_bytes;
}

// Customers with 20 events each. The process as a whole per customer is told, too: free memory
// left by the ingest is given back first.
void Start(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const Folder folder;
    {
        auto host = open(folder, false);
        ingest(*host, count * 20, count);
    }
    ::malloc_trim(0);
    for (auto _ : state) {
        auto host = open(folder, false);
        state.PauseTiming();
        const Health health = host->health();
        state.counters["customers"] = static_cast<double>(health.customers);
        state.counters["bytes_per_customer"] =
            static_cast<double>(health.memory_bytes) / static_cast<double>(health.customers);
        state.counters["resident_per_customer"] =
            resident_bytes() / static_cast<double>(health.customers);
        state.counters["replayed"] = static_cast<double>(health.replayed_at_start);
        host.reset();
        state.ResumeTiming();
    }
}
BENCHMARK(Start)
    ->Arg(100'000)
    ->Arg(1'000'000)
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1)
    ->UseRealTime();

}  // namespace
}  // namespace winback::host
