// Lines and bars over time as SVG text, by the rules of charts.h: no words but the accessible
// name, colours by class, as wide as the place that they are given.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace winback::ui {

// An estimate with its interval at one moment; evenly spaced. What is not `known` leaves a gap.
struct BandPoint {
    double low = 0;
    double value = 0;
    double high = 0;
    bool known = false;
};
// How an estimate grew surer: a line within its band, over a line at zero. Values beyond `reach`
// (> 0) are cut.
std::string band_chart(std::span<const BandPoint> points, double reach, std::string_view label);

// A bar for each of the numbers, the last at the end; the highest fills the height.
std::string spark_bars(std::span<const std::uint64_t> values,
                       std::size_t places,
                       std::string_view label);

}  // namespace winback::ui
