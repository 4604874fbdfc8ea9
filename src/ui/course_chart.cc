#include "ui/course_chart.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr double wide = 1000;
constexpr double high = 240;

struct Point {
    Timestamp at;
    double orders = 0;
};

std::vector<Point> points_of(const ValueMap& course, std::string_view name) {
    std::vector<Point> points;
    const Value* list = course.find(name);
    if (list != nullptr && list->as_list() != nullptr) {
        for (const Value& value : *list->as_list()) {
            const ValueMap& map = *value.as_map();
            points.push_back({*map.find("at")->as_time(), map.find("orders")->number_or(0)});
        }
    }
    return points;
}

class Scale {
public:
    Scale(Timestamp from, Timestamp to, double top)
        : from_(from), span_(std::max<double>(static_cast<double>((to - from).ms), 1)), top_(top) {}
    double x(Timestamp at) const {
        return std::clamp(static_cast<double>((at - from_).ms) / span_, 0.0, 1.0) * wide;
    }
    double y(double orders) const { return high - orders / top_ * (high - 8); }
    std::string text(Timestamp at, double orders) const {
        std::array<char, 64> out{};
        std::snprintf(out.data(), out.size(), "%.1f %.1f", x(at), y(orders));
        return out.data();
    }

private:
    Timestamp from_;
    double span_;
    double top_;
};

void add_path(std::string& out, std::string_view css_class, const std::string& way) {
    if (!way.empty()) {
        out.append("<path class=\"").append(css_class).append("\" d=\"").append(way);
        out.append("\"/>");
    }
}

std::string line(const std::vector<Point>& points, const Scale& scale) {
    std::string way;
    for (const Point& point : points) {
        way += way.empty() ? 'M' : 'L';
        way += scale.text(point.at, point.orders);
    }
    return way;
}

// Orders come at once, so their number rises in steps.
std::string steps(const std::vector<Point>& points, Timestamp now, const Scale& scale) {
    std::string way = "M" + scale.text(points.front().at, 0);
    double before = 0;
    for (const Point& point : points) {
        way += "L" + scale.text(point.at, before) + "L" + scale.text(point.at, point.orders);
        before = point.orders;
    }
    return way + "L" + scale.text(std::max(now, points.back().at), before);
}

}  // namespace

double course_top(const ValueMap& course) {
    double top = 1;
    for (const char* name : {"actual", "typical", "ahead"}) {
        for (const Point& point : points_of(course, name)) {
            top = std::max(top, point.orders);
        }
    }
    return top;
}

Timestamp course_end(const ValueMap& course, Timestamp now) {
    const std::vector<Point> ahead = points_of(course, "ahead");
    return ahead.empty() ? now : std::max(now, ahead.back().at);
}

std::string course_chart(const ValueMap& course, Timestamp now, std::string_view label) {
    const std::vector<Point> actual = points_of(course, "actual");
    if (actual.empty()) {
        return {};
    }
    const Scale scale(actual.front().at, course_end(course, now), course_top(course));
    std::string out =
        "<svg class=\"course\" viewBox=\"0 0 1000 240\" preserveAspectRatio=\"none\" ";
    out.append("focusable=\"false\" role=\"img\" aria-label=\"").append(escape_html(label));
    out += "\">";
    add_path(out, "now", "M" + scale.text(now, 0) + "L" + scale.text(now, course_top(course)));
    add_path(out, "typical", line(points_of(course, "typical"), scale));
    add_path(out, "ahead", line(points_of(course, "ahead"), scale));
    add_path(out, "actual", steps(actual, now, scale));
    return out + "</svg>";
}

}  // namespace winback::ui
