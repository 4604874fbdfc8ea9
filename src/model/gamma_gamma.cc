#include "model/gamma_gamma.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>

#include "base/check.h"
#include "model/maximise.h"
#include "model/special_functions.h"

namespace winback::model::gamma_gamma {
namespace {

// Equal customers are one row; sorted, so that the order of the input does not matter.
struct Collapsed {
    std::vector<RepeatSummary> rows;  // Values divided by `scale`.
    double customers = 0;
    double scale = 1;  // Mean value over customers.
};

bool takes_part(const RepeatSummary& row) {
    return row.repeats > 0 && row.mean_value > 0;
}

Collapsed collapse(std::span<const RepeatSummary> rows) {
    Collapsed data;
    std::vector<RepeatSummary> sorted;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(sorted), takes_part);
    std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
        return std::tie(a.repeats, a.mean_value, a.weight) <
               std::tie(b.repeats, b.mean_value, b.weight);
    });
    for (const RepeatSummary& row : sorted) {
        data.customers += row.weight;
        if (!data.rows.empty() && data.rows.back().repeats == row.repeats &&
            data.rows.back().mean_value == row.mean_value) {
            data.rows.back().weight += row.weight;
        } else {
            data.rows.push_back(row);
        }
    }
    double sum = 0;
    for (const RepeatSummary& row : data.rows) {
        sum += row.weight * row.mean_value;
    }
    data.scale = data.customers > 0 ? sum / data.customers : 1;
    for (RepeatSummary& row : data.rows) {
        row.mean_value /= data.scale;
    }
    return data;
}

// Of scaled data, and its gradient by (p, q, gamma).
double likelihood(const Parameters& at, const Collapsed& data, std::array<double, 3>& gradient) {
    const double log_gamma_q = log_gamma(at.q);
    const double digamma_q = digamma(at.q);
    const double log_scale = std::log(at.gamma);
    double value = 0;
    gradient = {};
    double repeats = 0;
    double constant = 0;  // Of all rows with the same number of repeats.
    double digamma_both = 0;
    double digamma_px = 0;
    for (const RepeatSummary& row : data.rows) {
        const double px = at.p * row.repeats;
        if (row.repeats != repeats) {
            repeats = row.repeats;
            constant = log_gamma(px + at.q) - log_gamma(px) - log_gamma_q + at.q * log_scale +
                       px * std::log(repeats);
            digamma_both = digamma(px + at.q);
            digamma_px = digamma(px);
        }
        const double sum = row.repeats * row.mean_value + at.gamma;
        const double log_sum = std::log(sum);
        const double log_mean = std::log(row.mean_value);
        value += row.weight * (constant + (px - 1) * log_mean - (px + at.q) * log_sum);
        gradient[0] += row.weight * row.repeats *
                       (digamma_both - digamma_px + log_mean + std::log(repeats) - log_sum);
        gradient[1] += row.weight * (digamma_both - digamma_q + log_scale - log_sum);
        gradient[2] += row.weight * (at.q / at.gamma - (px + at.q) / sum);
    }
    return value;
}

// `floor` is what q stays above.
Parameters from_logs(std::span<const double> point, double floor) {
    return {std::exp(point[0]), floor + std::exp(point[1]), std::exp(point[2])};
}

Maximum search(const Collapsed& data, double floor) {
    const Objective mean = [&](std::span<const double> point, std::span<double> gradient) {
        const Parameters at = from_logs(point, floor);
        std::array<double, 3> slope{};
        const double value = likelihood(at, data, slope);
        const std::array<double, 3> by_log{at.p, at.q - floor, at.gamma};
        for (std::size_t i = 0; i < slope.size(); ++i) {
            gradient[i] = slope[i] * by_log[i] / data.customers;
        }
        return value / data.customers;
    };
    // In scaled values (mean 1), with p gamma / (q - 1) near 1.
    std::vector<std::vector<double>> starts{{1, 3, 2}, {6, 4, 0.5}, {2, 1.5, 0.3}, {20, 20, 1}};
    for (auto& start : starts) {
        for (double& x : start) {
            x = std::log(x);
        }
    }
    return maximise(mean, starts);
}

double correlation_of(const Collapsed& data) {
    double repeats_mean = 0;
    for (const RepeatSummary& row : data.rows) {
        repeats_mean += row.weight * row.repeats / data.customers;
    }
    double both = 0;
    double repeats = 0;
    double values = 0;
    for (const RepeatSummary& row : data.rows) {
        const double x = row.repeats - repeats_mean;
        const double m = row.mean_value - 1;
        both += row.weight * x * m;
        repeats += row.weight * x * x;
        values += row.weight * m * m;
    }
    return repeats > 0 && values > 0 ? both / std::sqrt(repeats * values) : 0;
}

