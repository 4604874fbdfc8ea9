// Who moved where, as ribbons between two columns of blocks.
//
// The picture holds its labels, so it is not mirrored by the style sheet: `mirrored` draws it from
// right to left. Colours come by class.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace winback::ui {

struct FlowNode {
    std::string_view css_class;  // "s-at-risk": ours, never from data.
    std::string name;
    std::string count;  // As the reader writes numbers.
};
struct FlowRibbon {
    std::size_t from = 0;  // Places in the two columns.
    std::size_t to = 0;
    double customers = 0;
};

// Blocks without customers are left out. Empty when there is none at all.
std::string flow_chart(std::span<const FlowNode> then,
                       std::span<const FlowNode> now,
                       std::span<const FlowRibbon> ribbons,
                       bool mirrored,
                       std::string_view label);

}  // namespace winback::ui
