// The maximum likelihood fit of beta_geometric.h.

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <vector>

#include "model/beta_geometric.h"
#include "model/maximise.h"
#include "model/special_functions.h"

namespace winback::model {
namespace {

// Customers who are alike, as indices into the tables of distinct times.
struct Row {
    std::uint32_t recency;
    std::uint32_t age;
    double weight;
};

// All rows with the same number of repeats.
struct RepeatGroup {
    double repeats;
    double weight;
    std::size_t from;
    std::size_t to;
};

struct Collapsed {
    std::vector<Row> rows;
    std::vector<RepeatGroup> groups;
    std::vector<double> recencies;  // Distinct, scaled.
    std::vector<double> ages;
    double customers = 0;
    double repeat_customers = 0;
    double orders = 0;  // Repeat orders of all.
    double scale = 1;   // Mean age in the unit of the caller: scaled ages have mean 1.
};

std::vector<double> distinct(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

std::uint32_t index_of(const std::vector<double>& sorted, double value) {
    const auto place = std::lower_bound(sorted.begin(), sorted.end(), value);
    return static_cast<std::uint32_t>(place - sorted.begin());
}

// Sorting makes the result the same for every order of the input, to the last bit.
std::vector<RepeatSummary> merge_equal(std::span<const RepeatSummary> rows) {
    const auto key = [](const RepeatSummary& row) {
        return std::tie(row.repeats, row.recency, row.age);
    };
    std::vector<RepeatSummary> sorted(rows.begin(), rows.end());
    std::sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) {
        return key(a) != key(b) ? key(a) < key(b) : a.weight < b.weight;
    });
    std::vector<RepeatSummary> merged;
    for (const RepeatSummary& row : sorted) {
        if (!merged.empty() && key(merged.back()) == key(row)) {
            merged.back().weight += row.weight;
        } else {
            merged.push_back(row);
        }
    }
    return merged;
}

void add_row(Collapsed& data, const RepeatSummary& row) {
    if (data.groups.empty() || data.groups.back().repeats != row.repeats) {
        data.groups.push_back({row.repeats, 0, data.rows.size(), data.rows.size()});
    }
    data.rows.push_back(
        {index_of(data.recencies, row.recency), index_of(data.ages, row.age), row.weight});
    data.groups.back().to = data.rows.size();
    data.groups.back().weight += row.weight;
    data.customers += row.weight;
    data.repeat_customers += row.repeats > 0 ? row.weight : 0;
    data.orders += row.repeats * row.weight;
}

Collapsed collapse(std::span<const RepeatSummary> rows) {
    const std::vector<RepeatSummary> merged = merge_equal(rows);
    Collapsed data;
    double age_sum = 0;
    for (const RepeatSummary& row : merged) {
        data.recencies.push_back(row.recency);
        data.ages.push_back(row.age);
        age_sum += row.weight * row.age;
    }
    data.recencies = distinct(std::move(data.recencies));
    data.ages = distinct(std::move(data.ages));
    for (const RepeatSummary& row : merged) {
        add_row(data, row);
    }
    data.scale = age_sum > 0 ? age_sum / data.customers : 1;
    for (std::vector<double>* times : {&data.recencies, &data.ages}) {
        for (double& time : *times) {
            time /= data.scale;
        }
    }
    return data;
}

// ln(alpha + t) and its derivative by alpha, for every distinct t.
struct LogTimes {
    std::vector<double> log;
    std::vector<double> inverse;

    void fill(const std::vector<double>& times, double alpha) {
        log.resize(times.size());
        inverse.resize(times.size());
        for (std::size_t i = 0; i < times.size(); ++i) {
            log[i] = std::log(alpha + times[i]);
            inverse[i] = 1 / (alpha + times[i]);
        }
    }
};

// The log-likelihood of collapsed data and its gradient by (r, alpha, a, b).
class Likelihood {
public:
    Likelihood(TransactionModel model, const Collapsed& data) : model_(model), data_(data) {}