void add_notes(const Maximum& top, Fit& fit) {
    FitReport& report = fit.report;
    for (std::size_t i = 0; i < top.point.size(); ++i) {
        if (top.at_limit[i]) {
            report.notes.push_back(report.parameters[i].name +
                                   " is at its limit: the data do not bound it");
        }
    }
    if (fit.parameters.q <= 1) {
        report.notes.emplace_back(
            "q is not above 1: the population has no finite mean order value; customers without "
            "repeat orders get the observed mean");
    }
    if (std::abs(fit.correlation) > correlation_max) {
        report.notes.emplace_back(
            "order values and numbers of orders are correlated: the model assumes that they are "
            "not");
    }
    if (report.customers < repeat_customers_advised) {
        report.notes.emplace_back("few customers with repeat orders: the parameters are uncertain");
    }
}

Fit describe(const Collapsed& data, const Maximum& top, double floor) {
    Fit fit;
    fit.parameters = from_logs(top.point, floor);
    fit.parameters.gamma *= data.scale;
    fit.population_mean = data.scale;
    fit.correlation = correlation_of(data);
    FitReport& report = fit.report;
    report.model = "gamma-gamma";
    report.customers = data.customers;
    report.repeat_customers = data.customers;
    report.distinct_rows = static_cast<double>(data.rows.size());
    // A density of mean values: one factor 1 / scale for each customer.
    report.log_likelihood = (top.value - std::log(data.scale)) * data.customers;
    report.converged = top.converged;
    report.gradient_norm = top.gradient_norm;
    report.evaluations = top.evaluations;
    const auto error = [&](std::size_t i) { return std::sqrt(top.variance[i] / data.customers); };
    report.parameters = {
        {"p", fit.parameters.p, fit.parameters.p * error(0)},
        {"q", fit.parameters.q, (fit.parameters.q - floor) * error(1)},
        {"gamma", fit.parameters.gamma, fit.parameters.gamma * error(2)},
    };
    add_notes(top, fit);
    return fit;
}

}  // namespace

double log_likelihood(const Parameters& parameters, std::span<const RepeatSummary> rows) {
    const Collapsed data = collapse(rows);
    Parameters scaled = parameters;
    scaled.gamma /= data.scale;
    std::array<double, 3> unused{};
    return likelihood(scaled, data, unused) - data.customers * std::log(data.scale);
}

double expected_value(const Parameters& at, double repeats, double mean_value) {
    const double below = at.p * repeats + at.q - 1;
    if (below <= 0) {
        return std::numeric_limits<double>::infinity();
    }
    return at.p * (at.gamma + repeats * mean_value) / below;
}

std::vector<RepeatSummary> winsorised(std::span<const RepeatSummary> rows, double quantile) {
    WINBACK_CHECK(quantile > 0 && quantile <= 1);
    std::vector<RepeatSummary> result(rows.begin(), rows.end());
    std::vector<double> values;
    for (const RepeatSummary& row : rows) {
        if (takes_part(row)) {
            values.push_back(row.mean_value);
        }
    }
    if (values.empty()) {
        return result;
    }
    std::sort(values.begin(), values.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(values.size())));
    const double highest = values[std::max<std::size_t>(rank, 1) - 1];
    for (RepeatSummary& row : result) {
        row.mean_value = std::min(row.mean_value, highest);
    }
    return result;
}

Result<Fit> fit(std::span<const RepeatSummary> rows, const Options& options) {
    WINBACK_TRY([[maybe_unused]] const Ok checked, check_summaries(rows));
    if (!(options.winsorise_quantile > 0 && options.winsorise_quantile <= 1)) {
        return Error{ErrorCode::InvalidArgument,
                     "the quantile of winsorising must be above 0 and at most 1"};
    }
    const Collapsed data = options.winsorise_quantile < 1
                               ? collapse(winsorised(rows, options.winsorise_quantile))
                               : collapse(rows);
    WINBACK_TRY([[maybe_unused]] const Ok enough,
                check_enough(data.customers, data.customers, options.enough));
    if (data.rows.size() < 2) {
        return Error{ErrorCode::InvalidArgument,
                     "nothing to fit: no two customers differ in their repeat orders"};
    }
    const double floor = options.finite_mean ? finite_mean_q_min : 0;
    Fit result = describe(data, search(data, floor), floor);
    if (!result.report.converged) {
        return Error{ErrorCode::Unavailable,
                     "the fit of gamma-gamma did not converge: the gradient is still " +
                         std::to_string(result.report.gradient_norm) + " after " +
                         std::to_string(result.report.evaluations) +
                         " evaluations; the data may be too few or too alike"};
    }
    return result;
}

}  // namespace winback::model::gamma_gamma
