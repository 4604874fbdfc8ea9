// Small pictures as SVG text. They hold no words but their accessible names, stretch to the width
// that they are given, and take their colours from the style sheet by class.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winback::ui {

struct BarPart {
    std::string_view css_class;  // Ours, never from data.
    double value = 0;            // Negative or not finite counts as 0.
};
// One bar, cut into parts in proportion to their values. `label` is read out in its place.
std::string stacked_bar(std::span<const BarPart> parts, std::string_view label);

// A bar that fills `share` (0..1) of its width. Decoration of a number that stands beside it.
std::string share_bar(double share);

// An estimate with its interval over a line at zero. `reach` > 0 is the value at both ends of the
// picture; an interval beyond it is cut with an open end.
struct Interval {
    double low = 0;
    double value = 0;
    double high = 0;
};
std::string interval_chart(const Interval& interval, double reach, std::string_view label);

// A customer's orders over time, each a bar as high as its revenue, with the silence since the
// last one and the days within which the next order was to be expected.
struct OrderHistory {
    struct Day {
        std::int64_t day = 0;  // Since the epoch.
        double revenue = 0;
    };
    std::vector<Day> days;  // Oldest first.
    std::int64_t today = 0;
    std::optional<double> gap_low;  // Days after the last order.
    std::optional<double> gap_high;
};
std::string order_chart(const OrderHistory& history, std::string_view label);

}  // namespace winback::ui
