#include "expr/cel_evaluator.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "expr/cel_functions.h"
#include "expr/limits.h"

namespace winback::expr {
namespace {

enum class Macro { None, Has, All, Exists, ExistsOne, Filter, Map };

Macro macro_of(const Node& node) {
    const std::size_t count = node.children.size();
    if (node.kind == NodeKind::Call) {
        return node.text == "has" && count == 1 ? Macro::Has : Macro::None;
    }
    if (node.kind != NodeKind::Method) {
        return Macro::None;
    }
    if (node.text == "map" && (count == 3 || count == 4)) {
        return Macro::Map;
    }
    constexpr std::pair<std::string_view, Macro> macros[] = {{"all", Macro::All},
                                                             {"exists", Macro::Exists},
                                                             {"exists_one", Macro::ExistsOne},
                                                             {"filter", Macro::Filter}};
    for (const auto& [name, macro] : macros) {
        if (node.text == name && count == 3) {
            return macro;
        }
    }
    return Macro::None;
}

bool is_rooted(std::string_view name) {
    return name.starts_with('.');
}

// A macro is a matter of syntax: one that is not well formed is a mistake wherever it stands.
bool is_well_formed(const Ast& ast, const Node& node) {
    switch (macro_of(node)) {
        case Macro::None:
            return true;
        case Macro::Has:
            return ast.nodes[node.children[0]].kind == NodeKind::Select;
        default: {
            const Node& variable = ast.nodes[node.children[1]];
            return variable.kind == NodeKind::Identifier && !is_rooted(variable.text);
        }
    }
}

// Recursion is bounded by depth_max.
class CelEvaluator {
public:
    CelEvaluator(const Ast& ast, const CelScope& scope) : ast_(ast), scope_(scope) {}

    CelValue value(NodeId id) {
        const Node& node = ast_.nodes[id];
        switch (node.kind) {
            case NodeKind::Null:
                return {};
            case NodeKind::Bool:
                return {node.integer != 0};
            case NodeKind::Int:
                return {node.integer};
            case NodeKind::Uint:
                return {static_cast<std::uint64_t>(node.integer)};
            case NodeKind::Double:
                return {node.real};
            case NodeKind::String:
                return {node.text};
            case NodeKind::Bytes:
                return {CelBytes{node.text}};
            case NodeKind::Identifier:
            case NodeKind::Select:
                return named(id);
            case NodeKind::Call:
            case NodeKind::Method:
                return called(node);
            case NodeKind::Map:
            case NodeKind::Message:
                return pairs(node);
            case NodeKind::And:
            case NodeKind::Or:
                return logical(node);
            case NodeKind::Ternary:
                return chosen(node);
            default:
                return operation(node);
        }
    }

private:
    using Step = const std::string*;

    // The names of a chain such as a.b.c, from its root; empty when the node is none.
    std::vector<Step> chain(NodeId id) const {
        std::vector<Step> names;
        const Node* node = &ast_.nodes[id];
        while (node->kind == NodeKind::Select) {
            names.push_back(&node->text);
            node = &ast_.nodes[node->children[0]];
        }
        if (node->kind != NodeKind::Identifier) {
            return {};
        }
        names.push_back(&node->text);
        std::reverse(names.begin(), names.end());
        return names;
    }

    const CelValue* variable(std::string_view name) const {
        const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                        [&](const auto& entry) { return entry.first == name; });
        return found == variables_.rend() ? nullptr : &found->second;
    }

    const CelValue* look_up(std::string_view name) const {
        const auto found = scope_.bindings.find(name);
        return found == scope_.bindings.end() ? find_constant(name) : &found->second;
    }

    // Calls `look` with the name in the container a.b, in a, and outside; the first hit counts.
    template <class Look>
    auto in_container(std::string_view name, Look look) const -> decltype(look(name)) {
        if (is_rooted(name)) {
            return look(name.substr(1));
        }
        std::string_view container = scope_.container;
        while (!container.empty()) {
            const std::string full = std::string(container) + "." + std::string(name);
            if (auto found = look(full)) {
                return found;
            }
            container = container.substr(0, container.rfind('.') + 1);
            container.remove_suffix(container.empty() ? 0 : 1);
        }
        return look(name);
    }

