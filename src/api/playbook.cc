#include "api/playbook.h"

#include <algorithm>
#include <vector>

#include "customer/traits.h"
#include "engine/scores.h"
#include "host/host.h"

namespace winback::api {
namespace {

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
