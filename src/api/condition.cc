#include "api/condition.h"

#include <algorithm>
#include <iterator>
#include <mutex>

#include "api/lists.h"
#include "api/segments.h"
#include "api/tree.h"
#include "customer/attributes.h"
#include "engine/schema.h"
#include "host/host.h"

namespace winback::api {

namespace {

expr::Schema schema_of(Desk& desk) {
    expr::Schema schema = engine::base_schema();
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        for (const segment::Segment& segment : definitions->segments) {
            schema.segments.push_back(segment.id);
        }
    }
    return schema;
}

CompiledCondition compiled_with(const expr::Schema& schema, std::string_view text) {
    CompiledCondition compiled;
    expr::Compiled made = expr::compile(text, schema, compiled.symbols);
    compiled.condition = std::move(made.condition);
    compiled.diagnostics = std::move(made.diagnostics);
    return compiled;
}

void sort_once(std::vector<std::string>& names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
}

// Reserved attributes are known before anybody has them, in either form ("firstName").
void add_reserved(std::vector<std::string>& names) {
    for (const std::string& name : customer::reserved_attributes()) {
        names.push_back(name);
        for (std::size_t i = 1; i < name.size(); ++i) {
            std::string camel = name;
            camel.erase(i, camel[i] == '_' ? 1 : 0);
            camel[i] = static_cast<char>(camel[i] & ~0x20);
            if (camel != name && customer::canonical_attribute(camel) == name) {
                names.push_back(std::move(camel));
            }
        }
    }
}

expr::Schema::Seen seen_names(Desk& desk) {
    expr::Schema::Seen seen;
    std::mutex mutex;
    desk.host().query([&](const host::ShardView& view) {
        const customer::Customers& customers = view.shard.customers();
        std::vector<std::string> events = customers.event_names();
        const std::vector<std::string>& attributes = customers.attribute_names();
        const std::lock_guard lock(mutex);
        std::move(events.begin(), events.end(), std::back_inserter(seen.events));
        seen.attributes.insert(seen.attributes.end(), attributes.begin(), attributes.end());
    });
    if (!seen.events.empty() || !seen.attributes.empty()) {
        add_reserved(seen.attributes);
    }
    sort_once(seen.events);
    sort_once(seen.attributes);
    if (const Result<ValueList> lists = list_names(desk)) {
        for (const Value& list : *lists) {
            seen.lists.push_back(text_at(*list.as_map(), "id"));
        }
    }
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        for (const journey::Journey& journey : definitions->journeys) {
            seen.campaigns.push_back(journey.id);
        }
    }
    return seen;
}

}  // namespace

CompiledCondition compile_condition(Desk& desk, std::string_view text) {
    return compiled_with(schema_of(desk), text);
}

CompiledCondition check_condition(Desk& desk, std::string_view text, std::string_view segment) {
    expr::Schema schema = schema_of(desk);
    if (!segment.empty()) {
        schema.segments.emplace_back(segment);
    }
    schema.seen = seen_names(desk);
    return compiled_with(schema, text);
}

namespace {

// What is kept that is written nearly so, of whatever event.
std::string_view nearest_property(std::string_view name, const customer::FieldPlan& kept) {
    for (const expr::EventSet& set : kept.sets) {
        const std::string_view near = nearest(name, set.fields);
        if (!near.empty() && near != name) {
            return near;
        }
    }
    return {};
}

}  // namespace

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
    const std::string near(nearest_property(name, kept));
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
                       "segment that is saved it is counted at once." +
                       (near.empty() ? "" : " Did you mean '" + near + "'?"),
            .is_warning = true};
}

namespace {

// Recursion is bounded by the depth of the condition.
std::vector<CountedPart> compiled_parts(Desk& desk, std::vector<ConditionPart> parts) {
    std::vector<CountedPart> compiled;
    for (ConditionPart& part : parts) {
        CompiledCondition condition = compile_condition(desk, part.text);
        compiled.push_back({.text = std::move(part.text),
                            .compiled = std::move(condition),
                            .parts = compiled_parts(desk, std::move(part.parts))});
    }
    return compiled;
}

}  // namespace

std::vector<CountedPart> counted_parts(Desk& desk, std::string_view text) {
    return compiled_parts(desk, condition_groups(text));
}

bool shares_limits(const CompiledCondition& whole, const std::vector<CountedPart>& parts) {
    return parts.size() > 1 && expr::may_exhaust(whole.condition->program);
}

Diagnostic too_much_to_look_at(std::uint64_t customers, std::string_view text) {
    const std::string whom =
        customers == 1 ? "1 customer" : std::to_string(customers) + " customers";
    return {
        .code = "too_much_to_look_at",
        .file = "",
        .position = position_at(text, 0),
        .length = static_cast<int>(std::min(text.size(), text.find('\n'))),
        .message = "Of " + whom +
                   " it asks more than is looked at of one (turns of loops over lists, texts that "
                   "patterns are compared with), so that they are left out; ask of fewer events "
                   "or items, or use a smaller pattern.",
        .is_warning = true};
}

}  // namespace winback::api
