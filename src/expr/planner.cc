#include "expr/planner.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "expr/printer.h"

namespace winback::expr {
namespace {

template <class T>
void add_once(std::vector<T>& all, const T& item) {
    if (std::find(all.begin(), all.end(), item) == all.end()) {
        all.push_back(item);
    }
}

template <class T>
std::uint32_t append(std::vector<T>& all, T item) {
    all.push_back(std::move(item));
    return static_cast<std::uint32_t>(all.size() - 1);
}

Op op_of(Function function) {
    switch (function) {
        case Function::Has:
            return Op::Present;
        case Function::Size:
            return Op::Size;
        case Function::Contains:
            return Op::Contains;
        case Function::StartsWith:
            return Op::StartsWith;
        case Function::EndsWith:
            return Op::EndsWith;
        case Function::Matches:
            return Op::Matches;
        case Function::Exists:
            return Op::Exists;
        case Function::All:
            return Op::All;
        case Function::ExistsOne:
            return Op::ExistsOne;
        case Function::Filter:
            return Op::Filter;
        default:
            return Op::Map;
    }
}

// Recursion is bounded by depth_max.
class Planner {
public:
    Planner(const Ast& ast, const Checked& checked, Symbols& symbols, Condition& condition)
        : ast_(ast), checked_(checked), symbols_(symbols), out_(condition) {}

    void run() {
        out_.program.root = condition(ast_.root);
        std::uint32_t cached = 0;
        for (const auto& [text, use] : slots_) {
            if (use.count > 1 && cached < cached_slots_max) {
                out_.program.slots[use.slot].cache = cached++;
            }
        }
    }

private:
    struct SlotUse {
        std::uint32_t slot = 0;
        int count = 0;
    };

    Program& program() { return out_.program; }

    std::uint32_t emit(Op op,
                       const std::vector<std::uint32_t>& operands,
                       std::uint32_t index = 0,
                       BinaryOp binary = BinaryOp::Less) {
        Instruction instruction;
        instruction.op = op;
        instruction.binary = binary;
        instruction.count = static_cast<std::uint16_t>(operands.size());
        instruction.first = static_cast<std::uint32_t>(program().operands.size());
        instruction.index = index;
        program().operands.insert(program().operands.end(), operands.begin(), operands.end());
        return append(program().code, instruction);
    }

    std::uint32_t constant(Value value, Kind kind) {
        return emit(Op::Constant, {}, append(program().constants, {std::move(value), kind}));
    }

    // A node in a place for true or false. What is not &&, ||, ! or ?: is an atom.
    std::uint32_t condition(NodeId id) {
        const Node& node = ast_.nodes[id];
        switch (node.kind) {
            case NodeKind::And:
                return emit(Op::And, conditions(node));
            case NodeKind::Or:
                return emit(Op::Or, conditions(node));
            case NodeKind::Not:
                return emit(Op::Not, conditions(node));
            case NodeKind::Ternary:
                return emit(Op::Ternary, conditions(node));
            default:
                break;
        }
        // Its place among the atoms is taken first: they stand in the order of the text.
        const bool outermost = lambda_depth_ == 0;
        const std::size_t place = program().atoms.size();
        if (outermost) {
            program().atoms.push_back({0, print(ast_, id)});
        }
        std::uint32_t result = value(id);
        if (checked_.types[id].kind != Kind::Bool) {
            result = emit(Op::Truth, {result});
        }
        if (outermost) {
            program().atoms[place].instruction = result;
        }
        return result;
    }

    std::vector<std::uint32_t> conditions(const Node& node) {
        std::vector<std::uint32_t> parts;
        for (const NodeId child : node.children) {
            parts.push_back(condition(child));
        }
        return parts;
    }

