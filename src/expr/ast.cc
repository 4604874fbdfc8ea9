#include "expr/ast.h"

#include <array>
#include <bit>

namespace winback::expr {

std::string_view symbol_of(BinaryOp op) {
    constexpr std::array<std::string_view, 12> symbols{
        "<", "<=", ">", ">=", "==", "!=", "in", "+", "-", "*", "/", "%"};
    return symbols[static_cast<std::size_t>(op)];
}

bool is_relation(BinaryOp op) {
    return op <= BinaryOp::In;
}

namespace {

// Recursion is bounded by depth_max.
bool same(const Ast& a, NodeId x, const Ast& b, NodeId y) {
    const Node& m = a.nodes[x];
    const Node& n = b.nodes[y];
    if (m.kind != n.kind || m.op != n.op || m.text != n.text || m.integer != n.integer ||
        std::bit_cast<std::uint64_t>(m.real) != std::bit_cast<std::uint64_t>(n.real) ||
        m.children.size() != n.children.size()) {
        return false;
    }
    for (std::size_t i = 0; i < m.children.size(); ++i) {
        if (!same(a, m.children[i], b, n.children[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool equal(const Ast& a, const Ast& b) {
    return same(a, a.root, b, b.root);
}

}  // namespace winback::expr
