#include "expr/slip_reader.h"

#include <algorithm>
#include <utility>

#include "expr/printer.h"

namespace winback::expr {
namespace {

using Meant = WordedOperator::Meant;

bool ends_operand(TokenKind kind) {
    switch (kind) {
        case TokenKind::End:
        case TokenKind::And:
        case TokenKind::Or:
        case TokenKind::Comma:
        case TokenKind::Question:
        case TokenKind::Colon:
        case TokenKind::RightParen:
        case TokenKind::RightBracket:
        case TokenKind::RightBrace:
            return true;
        default:
            return false;
    }
}

std::string_view method_of(Meant meant) {
    switch (meant) {
        case Meant::StartsWith:
            return "startsWith";
        case Meant::EndsWith:
            return "endsWith";
        case Meant::Matches:
            return "matches";
        default:
            return "contains";
    }
}

}  // namespace

std::optional<WordedOperator> SlipReader::worded_operator() const {
    if (peek().kind != TokenKind::Identifier) {
        return std::nullopt;
    }
    constexpr std::size_t words_max = 4;  // "is not in", "does not start with"
    std::vector<std::string> words;
    for (std::size_t i = 0; i < words_max; ++i) {
        const Token& token = peek(i);
        if (token.kind == TokenKind::Not && token.is_slip) {
            words.emplace_back("not");
        } else if (token.kind == TokenKind::Identifier || token.kind == TokenKind::In) {
            words.push_back(token.text);
        } else {
            break;
        }
    }
    return find_worded_operator(words);
}

Token SlipReader::number_token(bool comma_has_meaning) {
    constexpr std::size_t group = 3;
    Token number = advance();
    const std::uint32_t alone = number.span.end;
    const bool groups = number.text.size() <= group && number.text != "0";
    const auto is_next = [&] {
        const Token& comma = peek();
        const Token& digits = peek(1);
        return number.kind == TokenKind::Int && comma.kind == TokenKind::Comma &&
               comma.span.begin == number.span.end && digits.span.begin == comma.span.end &&
               (digits.kind == TokenKind::Int || digits.kind == TokenKind::Double);
    };
    if (comma_has_meaning || !is_next()) {
        return number;
    }
    while (groups && is_next() && std::min(peek(1).text.find('.'), peek(1).text.size()) == group) {
        advance();
        number.text += peek().text;
        number.kind = peek().kind;
        number.span.end = advance().span.end;
    }
    if (is_next() && peek(1).kind == TokenKind::Int) {
        advance();
        number.text += "." + peek().text;
        number.kind = TokenKind::Double;
        number.span.end = advance().span.end;
    }
    const std::size_t size = number.span.end - number.span.begin;
    if (number.span.end != alone) {
        reporter_.error("unexpected_token", number.span,
                        "'" + std::string(text_.substr(number.span.begin, size)) +
                            "' has no meaning here; write " + number.text);
    }
    return number;
}

NodeId SlipReader::meant(const WordedOperator& words,
                         Span phrase,
                         const std::vector<NodeId>& operands) {
    std::string text;
    NodeId result = 0;
    if (words.meant == Meant::Between) {
        result = between(phrase, operands, text);
    } else if (words.meant == Meant::Missing) {
        Node null;
        null.kind = NodeKind::Null;
        null.span = phrase;
        result = binary_node(BinaryOp::Equal, phrase, operands[0], add(std::move(null)));
    } else {
        result = simple(words.meant, phrase, operands[0], operands[1]);
    }
    Node& made = ast_.nodes[result];
    const bool equality = made.kind == NodeKind::Binary && made.op == BinaryOp::Equal;
    if (words.negated && equality) {
        made.op = BinaryOp::NotEqual;
    } else if (words.negated) {
        text = text.empty() ? "" : "!(" + text + ")";
        result = negated({.kind = TokenKind::Not, .span = phrase, .text = {}}, result);
    }
    text = text.empty() ? written(result) : text;
    reporter_.error("unexpected_token", phrase,
                    "'" + std::string(text_.substr(phrase.begin, phrase.end - phrase.begin)) +
                        "' has no meaning here; write " +
                        (text.empty() ? example_of(words) : text));
    return result;
}

std::string SlipReader::written(NodeId id) const {
    constexpr std::size_t shown_max = 120;
    const std::string text = is_whole(id) ? print(ast_, id) : "";
    return text.size() <= shown_max ? text : "";
}

// Recursion is bounded by depth_max.
bool SlipReader::is_whole(NodeId id) const {
    const Node& node = ast_.nodes[id];
    return node.kind != NodeKind::Error &&
           std::all_of(node.children.begin(), node.children.end(),
                       [this](NodeId child) { return is_whole(child); });
}

// What is asked stands in the tree once: twice in each of many would be without end.
NodeId SlipReader::between(Span phrase, const std::vector<NodeId>& operands, std::string& text) {
    const NodeId above = binary_node(BinaryOp::GreaterEqual, phrase, operands[0], operands[1]);
    const NodeId below = binary_node(BinaryOp::LessEqual, phrase, operands[0], operands[2]);
    const std::string low = written(above);
    const std::string high = written(below);
    text = low.empty() || high.empty() ? "" : low + " && " + high;
    Node both;
    both.kind = NodeKind::And;
    both.focus = phrase;
    both.children = {above,
                     binary_node(BinaryOp::LessEqual, phrase, error_node(phrase), operands[2])};
    both.span = {span_of(above).begin, span_of(below).end};
    return add(std::move(both));
}

NodeId SlipReader::simple(Meant meant, Span phrase, NodeId left, NodeId right) {
    Node& operand = ast_.nodes[right];
    if (operand.kind == NodeKind::Identifier && is_word_null(operand.text)) {
        operand.kind = NodeKind::Null;
    }
    if (meant == Meant::Like) {
        meant = Meant::Contains;
        if (operand.kind == NodeKind::String) {
            LikePattern like = read_like(operand.text);
            meant = like.meant;
            operand.text = std::move(like.text);
        }
    }
    if (meant == Meant::Equal || meant == Meant::In) {
        return binary_node(meant == Meant::In ? BinaryOp::In : BinaryOp::Equal, phrase, left,
                           right);
    }
    Node node;
    node.kind = NodeKind::Method;
    node.text = method_of(meant);
    node.focus = phrase;
    node.span = {span_of(left).begin, span_of(right).end};
    node.children = {left, right};
    return add(std::move(node));
}

bool SlipReader::is_percent(NodeId left) const {
    const NodeKind kind = ast_.nodes[left].kind;
    const bool is_number = kind == NodeKind::Int || kind == NodeKind::Double;
    return is_number && peek().kind == TokenKind::Percent &&
           peek().span.begin == span_of(left).end && ends_operand(peek(1).kind);
}

NodeId SlipReader::percent(NodeId left) {
    Node& node = ast_.nodes[left];
    const std::string whole = print(ast_, left);
    node.real = (node.kind == NodeKind::Int ? static_cast<double>(node.integer) : node.real) / 100;
    node.kind = NodeKind::Double;
    node.span.end = advance().span.end;
    reporter_.error("unexpected_token", node.span,
                    "'" + whole + "%' has no meaning here; write " + double_text(node.real) +
                        ", or " + whole + " where the value is kept in percent");
    return left;
}

}  // namespace winback::expr
