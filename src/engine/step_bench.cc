// Time of one step for one event: 100,000 customers with history, 50 segments and 20 journeys, or
// 200 segments. Two of five segments mention orders, one mentions views, two mention traits.
#include <algorithm>
#include <array>
#include <chrono>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "base/prng.h"
#include "engine/shard.h"

namespace winback::engine {
namespace {

constexpr std::uint32_t customers_count = 100'000;
constexpr Timestamp start{1'767'600'000'000};

DefinitionsPtr definitions_of_size(int segments, int journeys) {
    auto definitions = std::make_shared<Definitions>();
    definitions->version = 1;
    definitions->workspace.zone = &utc_zone();
    const expr::Schema schema{
        .traits = {{.name = "orders.revenue", .type = ValueType::Double}, {.name = "plan"}}};
    for (int i = 0; i < segments; ++i) {
        const std::string n = std::to_string(i + 1);
        const std::array<std::string, 5> texts{
            "ev(\"Order Completed\").within(\"" + n + "d\").count() >= 3",
            "ev(\"Order Completed\").since_last() > dur(\"" + n + "d\")",
            "ev(\"Product Viewed\").within(\"" + n + "d\").any()",
            "user.orders.revenue > " + n + "00.0", "user.plan == \"p" + n + "\""};
        auto compiled =
            expr::compile(texts[static_cast<std::size_t>(i) % 5], schema, definitions->symbols);
        WINBACK_CHECK(compiled.condition.has_value());
        definitions->segments.push_back(
            {.id = "s" + n, .name = n, .condition = *std::move(compiled.condition)});
    }
    for (int i = 0; i < journeys; ++i) {
        journey::Journey journey;
        journey.id = "j" + std::to_string(i);
        journey.segment = "s" + std::to_string(i + 1);
        journey.steps.push_back(
            {.id = "w", .kind = journey::StepKind::Wait, .next = 1, .wait = {.days = 30}});
        definitions->journeys.push_back(std::move(journey));
    }
    definitions->fields.sets = definitions->symbols.event_sets;
    return definitions;
}

event::Event next_event(Prng& random, std::uint64_t n, Timestamp time) {
    event::Event event;
    event.message_id = "m" + std::to_string(n);
    event.user_id = "customer-" + std::to_string(random.below(customers_count));
    event.name = random.chance(0.2) ? "Order Completed" : "Product Viewed";
    event.properties.set("revenue", 10.0);
    event.time = time;
    return event;
}

void step_one_event(benchmark::State& state) {
    Shard shard(0, 1);
    Effects effects;
    Prng random(1);
    std::uint64_t n = 0;
    Timestamp now = start;
    const auto input = [&](decltype(Input::body) body) {
        return Input{.sequence = ++n, .at = now, .body = std::move(body)};
    };
    shard.step(input(DefinitionsLoaded{definitions_of_size(static_cast<int>(state.range(0)),
                                                           static_cast<int>(state.range(1)))}),
               effects);
    for (std::uint32_t i = 0; i < customers_count * 10; ++i) {
        effects.clear();
        now = now + milliseconds(500);
        shard.step(input(EventArrived{next_event(random, n, now)}), effects);
    }
    std::vector<double> times;
    for (auto _ : state) {
        state.PauseTiming();
        now = now + milliseconds(10);
        const Input next = input(EventArrived{next_event(random, n, now)});
        effects.clear();
        state.ResumeTiming();
        const auto before = std::chrono::steady_clock::now();
        shard.step(next, effects);
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - before;
        times.push_back(took.count());
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    state.counters["median_ns"] = times[times.size() / 2];
}
BENCHMARK(step_one_event)
    ->ArgNames({"segments", "journeys"})
    ->Args({50, 20})
    ->Args({200, 0})
    ->Args({200, 20})
    ->Iterations(50'000);

// 1,000 dependent multiply-adds: the yardstick of the machine.
void reference_loop(benchmark::State& state) {
    std::uint64_t x = 1;
    for (auto _ : state) {
        for (int i = 0; i < 1000; ++i) {
            x = x * 6364136223846793005U + 1442695040888963407U;
            benchmark::DoNotOptimize(x);
        }
    }
}
BENCHMARK(reference_loop);

}  // namespace
}  // namespace winback::engine