    double at(const BetaGeometric& p, std::array<double, 4>& gradient) {
        recency_.fill(data_.recencies, p.alpha);
        age_.fill(data_.ages, p.alpha);
        const double log_alpha = std::log(p.alpha);
        double value = data_.customers * p.r * log_alpha;
        gradient = {data_.customers * log_alpha, data_.customers * p.r / p.alpha, 0, 0};
        for (const RepeatGroup& group : data_.groups) {
            value += add_group(p, group, gradient);
        }
        return value;
    }

private:
    double add_group(const BetaGeometric& p,
                     const RepeatGroup& group,
                     std::array<double, 4>& gradient) const {
        const double s = model_ == TransactionModel::MbgNbd ? group.repeats + 1 : group.repeats;
        const LogRising orders = log_rising(p.r, group.repeats);
        const LogRising stayed = log_rising(p.b, s);
        const LogRising chances = log_rising(p.a + p.b, s);
        gradient[0] += group.weight * orders.slope;
        gradient[2] -= group.weight * chances.slope;
        gradient[3] += group.weight * (stayed.slope - chances.slope);
        const double value = group.weight * (orders.value + stayed.value - chances.value);
        const double shape = p.r + group.repeats;
        if (s == 0) {
            return value + add_never_stopped(shape, group, gradient);
        }
        return value + add_rows(p, shape, s, group, gradient);
    }

    // BG/NBD without repeats: the customer had no chance to stop.
    double add_never_stopped(double shape,
                             const RepeatGroup& group,
                             std::array<double, 4>& gradient) const {
        double log_sum = 0;
        double inverse_sum = 0;
        for (std::size_t i = group.from; i < group.to; ++i) {
            const Row& row = data_.rows[i];
            log_sum += row.weight * age_.log[row.age];
            inverse_sum += row.weight * age_.inverse[row.age];
        }
        gradient[0] -= log_sum;
        gradient[1] -= shape * inverse_sum;
        return -shape * log_sum;
    }

    // The sum of "still there" and "stopped at the last order", by its logarithm.
    double add_rows(const BetaGeometric& p,
                    double shape,
                    double s,
                    const RepeatGroup& group,
                    std::array<double, 4>& gradient) const {
        const double log_odds = std::log(p.a / (p.b + s - 1));
        double value = 0;
        double by_shape = 0;
        double by_alpha = 0;
        double stopped_sum = 0;
        for (std::size_t i = group.from; i < group.to; ++i) {
            const Row& row = data_.rows[i];
            const double log_age = age_.log[row.age];
            const double silence = log_age - recency_.log[row.recency];
            const double odds = shape * silence + log_odds;
            // sigmoid(odds) and log1p_exp(odds) from one exponential.
            const double e = std::exp(-std::abs(odds));
            const double stopped = (odds >= 0 ? 1 : e) / (1 + e);
            value += row.weight * (std::log1p(e) + std::max(odds, 0.0) - shape * log_age);
            by_shape += row.weight * (stopped * silence - log_age);
            const double inverse = age_.inverse[row.age];
            const double change = inverse - recency_.inverse[row.recency];
            by_alpha += row.weight * (stopped * change - inverse);
            stopped_sum += row.weight * stopped;
        }
        gradient[0] += by_shape;
        gradient[1] += shape * by_alpha;
        gradient[2] += stopped_sum / p.a;
        gradient[3] -= stopped_sum / (p.b + s - 1);
        return value;
    }

