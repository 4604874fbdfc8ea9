#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "expr/functions.h"
#include "expr/number.h"
#include "expr/printer.h"
#include "expr/tree.h"

namespace winback::expr {
namespace {

bool is_group(NodeKind kind) {
    return kind == NodeKind::And || kind == NodeKind::Or || kind == NodeKind::Not;
}

// JSON writes 5.0 as 5, which would come back as a whole number.
bool keeps_its_point(double value) {
    return text_of(real(value)).find_first_of(".e") != std::string::npos;
}

// The text behind "//", without the space that usually follows.
std::string content_of(std::string_view comment) {
    comment.remove_prefix(2);
    comment.remove_prefix(comment.starts_with(' ') ? 1 : 0);
    comment.remove_suffix(comment.ends_with('\r') ? 1 : 0);
    return std::string(comment);
}

void add_line(std::string& lines, const std::string& line, bool& any) {
    lines += (any ? "\n" : "") + line;
    any = true;
}

struct Leaf {
    NodeId node = 0;
    std::string before;
    std::string after;
    bool has_before = false;
    bool has_after = false;
};

// Recursion is bounded by depth_max.
class TreeWriter {
public:
    TreeWriter(std::string_view text, const Ast& ast) : text_(text), ast_(ast) {}

    Value run() {
        gather(ast_.root);
        for (const Comment& comment : ast_.comments) {
            attach(comment);
        }
        return condition(ast_.root);
    }

private:
    const Node& at(NodeId id) const { return ast_.nodes[id]; }

    void gather(NodeId id) {
        if (!is_group(at(id).kind)) {
            leaves_.push_back({id, {}, {}});
            return;
        }
        for (const NodeId child : at(id).children) {
            gather(child);
        }
    }

    // To the leaf that it stands in, or behind which it stands in the same line, or that follows.
    void attach(const Comment& comment) {
        const std::string content =
            content_of(text_.substr(comment.span.begin, comment.span.end - comment.span.begin));
        const auto next = std::find_if(leaves_.begin(), leaves_.end(), [&](const Leaf& leaf) {
            return at(leaf.node).span.end > comment.span.begin;
        });
        const bool inside = next != leaves_.end() && at(next->node).span.begin < comment.span.begin;
        if (!inside && next != leaves_.begin()) {
            Leaf& last = *(next - 1);
            const std::uint32_t end = at(last.node).span.end;
            const bool same_line =
                text_.substr(end, comment.span.begin - end).find('\n') == std::string_view::npos;
            if (same_line || next == leaves_.end()) {
                add_line(last.after, content, last.has_after);
                return;
            }
        }
        add_line(next->before, content, next->has_before);
    }

    Value condition(NodeId id) {
        const Node& node = at(id);
        switch (node.kind) {
            case NodeKind::And:
            case NodeKind::Or: {
                ValueList items;
                for (const NodeId child : node.children) {
                    items.push_back(condition(child));
                }
                return single(node.kind == NodeKind::And ? "all" : "any", std::move(items));
            }
            case NodeKind::Not:
                return single("not", condition(node.children[0]));
            default:
                return commented(id);
        }
    }

    Value commented(NodeId id) {
        ValueMap map = leaf(id);
        const auto found = std::find_if(leaves_.begin(), leaves_.end(),
                                        [&](const Leaf& l) { return l.node == id; });
        if (found != leaves_.end() && found->has_before) {
            map.set("comment", found->before);
        }
        if (found != leaves_.end() && found->has_after) {
            map.set("comment_after", found->after);
        }
        return map;
    }

    static ValueMap single(std::string key, Value value) {
        ValueMap map;
        map.append(std::move(key), std::move(value));
        return map;
    }

