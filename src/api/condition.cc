#include "api/condition.h"

#include <algorithm>

#include "customer/traits.h"
#include "engine/scores.h"
#include "host/host.h"

namespace winback::api {

CompiledCondition compile_condition(Desk& desk, std::string_view text) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    expr::Schema schema;
    schema.scores.assign(engine::score_names.begin(), engine::score_names.end());
    for (const customer::DerivedTrait& trait : customer::derived_traits()) {
        schema.traits.push_back({std::string(trait.name), trait.type});
    }
    schema.other_traits = true;
    if (definitions != nullptr) {
        for (const segment::Segment& segment : definitions->segments) {
            schema.segments.push_back(segment.id);
        }
    }
    CompiledCondition compiled;
    expr::Compiled made = expr::compile(text, schema, compiled.symbols);
    compiled.condition = std::move(made.condition);
    compiled.diagnostics = std::move(made.diagnostics);
    return compiled;
}

bool is_kept(const CompiledCondition& compiled, const customer::Customers& customers) {
    return covers(customers.fields(), customer::FieldPlan{compiled.symbols.event_sets});
}

Diagnostic property_not_kept(std::string_view text) {
    return {.code = "property_not_kept",
            .file = "",
            .position = {},
            .length = static_cast<int>(std::min(text.size(), text.find('\n'))),
            .message =
                "This reads a property of events that no definition of the playbook reads, "
                "so it is not in memory. Add a segment that reads it, then count."};
}

}  // namespace winback::api
