#include "ui/charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr double wide = 1000;  // Units of every picture's width; stretched by the page.

double sound(double value) {
    return std::isfinite(value) && value > 0 ? value : 0;
}

double finite_or_zero(double value) {
    return std::isfinite(value) ? value : 0;
}

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", value);
    return text.data();
}

std::string svg(std::string_view css_class, int height, std::string_view label) {
    std::string out = "<svg class=\"";
    out.append(css_class).append("\" viewBox=\"0 0 1000 ").append(std::to_string(height));
    out += "\" preserveAspectRatio=\"none\" focusable=\"false\"";
    if (label.empty()) {
        out += " aria-hidden=\"true\">";
    } else {
        out.append(" role=\"img\" aria-label=\"").append(escape_html(label)).append("\">");
    }
    return out;
}

struct Box {
    double x = 0;
    double y = 0;
    double width = 0;
    double height = 0;
};

void add_rect(std::string& out, std::string_view css_class, const Box& box) {
    out.append("<rect class=\"").append(css_class);
    out.append("\" x=\"").append(number(box.x)).append("\" y=\"").append(number(box.y));
    out.append("\" width=\"").append(number(box.width));
    out.append("\" height=\"").append(number(box.height)).append("\"/>");
}

}  // namespace

std::string stacked_bar(std::span<const BarPart> parts, std::string_view label) {
    double total = 0;
    for (const BarPart& part : parts) {
        total += sound(part.value);
    }
    std::string out = svg("stacked", 10, label);
    double x = 0;
    for (const BarPart& part : parts) {
        const double width = total > 0 ? sound(part.value) / total * wide : 0;
        if (width > 0) {
            // A hair of space keeps neighbours apart without relying on their colours.
            add_rect(out, part.css_class, {x, 0, std::max(width - 3, 1.0), 10});
        }
        x += width;
    }
    return out + "</svg>";
}

std::string share_bar(double share) {
    std::string out = svg("share", 10, "");
    add_rect(out, "track", {0, 0, wide, 10});
    const double width = std::clamp(sound(share), 0.0, 1.0) * wide;
    if (width > 0) {
        add_rect(out, "fill", {0, 0, std::max(width, 4.0), 10});
    }
    return out + "</svg>";
}

std::string interval_chart(const Interval& interval, double reach, std::string_view label) {
    const auto place = [&](double value) {
        return std::clamp((finite_or_zero(value) / reach + 1) / 2, 0.0, 1.0) * wide;
    };
    std::string out = svg("interval", 40, label);
    const double low = place(interval.low);
    const double high = place(interval.high);
    const bool covers_zero = interval.low <= 0 && interval.high >= 0;
    add_rect(out, "zero", {wide / 2 - 2, 0, 4, 40});
    add_rect(out, covers_zero ? "range open" : "range", {low, 15, std::max(high - low, 4.0), 10});
    add_rect(out, "point", {std::clamp(place(interval.value) - 7, 0.0, wide - 14), 7, 14, 26});
    return out + "</svg>";
}

std::string order_chart(const OrderHistory& history, std::string_view label) {
    constexpr int height = 160;
    constexpr double bar = 6;
    std::string out = svg("orders", height, label);
    if (history.days.empty()) {
        return out + "</svg>";
    }
    const auto first = static_cast<double>(history.days.front().day);
    const auto last = static_cast<double>(history.days.back().day);
    const auto today = std::max(static_cast<double>(history.today), last);
    const double span = std::max(today - first, 30.0);
    const auto place = [&](double day) {
        return std::clamp((day - first) / span, 0.0, 1.0) * (wide - bar);
    };
    double highest = 0;
    for (const OrderHistory::Day& day : history.days) {
        highest = std::max(highest, sound(day.revenue));
    }
    add_rect(out, "silence", {place(last), 0, wide - place(last), height});
    if (history.gap_low && history.gap_high) {
        const double from = place(last + sound(*history.gap_low));
        add_rect(out, "expected",
                 {from, 0, std::max(place(last + sound(*history.gap_high)) - from, 4.0), height});
    }
    for (const OrderHistory::Day& day : history.days) {
        const double part = highest > 0 ? sound(day.revenue) / highest : 1;
        const double tall = std::max(part * (height - 12), 3.0);
        add_rect(out, "order", {place(static_cast<double>(day.day)), height - tall, bar, tall});
    }
    add_rect(out, "base", {0, height - 1.5, wide, 1.5});
    return out + "</svg>";
}

}  // namespace winback::ui
