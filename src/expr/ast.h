// The syntax tree of a condition: nodes in one vector, children by index.
//
// Every node knows the bytes of the text that it came from. `a && b && c` is one And of three,
// as in the JSON tree form; what was in parentheses stays a node of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/lexer.h"

namespace winback::expr {

using NodeId = std::uint32_t;

enum class NodeKind : std::uint8_t {
    Error,  // Where a mistake of syntax was reported.
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Identifier,  // Of strict CEL it may begin with a dot: ".x" is no name of the container.
    Select,      // children[0] . text
    Index,       // children[0] [ children[1] ]
    Call,        // text ( children )
    Method,      // children[0] . text ( the others )
    Not,
    Negate,
    Binary,
    And,  // Two or more children.
    Or,
    Ternary,  // condition, then, otherwise
    List,
    Map,      // key, value, key, value ...
    Message,  // text { name, value, name, value ... }; each name a String. Strict CEL only.
};

enum class BinaryOp : std::uint8_t {
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
};
std::string_view symbol_of(BinaryOp op);
bool is_relation(BinaryOp op);

struct Node {
    NodeKind kind = NodeKind::Error;
    BinaryOp op = BinaryOp::Less;  // Binary only.
    std::uint8_t height = 1;       // Of the subtree; at most depth_max.
    Span span;                     // The whole subtree.
    Span focus;                    // What a mistake underlines: the operator, the name.
    std::string text;              // Name, or the contents of a string or bytes.
    std::int64_t integer = 0;      // Bool, Int; Uint by its bits.
    double real = 0;
    std::vector<NodeId> children;
};

struct Ast {
    std::vector<Node> nodes;  // Children stand before their parents.
    NodeId root = 0;
    std::vector<Comment> comments;

    // Of a text with mistakes of syntax, for finding the others in it.
    std::vector<NodeId> rest;           // What could be read behind the root.
    std::vector<std::uint32_t> broken;  // Where something stopped short: ends of spans.
};

// By structure; positions and comments do not count.
bool equal(const Ast& a, const Ast& b);

}  // namespace winback::expr
