// The checker at work. Internal to checker.cc and the check_*.cc files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/checker.h"

namespace winback::expr {

inline Type of(Kind kind) {
    Type type;
    type.kind = kind;
    return type;
}

// Recursion is bounded by depth_max.
class Checker {
public:
    Checker(const Ast& ast, const Schema& schema, Reporter& reporter);

    Checked run();

private:
    struct Variable {
        std::string name;
        Type type;
    };

    // checker.cc: names and operators.
    Type visit(NodeId id);
    Type syntax(NodeId id);
    // A node that must be true or false; counts atoms.
    void condition(NodeId id);
    Type identifier(NodeId id);
    Type select(NodeId id);
    Type trait(NodeId id, const std::string& name);
    bool may_exist(const std::string& name) const;  // Though the schema does not list it.
    Type unknown_trait(NodeId id, const std::string& name);
    Type index(NodeId id);
    // Bytes, and whole numbers beyond int, stand only in the list of `x in [..]`.
    Type list(NodeId id, bool among);
    Type map(NodeId id);
    void holdable(NodeId id, Type type);
    Type negate(NodeId id);
    Type ternary(NodeId id);
    Type binary(NodeId id);
    void relation(const Node& node, Type left, Type right);
    void ordering(const Node& node, Type left, Type right);
    Type mismatch(const Node& node, Type left, Type right, std::string_view hint);
    void refuse_movement(Span span, std::string_view hint);
    // A value whose movement nothing could follow: an item of a list, an argument.
    Type still(NodeId id);

    // check_arithmetic.cc
    Type arithmetic(const Node& node, Type left, Type right);
    Type time_arithmetic(const Node& node, Type left, Type right);
    Type duration_arithmetic(const Node& node, Type left, Type right);

    // check_conversions.cc: conversions and parts of times.
    Type conversion(NodeId id, const FunctionInfo& info);
    // A time or a span that is known only when evaluated: timestamp(user.at).
    Type read_when_evaluated(NodeId id, Kind kind);
    Type part(NodeId id, TimePart part, NodeId target, Type type, std::size_t zone);
    bool place(NodeId id, std::size_t zone);

    // check_calls.cc: functions.
    Type call(NodeId id);
    Type method(NodeId id);
    Type global(NodeId id, const FunctionInfo& info);
    Type event_source(NodeId id, const FunctionInfo& info);
    NodeId source_of(NodeId method) const;  // ev(..) or sent(..) before its narrowings.
    std::vector<std::string> event_names(NodeId argument);
    Type time_function(NodeId id, const FunctionInfo& info);
    Type membership(NodeId id, const FunctionInfo& info);
    Type has(NodeId argument);
    Type text_method(NodeId id, const FunctionInfo& info, Type target);
    Type narrowing(NodeId id, const FunctionInfo& info);
    Type finish(NodeId id, const FunctionInfo& info);
    Type macro(NodeId id, const FunctionInfo& info, Type target);
    void lambda(NodeId variable, NodeId body, Type type, bool is_condition);
    void time_argument(NodeId id);
    bool arguments_fit(const Node& node, const FunctionInfo& info, std::size_t first);
    // A text between quotes that is not empty.
    const std::string* literal(NodeId id, std::string_view what);
    std::vector<std::string> literals(NodeId id, std::string_view what);
    std::optional<CalendarStep> step(NodeId id);
    void known(NodeId id,
               const std::string& name,
               const std::vector<std::string>& names,
               std::string_view what);

    // check_slips.cc: what may be right by its form but looks like a slip.
    void seen(NodeId id,
              const std::string& name,
              const std::vector<std::string>& names,
              std::string_view what);
    void seen_event(NodeId id, const std::string& name);
    // ev("a").count() compared with more than is kept.
    void more_than_kept(const Node& node);
    // What to write instead of a name that stands alone.
    std::string name_hint(const std::string& name) const;
    std::string property_hint(const std::string& name) const;
    // "2011-10-01" where that stands without quotes, also with slashes; empty elsewhere.
    // Pre: the node is a Binary.
    std::string bare_date(const Node& node) const;
    // Of `f(a > 1,000)`, where that is why the arguments are too many.
    bool comma_in_number(const Node& node, std::size_t first);
    void seen_trait(NodeId id, const std::string& name);
    void seen_window(const Node& narrowing);
    // Of a comparison with consent(..): whether its texts are states.
    void consent_states(const Node& relation);

    const Variable* variable(std::string_view name) const;
    Type error(std::string_view code, Span span, std::string message);
    // "a.b.c" when the node is a chain of selects on the identifier `root`.
    std::optional<std::string> chain(NodeId id, std::string& root) const;

    const Ast& ast_;
    const Schema& schema_;
    Reporter& reporter_;
    Checked out_;
    std::vector<Variable> variables_;
    std::vector<std::string> trait_names_;
    std::size_t atoms_ = 0;
};

}  // namespace winback::expr
