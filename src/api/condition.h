// Conditions that people type, checked against the loaded playbook.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/desk.h"
#include "base/diagnostic.h"
#include "customer/customers.h"
#include "expr/condition.h"

namespace winback::api {

struct CompiledCondition {
    expr::Symbols symbols;
    std::optional<expr::Condition> condition;  // Nothing when there are errors.
    Diagnostics diagnostics;
};

CompiledCondition compile_condition(Desk& desk, std::string_view text);

// The same of what somebody writes, who is also warned of names of events, attributes, lists and
// journeys that nobody has seen yet: they may come later, but may be slips. `segment` is the one
// that gets the condition: it is known, though it may not be there yet. Asks every shard for its
// names, and looks at no customer.
CompiledCondition check_condition(Desk& desk, std::string_view text, std::string_view segment = {});

// Whether all that the condition reads of events is in memory; what is not takes a pass over the
// histories (past.h).
bool is_kept(const CompiledCondition& compiled, const customer::Customers& customers);
bool is_kept(Desk& desk, const CompiledCondition& compiled);
// A warning that names the first property that is not.
Diagnostic property_not_kept(Desk& desk, std::string_view text, const CompiledCondition& compiled);

// One of the parts that a condition joins with &&, and for how many it holds.
struct CountedPart {
    std::string text;
    CompiledCondition compiled;
    std::uint64_t left = 0;  // This and all before it hold; of inner parts nothing.
    std::uint64_t alone = 0;
    std::vector<CountedPart> parts = {};  // Of a group (condition_groups).
};
std::vector<CountedPart> counted_parts(Desk& desk, std::string_view text);
// Whether the parts, counted one by one, do not say what the whole says: where an evaluation may
// meet a limit (expr::may_exhaust), which its parts share. Pre: the condition has no mistakes.
bool shares_limits(const CompiledCondition& whole, const std::vector<CountedPart>& parts);
// How many customers need more than is looked at of one, for whom it therefore does not hold. A
// warning. Pre: `customers` is not 0.
Diagnostic too_much_to_look_at(std::uint64_t customers, std::string_view text);

}  // namespace winback::api
