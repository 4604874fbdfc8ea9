#include "expr/checker.h"

#include <algorithm>
#include <utility>

#include "expr/checking.h"
#include "expr/limits.h"

namespace winback::expr {
namespace {

Kind kind_of(ValueType type) {
    switch (type) {
        case ValueType::Null:
            return Kind::Any;
        case ValueType::Bool:
            return Kind::Bool;
        case ValueType::Int:
            return Kind::Int;
        case ValueType::Double:
            return Kind::Double;
        case ValueType::String:
            return Kind::String;
        case ValueType::Time:
            return Kind::Time;
        case ValueType::Span:
            return Kind::Duration;
        case ValueType::List:
            return Kind::List;
        case ValueType::Map:
            return Kind::Map;
    }
    return Kind::Any;
}

}  // namespace

Checker::Checker(const Ast& ast, const Schema& schema, Reporter& reporter)
    : ast_(ast), schema_(schema), reporter_(reporter) {
    out_.types.resize(ast.nodes.size());
    out_.notes.resize(ast.nodes.size());
    for (const Schema::Trait& known_trait : schema.traits) {
        trait_names_.push_back(known_trait.name);
    }
}

Checked Checker::run() {
    condition(ast_.root);
    for (const NodeId id : ast_.rest) {
        condition(id);
    }
    if (atoms_ > atoms_max) {
        error("too_many_atoms", ast_.nodes[ast_.root].focus,
              "a condition may have at most " + std::to_string(atoms_max) +
                  " comparisons; this has " + std::to_string(atoms_) +
                  "; make segments of its parts and use in_segment(..)");
    }
    return std::move(out_);
}

Type Checker::error(std::string_view code, Span span, std::string message) {
    reporter_.error(code, span, std::move(message));
    return of(Kind::Error);
}

void Checker::refuse_movement(Span span, std::string_view hint) {
    error("moves_unpredictably", span,
          "it cannot be foreseen when the passing of time changes this; " + std::string(hint));
}

Type Checker::still(NodeId id) {
    const Type type = visit(id);
    if (type.moves()) {
        refuse_movement(ast_.nodes[id].span,
                        "compare now, ago(..) and since_last() directly with a time or a duration");
        return of(Kind::Error);
    }
    if (type.kind == Kind::Event) {
        return error("type_mismatch", ast_.nodes[id].span,
                     "an event is not a value; name one of its properties");
    }
    return type;
}

void Checker::condition(NodeId id) {
    const Node& node = ast_.nodes[id];
    switch (node.kind) {
        case NodeKind::And:
        case NodeKind::Or:
        case NodeKind::Not:
        case NodeKind::Ternary:
            for (const NodeId child : node.children) {
                condition(child);
            }
            out_.types[id] = of(Kind::Bool);
            return;
        default:
            break;
    }
    ++atoms_;
    const Type type = visit(id);
    // Of what stopped short nobody knows what it was to be.
    const bool broken =
        std::find(ast_.broken.begin(), ast_.broken.end(), node.span.end) != ast_.broken.end();
    if (type.kind == Kind::Bool || type.is_open() || broken) {
        return;
    }
    std::string message =
        "this is " + std::string(kind_name(type.kind)) + ", where true or false is needed";
    if (type.is_number()) {
        message += "; compare it, such as > 0";
    } else if (type.kind == Kind::Time || type.kind == Kind::Duration) {
        message += "; compare it, such as < ago(\"30d\") or > dur(\"30d\")";
    }
    error("not_a_condition", node.span, std::move(message));
}

Type Checker::visit(NodeId id) {
    Type type = syntax(id);
    if (type.kind == Kind::Events) {
        // Narrowings and finishes look at their target themselves; here it is used as a value.
        type = error("unfinished_events", ast_.nodes[id].span,
                     "events need a finish, such as .any(), .count() or .last_time()");
    }
    out_.types[id] = type;
    return type;
}

Type Checker::syntax(NodeId id) {
    const Node& node = ast_.nodes[id];
    switch (node.kind) {
        case NodeKind::Error:
            return of(Kind::Error);
        case NodeKind::Null:
            return of(Kind::Null);
        case NodeKind::Bool:
            return of(Kind::Bool);
        case NodeKind::Int:
            return of(Kind::Int);
        case NodeKind::Uint:
            return of(Kind::Uint);
        case NodeKind::Double:
            return of(Kind::Double);
        case NodeKind::String:
            return of(Kind::String);
        case NodeKind::Bytes:
            return of(Kind::Bytes);
        case NodeKind::Identifier:
            return identifier(id);
        case NodeKind::Select:
            return select(id);
        case NodeKind::Index:
            return index(id);
        case NodeKind::Call:
            return call(id);
        case NodeKind::Method:
            return method(id);
        case NodeKind::Not:
        case NodeKind::And:
        case NodeKind::Or:
            condition(id);
            return of(Kind::Bool);
        case NodeKind::Negate:
            return negate(id);
        case NodeKind::Ternary:
            return ternary(id);
        case NodeKind::Binary:
            return binary(id);
        case NodeKind::List:
            return list(id, false);
        case NodeKind::Map:
            return map(id);
        case NodeKind::Message:
            return error("message_literal", node.focus,
                         "a condition knows no messages; write a map: {\"a\": 1}");
    }
    return of(Kind::Error);
}

const Checker::Variable* Checker::variable(std::string_view name) const {
    const auto found = std::find_if(variables_.rbegin(), variables_.rend(),
                                    [&](const Variable& v) { return v.name == name; });
    return found == variables_.rend() ? nullptr : &*found;
}

Type Checker::identifier(NodeId id) {
    const Node& node = ast_.nodes[id];
    Note& note = out_.notes[id];
    if (const Variable* known_variable = variable(node.text)) {
        note.meaning = Meaning::Variable;
        note.name = node.text;
        return known_variable->type;
    }
    if (node.text == "now") {
        note.meaning = Meaning::Now;
        Type type = of(Kind::Time);
        type.motion = Motion::Now;
        return type;
    }
    if (node.text == "epoch") {
        note.meaning = Meaning::Constant;
        note.constant = Timestamp{0};
        return of(Kind::Time);
    }
    if (node.text == "user") {
        return error("unfinished_trait", node.span,
                     "'user' is not a value; name one of its traits, such as user.plan");
    }
    return error("unknown_name", node.span,
                 "unknown name '" + node.text.substr(0, 60) + "'; " + name_hint(node.text));
}

std::optional<std::string> Checker::chain(NodeId id, std::string& root) const {
    const Node& node = ast_.nodes[id];
    const bool is_select = node.kind == NodeKind::Select;
    const bool is_index =
        node.kind == NodeKind::Index && ast_.nodes[node.children[1]].kind == NodeKind::String;
    if (!is_select && !is_index) {
        return std::nullopt;
    }
    const std::string& name = is_select ? node.text : ast_.nodes[node.children[1]].text;
    const Node& target = ast_.nodes[node.children[0]];
    if (target.kind == NodeKind::Identifier) {
        root = target.text;
        return name;
    }
    std::optional<std::string> path = chain(node.children[0], root);
    if (path) {
        *path += "." + name;
    }
    return path;
}

Type Checker::select(NodeId id) {
    const Node& node = ast_.nodes[id];
    std::string root;
    const std::optional<std::string> path = chain(id, root);
    const Variable* known_variable = path ? variable(root) : nullptr;
    if (known_variable != nullptr && known_variable->type.kind == Kind::Event) {
        Note& note = out_.notes[id];
        note.name = root;
        if (*path == "time") {
            note.meaning = Meaning::EventTime;
            return of(Kind::Time);
        }
        if (known_variable->type.sent) {
            return error("type_mismatch", node.focus,
                         "sent messages have no properties, only a time: " + root + ".time");
        }
        note.meaning = Meaning::EventField;
        note.name = *path;
        return of(Kind::Any);
    }
    if (path && known_variable == nullptr && root == "user") {
        return trait(id, *path);
    }
    const Type target = still(node.children[0]);
    if (target.kind == Kind::Map || target.is_open()) {
        return of(target.kind == Kind::Error ? Kind::Error : Kind::Any);
    }
    return error(
        "type_mismatch", node.focus,
        std::string(kind_name(target.kind)) + " has no field '" + node.text.substr(0, 60) + "'");
}

Type Checker::trait(NodeId id, const std::string& name) {
    const Node& node = ast_.nodes[id];
    Note& note = out_.notes[id];
    const auto found = std::find_if(schema_.traits.begin(), schema_.traits.end(),
                                    [&](const Schema::Trait& t) { return t.name == name; });
    if (schema_.traits.empty() || found != schema_.traits.end() || may_exist(name)) {
        note.meaning = Meaning::Trait;
        note.name = name;
        if (found == schema_.traits.end()) {
            seen_trait(id, name);
        }
        const bool typed = found != schema_.traits.end() && found->type;
        return of(typed ? kind_of(*found->type) : Kind::Any);
    }
    // A part of a trait that is a map.
    const NodeId target = node.children[0];
    const NodeKind target_kind = ast_.nodes[target].kind;
    if (target_kind != NodeKind::Select && target_kind != NodeKind::Index) {
        return unknown_trait(id, name);
    }
    std::string root;
    const std::string prefix = chain(target, root).value_or("");
    const bool map =
        std::any_of(schema_.traits.begin(), schema_.traits.end(), [&](const Schema::Trait& t) {
            return (prefix == t.name || prefix.starts_with(t.name + ".")) &&
                   t.type.value_or(ValueType::Map) == ValueType::Map;
        });
    if (!map) {
        return unknown_trait(id, name);
    }
    out_.types[target] = trait(target, prefix);
    return of(Kind::Any);
}

bool Checker::may_exist(const std::string& name) const {
    const std::size_t dot = name.find('.');
    if (!schema_.other_traits || dot == std::string::npos) {
        return schema_.other_traits;
    }
    return !nearest(name, trait_names_).starts_with(name.substr(0, dot + 1));
}

Type Checker::unknown_trait(NodeId id, const std::string& name) {
    std::string message = "unknown trait '" + name.substr(0, 60) + "'";
    const std::string_view near = nearest(name, trait_names_);
    if (!near.empty()) {
        message += "; did you mean user." + std::string(near) + "?";
    }
    return error("unknown_trait", ast_.nodes[id].span, std::move(message));
}

Type Checker::index(NodeId id) {
    const Node& node = ast_.nodes[id];
    if (ast_.nodes[node.children[1]].kind == NodeKind::String) {
        return select(id);
    }
    const Type target = still(node.children[0]);
    const Type position = still(node.children[1]);
    if (target.kind == Kind::Error || position.kind == Kind::Error) {
        return of(Kind::Error);
    }
    const bool list_like = target.kind == Kind::List || target.kind == Kind::Any;
    if (list_like && (position.is_number() || position.kind == Kind::Any)) {
        return of(target.kind == Kind::List ? target.element : Kind::Any);
    }
    if (target.kind == Kind::Map && position.kind == Kind::Any) {
        return of(Kind::Any);
    }
    return error("type_mismatch", node.focus,
                 std::string(kind_name(target.kind)) + " cannot be indexed by " +
                     std::string(kind_name(position.kind)));
}

void Checker::holdable(NodeId id, Type type) {
    const Node& node = ast_.nodes[id];
    if (type.kind == Kind::Bytes) {
        error("type_mismatch", node.span,
              "bytes stand only in the list of a question: user.code in [b\"a\", b\"b\"]");
    } else if (node.kind == NodeKind::Uint && node.integer < 0) {
        error("bad_number", node.span, "a list or a map holds whole numbers of int only");
    }
}

Type Checker::map(NodeId id) {
    const Node& node = ast_.nodes[id];
    std::vector<std::string_view> keys;
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
        const NodeId key = node.children[i];
        const Type type = still(key);
        if (type.kind != Kind::String && !type.is_open()) {
            error("type_mismatch", ast_.nodes[key].span,
                  "the keys of a map are texts here, not " + std::string(kind_name(type.kind)));
        }
        if (ast_.nodes[key].kind == NodeKind::String) {
            const std::string& name = ast_.nodes[key].text;
            if (std::find(keys.begin(), keys.end(), name) != keys.end()) {
                error("repeated_key", ast_.nodes[key].span, "this key stands in the map twice");
            }
            keys.push_back(name);
        }
        holdable(node.children[i + 1], still(node.children[i + 1]));
    }
    return of(Kind::Map);
}