    std::uint32_t value(NodeId id) {
        const Node& node = ast_.nodes[id];
        const Note& note = checked_.notes[id];
        switch (note.meaning) {
            case Meaning::Trait: {
                const TraitId trait = symbols_.trait(note.name);
                add_once(out_.traits, trait);
                return emit(Op::Trait, {}, trait);
            }
            case Meaning::Now:
                return moved({});
            case Meaning::Ago:
                return moved(reversed(note.step));
            case Meaning::Step:
                return emit(Op::Step, {}, append(program().steps, note.step));
            case Meaning::Constant:
                return constant(note.constant,
                                note.constant.as_time() ? Kind::Time : Kind::Duration);
            case Meaning::Variable:
                return emit(Op::Variable, {}, variable(note.name));
            case Meaning::EventField:
                return emit(Op::EventField, {}, symbols_.field(set_, note.name));
            case Meaning::EventTime:
                return emit(Op::EventTime, {});
            case Meaning::Function:
                return function(id);
            case Meaning::Syntax:
                return syntax(id, node);
        }
        return 0;
    }

    std::uint32_t moved(const CalendarStep& step) {
        out_.moves_with_time = true;
        return emit(Op::Moved, {}, append(program().steps, step));
    }

    std::uint32_t variable(const std::string& name) const {
        const auto found = std::find(variables_.rbegin(), variables_.rend(), name);
        WINBACK_CHECK(found != variables_.rend());
        return static_cast<std::uint32_t>(variables_.rend() - found - 1);
    }

    std::vector<std::uint32_t> values(const Node& node) {
        std::vector<std::uint32_t> parts;
        for (const NodeId child : node.children) {
            parts.push_back(value(child));
        }
        return parts;
    }

    std::uint32_t syntax(NodeId id, const Node& node) {
        switch (node.kind) {
            case NodeKind::Null:
                return constant({}, Kind::Null);
            case NodeKind::Bool:
                return constant(node.integer != 0, Kind::Bool);
            case NodeKind::Int:
                return constant(node.integer, Kind::Int);
            case NodeKind::Uint:
                return constant(node.integer, Kind::Uint);
            case NodeKind::Double:
                return constant(node.real, Kind::Double);
            case NodeKind::String:
                return constant(node.text, Kind::String);
            case NodeKind::Bytes:
                return constant(node.text, Kind::Bytes);
            case NodeKind::And:
            case NodeKind::Or:
            case NodeKind::Not: {
                // As a value, `(a && b) == c`: its parts are no atoms of the whole.
                ++lambda_depth_;
                const std::uint32_t result = condition(id);
                --lambda_depth_;
                return result;
            }
            case NodeKind::Ternary: {
                ++lambda_depth_;
                const std::uint32_t test = condition(node.children[0]);
                --lambda_depth_;
                const std::uint32_t then = value(node.children[1]);
                return emit(Op::Ternary, {test, then, value(node.children[2])});
            }
            case NodeKind::Negate:
                return emit(Op::Negate, values(node));
            case NodeKind::Binary:
                if (needs_exact_items(node)) {
                    return emit(Op::Among, among(node));
                }
                return emit(is_relation(node.op) ? Op::Relation : Op::Arithmetic, values(node), 0,
                            node.op);
            case NodeKind::Select:
                return emit(Op::Select, {value(node.children[0])},
                            append(program().texts, node.text));
            case NodeKind::Index:
                return emit(Op::Index, values(node));
            case NodeKind::List:
                return list(node);
            case NodeKind::Map:
                return map(node);
            default:
                WINBACK_CHECK(false);
                return 0;
        }
    }

    // x in [..] with items that a list of values does not hold as they are.
    bool needs_exact_items(const Node& node) const {
        if (node.op != BinaryOp::In || ast_.nodes[node.children[1]].kind != NodeKind::List) {
            return false;
        }
        const std::vector<NodeId>& items = ast_.nodes[node.children[1]].children;
        return std::any_of(items.begin(), items.end(), [&](NodeId item) {
            const Kind kind = checked_.types[item].kind;
            return kind == Kind::Bytes || kind == Kind::Uint;
        });
    }

