#include "ui/segment_course.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <string>
#include <vector>

#include "base/civil.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

constexpr double wide = 1000;
constexpr double high = 160;
constexpr double days_wide = 30;
// A change of a hundredth shall not look like a mountain: the picture is at least so high.
constexpr double least_share = 0.1;
constexpr double least_customers = 4;

struct Point {
    std::int64_t day = 0;
    Timestamp at;
    double customers = 0;
    bool changed = false;
};

int part_of(const std::string& text, std::size_t from, std::size_t length) {
    int number = 0;
    const char* begin = text.data() + std::min(from, text.size());
    std::from_chars(begin, begin + std::min(length, text.size() - std::min(from, text.size())),
                    number);
    return number;
}

// "2026-11-26"
CivilTime civil_of(const std::string& day) {
    return {.year = part_of(day, 0, 4), .month = part_of(day, 5, 2), .day = part_of(day, 8, 2)};
}

Timestamp noon_of(const std::string& day, const Zone& zone) {
    CivilTime noon = civil_of(day);
    noon.hour = 12;
    return from_local(zone, noon);
}

std::vector<Point> points_of(const ValueMap& segment, const Zone& zone) {
    std::vector<Point> points;
    for (const Value& value : list_at(segment, "series")) {
        const ValueMap& one = *value.as_map();
        const std::string day = text_at(one, "day");
        const CivilTime civil = civil_of(day);
        points.push_back({.day = days_from_civil(civil.year, civil.month, civil.day),
                          .at = noon_of(day, zone),
                          .customers = number_at(one, "customers"),
                          .changed = *one.find("changed") == Value(true)});
    }
    return points;
}

class Box {
public:
    explicit Box(const std::vector<Point>& points) : last_(points.back().day) {
        const auto [least, most] = std::minmax_element(
            points.begin(), points.end(),
            [](const Point& a, const Point& b) { return a.customers < b.customers; });
        const double needed = std::max(least_customers, most->customers * least_share);
        const double span = std::max(most->customers - least->customers, needed);
        low_ = std::max((least->customers + most->customers - span) / 2, 0.0);
        span_ = span;
    }
    double x(const Point& point) const {
        return wide * (1 - static_cast<double>(last_ - point.day) / days_wide);
    }
    double y(const Point& point) const {
        constexpr double edge = 10;
        return high - edge - (point.customers - low_) / span_ * (high - 2 * edge);
    }

private:
    std::int64_t last_;
    double low_ = 0;
    double span_ = 1;
};

std::string place(double x, double y) {
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.1f %.1f", x, y);
    return text.data();
}

void put_paths(const std::vector<Point>& points, ValueMap& data) {
    const Box box(points);
    std::string line;
    std::string area;
    ValueList marks;
    for (std::size_t i = 0; i < points.size(); ++i) {
        const double x = box.x(points[i]);
        // Days that nobody counted leave a gap.
        const bool begins = i == 0 || points[i].day != points[i - 1].day + 1;
        const bool ends = i + 1 == points.size() || points[i + 1].day != points[i].day + 1;
        line += (begins ? "M" : "L") + place(x, box.y(points[i]));
        area += begins ? "M" + place(x, high) : "";
        area += "L" + place(x, box.y(points[i])) + (ends ? "L" + place(x, high) + "Z" : "");
        if (begins && ends) {
            line += "L" + place(x > 0 ? x - 8 : x + 8, box.y(points[i]));
        }
        if (points[i].changed) {
            marks.emplace_back("M" + place(x, 0) + "L" + place(x, high));
        }
    }
    data.set("line", line);
    data.set("area", area);
    data.set("marks", std::move(marks));
}

ValueMap point_data(const Point& point) {
    ValueMap map;
    map.set("at", point.at);
    map.set("customers", static_cast<std::int64_t>(point.customers));
    return map;
}

}  // namespace

ValueMap course_data(const ValueMap& segment, const Zone& zone) {
    ValueMap data;
    data.set("trend", Value());
    data.set("changed", Value());
    const std::vector<Point> points = points_of(segment, zone);
    if (points.empty()) {
        return data;
    }
    put_paths(points, data);
    const auto [least, most] = std::minmax_element(
        points.begin(), points.end(),
        [](const Point& a, const Point& b) { return a.customers < b.customers; });
    data.set("first", point_data(points.front()));
    data.set("last", point_data(points.back()));
    data.set("low", point_data(*least));
    data.set("high", point_data(*most));
    data.set("days", static_cast<std::int64_t>(points.size()));
    for (const Point& point : points) {
        if (point.changed) {
            data.set("changed", point.at);
        }
    }
    const Value* told = segment.find("trend");
    if (told != nullptr && told->as_map() != nullptr) {
        ValueMap trend = *told->as_map();
        trend.set("since", noon_of(text_at(trend, "since"), zone));
        data.set("trend", std::move(trend));
    }
    return data;
}

}  // namespace winback::ui
