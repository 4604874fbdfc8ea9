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

// Middles of the circles, and where the name of each stands.
constexpr std::array<Point, 2> two_circles{{{130, 112}, {230, 112}}};
constexpr std::array<Point, 2> two_names{{{60, 34}, {300, 34}}};
constexpr std::array<Point, 3> three_circles{{{130, 112}, {230, 112}, {180, 198}}};
constexpr std::array<Point, 3> three_names{{{46, 46}, {314, 46}, {284, 276}}};

// Where the number of each part stands, by its bits.
constexpr std::array<Point, 4> two_parts{{{0, 0}, {88, 118}, {272, 118}, {180, 118}}};
constexpr std::array<Point, 8> three_parts{
    {{0, 0}, {88, 92}, {272, 92}, {180, 78}, {180, 250}, {124, 178}, {236, 178}, {180, 146}}};

// As a reader goes through them: from the top, and in a row from where reading begins.
constexpr std::array<unsigned, 3> two_order{1, 3, 2};
constexpr std::array<unsigned, 7> three_order{1, 3, 2, 7, 5, 6, 4};

std::string at(Point point, bool mirrored, const char* x, const char* y, int lower = 0) {
    return std::string(x) + "=\"" + std::to_string(mirrored ? width - point.x : point.x) + "\" " +
           y + "=\"" + std::to_string(point.y + lower) + "\"";
}

}  // namespace

std::string overlap_chart(int sets,
                          std::span<const OverlapPart> parts,
                          std::string_view label,
                          bool mirrored) {
    const bool three = sets == 3;
    const std::span<const Point> circles =
        three ? std::span<const Point>(three_circles) : std::span<const Point>(two_circles);
    const std::span<const Point> names =
        three ? std::span<const Point>(three_names) : std::span<const Point>(two_names);
    const std::span<const Point> places =
        three ? std::span<const Point>(three_parts) : std::span<const Point>(two_parts);
    std::string out = "<svg class=\"overlap\" viewBox=\"0 0 360 " +
                      std::string(three ? "300" : "224") + "\" role=\"group\" aria-label=\"" +
                      escape_html(label) + "\">";
    for (std::size_t i = 0; i < circles.size(); ++i) {
        out += "<circle class=\"set" + std::to_string(i + 1) + "\" " +
               at(circles[i], mirrored, "cx", "cy") + " r=\"" + std::to_string(radius) + "\"/>";
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += "<text class=\"set\" aria-hidden=\"true\" " + at(names[i], mirrored, "x", "y") +
               ">" + static_cast<char>('A' + i) + "</text>";
    }
    for (const unsigned inside :
         three ? std::span<const unsigned>(three_order) : std::span<const unsigned>(two_order)) {
        const auto found = std::find_if(parts.begin(), parts.end(), [&](const OverlapPart& part) {
            return part.inside == inside;
        });
        if (found == parts.end()) {
            continue;
        }
        const OverlapPart& part = *found;
        const std::string text = "<text " + at(places[part.inside], mirrored, "x", "y") + ">" +
                                 escape_html(part.number) + "</text>";
        // A number of one digit is too small for a finger.
        const std::string ground = "<circle class=\"ground\" " +
                                   at(places[part.inside], mirrored, "cx", "cy", -5) +
                                   " r=\"22\"/>";
        out += part.address.empty()
                   ? text
                   : "<a href=\"" + escape_html(part.address) + "\" aria-label=\"" +
                         escape_html(part.label) + "\">" + ground + text + "</a>";
    }
    return out + "</svg>";
}

}  // namespace winback::ui