    TransactionModel model_;
    const Collapsed& data_;
    LogTimes recency_;
    LogTimes age_;
};

BetaGeometric from_logs(std::span<const double> point) {
    return {std::exp(point[0]), std::exp(point[1]), std::exp(point[2]), std::exp(point[3])};
}

// In scaled time (mean age 1): the published fits of shops lie between these.
std::vector<std::vector<double>> starts() {
    std::vector<std::vector<double>> points{
        {1, 3, 1, 3}, {1, 1, 1, 1}, {0.3, 0.15, 0.8, 2.4}, {0.6, 0.3, 0.1, 0.5}};
    for (auto& point : points) {
        for (double& x : point) {
            x = std::log(x);
        }
    }
    return points;
}

Maximum search(TransactionModel model, const Collapsed& data) {
    Likelihood likelihood(model, data);
    const Objective mean = [&](std::span<const double> point, std::span<double> gradient) {
        const BetaGeometric p = from_logs(point);
        std::array<double, 4> slope{};
        const double value = likelihood.at(p, slope);
        const std::array<double, 4> by_log{p.r, p.alpha, p.a, p.b};
        for (std::size_t i = 0; i < slope.size(); ++i) {
            gradient[i] = slope[i] * by_log[i] / data.customers;
        }
        return value / data.customers;
    };
    return maximise(mean, starts());
}

void add_notes(const Maximum& top, FitReport& report) {
    // A standard error of the logarithm above this says that the parameter may as well be many
    // times larger or smaller.
    constexpr double log_error_max = 2;
    for (std::size_t i = 0; i < top.point.size(); ++i) {
        const std::string& name = report.parameters[i].name;
        const double log_error = std::sqrt(top.variance[i] / report.customers);
        if (top.at_limit[i]) {
            report.notes.push_back(name + " is at its limit: the data do not bound it" +
                                   (i >= 2 ? "; customers do not differ in how they stop" : ""));
        } else if (!(log_error < log_error_max)) {
            report.notes.push_back(name + " is on a ridge: the likelihood is nearly flat in it");
        }
    }
}

BetaGeometricFit describe(TransactionModel model, const Collapsed& data, const Maximum& top) {
    BetaGeometric p = from_logs(top.point);
    p.alpha *= data.scale;
    FitReport report;
    report.model = model == TransactionModel::MbgNbd ? "mbg-nbd" : "bg-nbd";
    report.customers = data.customers;
    report.repeat_customers = data.repeat_customers;
    report.distinct_rows = static_cast<double>(data.rows.size());
    // A density of order times: one factor 1 / scale for each order.
    report.log_likelihood = top.value * data.customers - data.orders * std::log(data.scale);
    report.converged = top.converged;
    report.gradient_norm = top.gradient_norm;
    report.evaluations = top.evaluations;
    const std::array<std::pair<const char*, double>, 4> named{
        {{"r", p.r}, {"alpha", p.alpha}, {"a", p.a}, {"b", p.b}}};
    for (std::size_t i = 0; i < named.size(); ++i) {
        const double error = named[i].second * std::sqrt(top.variance[i] / data.customers);
        report.parameters.push_back({named[i].first, named[i].second, error});
    }
    add_notes(top, report);
    return {p, std::move(report)};
}

}  // namespace

double log_likelihood(TransactionModel model,
                      const BetaGeometric& parameters,
                      std::span<const RepeatSummary> rows) {
    const Collapsed data = collapse(rows);
    BetaGeometric scaled = parameters;
    scaled.alpha /= data.scale;
    std::array<double, 4> unused{};
    return Likelihood(model, data).at(scaled, unused) - data.orders * std::log(data.scale);
}

Result<BetaGeometricFit> fit_beta_geometric(TransactionModel model,
                                            std::span<const RepeatSummary> rows,
                                            const FitOptions& options) {
    WINBACK_TRY([[maybe_unused]] const Ok checked, check_summaries(rows));
    const Collapsed data = collapse(rows);
    WINBACK_TRY([[maybe_unused]] const Ok enough,
                check_enough(data.customers, data.repeat_customers, options));
    if (data.ages.empty() || data.ages.back() <= 0 || data.repeat_customers == 0) {
        return Error{ErrorCode::InvalidArgument,
                     "nothing to fit: no time has passed since the first orders, or none repeated"};
    }
    BetaGeometricFit fit = describe(model, data, search(model, data));
    if (!fit.report.converged) {
        return Error{ErrorCode::Unavailable,
                     "the fit of " + fit.report.model +
                         " did not converge: the gradient is still " +
                         std::to_string(fit.report.gradient_norm) + " after " +
                         std::to_string(fit.report.evaluations) +
                         " evaluations; the data may be too few or too alike"};
    }
    return fit;
}

}  // namespace winback::model
