#include "ui/overlap_chart.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr int width = 360;
constexpr int radius = 92;

struct Point {
    int x;
    int y;
};

// Where all stands. By the bits of a part, 0 being the part outside of all.
struct Layout {
    int height;
    std::span<const Point> circles;  // Their middles.
    std::span<const Point> names;
    std::span<const Point> numbers;   // By the bits of a part.
    std::span<const unsigned> order;  // From the top, and in a row from where reading begins.
};

constexpr std::array<Point, 1> one_circle{{{180, 112}}};
constexpr std::array<Point, 2> two_circles{{{130, 112}, {230, 112}}};
constexpr std::array<Point, 3> three_circles{{{130, 112}, {230, 112}, {180, 198}}};
constexpr std::array<Point, 1> one_name{{{96, 46}}};
constexpr std::array<Point, 2> two_names{{{60, 34}, {300, 34}}};
constexpr std::array<Point, 3> three_names{{{46, 46}, {314, 46}, {284, 276}}};
constexpr std::array<Point, 2> one_numbers{{{60, 232}, {180, 118}}};
constexpr std::array<Point, 4> two_numbers{{{60, 232}, {88, 118}, {272, 118}, {180, 118}}};
constexpr std::array<Point, 8> three_numbers{
    {{60, 272}, {88, 92}, {272, 92}, {180, 78}, {180, 250}, {124, 178}, {236, 178}, {180, 146}}};
constexpr std::array<unsigned, 2> one_order{1, 0};
constexpr std::array<unsigned, 4> two_order{1, 3, 2, 0};
constexpr std::array<unsigned, 8> three_order{1, 3, 2, 7, 5, 6, 0, 4};

Layout layout_of(int sets) {
    if (sets == 1) {
        return {256, one_circle, one_name, one_numbers, one_order};
    }
    if (sets == 2) {
        return {256, two_circles, two_names, two_numbers, two_order};
    }
    return {304, three_circles, three_names, three_numbers, three_order};
}

std::string at(Point point, bool mirrored, const char* x, const char* y, int lower = 0) {
    return std::string(x) + "=\"" + std::to_string(mirrored ? width - point.x : point.x) + "\" " +
           y + "=\"" + std::to_string(point.y + lower) + "\"";
}

}  // namespace

std::string overlap_chart(int sets,
                          std::span<const OverlapPart> parts,
                          std::string_view label,
                          bool mirrored) {
    const Layout layout = layout_of(sets);
    std::string out = "<svg class=\"overlap\" viewBox=\"0 0 360 " + std::to_string(layout.height) +
                      "\" role=\"group\" aria-label=\"" + escape_html(label) + "\">" +
                      "<rect class=\"all\" x=\"1\" y=\"1\" width=\"358\" height=\"" +
                      std::to_string(layout.height - 2) + "\" rx=\"8\"/>";
    for (std::size_t i = 0; i < layout.circles.size(); ++i) {
        out += "<circle class=\"set" + std::to_string(i + 1) + "\" " +
               at(layout.circles[i], mirrored, "cx", "cy") + " r=\"" + std::to_string(radius) +
               "\"/>";
    }
    for (std::size_t i = 0; i < layout.names.size(); ++i) {
        out += "<text class=\"set\" aria-hidden=\"true\" " +
               at(layout.names[i], mirrored, "x", "y") + ">" + static_cast<char>('A' + i) +
               "</text>";
    }
    for (const unsigned inside : layout.order) {
        const auto found = std::find_if(parts.begin(), parts.end(), [&](const OverlapPart& part) {
            return part.inside == inside;
        });
        if (found == parts.end()) {
            continue;
        }
        const OverlapPart& part = *found;
        const std::string text = "<text " + at(layout.numbers[part.inside], mirrored, "x", "y") +
                                 ">" + escape_html(part.number) + "</text>";
        // A number of one digit is too small for a finger.
        const std::string ground = "<circle class=\"ground\" " +
                                   at(layout.numbers[part.inside], mirrored, "cx", "cy", -5) +
                                   " r=\"22\"/>";
        out += part.address.empty()
                   ? text
                   : "<a href=\"" + escape_html(part.address) + "\" aria-label=\"" +
                         escape_html(part.label) + "\">" + ground + text + "</a>";
    }
    return out + "</svg>";
}

}  // namespace winback::ui
