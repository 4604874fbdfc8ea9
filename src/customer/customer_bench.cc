// Applying events in bulk, and what a customer costs in memory.
//
// The memory figure is the process's growth as the kernel counts it, so nothing is left out.

#include <algorithm>
#include <chrono>
#include <cstdio>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "base/hash.h"
#include "customer/customers.h"
#include "event/names.h"

namespace winback::customer {
namespace {

std::string id_of(std::uint64_t customer) {
    std::string id = "customer-" + std::to_string(100'000'000 + customer);
    return id;
}

// Twenty events a customer, in order of time over all customers: of each five, one order and
// four views, or all orders.
void make_event(std::uint64_t number, std::uint64_t customers, bool all_orders, event::Event& e) {
    const std::uint64_t random = hash64(std::to_string(number));
    e.user_id = id_of(random % customers);
    e.message_id = std::to_string(random);
    e.time = {std::int64_t{1'700'000'000'000} + static_cast<std::int64_t>(number) * 1000};
    e.surface = event::Surface::Web;
    e.properties = {};
    if (all_orders || number % 5 == 0) {
        e.name = event::order_completed;
        e.properties.append("order_id", "R" + std::to_string(1'000'000 + number));
        e.properties.append("revenue", static_cast<double>(random % 100'000) / 100);
        e.properties.append("currency", "GBP");
    } else {
        e.name = number % 5 == 1 ? "Product Added" : "Product Viewed";
        e.properties.append("product_id", "p" + std::to_string(random % 5000));
        e.properties.append("price", static_cast<double>(random % 10'000) / 100);
    }
}

std::size_t resident_bytes() {
    unsigned long total = 0;
    unsigned long resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr || std::fscanf(file, "%lu %lu", &total, &resident) != 2) {
        resident = 0;
    }
    if (file != nullptr) {
        std::fclose(file);
    }
    return resident * 4096;
}

FieldPlan plan() {
    return {{{{"Product Added", "Product Viewed"}, {"product_id", "price"}}}};
}

// arg 0: customers; arg 1: 1 when every event is an order.
void apply_bulk(benchmark::State& state) {
    const auto count = static_cast<std::uint64_t>(state.range(0));
    constexpr std::uint64_t events_each = 20;
    std::vector<std::uint32_t> ns;
    for (auto _ : state) {
        malloc_trim(0);
        const std::size_t before = resident_bytes();
        Customers customers;
        customers.plan_fields(plan());
        event::Event e;
        ns.clear();
        ns.reserve(count * events_each / 64 + 1);
        double seconds = 0;
        for (std::uint64_t i = 0; i < count * events_each; ++i) {
            make_event(i, count, state.range(1) == 1, e);
            const auto start = std::chrono::steady_clock::now();
            const CustomerIndex customer = customers.find_or_add(e.user_id);
            benchmark::DoNotOptimize(customers.apply(customer, e, e.time));
            const double took =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            seconds += took;
            if (i % 64 == 0) {
                ns.push_back(static_cast<std::uint32_t>(took * 1e9));
            }
        }
        state.SetIterationTime(seconds);
        malloc_trim(0);
        const auto population = static_cast<double>(customers.size());
        state.counters["B/customer"] = static_cast<double>(customers.memory_bytes()) / population;
        state.counters["resident_B/customer"] =
            static_cast<double>(resident_bytes() - before) / population;
    }
    std::nth_element(ns.begin(), ns.begin() + static_cast<std::ptrdiff_t>(ns.size() / 2), ns.end());
    state.counters["median_ns"] = ns[ns.size() / 2];
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(count * events_each));
}
// One of 64 shards of a million customers.
BENCHMARK(apply_bulk)
    ->ArgNames({"customers", "all_orders"})
    ->Args({15'625, 0})
    ->Args({15'625, 1})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(3);

// The reference: what copying the same events into a plain list costs.
void copy_events(benchmark::State& state) {
    event::Event e;
    std::uint64_t number = 0;
    for (auto _ : state) {
        make_event(number++, 1'000'000, false, e);
        const auto start = std::chrono::steady_clock::now();
        event::Event copy = e;
        benchmark::DoNotOptimize(copy);
        state.SetIterationTime(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
}
BENCHMARK(copy_events)->UseManualTime();

}  // namespace
}  // namespace winback::customer
