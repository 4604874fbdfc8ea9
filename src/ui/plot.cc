#include "ui/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr double width = 440;
constexpr double height = 220;
constexpr double left = 46;
constexpr double right = 8;
constexpr double top = 10;
constexpr double bottom = 24;

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", std::isfinite(value) ? value : 0);
    return text.data();
}

class Plot {
public:
    explicit Plot(const PlotFrame& frame) : frame_(frame) {
        out_ =
            "<svg class=\"plot\" viewBox=\"0 0 440 220\" focusable=\"false\" role=\"img\" "
            "aria-label=\"" +
            escape_html(frame.label) + "\">";
        for (std::size_t i = 0; i < frame.ticks.size(); ++i) {
            const double share =
                static_cast<double>(i) / std::max(1.0, static_cast<double>(frame.ticks.size() - 1));
            const double line = y(share * frame.top);
            rect("grid", left, line - 0.5, width - right - left, 1);
            text(frame.mirrored ? "" : "ends", left - 6, line + 4, frame.ticks[i]);
        }
    }

    double y(double value) const {
        const double share = std::clamp(value / frame_.top, 0.0, 1.0);
        return height - bottom - share * (height - top - bottom);
    }
    double x(double at) const { return frame_.mirrored ? width - at : at; }

    void rect(std::string_view css, double at, double y0, double w, double h) {
        out_ += "<rect class=\"";
        out_ += css;
        out_ += "\" x=\"" + number(frame_.mirrored ? width - at - w : at) + "\" y=\"" + number(y0) +
                "\" width=\"" + number(w) + "\" height=\"" + number(h) + "\"/>";
    }
    void text(std::string_view css, double at, double y0, std::string_view words) {
        out_ += "<text class=\"";
        out_ += css;
        out_ += "\" x=\"" + number(x(at)) + "\" y=\"" + number(y0) + "\">" + escape_html(words) +
                "</text>";
    }
    void add(std::string_view part) { out_ += part; }
    std::string take() { return out_ + "</svg>"; }

private:
    const PlotFrame& frame_;
    std::string out_;
};

}  // namespace

double round_top(double value) {
    if (!(value > 0) || !std::isfinite(value)) {
        return 1;
    }
    const double power = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 2.5, 5.0, 10.0}) {
        if (value <= step * power * (1 + 1e-9)) {
            return step * power;
        }
    }
    return 10 * power;
}

std::string pair_chart(std::span<const BarPair> pairs, const PlotFrame& frame) {
    Plot plot(frame);
    const double room = (width - left - right) / std::max<double>(1, double(pairs.size()));
    const double bar = room * 0.34;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const double middle = left + room * (static_cast<double>(i) + 0.5);
        const double base = height - bottom;
        plot.rect("predicted", middle - bar - 1, plot.y(pairs[i].predicted), bar,
                  base - plot.y(pairs[i].predicted));
        plot.rect("actual", middle + 1, plot.y(pairs[i].actual), bar,
                  base - plot.y(pairs[i].actual));
        plot.text("middle", middle, height - 6, pairs[i].name);
    }
    return plot.take();
}

std::string line_chart(std::span<const double> points, const PlotFrame& frame) {
    Plot plot(frame);
    const double room = width - left - right - 12;
    const double steps = std::max<double>(1, static_cast<double>(points.size()) - 1);
    std::string path = "<path class=\"line\" d=\"";
    std::string dots;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double at = left + 6 + room * static_cast<double>(i) / steps;
        const double y = plot.y(points[i]);
        path += (i == 0 ? "M" : " L") + number(plot.x(at)) + "," + number(y);
        dots += "<circle class=\"point\" cx=\"" + number(plot.x(at)) + "\" cy=\"" + number(y) +
                "\" r=\"3.5\"/>";
    }
    plot.add(path + "\"/>" + dots);
    return plot.take();
}

}  // namespace winback::ui
