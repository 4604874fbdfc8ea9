#include "model/special_functions.h"

#include <cmath>

#include "base/check.h"

namespace winback::model {
namespace {

constexpr double stirling_from = 12;
constexpr double rising_steps_max = 48;

}  // namespace

double log_gamma(double x) {
    WINBACK_CHECK(x > 0);
    double product = 1;
    while (x < stirling_from) {
        product *= x;
        x += 1;
    }
    const double y = 1 / (x * x);
    const double series =
        (1.0 / 12 -
         y * (1.0 / 360 -
              y * (1.0 / 1260 - y * (1.0 / 1680 - y * (1.0 / 1188 - y * (691.0 / 360360)))))) /
        x;
    constexpr double half_log_two_pi = 0.918938533204672741780;
    return (x - 0.5) * std::log(x) - x + half_log_two_pi + series - std::log(product);
}

double digamma(double x) {
    WINBACK_CHECK(x > 0);
    double sum = 0;
    while (x < stirling_from) {
        sum += 1 / x;
        x += 1;
    }
    const double y = 1 / (x * x);
    const double series =
        y * (1.0 / 12 -
             y * (1.0 / 120 -
                  y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * (691.0 / 32760))))));
    return std::log(x) - 0.5 / x - series - sum;
}

LogRising log_rising(double z, double n) {
    WINBACK_CHECK(z > 0 && n >= 0);
    if (n > rising_steps_max || n != std::floor(n)) {
        return {log_gamma(z + n) - log_gamma(z), digamma(z + n) - digamma(z)};
    }
    LogRising sum{0, 0};
    double product = 1;
    for (double j = 0; j < n; j += 1) {
        product *= z + j;
        sum.slope += 1 / (z + j);
        if (product > 1e200 || product < 1e-200) {
            sum.value += std::log(product);
            product = 1;
        }
    }
    sum.value += std::log(product);
    return sum;
}

double sigmoid(double x) {
    if (x >= 0) {
        return 1 / (1 + std::exp(-x));
    }
    const double e = std::exp(x);
    return e / (1 + e);
}

double log1p_exp(double x) {
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

}  // namespace winback::model
