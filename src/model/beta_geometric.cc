#include "model/beta_geometric.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "model/special_functions.h"

namespace winback::model {
namespace {

// s: how often the customer could have stopped and did not.
double survived(TransactionModel model, double repeats) {
    return model == TransactionModel::MbgNbd ? repeats + 1 : repeats;
}

// ln P(N = n) of the negative binomial of orders within `time`, without stopping.
double log_negative_binomial(const BetaGeometric& p, double n, double time) {
    const double log_total = std::log(p.alpha + time);
    double result = log_rising(p.r, n).value - log_gamma(n + 1);
    result += p.r * (std::log(p.alpha) - log_total);
    return n > 0 ? result + n * (std::log(time) - log_total) : result;
}

// P(N >= n) of the same. A small tail is summed upwards, lest it drown in 1 - (nearly 1).
double negative_binomial_tail(const BetaGeometric& p, int n, double time) {
    double below = 0;
    for (int j = 0; j < n; ++j) {
        below += std::exp(log_negative_binomial(p, j, time));
    }
    if (below < 0.9) {
        return 1 - below;
    }
    double term = std::exp(log_negative_binomial(p, n, time));
    double sum = 0;
    const double z = time / (p.alpha + time);
    for (double j = n; term > sum * 1e-17 && j < n + series_terms_max; j += 1) {
        sum += term;
        term *= (p.r + j) / (j + 1) * z;
    }
    return sum;
}

// E[orders within the horizon | still there]; NaN when the series cannot give it to about 1e-12.
//
// The published form is (c / (a-1)) [1 - (1-z)^(r+x) 2F1(r+x, b+s; c; z)] with c = a+b+s-1. Euler's
// transformation gives 2F1(c-r-x, a-1; c; z), whose upper parameters do not grow with x. Written
// out term by term, each term has the factor (a-1) / c, which cancels: nothing is singular at
// a = 1 or at c = 0.
double orders_by_series(const BetaGeometric& p,
                        const RepeatSummary& summary,
                        double s,
                        double horizon) {
    const double c = p.a + p.b + s - 1;
    const double upper = c - p.r - summary.repeats;
    const double z = horizon / (p.alpha + summary.age + horizon);
    const double log_rest = -std::log1p(horizon / (p.alpha + summary.age));
    const double power = (p.a - 1) * log_rest;
    const double first = -c * log_rest * (power == 0 ? 1 : std::expm1(power) / power);
    double term = upper * z;
    double sum = 0;
    double magnitude = 0;
    int n = 1;
    for (; n < series_terms_max && std::abs(term) > 1e-17 * magnitude; ++n) {
        sum += term;
        magnitude += std::abs(term);
        term *= (upper + n) / (c + n) * ((p.a - 1 + n) / (n + 1.0)) * z;
    }
    const double rest = std::exp(power);
    const double orders = first - rest * sum;
    const double lost = (std::abs(first) + rest * magnitude) * 1e-16;
    const bool is_exact = n < series_terms_max && orders > 0 && lost < orders * 1e-12;
    return is_exact ? orders : std::numeric_limits<double>::quiet_NaN();
}

// The same as the mean of [1 - (1 + p h / (alpha+T))^-(r+x)] / p over the stopping probability p,
// which is beta(a, b+s) for one who is still there. Positive throughout, so nothing cancels; for
// the far corners (large r, huge b, horizons without measure) where the series is slow or inexact.
// Trapezoids in v, with ln(p / (1-p)) = centre + width sinh(v), which decays doubly exponentially.
double orders_by_quadrature(const BetaGeometric& p,
                            const RepeatSummary& summary,
                            double s,
                            double horizon) {
    const double stay = p.b + s;
    const double shape = p.r + summary.repeats;
    const double ratio = horizon / (p.alpha + summary.age);
    const double centre = std::log(p.a / stay);
    const double width = std::min(2.0, std::sqrt((1 + 1 / p.a) / p.a + (1 + 1 / stay) / stay));
    const double peak = -p.a * log1p_exp(-centre) - stay * log1p_exp(centre);
    constexpr double step = 1.0 / 32;
    constexpr int reach = 14 * 32;
    double weight_sum = 0;
    double sum = 0;
    for (int i = -reach; i <= reach; ++i) {
        const double logit = centre + width * std::sinh(i * step);
        const double log_stop = -log1p_exp(-logit);
        const double weight =
            std::exp(p.a * log_stop - stay * log1p_exp(logit) - peak) * std::cosh(i * step);
        if (weight < 1e-30) {
            continue;
        }
        const double stop = std::exp(log_stop);
        const double orders =
            stop < 1e-300 ? shape * ratio : -std::expm1(-shape * std::log1p(stop * ratio)) / stop;
        weight_sum += weight;
        sum += weight * orders;
    }
    return sum / weight_sum;
}

}  // namespace

double p_alive(TransactionModel model, const BetaGeometric& p, const RepeatSummary& summary) {
    const double s = survived(model, summary.repeats);
    if (s == 0) {
        return 1;
    }
    const double silence = std::log((p.alpha + summary.age) / (p.alpha + summary.recency));
    return sigmoid(-((p.r + summary.repeats) * silence + std::log(p.a / (p.b + s - 1))));
}

double p_order_within(TransactionModel model,
                      const BetaGeometric& p,
                      const RepeatSummary& summary,
                      double horizon) {
    if (!(horizon > 0)) {
        return 0;
    }
    const double none = -(p.r + summary.repeats) * std::log1p(horizon / (p.alpha + summary.age));
    return p_alive(model, p, summary) * -std::expm1(none);
}

double expected_orders(TransactionModel model,
                       const BetaGeometric& p,
                       const RepeatSummary& summary,
                       double horizon) {
    if (!(horizon > 0)) {
        return 0;
    }
    const double s = survived(model, summary.repeats);
    double orders = orders_by_series(p, summary, s, horizon);
    if (std::isnan(orders)) {
        orders = orders_by_quadrature(p, summary, s, horizon);
    }
    return p_alive(model, p, summary) * orders;
}

double repeat_probability(TransactionModel model,
                          const BetaGeometric& p,
                          int repeats,
                          double time) {
    WINBACK_CHECK(repeats >= 0 && time >= 0);
    if (time == 0) {
        return repeats == 0 ? 1 : 0;
    }
    const double s = survived(model, repeats);
    // ln B(a, b+s) / B(a, b), and ln B(a+1, b+s-1) / B(a, b).
    const double log_stayed = log_rising(p.b, s).value - log_rising(p.a + p.b, s).value;
    const double alive = std::exp(log_stayed + log_negative_binomial(p, repeats, time));
    if (s == 0) {
        return alive;
    }
    const double log_stopped = log_stayed + std::log(p.a / (p.b + s - 1));
    return alive + std::exp(log_stopped) * negative_binomial_tail(p, repeats, time);
}

}  // namespace winback::model
