#include "ui/line_charts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr double width = 1000;
constexpr double height = 160;

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

std::string begin(std::string_view css_class, std::string_view label) {
    return "<svg class=\"" + std::string(css_class) + "\" viewBox=\"0 0 " + number(width) + " " +
           number(height) + "\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"" +
           escape_html(label) + "\">";
}

class Band {
public:
    Band(std::span<const BandPoint> points, double reach) : points_(points), reach_(reach) {}

    std::string draw() const {
        std::string out = "<rect class=\"zero\" x=\"0\" y=\"" + number(y(0) - 0.5) + "\" width=\"" +
                          number(width) + "\" height=\"1\"/>";
        for (std::size_t from = 0; from < points_.size();) {
            std::size_t to = from;
            while (to < points_.size() && points_[to].known) {
                ++to;
            }
            if (to > from) {
                out += run(from, to);
            }
            from = to + 1;
        }
        return out;
    }

private:
    double x(std::size_t i) const {
        return points_.size() < 2
                   ? width / 2
                   : width * static_cast<double>(i) / static_cast<double>(points_.size() - 1);
    }
    double y(double value) const {
        const double within = std::clamp(std::isfinite(value) ? value : 0.0, -reach_, reach_);
        return height / 2 - within / reach_ * height / 2;
    }
    std::string point(std::size_t i, double value) const {
        return number(x(i)) + "," + number(y(value)) + " ";
    }
    // Points next to each other; a single one is a short stroke.
    std::string run(std::size_t from, std::size_t to) const {
        if (to - from == 1) {
            const BandPoint& one = points_[from];
            return "<rect class=\"band\" x=\"" + number(std::max(x(from) - 4, 0.0)) + "\" y=\"" +
                   number(y(one.high)) + "\" width=\"8\" height=\"" +
                   number(std::max(y(one.low) - y(one.high), 1.0)) + "\"/>";
        }
        std::string band = "M";
        std::string line;
        for (std::size_t i = from; i < to; ++i) {
            band += point(i, points_[i].high);
            line += point(i, points_[i].value);
        }
        for (std::size_t i = to; i > from; --i) {
            band += point(i - 1, points_[i - 1].low);
        }
        line.pop_back();
        return "<path class=\"band\" d=\"" + band + "Z\"/><polyline class=\"line\" points=\"" +
               line + "\"/>";
    }

    std::span<const BandPoint> points_;
    double reach_;
};

}  // namespace

std::string band_chart(std::span<const BandPoint> points, double reach, std::string_view label) {
    const double sound = std::isfinite(reach) && reach > 0 ? reach : 1;
    return begin("band-chart", label) + Band(points, sound).draw() + "</svg>";
}

std::string spark_bars(std::span<const std::uint64_t> values,
                       std::size_t places,
                       std::string_view label) {
    std::string out = begin("spark", label);
    const std::size_t shown = std::min(values.size(), places);
    const std::span<const std::uint64_t> last = values.last(shown);
    const std::uint64_t highest = last.empty() ? 0 : *std::max_element(last.begin(), last.end());
    const double step = width / static_cast<double>(std::max<std::size_t>(places, 1));
    for (std::size_t i = 0; i < shown; ++i) {
        const double share =
            highest == 0 ? 0 : static_cast<double>(last[i]) / static_cast<double>(highest);
        const double tall = std::max(share * height, 2.0);
        out += "<rect class=\"fill\" x=\"" +
               number(step * static_cast<double>(places - shown + i)) + "\" y=\"" +
               number(height - tall) + "\" width=\"" + number(std::max(step - 2, 0.5)) +
               "\" height=\"" + number(tall) + "\"/>";
    }
    return out + "</svg>";
}

}  // namespace winback::ui
