#include "expr/mentions.h"

#include <algorithm>

#include "expr/functions.h"
#include "expr/parser.h"

namespace winback::expr {
namespace {

bool names_segments(const Node& node) {
    const FunctionInfo* info = node.kind == NodeKind::Call ? find_global(node.text) : nullptr;
    return info != nullptr && node.children.size() == 1 &&
           (info->function == Function::InSegment || info->function == Function::InAny);
}

}  // namespace

std::vector<SegmentMention> segment_mentions(std::string_view text) {
    Diagnostics ignored;
    Reporter reporter(text, ignored);
    const Ast ast = parse(text, reporter);
    std::vector<SegmentMention> found;
    const auto add = [&](const Node& node) {
        if (node.kind == NodeKind::String) {
            found.push_back({.name = node.text,
                             .position = position_at(text, node.span.begin),
                             .length = static_cast<int>(node.span.end - node.span.begin)});
        }
    };
    for (const Node& node : ast.nodes) {
        if (!names_segments(node)) {
            continue;
        }
        const Node& argument = ast.nodes[node.children[0]];
        add(argument);
        if (argument.kind == NodeKind::List) {
            for (const NodeId item : argument.children) {
                add(ast.nodes[item]);
            }
        }
    }
    std::stable_sort(
        found.begin(), found.end(),
        [](const SegmentMention& a, const SegmentMention& b) { return a.position < b.position; });
    return found;
}

}  // namespace winback::expr