    // The longest part of a chain that is a name counts; what follows are fields of its value.
    CelValue named(NodeId id) {
        const Node& node = ast_.nodes[id];
        const std::vector<Step> names = chain(id);
        if (names.empty()) {
            return selected(node);
        }
        if (const CelValue* local = variable(*names[0])) {
            return node.kind == NodeKind::Identifier ? *local : selected(node);
        }
        std::string name = *names[0];
        for (std::size_t i = 1; i < names.size(); ++i) {
            name += "." + *names[i];
        }
        const std::string whole = name;
        for (std::size_t count = names.size(); count > 0; --count) {
            const CelValue* found =
                in_container(name, [&](std::string_view full) { return look_up(full); });
            if (found != nullptr) {
                return followed(*found,
                                {names.begin() + static_cast<std::ptrdiff_t>(count), names.end()});
            }
            name.resize(name.size() - names[count - 1]->size() - (count > 1 ? 1 : 0));
        }
        return cel_error("undeclared reference to '" + whole + "' (in container '" +
                         scope_.container + "')");
    }

    static CelValue followed(CelValue result, const std::vector<Step>& fields) {
        for (const Step name : fields) {
            if (result.is_error()) {
                return result;
            }
            result = field(result, *name);
        }
        return result;
    }

    CelValue selected(const Node& node) {
        const CelValue target = value(node.children[0]);
        return target.is_error() ? target : field(target, node.text);
    }

    // The values of children from the `first` on; the first error instead when there is one.
    std::optional<CelValue> values(const Node& node, std::size_t first, CelList& out) {
        for (std::size_t i = first; i < node.children.size(); ++i) {
            out.push_back(value(node.children[i]));
            if (out.back().is_error()) {
                return out.back();
            }
        }
        return std::nullopt;
    }

    CelValue called(const Node& node) {
        switch (macro_of(node)) {
            case Macro::Has:
                return present(ast_.nodes[node.children[0]]);
            case Macro::None:
                break;
            default:
                return over(node);
        }
        CelList arguments;
        if (std::optional<CelValue> error = values(node, 0, arguments)) {
            return *error;
        }
        if (node.kind == NodeKind::Call) {
            const bool rooted = is_rooted(node.text);
            return call_global(std::string_view(node.text).substr(rooted ? 1 : 0), arguments);
        }
        const CelValue target = std::move(arguments.front());
        arguments.erase(arguments.begin());
        return call_method(node.text, target, arguments);
    }

    CelValue present(const Node& select) {
        const CelValue target = value(select.children[0]);
        if (target.is_error()) {
            return target;
        }
        const CelMap* map = target.map();
        return map == nullptr ? field(target, select.text)
                              : CelValue{find_key(*map, {select.text}) != nullptr};
    }

    CelValue pairs(const Node& node) {
        CelMap entries;
        for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
            entries.emplace_back(value(node.children[i]), value(node.children[i + 1]));
            const auto& [key, item] = entries.back();
            if (key.is_error() || item.is_error()) {
                return key.is_error() ? key : item;
            }
        }
        if (node.kind == NodeKind::Map) {
            return cel_map(std::move(entries));
        }
        std::string name = node.text;
        in_container(node.text, [&](std::string_view full) {
            const bool known = is_message(full);
            name = known ? std::string(full) : name;
            return known;
        });
        return make_message(name, entries);
    }

    // Commutative about errors: what decides, decides whatever the others are.
    CelValue logical(const Node& node) {
        const bool deciding = node.kind == NodeKind::Or;
        std::optional<CelValue> error;
        for (const NodeId child : node.children) {
            const CelValue part = value(child);
            const bool* truth = part.as<bool>();
            if (truth != nullptr && *truth == deciding) {
                return part;
            }
            if (truth == nullptr && !error) {
                error = part.is_error() ? part : no_truth(part);
            }
        }
        return error ? *error : CelValue{!deciding};
    }

    static CelValue no_truth(const CelValue& part) {
        return cel_error("no such overload: " + std::string(type_name(part)) +
                         " where true or false is needed");
    }