    std::vector<std::uint32_t> among(const Node& node) {
        std::vector<std::uint32_t> parts{value(node.children[0])};
        for (const NodeId item : ast_.nodes[node.children[1]].children) {
            parts.push_back(value(item));
        }
        return parts;
    }

    // The value of a constant that a list or a map can hold as it is.
    const Value* fixed(std::uint32_t instruction) {
        const Instruction& found = program().code[instruction];
        if (found.op != Op::Constant) {
            return nullptr;
        }
        const Constant& known = program().constants[found.index];
        const bool wide = known.kind == Kind::Uint && *known.value.as_int() < 0;
        return known.kind == Kind::Bytes || wide ? nullptr : &known.value;
    }

    std::uint32_t map(const Node& node) {
        const std::vector<std::uint32_t> parts = values(node);
        ValueMap constants;
        for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
            const Value* key = fixed(parts[i]);
            const Value* item = fixed(parts[i + 1]);
            const std::string* name = key == nullptr ? nullptr : key->as_string();
            if (name == nullptr || item == nullptr || constants.find(*name) != nullptr) {
                return emit(Op::MakeMap, parts);
            }
            constants.append(*name, *item);
        }
        return constant(std::move(constants), Kind::Map);
    }

    std::uint32_t list(const Node& node) {
        const std::vector<std::uint32_t> items = values(node);
        ValueList constants;
        for (const std::uint32_t item : items) {
            if (const Value* known = fixed(item)) {
                constants.push_back(*known);
            }
        }
        if (constants.size() < items.size()) {
            return emit(Op::List, items);
        }
        return constant(std::move(constants), Kind::List);
    }

    std::uint32_t function(NodeId id) {
        const Node& node = ast_.nodes[id];
        const Note& note = checked_.notes[id];
        switch (note.function) {
            case Function::Score: {
                const ScoreId score = symbols_.score(note.name);
                add_once(out_.scores, score);
                out_.moves_with_time = true;
                return emit(Op::Score, {}, score);
            }
            case Function::InSegment:
                return in_segment(note.name);
            case Function::InAny: {
                std::vector<std::uint32_t> parts;
                for (const std::string& name : note.names) {
                    parts.push_back(in_segment(name));
                }
                return emit(Op::Or, parts);
            }
            case Function::InList: {
                const TraitId lists = symbols_.trait("lists");
                add_once(out_.traits, lists);
                const std::uint32_t name = constant(note.name, Kind::String);
                return emit(Op::Relation, {name, emit(Op::Trait, {}, lists)}, 0, BinaryOp::In);
            }
            case Function::Consent:
            case Function::ConsentChanges: {
                add_once(out_.channels, note.name);
                const Op op = note.function == Function::Consent ? Op::Consent : Op::ConsentChanges;
                return emit(op, {}, append(program().texts, note.name));
            }
            case Function::Has:
            case Function::Size:
            case Function::Contains:
            case Function::StartsWith:
            case Function::EndsWith:
                return emit(op_of(note.function), values(node));
            case Function::Matches:
                return emit(
                    Op::Matches, {value(node.children[0])},
                    append(program().patterns, compile_pattern(ast_.nodes[node.children[1]].text)));
            case Function::ToInt:
            case Function::ToUint:
            case Function::ToDouble:
            case Function::ToString:
            case Function::ToBytes:
            case Function::ToBool:
            case Function::Timestamp:
            case Function::Duration:
                return emit(Op::Convert, values(node),
                            static_cast<std::uint32_t>(checked_.types[id].kind));
            case Function::Dyn:
                return value(node.children[0]);
            case Function::Day:
            case Function::Hour:
            case Function::Part:
                return emit(Op::Part, {value(node.children[0])},
                            append(program().parts, PartOf{note.part, note.place}));
            case Function::Exists:
            case Function::All:
            case Function::ExistsOne:
            case Function::Filter:
            case Function::Map:
                return macro(node, note.function);
            default:
                return slot(id);
        }
    }

