// The lengths of time that reports compare: a week, a month, a quarter, counted back from now.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace winback::report {

enum class Period : std::uint8_t {
    Week,
    Month,
    Quarter,
};
constexpr std::size_t period_count = 3;
constexpr std::array<int, period_count> period_days{7, 30, 90};
constexpr std::array<std::string_view, period_count> period_names{"week", "month", "quarter"};

constexpr Duration length_of(Period period) {
    return days(period_days[static_cast<std::size_t>(period)]);
}
constexpr std::string_view name_of(Period period) {
    return period_names[static_cast<std::size_t>(period)];
}
constexpr std::optional<Period> parse_period(std::string_view name) {
    for (std::size_t i = 0; i < period_count; ++i) {
        if (period_names[i] == name) {
            return static_cast<Period>(i);
        }
    }
    return std::nullopt;
}

}  // namespace winback::report
