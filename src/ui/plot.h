// Charts with axes for the Models page: groups of two bars, and a line over time. They hold their
// labels, so they are drawn mirrored for readers from right to left.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winback::ui {

struct PlotFrame {
    bool mirrored = false;
    std::string_view label;  // Read out in place of the picture.
    // Of the lines across, from 0 to the top: what they are called.
    std::vector<std::string> ticks;
    double top = 1;  // The value of the last tick; > 0.
};

struct BarPair {
    std::string name;
    double predicted = 0;
    double actual = 0;
};
std::string pair_chart(std::span<const BarPair> pairs, const PlotFrame& frame);

// Points stand at equal distances.
std::string line_chart(std::span<const double> points, const PlotFrame& frame);

// A round number at or above `value`, for the top of an axis: 1, 2, 2.5 or 5 times a power of ten.
double round_top(double value);

}  // namespace winback::ui