Type Checker::list(NodeId id, bool among) {
    Type type = of(Kind::List);
    bool first = true;
    for (const NodeId child : ast_.nodes[id].children) {
        const Type item = still(child);
        if (!among) {
            holdable(child, item);
        }
        type.element = first || type.element == item.kind ? item.kind : Kind::Any;
        first = false;
    }
    return type;
}

Type Checker::negate(NodeId id) {
    const Node& node = ast_.nodes[id];
    const Type type = visit(node.children[0]);
    if (type.kind == Kind::Int || type.kind == Kind::Double || type.is_open()) {
        return type;
    }
    if (type.kind == Kind::Duration && !type.moves()) {
        return type;
    }
    if (type.moves()) {
        refuse_movement(node.span, "compare it without the sign");
        return of(Kind::Error);
    }
    return error("type_mismatch", node.focus,
                 "a " + std::string(kind_name(type.kind)) + " cannot be negative");
}

Type Checker::ternary(NodeId id) {
    const Node& node = ast_.nodes[id];
    condition(node.children[0]);
    const Type then = still(node.children[1]);
    const Type otherwise = still(node.children[2]);
    if (then.kind == Kind::Error || otherwise.kind == Kind::Error) {
        return of(Kind::Error);
    }
    if (then.kind != otherwise.kind) {
        return of(Kind::Any);
    }
    Type type = then;
    type.calendar = then.calendar || otherwise.calendar;
    return type;
}