    CelValue chosen(const Node& node) {
        const CelValue test = value(node.children[0]);
        const bool* truth = test.as<bool>();
        if (truth == nullptr) {
            return test.is_error() ? test : no_truth(test);
        }
        return value(node.children[*truth ? 1 : 2]);
    }

    CelValue operation(const Node& node) {
        CelList operands;
        if (std::optional<CelValue> error = values(node, 0, operands)) {
            return *error;
        }
        switch (node.kind) {
            case NodeKind::List:
                return cel_list(std::move(operands));
            case NodeKind::Index:
                return element(operands[0], operands[1]);
            case NodeKind::Not: {
                const bool* truth = operands[0].as<bool>();
                return truth == nullptr ? no_truth(operands[0]) : CelValue{!*truth};
            }
            case NodeKind::Negate:
                return negative(operands[0]);
            default:
                return weighed(apply(node.op, operands[0], operands[1]));
        }
    }

    // Loops may join texts and lists again and again; what they make is bounded.
    CelValue weighed(CelValue made) {
        if (const std::string* text = made.as<std::string>()) {
            bytes_ += text->size();
        } else if (const CelBytes* bytes = made.as<CelBytes>()) {
            bytes_ += bytes->bytes.size();
        } else if (const CelList* list = made.list()) {
            bytes_ += list->size() * sizeof(CelValue);
        }
        return bytes_ <= cel_bytes_max ? std::move(made) : cel_error("too much memory is needed");
    }

    CelValue over(const Node& node) {
        const CelValue target = value(node.children[0]);
        if (target.is_error()) {
            return target;
        }
        CelList items;
        if (const CelMap* map = target.map()) {
            std::transform(map->begin(), map->end(), std::back_inserter(items),
                           [](const auto& entry) { return entry.first; });
        } else if (target.list() != nullptr) {
            items = *target.list();
        } else {
            return cel_error("no such overload: a loop over " + std::string(type_name(target)));
        }
        turns_ += items.size();
        if (turns_ > loop_turns_max) {
            return cel_error("too many turns of loops");
        }
        const Macro macro = macro_of(node);
        return macro == Macro::Exists || macro == Macro::All ? decided(node, items, macro)
                                                             : gathered(node, items, macro);
    }

    CelValue turn(const Node& node, const CelValue& item, std::size_t body) {
        variables_.emplace_back(ast_.nodes[node.children[1]].text, item);
        CelValue result = value(node.children[body]);
        variables_.pop_back();
        return result;
    }

    CelValue decided(const Node& node, const CelList& items, Macro macro) {
        const bool deciding = macro == Macro::Exists;
        std::optional<CelValue> error;
        for (const CelValue& item : items) {
            const CelValue result = turn(node, item, 2);
            const bool* truth = result.as<bool>();
            if (truth != nullptr && *truth == deciding) {
                return result;
            }
            if (truth == nullptr && !error) {
                error = result.is_error() ? result : no_truth(result);
            }
        }
        return error ? *error : CelValue{!deciding};
    }

    // filter, map and exists_one, which an error of any item makes an error.
    CelValue gathered(const Node& node, const CelList& items, Macro macro) {
        const bool maps = macro == Macro::Map;
        const bool tests = !maps || node.children.size() == 4;
        CelList found;
        for (const CelValue& item : items) {
            if (tests) {
                const CelValue test = turn(node, item, 2);
                const bool* truth = test.as<bool>();
                if (truth == nullptr) {
                    return test.is_error() ? test : no_truth(test);
                }
                if (!*truth) {
                    continue;
                }
            }
            found.push_back(maps ? turn(node, item, node.children.size() - 1) : item);
            if (found.back().is_error()) {
                return found.back();
            }
        }
        return macro == Macro::ExistsOne ? CelValue{found.size() == 1} : cel_list(std::move(found));
    }

    const Ast& ast_;
    const CelScope& scope_;
    std::vector<std::pair<std::string_view, CelValue>> variables_;
    std::size_t turns_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace

CelValue evaluate_cel(const Ast& ast, const CelScope& scope) {
    for (const Node& node : ast.nodes) {
        if (!is_well_formed(ast, node)) {
            return cel_error("'" + node.text + "' does not fit what stands in its parentheses");
        }
    }
    return CelEvaluator(ast, scope).value(ast.root);
}

}  // namespace winback::expr
