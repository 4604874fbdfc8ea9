// For tests and benchmarks: the CDNOW orders (test/data/cdnow) and a generator of customers.
#pragma once

#include <cmath>
#include <fstream>
#include <istream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <zlib.h>

#include "base/check.h"
#include "base/civil.h"
#include "model/beta_geometric.h"
#include "model/rfm.h"

namespace winback::model::test {

inline std::int32_t day(int year, int month, int day_of_month) {
    return static_cast<std::int32_t>(days_from_civil(year, month, day_of_month));
}

// Lines of "customer [id in sample] yyyymmdd CDs dollars"; others are skipped.
inline std::vector<Order> read_cdnow(std::istream& in) {
    std::vector<Order> orders;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::vector<double> fields;
        for (double field = 0; words >> field;) {
            fields.push_back(field);
        }
        if (fields.size() < 4) {
            continue;
        }
        const int date = static_cast<int>(fields[fields.size() - 3]);
        orders.push_back({static_cast<std::uint32_t>(fields[0]),
                          day(date / 10000, date / 100 % 100, date % 100), fields.back()});
    }
    return orders;
}

// The sample of one customer in ten, and all 23,570. Run from the root of the project.
inline std::vector<Order> cdnow_sample() {
    std::ifstream file("test/data/cdnow/CDNOW_sample.txt");
    return read_cdnow(file);
}

inline std::vector<Order> cdnow_master() {
    gzFile file = gzopen("test/data/cdnow/CDNOW_master.txt.gz", "rb");
    WINBACK_CHECK(file != nullptr);
    std::string text(8 << 20, '\0');
    const int size = gzread(file, text.data(), static_cast<unsigned>(text.size()));
    WINBACK_CHECK(size > 0);
    gzclose(file);
    text.resize(static_cast<std::size_t>(size));
    std::istringstream in(text);
    return read_cdnow(in);
}

// The split of the papers: 39 weeks to fit, 39 weeks to predict.
inline Period cdnow_period(TimeUnit unit = TimeUnit::Week) {
    return {day(1997, 9, 30), unit, 273};
}

// The same numbers on every platform, unlike those of the standard distributions.
class Generator {
public:
    explicit Generator(std::uint64_t seed) : engine_(seed) {}

    double uniform() {  // In (0, 1).
        return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53;
    }
    double exponential(double rate) { return -std::log(uniform()) / rate; }
    double normal() {
        const double radius = std::sqrt(-2 * std::log(uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }
    // Marsaglia and Tsang (2000), with the usual boost below 1.
    double gamma(double shape) {
        if (shape < 1) {
            const double boost = std::pow(uniform(), 1 / shape);
            return boost * gamma(shape + 1);
        }
        const double d = shape - 1.0 / 3;
        for (;;) {
            const double x = normal();
            const double v = std::pow(1 + x / std::sqrt(9 * d), 3);
            const double u = uniform();
            if (v > 0 && std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) {
                return d * v;
            }
        }
    }
    double beta(double a, double b) {
        const double x = gamma(a);
        return x / (x + gamma(b));
    }

private:
    std::mt19937_64 engine_;
};

// Customers who behave exactly as the model says, seen for `age`.
inline std::vector<RepeatSummary> simulate(TransactionModel model,
                                           const BetaGeometric& truth,
                                           int customers,
                                           double age,
                                           Generator& random) {
    std::vector<RepeatSummary> rows;
    for (int i = 0; i < customers; ++i) {
        const double rate = random.gamma(truth.r) / truth.alpha;
        const double stop = random.beta(truth.a, truth.b);
        RepeatSummary row;
        row.age = age * (0.5 + 0.5 * random.uniform());
        bool is_there = model == TransactionModel::BgNbd || random.uniform() >= stop;
        double time = 0;
        while (is_there && (time += random.exponential(rate)) <= row.age) {
            row.repeats += 1;
            row.recency = time;
            is_there = random.uniform() >= stop;
        }
        rows.push_back(row);
    }
    return rows;
}

}  // namespace winback::model::test
