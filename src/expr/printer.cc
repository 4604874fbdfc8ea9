#include "expr/printer.h"

#include <cmath>

#include "base/check.h"
#include "expr/number.h"

namespace winback::expr {
namespace {

// Recursion is bounded by depth_max.
class Printer {
public:
    explicit Printer(const Ast& ast) : ast_(ast) {}

    std::string take() { return std::move(out_); }

    void node(NodeId id) {
        const Node& n = ast_.nodes[id];
        switch (n.kind) {
            case NodeKind::Error:
                WINBACK_CHECK(false);
                break;
            case NodeKind::Null:
                out_ += "null";
                break;
            case NodeKind::Bool:
                out_ += n.integer != 0 ? "true" : "false";
                break;
            case NodeKind::Int:
                out_ += std::to_string(n.integer);
                break;
            case NodeKind::Uint:
                out_ += std::to_string(static_cast<std::uint64_t>(n.integer)) + "u";
                break;
            case NodeKind::Double:
                out_ += double_text(n.real);
                break;
            case NodeKind::String:
                out_ += quoted(n.text, false);
                break;
            case NodeKind::Bytes:
                out_ += 'b';
                out_ += quoted(n.text, true);
                break;
            case NodeKind::Identifier:
                out_ += n.text;
                break;
            case NodeKind::Select:
            case NodeKind::Index:
            case NodeKind::Method:
            case NodeKind::Call:
                member(n);
                break;
            case NodeKind::List:
                items(n, 0, "[", "]");
                break;
            case NodeKind::Map:
                pairs(n);
                break;
            case NodeKind::Message:
                out_ += n.text;
                pairs(n);
                break;
            default:
                operation(n);
                break;
        }
    }

private:
    void child(NodeId id, int lowest) {
        const bool parens = precedence_of(ast_.nodes[id]) < lowest;
        out_ += parens ? "(" : "";
        node(id);
        out_ += parens ? ")" : "";
    }

    void member(const Node& n) {
        if (n.kind != NodeKind::Call) {
            child(n.children[0], 7);
        }
        if (n.kind == NodeKind::Index) {
            items(n, 1, "[", "]");
            return;
        }
        if (n.kind == NodeKind::Call) {
            out_ += n.text;
        } else {
            out_ += ".";
            field(n.text);
        }
        if (n.kind != NodeKind::Select) {
            items(n, n.kind == NodeKind::Method ? 1 : 0, "(", ")");
        }
    }

    // Pre: the name was read from a text, so that backticks can hold it.
    void field(const std::string& name) { out_ += is_selector(name) ? name : "`" + name + "`"; }

    // -(5.x) and -5.x are different trees: a sign before a number belongs to the number.
    bool begins_with_number(NodeId id) const {
        const Node* n = &ast_.nodes[id];
        while (n->kind == NodeKind::Select || n->kind == NodeKind::Index ||
               n->kind == NodeKind::Method) {
            n = &ast_.nodes[n->children[0]];
        }
        return (n->kind == NodeKind::Int && n->integer >= 0) ||
               (n->kind == NodeKind::Double && !std::signbit(n->real));
    }

    void operation(const Node& n) {
        const int own = precedence_of(n);
        switch (n.kind) {
            case NodeKind::Not:
                out_ += "!";
                child(n.children[0], own);
                break;
            case NodeKind::Negate:
                out_ += "-";
                child(n.children[0], begins_with_number(n.children[0]) ? 8 : own);
                break;
            case NodeKind::Binary:
                child(n.children[0], own);
                out_ += " " + std::string(symbol_of(n.op)) + " ";
                child(n.children[1], own + 1);
                break;
            case NodeKind::Ternary:
                child(n.children[0], 1);
                out_ += " ? ";
                child(n.children[1], 1);
                out_ += " : ";
                child(n.children[2], 0);
                break;
            default:
                joined(n, own);
                break;
        }
    }

    void joined(const Node& n, int own) {
        for (std::size_t i = 0; i < n.children.size(); ++i) {
            if (i > 0) {
                out_ += n.kind == NodeKind::And ? " && " : " || ";
            }
            child(n.children[i], own + 1);
        }
    }

    void items(const Node& n, std::size_t from, std::string_view open, std::string_view close) {
        out_ += open;
        for (std::size_t i = from; i < n.children.size(); ++i) {
            out_ += i > from ? ", " : "";
            node(n.children[i]);
        }
        out_ += close;
    }

    void pairs(const Node& n) {
        out_ += "{";
        for (std::size_t i = 0; i + 1 < n.children.size(); i += 2) {
            out_ += i > 0 ? ", " : "";
            if (n.kind == NodeKind::Message) {
                field(ast_.nodes[n.children[i]].text);
            } else {
                node(n.children[i]);
            }
            out_ += ": ";
            node(n.children[i + 1]);
        }
        out_ += "}";
    }

    const Ast& ast_;
    std::string out_;
};

}  // namespace

int precedence_of(const Node& node) {
    switch (node.kind) {
        case NodeKind::Ternary:
            return 0;
        case NodeKind::Or:
            return 1;
        case NodeKind::And:
            return 2;
        case NodeKind::Binary:
            if (is_relation(node.op)) {
                return 3;
            }
            return node.op == BinaryOp::Add || node.op == BinaryOp::Subtract ? 4 : 5;
        case NodeKind::Not:
        case NodeKind::Negate:
            return 6;
        default:
            return 7;
    }
}

std::string double_text(double value) {
    std::string text = text_of(real(value));
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string quoted(std::string_view text, bool bytes) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f || (bytes && byte >= 0x80)) {
            out += "\\x";
            out += hex[byte >> 4U];
            out += hex[byte & 0xfU];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string print(const Ast& ast, NodeId node) {
    Printer printer(ast);
    printer.node(node);
    return printer.take();
}

std::string print(const Ast& ast) {
    return print(ast, ast.root);
}

}  // namespace winback::expr
