#include "api/playbook.h"

#include <algorithm>
#include <vector>

#include "customer/traits.h"
#include "engine/scores.h"
#include "host/host.h"

namespace winback::api {
namespace {

// The overview's list under `key`, each entry extended by `extend`.
template <class Extend>
ValueMap extended(Desk& desk, std::string_view key, Extend extend) {
    const OverviewPtr overview = desk.overview();
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    ValueList list;
    if (const Value* entries = overview->tree.find(key)) {
        for (const Value& entry : *entries->as_list()) {
            ValueMap map = *entry.as_map();
            if (definitions != nullptr) {
                extend(*definitions, *map.find("id")->as_string(), map);
            }
            list.emplace_back(std::move(map));
        }
    }
    ValueMap tree;
    tree.set("now", *overview->tree.find("now"));
    tree.set(std::string(key), std::move(list));
    return tree;
}

ValueMap step_value(const journey::Step& step) {
    ValueMap map;
    map.set("id", step.id);
    switch (step.kind) {
        case journey::StepKind::Wait:
            map.set("kind", "wait");
            map.set("wait", format_calendar_step(step.wait));
            break;
        case journey::StepKind::Branch:
            map.set("kind", "branch");
            map.set("condition", step.condition.has_value() ? step.condition->text : "");
            break;
        case journey::StepKind::Message:
            map.set("kind", "message");
            map.set("template", step.template_id);
            map.set("channel", customer::channel_name(step.channel));
            map.set("offer", step.offer_id);
            break;
        case journey::StepKind::Exit:
            map.set("kind", "exit");
            break;
    }
    return map;
}

void extend_journey(const journey::Journey& journey, ValueMap& map) {
    map.set("description", journey.description);
    map.set("segment", journey.segment);
    map.set("goal_event", journey.goal.event);
    map.set("goal_within", format_calendar_step(journey.goal.within));
    ValueList exits;
    for (const expr::Condition& exit : journey.exits) {
        exits.emplace_back(exit.text);
    }
    map.set("exits", std::move(exits));
    ValueList steps;
    for (const journey::Step& step : journey.steps) {
        steps.emplace_back(step_value(step));
    }
    map.set("steps", std::move(steps));
}

Diagnostic not_kept(std::string_view text) {
    return {.code = "property_not_kept",
            .file = "",
            .position = {},
            .length = static_cast<int>(std::min(text.size(), text.find('\n'))),
            .message =
                "This reads a property of events that no definition of the playbook reads, "
                "so it is not in memory. Add a segment that reads it, then count."};
}

}  // namespace

ValueMap describe_segments(Desk& desk) {
    return extended(desk, "segments",
                    [](const engine::Definitions& definitions, std::string_view id, ValueMap& map) {
                        const segment::Segment* segment = definitions.segment(id);
                        map.set("condition", segment == nullptr ? "" : segment->condition.text);
                    });
}

ValueMap describe_journeys(Desk& desk) {
    return extended(desk, "journeys",
                    [](const engine::Definitions& definitions, std::string_view id, ValueMap& map) {
                        if (const journey::Journey* journey = definitions.journey(id)) {
                            extend_journey(*journey, map);
                        }
                    });
}

Count count_condition(Desk& desk, std::string_view condition) {
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
    expr::Symbols symbols;
    expr::Compiled compiled = expr::compile(condition, schema, symbols);
    Count count;
    count.diagnostics = std::move(compiled.diagnostics);
    count.now = desk.host().now();
    if (!compiled.condition) {
        return count;
    }
    count.canonical = compiled.condition->canonical;
    struct Part {
        std::uint64_t customers = 0;
        std::uint64_t of = 0;
        bool kept = true;
    };
    std::vector<Part> parts(desk.host().shard_count());
    desk.host().query([&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        Part& part = parts[view.id];
        part.kept = covers(customers.fields(), customer::FieldPlan{symbols.event_sets});
        if (!part.kept) {
            return;
        }
        const auto query = view.shard.query(*compiled.condition, symbols);
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            if (customers.merged_into(c).empty() && !customers.erased(c)) {
                ++part.of;
                part.customers += query->holds(c, view.now) ? 1U : 0U;
            }
        }
    });
    for (const Part& part : parts) {
        count.customers += part.customers;
        count.of += part.of;
        if (!part.kept && !has_errors(count.diagnostics)) {
            count.diagnostics.push_back(not_kept(condition));
        }
    }
    return count;
}

ValueList diagnostics_value(const Diagnostics& diagnostics) {
    ValueList list;
    for (const Diagnostic& diagnostic : diagnostics) {
        ValueMap map;
        map.set("code", diagnostic.code);
        map.set("message", diagnostic.message);
        map.set("line", diagnostic.position.line);
        map.set("column", diagnostic.position.column);
        map.set("length", diagnostic.length);
        map.set("warning", diagnostic.is_warning);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace winback::api