Type Checker::binary(NodeId id) {
    const Node& node = ast_.nodes[id];
    const Type left = visit(node.children[0]);
    const bool among =
        node.op == BinaryOp::In && ast_.nodes[node.children[1]].kind == NodeKind::List;
    const Type right = among ? list(node.children[1], true) : visit(node.children[1]);
    out_.types[node.children[1]] = right;
    if (left.kind == Kind::Event || right.kind == Kind::Event) {
        return error("type_mismatch", node.focus,
                     "an event is not a value; name one of its properties");
    }
    if (is_relation(node.op)) {
        consent_states(node);
        relation(node, left, right);
        more_than_kept(node);
        return of(Kind::Bool);
    }
    if (const std::string date = bare_date(node); !date.empty()) {
        return error("bad_timestamp", node.span,
                     "numbers are computed here; write timestamp(\"" + date + "\") for the day");
    }
    return arithmetic(node, left, right);
}

Type Checker::mismatch(const Node& node, Type left, Type right, std::string_view hint) {
    std::string message = "'" + std::string(symbol_of(node.op)) + "' does not apply to " +
                          std::string(kind_name(left.kind)) + " and " +
                          std::string(kind_name(right.kind));
    if (!hint.empty()) {
        message += "; " + std::string(hint);
    }
    return error("type_mismatch", node.focus, std::move(message));
}

