#include <algorithm>

#include "customer/customers.h"
#include "customer/history.h"
#include "event/names.h"

namespace winback::customer {
namespace {

// True when every name that `narrow` selects is selected by `wide` too.
bool includes(std::string_view wide, std::string_view narrow) {
    if (narrow == "*" || narrow.ends_with(".*")) {
        return wide == "*" ||
               (wide.ends_with(".*") && narrow.starts_with(wide.substr(0, wide.size() - 1)));
    }
    return selects(wide, narrow);
}

bool keeps(const FieldPlan& plan, std::string_view pattern, const std::string& field) {
    return std::any_of(plan.sets.begin(), plan.sets.end(), [&](const expr::EventSet& set) {
        return std::find(set.fields.begin(), set.fields.end(), field) != set.fields.end() &&
               std::any_of(set.patterns.begin(), set.patterns.end(),
                           [&](const std::string& wide) { return includes(wide, pattern); });
    });
}

void add_set(FieldPlan& plan, const expr::EventSet& set) {
    auto same = std::find_if(plan.sets.begin(), plan.sets.end(),
                             [&](const expr::EventSet& s) { return s.patterns == set.patterns; });
    if (same == plan.sets.end()) {
        plan.sets.push_back({.patterns = set.patterns, .fields = {}});
        same = plan.sets.end() - 1;
    }
    for (const std::string& field : set.fields) {
        if (std::find(same->fields.begin(), same->fields.end(), field) == same->fields.end()) {
            same->fields.push_back(field);
        }
    }
}

}  // namespace

FieldPlan builtin_fields() {
    const auto set = [](std::vector<std::string_view> names, std::vector<std::string> fields) {
        return expr::EventSet{.patterns = {names.begin(), names.end()},
                              .fields = std::move(fields)};
    };
    return {{set({event::order_completed},
                 {"order_id", "revenue", "total", "shipping", "tax", "margin", "currency"}),
             set({event::order_refunded}, {"order_id", "total", "revenue", "currency"}),
             set({event::order_cancelled}, {"order_id"}),
             set({event::subscription_started, event::subscription_renewed,
                  event::subscription_resumed, event::subscription_reactivated},
                 {"plan"})}};
}

FieldPlan merge(const FieldPlan& a, const FieldPlan& b) {
    FieldPlan both;
    for (const FieldPlan* plan : {&a, &b}) {
        for (const expr::EventSet& set : plan->sets) {
            add_set(both, set);
        }
    }
    return both;
}

bool covers(const FieldPlan& plan, const FieldPlan& needed) {
    for (const expr::EventSet& set : needed.sets) {
        for (const std::string& pattern : set.patterns) {
            for (const std::string& field : set.fields) {
                if (!keeps(plan, pattern, field)) {
                    return false;
                }
            }
        }
    }
    return true;
}

}  // namespace winback::customer