    ValueMap leaf(NodeId id) {
        const Node& node = at(id);
        if (std::optional<ValueMap> member = membership(node)) {
            return *std::move(member);
        }
        const bool relation = node.kind == NodeKind::Binary && is_relation(node.op);
        std::optional<ValueMap> asked = subject(relation ? node.children[0] : id);
        if (!asked) {
            return single("cel", print(ast_, id));
        }
        if (relation) {
            asked->append("op", symbol_of(node.op));
            asked->append("value", operand(node.children[1]));
        }
        return *std::move(asked);
    }

    // Of a text that JSON from a program may hold; others stand in a "cel", with escapes.
    const std::string* literal(NodeId id) const {
        const bool fits = at(id).kind == NodeKind::String && !holds_control(at(id).text);
        return fits ? &at(id).text : nullptr;
    }

    // The only argument of a call of `name`, when it is a text.
    const std::string* argument_of(const Node& node, std::string_view name) const {
        const bool fits =
            node.kind == NodeKind::Call && node.text == name && node.children.size() == 1;
        return fits ? literal(node.children[0]) : nullptr;
    }

    // Two or more texts in a list, or one or more where `one` is true.
    std::optional<ValueList> literals(NodeId id, bool one) const {
        const Node& node = at(id);
        if (node.kind != NodeKind::List || node.children.size() < (one ? 1U : 2U)) {
            return std::nullopt;
        }
        ValueList list;
        for (const NodeId child : node.children) {
            if (literal(child) == nullptr) {
                return std::nullopt;
            }
            list.emplace_back(*literal(child));
        }
        return list;
    }

    // "a" and ["a", "b"]; not ["a"], which is "a" in a tree.
    std::optional<ValueList> names(NodeId id) const {
        if (const std::string* name = literal(id)) {
            return ValueList{*name};
        }
        return literals(id, false);
    }

    std::optional<ValueMap> membership(const Node& node) const {
        for (const char* name : {"in_segment", "in_list"}) {
            if (const std::string* text = argument_of(node, name)) {
                return single(name, *text);
            }
        }
        if (node.kind == NodeKind::Call && node.text == "in_any" && node.children.size() == 1) {
            if (std::optional<ValueList> list = literals(node.children[0], true)) {
                return single("in_any", *std::move(list));
            }
        }
        return std::nullopt;
    }

    // What can stand on the left of an "op", or alone.
    std::optional<ValueMap> subject(NodeId id) {
        const Node& node = at(id);
        if (std::optional<ValueMap> named = field(id)) {
            return named;
        }
        for (const char* name : {"consent", "score"}) {
            if (const std::string* text = argument_of(node, name)) {
                return single(name, *text);
            }
        }
        return node.kind == NodeKind::Method ? events(node) : std::nullopt;
    }

    // user.a.b, and e.a.b where e is the event at hand.
    std::optional<ValueMap> field(NodeId id) const {
        std::string path;
        const Node* node = &at(id);
        for (; node->kind == NodeKind::Select; node = &at(node->children[0])) {
            if (!is_selector(node->text)) {
                return std::nullopt;
            }
            path = node->text + (path.empty() ? "" : "." + path);
        }
        if (path.empty() || node->kind != NodeKind::Identifier) {
            return std::nullopt;
        }
        if (!event_.empty() && node->text == event_) {
            return single("field", path);
        }
        return node->text == "user" ? std::optional(single("trait", path)) : std::nullopt;
    }

    std::optional<ValueMap> events(const Node& finish) {
        const FunctionInfo* info = find_method(finish.text);
        if (!event_.empty() || info == nullptr || info->group != FunctionGroup::Finish) {
            return std::nullopt;
        }
        std::vector<const Node*> narrowings;
        const Node* node = &at(finish.children[0]);
        for (; node->kind == NodeKind::Method; node = &at(node->children[0])) {
            narrowings.push_back(node);
        }
        ValueMap map;
        const bool sent = node->text == "sent";
        if (sent && argument_of(*node, "sent") != nullptr) {
            map.append("campaign", *argument_of(*node, "sent"));
        } else if (node->kind == NodeKind::Call && node->text == "ev" &&
                   node->children.size() == 1 && names(node->children[0])) {
            map.append("names", *names(node->children[0]));
        } else {
            return std::nullopt;
        }
        std::reverse(narrowings.begin(), narrowings.end());
        for (const Node* narrowing : narrowings) {
            if (map.find(narrowing->text) != nullptr || !narrow(*narrowing, map)) {
                return std::nullopt;
            }
        }
        if (!finished(finish, *info, map)) {
            return std::nullopt;
        }
        return single(sent ? "sent" : "events", std::move(map));
    }

