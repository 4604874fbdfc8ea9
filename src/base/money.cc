#include "base/money.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace winback {

Micros micros_from_double(double amount) {
    constexpr double limit = 9e12;
    if (std::isnan(amount)) {
        return {};
    }
    return {std::llround(std::clamp(amount, -limit, limit) * 1e6)};
}

double to_double(Micros amount) {
    return static_cast<double>(amount.value) / 1e6;
}

int currency_digits(std::string_view iso_code) {
    constexpr std::array<std::string_view, 16> none{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY",
                                                    "KMF", "KRW", "PYG", "RWF", "UGX", "VND",
                                                    "VUV", "XAF", "XOF", "XPF"};
    constexpr std::array<std::string_view, 7> three{"BHD", "IQD", "JOD", "KWD",
                                                    "LYD", "OMR", "TND"};
    if (std::find(none.begin(), none.end(), iso_code) != none.end()) {
        return 0;
    }
    return std::find(three.begin(), three.end(), iso_code) != three.end() ? 3 : 2;
}

std::string format_amount(Micros amount, std::string_view iso_code) {
    const int digits = currency_digits(iso_code);
    std::int64_t scale = 1'000'000;
    for (int i = 0; i < digits; ++i) {
        scale /= 10;
    }
    const std::int64_t magnitude = std::abs(amount.value);
    const std::int64_t minor = (magnitude + scale / 2) / scale;
    std::string text = std::to_string(minor);
    const auto fraction = static_cast<std::size_t>(digits);
    if (text.size() <= fraction) {
        text.insert(0, fraction + 1 - text.size(), '0');
    }
    for (std::size_t i = text.size() - fraction; i > 3; i -= 3) {
        text.insert(i - 3, ",");
    }
    if (digits > 0) {
        text.insert(text.size() - fraction, ".");
    }
    return amount.value < 0 && minor != 0 ? "-" + text : text;
}

}  // namespace winback