void Checker::relation(const Node& node, Type left, Type right) {
    if (left.kind == Kind::Error || right.kind == Kind::Error) {
        return;
    }
    if (node.op == BinaryOp::In) {
        if (left.moves() || right.moves()) {
            refuse_movement(node.span, "compare times with < and >=");
        } else if (right.kind != Kind::List && right.kind != Kind::Map && right.kind != Kind::Any) {
            mismatch(node, left, right, "write a list, such as [\"a\", \"b\"], on the right");
        }
        return;
    }
    if (left.moves() && right.moves()) {
        refuse_movement(node.span, "let only one side depend on now");
        return;
    }
    const Type& moving = left.moves() ? left : right;
    const Type& fixed = left.moves() ? right : left;
    if (moving.moves() && moving.kind == Kind::Duration && fixed.calendar &&
        moving.motion != Motion::Now) {
        refuse_movement(node.span, "measure from now, or compare with hours: dur(\"72h\")");
        return;
    }
    ordering(node, left, right);
}

void Checker::ordering(const Node& node, Type left, Type right) {
    const bool equality = node.op == BinaryOp::Equal || node.op == BinaryOp::NotEqual;
    const bool open = left.kind == Kind::Any || right.kind == Kind::Any;
    const bool numbers = left.is_number() && right.is_number();
    const auto ordered = [](Kind kind) {
        return kind != Kind::List && kind != Kind::Map && kind != Kind::Null;
    };
    if (equality) {
        const bool null = left.kind == Kind::Null || right.kind == Kind::Null;
        if (open || numbers || null || left.kind == right.kind) {
            return;
        }
    } else if ((open || numbers || left.kind == right.kind) && ordered(left.kind) &&
               ordered(right.kind)) {
        return;
    }
    const auto pair = [&](Kind a, auto is_b) {
        return (left.kind == a && is_b(right)) || (right.kind == a && is_b(left));
    };
    std::string_view hint;
    if (pair(Kind::String, [](Type t) { return t.is_number(); })) {
        hint = "write the number without quotes";
    } else if (pair(Kind::Time, [](Type t) { return t.kind == Kind::String; })) {
        hint = "write timestamp(\"2026-01-31T00:00:00Z\") or ago(\"90d\")";
    } else if (pair(Kind::Time, [](Type t) { return t.kind == Kind::Duration; })) {
        hint = "write ago(\"90d\") for a time, or now - time for a duration";
    } else if (pair(Kind::Duration,
                    [](Type t) { return t.is_number() || t.kind == Kind::String; })) {
        hint = "write dur(\"36h\")";
    } else if (pair(Kind::Null, [](Type) { return true; })) {
        hint = "ask for a missing value with == null";
    }
    mismatch(node, left, right, hint);
}

Checked check(const Ast& ast, const Schema& schema, Reporter& reporter) {
    return Checker(ast, schema, reporter).run();
}

}  // namespace winback::expr