    bool narrow(const Node& node, ValueMap& map) {
        const std::size_t count = node.children.size() - 1;
        const std::string& name = node.text;
        const std::string* text = count > 0 ? literal(node.children[count]) : nullptr;
        if (name == "within" && count == 1 && text != nullptr) {
            map.append(name, *text);
            return true;
        }
        if ((name == "since" || name == "before") && count == 1) {
            map.append(name, operand(node.children[1]));
            return true;
        }
        if (name == "between" && count == 2) {
            map.append(name, ValueList{operand(node.children[1]), operand(node.children[2])});
            return true;
        }
        if (name == "then" && count == 2 && text != nullptr && names(node.children[1])) {
            ValueMap then = single("names", *names(node.children[1]));
            then.append("within", *text);
            map.append(name, std::move(then));
            return true;
        }
        return name == "where" && count == 2 && where(node, map);
    }

    bool where(const Node& node, ValueMap& map) {
        const Node& variable = at(node.children[1]);
        if (variable.kind != NodeKind::Identifier || variable.text == "user" ||
            !is_selector(variable.text)) {
            return false;
        }
        event_ = variable.text;
        map.append("where", condition(node.children[2]));
        event_.clear();
        if (variable.text != "e") {
            map.append("as", variable.text);
        }
        return true;
    }

    bool finished(const Node& node, const FunctionInfo& info, ValueMap& map) {
        const std::size_t count = node.children.size() - 1;
        if (count != static_cast<std::size_t>(info.arguments)) {
            return false;
        }
        map.append("finish", node.text);
        if (count == 0) {
            return true;
        }
        const NodeId argument = node.children[1];
        if (info.function == Function::LastTimeOr) {
            map.append("or", operand(argument));
            return true;
        }
        if (literal(argument) == nullptr) {
            return false;
        }
        map.append("of", *literal(argument));
        return true;
    }

    std::optional<Value> scalar(NodeId id) const {
        const Node& node = at(id);
        switch (node.kind) {
            case NodeKind::Null:
                return Value();
            case NodeKind::Bool:
                return Value(node.integer != 0);
            case NodeKind::Int:
                return Value(node.integer);
            case NodeKind::String:
                return literal(id) != nullptr ? std::optional<Value>(node.text) : std::nullopt;
            case NodeKind::Double:
                return keeps_its_point(node.real) ? std::optional<Value>(node.real) : std::nullopt;
            default:
                return std::nullopt;
        }
    }

    Value operand(NodeId id) {
        const Node& node = at(id);
        if (std::optional<Value> value = scalar(id)) {
            return *std::move(value);
        }
        if (node.kind == NodeKind::List) {
            ValueList list;
            for (const NodeId child : node.children) {
                if (std::optional<Value> item = scalar(child)) {
                    list.push_back(*std::move(item));
                }
            }
            if (list.size() == node.children.size()) {
                return list;
            }
        }
        for (const char* name : {"ago", "dur", "timestamp"}) {
            if (const std::string* text = argument_of(node, name)) {
                return single(name, *text);
            }
        }
        if (std::optional<ValueMap> named = field(id)) {
            return *std::move(named);
        }
        return single("cel", print(ast_, id));
    }

    std::string_view text_;
    const Ast& ast_;
    std::vector<Leaf> leaves_;
    std::string event_;  // The variable of the where(..) at hand.
};

}  // namespace

Value to_tree(std::string_view text, const Ast& ast) {
    return TreeWriter(text, ast).run();
}

}  // namespace winback::expr