    std::uint32_t in_segment(const std::string& name) {
        const SegmentId segment = symbols_.segment(name);
        add_once(out_.segments, segment);
        return emit(Op::InSegment, {}, segment);
    }

    std::uint32_t macro(const Node& node, Function function) {
        const std::uint32_t target = value(node.children[0]);
        std::vector<std::uint32_t> parts{
            target, lambda(node.children[1], node.children.back(), function != Function::Map)};
        if (node.children.size() > 3) {  // map(x, condition, value)
            parts.push_back(lambda(node.children[1], node.children[2], true));
        }
        return emit(op_of(function), parts, static_cast<std::uint32_t>(variables_.size()));
    }

    std::uint32_t lambda(NodeId name, NodeId body, bool is_condition) {
        variables_.push_back(ast_.nodes[name].text);
        ++lambda_depth_;
        const std::uint32_t result = is_condition ? condition(body) : value(body);
        --lambda_depth_;
        variables_.pop_back();
        return result;
    }

    std::uint32_t slot(NodeId id) {
        SlotUse& use = slots_[print(ast_, id)];
        if (use.count++ == 0) {
            out_.moves_with_time = true;
            Slot made = make_slot(id);
            use.slot = append(program().slots, std::move(made));
        }
        return emit(Op::Slot, {}, use.slot);
    }

    Slot make_slot(NodeId id) {
        const Node& finish = ast_.nodes[id];
        const Note& note = checked_.notes[id];
        std::vector<NodeId> chain;
        NodeId source = finish.children[0];
        for (; ast_.nodes[source].kind == NodeKind::Method;
             source = ast_.nodes[source].children[0]) {
            chain.push_back(source);
        }
        Slot made;
        made.finish = note.function;
        const Note& from = checked_.notes[source];
        made.is_sent = from.function == Function::Sent;
        if (made.is_sent) {
            made.campaign = from.names[0];
            add_once(out_.campaigns, made.campaign);
        } else {
            made.set = symbols_.event_set(from.names);
            add_once(out_.event_sets, made.set);
        }
        set_ = made.set;
        for (auto at = chain.rbegin(); at != chain.rend(); ++at) {
            made.narrowings.push_back(narrowing(*at));
        }
        if (!note.name.empty()) {
            made.field = symbols_.field(made.set, note.name);
        }
        if (note.function == Function::LastTimeOr) {
            made.argument = value(finish.children[1]);
        }
        return made;
    }

    Narrowing narrowing(NodeId id) {
        const Node& node = ast_.nodes[id];
        const Note& note = checked_.notes[id];
        Narrowing made;
        made.function = note.function;
        made.step = note.step;
        if (note.function == Function::Where) {
            const EventSetId outer = set_;
            made.first = lambda(node.children[1], node.children[2], true);
            set_ = outer;
        } else if (note.function == Function::Then) {
            made.followers = symbols_.event_set(note.names);
            add_once(out_.event_sets, made.followers);
        } else if (note.function != Function::Within) {
            // Bounds may ask for events themselves: since(ev("a").last_time()).
            const EventSetId outer = set_;
            made.first = value(node.children[1]);
            made.second = node.children.size() > 2 ? value(node.children[2]) : 0;
            set_ = outer;
        }
        return made;
    }

    const Ast& ast_;
    const Checked& checked_;
    Symbols& symbols_;
    Condition& out_;
    std::map<std::string, SlotUse> slots_;
    std::vector<std::string> variables_;
    EventSetId set_ = 0;  // Of the events that where(..) looks at.
    int lambda_depth_ = 0;
};

}  // namespace

void plan(const Ast& ast, const Checked& checked, Symbols& symbols, Condition& condition) {
    Planner(ast, checked, symbols, condition).run();
}

}  // namespace winback::expr
