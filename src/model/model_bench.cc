// Fits and predictions on the whole of CDNOW (23,570 customers), beside a fixed reference loop.
#include <cmath>

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "model/bg_nbd.h"
#include "model/cdnow_test.h"
#include "model/gamma_gamma.h"
#include "model/mbg_nbd.h"

namespace winback::model {
namespace {

const std::vector<Order>& orders() {
    static const std::vector<Order> all = test::cdnow_master();
    return all;
}

const std::vector<RepeatSummary>& rows() {
    static const std::vector<RepeatSummary> all =
        repeat_summaries(*summarise(orders(), test::cdnow_period()));
    return all;
}

// What the machine can do: 10 million steps of a generator, one exponential in a hundred.
void reference(benchmark::State& state) {
    for (auto _ : state) {
        std::uint64_t x = 1;
        double sum = 0;
        for (int i = 0; i < 10'000'000; ++i) {
            x = x * 6364136223846793005U + 1442695040888963407U;
            if (i % 100 == 0) {
                sum += std::exp(-static_cast<double>(x >> 40) * 1e-7);
            }
        }
        benchmark::DoNotOptimize(sum + static_cast<double>(x));
    }
}
BENCHMARK(reference)->Unit(benchmark::kMillisecond);

void summarise_master(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(summarise(orders(), test::cdnow_period()));
    }
}
BENCHMARK(summarise_master)->Unit(benchmark::kMillisecond);

template <class Fit>
void fit_master(benchmark::State& state, Fit fit) {
    double sum = 0;
    double evaluations = 0;
    for (auto _ : state) {
        const auto result = fit(rows());
        WINBACK_CHECK(result.has_value() && result->report.converged);
        sum = result->report.log_likelihood;
        evaluations = result->report.evaluations;
        state.counters["distinct_rows"] = result->report.distinct_rows;
    }
    state.counters["log_likelihood"] = sum;
    state.counters["evaluations"] = evaluations;
}
BENCHMARK_CAPTURE(fit_master, mbg_nbd, [](const auto& data) { return mbg_nbd::fit(data); })
    -> Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fit_master, bg_nbd, [](const auto& data) { return bg_nbd::fit(data); })
    -> Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fit_master, gamma_gamma, [](const auto& data) { return gamma_gamma::fit(data); })
    -> Unit(benchmark::kMillisecond);

const BetaGeometric published{0.525, 6.183, 0.891, 1.614};

template <class Predict>
void predict(benchmark::State& state, Predict one) {
    std::size_t i = 0;
    double sum = 0;
    for (auto _ : state) {
        sum += one(rows()[i]);
        i = i + 1 < rows().size() ? i + 1 : 0;
    }
    benchmark::DoNotOptimize(sum);
}
BENCHMARK_CAPTURE(predict, p_alive, [](const auto& row) {
    return mbg_nbd::p_alive(published, row);
});
BENCHMARK_CAPTURE(predict, p_order_within, [](const auto& row) {
    return mbg_nbd::p_order_within(published, row, 90.0 / 7);
});
BENCHMARK_CAPTURE(predict, expected_orders, [](const auto& row) {
    return mbg_nbd::expected_orders(published, row, 90.0 / 7);
});

}  // namespace
}  // namespace winback::model
