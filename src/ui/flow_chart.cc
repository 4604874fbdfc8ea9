#include "ui/flow_chart.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/strings.h"

namespace winback::ui {
namespace {

constexpr double width = 420;
constexpr double height = 340;
constexpr double margin = 116;  // For labels, on both sides.
constexpr double block_width = 9;
constexpr double gap = 7;
constexpr double thinnest = 1.5;     // Of a ribbon: a single customer can be seen.
constexpr double label_height = 34;  // Name and number, as large as on a phone.
constexpr double label_middle = 6;   // From the middle of a label to the line of its number.

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
}

struct Block {
    const FlowNode* node = nullptr;
    double size = 0;
    double top = 0;
    double taken = 0;  // By ribbons so far.
    double label = 0;  // The middle of its label.
};

class Column {
public:
    explicit Column(std::span<const FlowNode> nodes) : blocks_(nodes.size()) {
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            blocks_[i].node = &nodes[i];
        }
    }
    Block& at(std::size_t i) { return blocks_[i]; }
    const std::vector<Block>& blocks() const { return blocks_; }
    std::size_t shown() const {
        return static_cast<std::size_t>(std::count_if(
            blocks_.begin(), blocks_.end(), [](const Block& block) { return block.size > 0; }));
    }

    // Blocks stand below each other from the top; labels beside them do not overlap.
    void lay_out() {
        double top = 0;
        double free_from = 0;
        for (Block& block : blocks_) {
            if (block.size <= 0) {
                continue;
            }
            block.top = top;
            top += block.size + gap;
            block.label = std::max(block.top + block.size / 2, free_from + label_height / 2);
            free_from = block.label + label_height / 2;
        }
        double free_until = height;
        for (auto block = blocks_.rbegin(); block != blocks_.rend(); ++block) {
            if (block->size > 0) {
                block->label = std::min(block->label, free_until - label_height / 2);
                free_until = block->label - label_height / 2;
            }
        }
    }

private:
    std::vector<Block> blocks_;
};

class Picture {
public:
    Picture(Column& then, Column& now, bool mirrored)
        : then_(then), now_(now), mirrored_(mirrored) {}

    void add_ribbon(const FlowRibbon& ribbon, double thickness) {
        Block& from = then_.at(ribbon.from);
        Block& to = now_.at(ribbon.to);
        const double y1 = from.top + from.taken;
        const double y2 = to.top + to.taken;
        from.taken += thickness;
        to.taken += thickness;
        const double x1 = margin + block_width;
        const double x2 = width - margin - block_width;
        const double middle = (x1 + x2) / 2;
        out_ += "<path class=\"ribbon ";
        out_ += from.node->css_class;
        out_ += ribbon_stays(ribbon) ? " stays\" d=\"M" : "\" d=\"M";
        out_ += point(x1, y1) + " C" + point(middle, y1) + " " + point(middle, y2) + " " +
                point(x2, y2) + " L" + point(x2, y2 + thickness) + " C" +
                point(middle, y2 + thickness) + " " + point(middle, y1 + thickness) + " " +
                point(x1, y1 + thickness) + " Z\"/>";
    }

    void add_blocks(const Column& column, bool left) {
        const double x = left ? margin : width - margin - block_width;
        for (const Block& block : column.blocks()) {
            if (block.size <= 0) {
                continue;
            }
            out_ += "<rect class=\"";
            out_ += block.node->css_class;
            out_ += "\" x=\"" + number(mirrored_ ? width - x - block_width : x) + "\" y=\"" +
                    number(block.top) + "\" width=\"" + number(block_width) + "\" height=\"" +
                    number(block.size) + "\" rx=\"2\"/>";
            add_label(block, left ? x - 8 : x + block_width + 8, left);
        }
    }

    std::string take() { return std::move(out_); }

private:
    bool ribbon_stays(const FlowRibbon& ribbon) const {
        return then_.at(ribbon.from).node->css_class == now_.at(ribbon.to).node->css_class;
    }
    std::string point(double x, double y) const {
        return number(mirrored_ ? width - x : x) + "," + number(y);
    }
    void add_label(const Block& block, double x, bool left) {
        const bool ends_here = left != mirrored_;
        const std::string place = " x=\"" + number(mirrored_ ? width - x : x) + "\"";
        const std::string side = ends_here ? " ends\"" : "\"";
        out_ += "<text class=\"name" + side + place + " y=\"" + number(block.label - 2) + "\">" +
                escape_html(block.node->name) + "</text><text class=\"count" + side + place +
                " y=\"" + number(block.label + label_middle * 2 + 2) + "\">" +
                escape_html(block.node->count) + "</text>";
    }

    Column& then_;
    Column& now_;
    bool mirrored_;
    std::string out_;
};

}  // namespace

std::string flow_chart(std::span<const FlowNode> then,
                       std::span<const FlowNode> now,
                       std::span<const FlowRibbon> ribbons,
                       bool mirrored,
                       std::string_view label) {
    double total = 0;
    for (const FlowRibbon& ribbon : ribbons) {
        total += ribbon.customers;
    }
    if (total <= 0) {
        return {};
    }
    Column left(then);
    Column right(now);
    const auto mark = [&](double scale) {
        for (const FlowRibbon& ribbon : ribbons) {
            const double thickness = std::max(ribbon.customers * scale, thinnest);
            left.at(ribbon.from).size += thickness;
            right.at(ribbon.to).size += thickness;
        }
    };
    mark(1);
    const auto most = static_cast<double>(std::max(left.shown(), right.shown()));
    const double room = height - (most - 1) * gap - static_cast<double>(ribbons.size()) * thinnest;
    const double scale = std::max(room, height / 3) / total;
    left = Column(then);
    right = Column(now);
    mark(scale);
    left.lay_out();
    right.lay_out();
    Picture picture(left, right, mirrored);
    for (const FlowRibbon& ribbon : ribbons) {
        picture.add_ribbon(ribbon, std::max(ribbon.customers * scale, thinnest));
    }
    picture.add_blocks(left, true);
    picture.add_blocks(right, false);
    std::string out =
        "<svg class=\"sankey\" viewBox=\"0 0 420 340\" focusable=\"false\" "
        "role=\"img\" aria-label=\"";
    out += escape_html(label) + "\">" + picture.take() + "</svg>";
    return out;
}

}  // namespace winback::ui
