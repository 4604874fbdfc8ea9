#include "model/maximise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <nlopt.h>

#include "base/check.h"
#include "model/fit.h"

namespace winback::model {
namespace {

using Vector = std::vector<double>;
using Matrix = std::vector<Vector>;

constexpr int evaluations_max = 400;           // Of one run of L-BFGS.
constexpr int simplex_evaluations_max = 4000;  // Of one run of Nelder-Mead.
constexpr int newton_steps_max = 60;
constexpr double newton_step_max = 2;     // In logarithms of parameters.
constexpr double newton_target = 1e-13;   // Norm of the gradient; rounding noise is near.
constexpr double rough_tolerance = 1e-7;  // Relative, of the value: near enough for Newton.
constexpr double hessian_difference = 1e-4;

struct Search {
    const Objective& objective;
    int evaluations = 0;

    double evaluate(std::span<const double> point, std::span<double> gradient) {
        ++evaluations;
        const double value = objective(point, gradient);
        return std::isfinite(value) ? value : -std::numeric_limits<double>::max();
    }
};

// NLopt's callback; `gradient` is null for methods that need none.
double call_search(unsigned size, const double* point, double* gradient, void* data) {
    auto& search = *static_cast<Search*>(data);
    if (gradient != nullptr) {
        return search.evaluate({point, size}, {gradient, size});
    }
    Vector unused(size);
    return search.evaluate({point, size}, unused);
}

// Improves `point` in place; whatever NLopt says about success, the caller judges the point.
void run_nlopt(Search& search, nlopt_algorithm algorithm, int limit, Vector& point) {
    nlopt_opt opt = nlopt_create(algorithm, static_cast<unsigned>(point.size()));
    WINBACK_CHECK(opt != nullptr);
    nlopt_set_max_objective(opt, call_search, &search);
    nlopt_set_lower_bounds1(opt, -log_parameter_limit);
    nlopt_set_upper_bounds1(opt, log_parameter_limit);
    nlopt_set_ftol_rel(opt, rough_tolerance);
    nlopt_set_maxeval(opt, limit);
    const Vector before = point;
    double value = 0;
    nlopt_optimize(opt, point.data(), &value);
    nlopt_destroy(opt);
    if (!std::all_of(point.begin(), point.end(), [](double x) { return std::isfinite(x); })) {
        point = before;
    }
}

bool is_held(double x, double slope) {
    return (x >= log_parameter_limit && slope > 0) || (x <= -log_parameter_limit && slope < 0);
}

double norm(const Vector& point, const Vector& gradient) {
    double largest = 0;
    for (std::size_t i = 0; i < point.size(); ++i) {
        if (!is_held(point[i], gradient[i])) {
            largest = std::max(largest, std::abs(gradient[i]));
        }
    }
    return largest;
}

// Minus the Hessian, from central differences of the gradient.
Matrix curvature(Search& search, const Vector& point) {
    const std::size_t n = point.size();
    Matrix result(n, Vector(n));
    Vector up(n);
    Vector down(n);
    for (std::size_t i = 0; i < n; ++i) {
        Vector moved = point;
        moved[i] = point[i] + hessian_difference;
        search.evaluate(moved, up);
        moved[i] = point[i] - hessian_difference;
        search.evaluate(moved, down);
        for (std::size_t j = 0; j < n; ++j) {
            const double slope = (down[j] - up[j]) / (2 * hessian_difference);
            result[i][j] += slope / 2;
            result[j][i] += slope / 2;
        }
    }
    return result;
}

// Solves `matrix` x = `right` by Cholesky; nothing when the matrix is not positive definite.
std::optional<Vector> solve(Matrix matrix, Vector right) {
    const std::size_t n = right.size();
    for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t i = j; i < n; ++i) {
            for (std::size_t k = 0; k < j; ++k) {
                matrix[i][j] -= matrix[i][k] * matrix[j][k];
            }
            if (i == j && !(matrix[j][j] > 0)) {
                return std::nullopt;
            }
            matrix[i][j] = i == j ? std::sqrt(matrix[j][j]) : matrix[i][j] / matrix[j][j];
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            right[i] -= matrix[i][k] * right[k];
        }
        right[i] /= matrix[i][i];
    }
    for (std::size_t i = n; i-- > 0;) {
        for (std::size_t k = i + 1; k < n; ++k) {
            right[i] -= matrix[k][i] * right[k];
        }
        right[i] /= matrix[i][i];
    }
    return right;
}

