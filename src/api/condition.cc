#include "api/condition.h"

#include <algorithm>

#include "api/segments.h"
#include "engine/schema.h"
#include "host/host.h"

namespace winback::api {

CompiledCondition compile_condition(Desk& desk,
                                    std::string_view text,
                                    const SeenNames& seen,
                                    std::string_view segment) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    expr::Schema schema = engine::base_schema();
    schema.events = seen.events;
    schema.lists = seen.lists;
    schema.campaigns = seen.campaigns;
    if (definitions != nullptr) {
        for (const segment::Segment& known : definitions->segments) {
            schema.segments.push_back(known.id);
        }
    }
    if (!segment.empty()) {
        schema.segments.emplace_back(segment);
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

bool is_kept(Desk& desk, const CompiledCondition& compiled) {
    bool kept = true;
    desk.host().query_customer(
        "", [&](host::ShardView view) { kept = is_kept(compiled, view.shard.customers()); });
    return kept;
}

Diagnostic property_not_kept(Desk& desk, std::string_view text, const CompiledCondition& compiled) {
    customer::FieldPlan kept;
    desk.host().query_customer(
        "", [&](const host::ShardView& view) { kept = view.shard.customers().fields(); });
    std::string_view name;
    for (const expr::EventSet& set : compiled.symbols.event_sets) {
        for (const std::string& field : set.fields) {
            const customer::FieldPlan alone{{{.patterns = set.patterns, .fields = {field}}}};
            if (name.empty() && !covers(kept, alone)) {
                name = field;
            }
        }
    }
    // As e.name or "name"; where it is written otherwise (e["name"]), the first line is marked.
    const std::string quoted = "\"" + std::string(name) + "\"";
    const std::string dotted = "." + std::string(name);
    std::size_t at = std::min(text.find(quoted), text.find(dotted));
    const bool found = !name.empty() && at != text.npos;
    at = found ? at + 1 : 0;
    const std::size_t length = found ? name.size() : std::min(text.size(), text.find('\n'));
    return {.code = "property_not_kept",
            .file = "",
            .position = position_at(text, at),
            .length = static_cast<int>(length),
            .message = "No definition of the playbook reads the property '" +
                       std::string(name.substr(0, 60)) +
                       "' yet, so this is counted from the histories, which takes longer; in a "
                       "segment that is saved it is counted at once.",
            .is_warning = true};
}

std::vector<CountedPart> counted_parts(Desk& desk, std::string_view text) {
    std::vector<CountedPart> parts;
    for (std::string& part : condition_parts(text)) {
        CompiledCondition compiled = compile_condition(desk, part);
        parts.push_back({.text = std::move(part), .compiled = std::move(compiled)});
    }
    return parts;
}

}  // namespace winback::api