// The Newton step with `damping` on the diagonal; parameters held at a wall do not move.
std::optional<Vector> newton_step(const Vector& point,
                                  const Vector& gradient,
                                  Matrix matrix,
                                  double damping) {
    Vector right = gradient;
    for (std::size_t i = 0; i < point.size(); ++i) {
        matrix[i][i] += damping;
        if (is_held(point[i], gradient[i])) {
            for (std::size_t j = 0; j < point.size(); ++j) {
                matrix[i][j] = matrix[j][i] = i == j ? 1 : 0;
            }
            right[i] = 0;
        }
    }
    return solve(std::move(matrix), std::move(right));
}

struct Place {
    Vector point;
    Vector gradient;
    double value;
    double norm;
};

Place place_at(Search& search, Vector point) {
    Place place{std::move(point), {}, 0, 0};
    place.gradient.resize(place.point.size());
    place.value = search.evaluate(place.point, place.gradient);
    place.norm = norm(place.point, place.gradient);
    return place;
}

// Near the top the value is flat to its last digit, and only the gradient still shows progress.
bool is_better(const Place& next, const Place& now) {
    return next.value > now.value + 1e-13 * std::abs(now.value) ||
           (next.norm < now.norm && next.value > now.value - 1e-12 * std::abs(now.value));
}

// One accepted damped Newton step; nothing when none improves.
std::optional<Place> improve(Search& search, const Place& now) {
    const Matrix matrix = curvature(search, now.point);
    for (double damping = 0; damping < 1e6; damping = damping == 0 ? 1e-9 : damping * 30) {
        const auto step = newton_step(now.point, now.gradient, matrix, damping);
        if (!step) {
            continue;
        }
        Vector point = now.point;
        for (std::size_t i = 0; i < point.size(); ++i) {
            const double change = std::clamp((*step)[i], -newton_step_max, newton_step_max);
            point[i] = std::clamp(point[i] + change, -log_parameter_limit, log_parameter_limit);
        }
        Place next = place_at(search, std::move(point));
        if (is_better(next, now)) {
            return next;
        }
    }
    return std::nullopt;
}

Place polish(Search& search, Vector point) {
    Place place = place_at(search, std::move(point));
    for (int step = 0; step < newton_steps_max && place.norm > newton_target; ++step) {
        auto next = improve(search, place);
        if (!next) {
            break;
        }
        place = std::move(*next);
    }
    return place;
}

Vector variances(Search& search, const Place& place) {
    const Matrix matrix = curvature(search, place.point);
    Vector result(place.point.size(), std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < result.size(); ++i) {
        Vector unit(result.size());
        unit[i] = 1;
        if (const auto column = solve(matrix, unit)) {
            result[i] = (*column)[i];
        }
    }
    return result;
}

bool is_start(const Vector& point, std::span<const Vector> starts) {
    return std::any_of(starts.begin(), starts.end(), [&](const Vector& start) {
        return std::equal(point.begin(), point.end(), start.begin());
    });
}

}  // namespace

Maximum maximise(const Objective& objective, std::span<const Vector> starts) {
    WINBACK_CHECK(!starts.empty());
    Search search{objective};
    std::optional<Place> best;
    for (const Vector& start : starts) {
        Vector point = start;
        run_nlopt(search, NLOPT_LD_LBFGS, evaluations_max, point);
        Place place = place_at(search, std::move(point));
        if (!best || place.value > best->value) {
            best = std::move(place);
        }
    }
    Place place = polish(search, best->point);
    if (place.norm > gradient_norm_max) {
        Vector point = place.point;
        run_nlopt(search, NLOPT_LN_NELDERMEAD, simplex_evaluations_max, point);
        place = polish(search, std::move(point));
    }
    Maximum result;
    result.variance = variances(search, place);
    for (const double x : place.point) {
        result.at_limit.push_back(std::abs(x) >= log_parameter_limit);
    }
    result.converged = place.norm <= gradient_norm_max && !is_start(place.point, starts);
    result.point = std::move(place.point);
    result.value = place.value;
    result.gradient_norm = place.norm;
    result.evaluations = search.evaluations;
    return result;
}

}  // namespace winback::model
