#include "api/playbook.h"

#include "api/condition.h"
#include "api/walk.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

}  // namespace

Count count_condition(Desk& desk, std::string_view condition) {
    CompiledCondition compiled = compile_condition(desk, condition);
    Count count;
    count.diagnostics = std::move(compiled.diagnostics);
    count.now = desk.host().now();
    if (!compiled.condition) {
        return count;
    }
    count.canonical = compiled.condition->canonical;
    bool kept = true;
    Walk(desk.host()).run([&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        const customer::Customers& customers = view.shard.customers();
        kept = kept && is_kept(compiled, customers);
        if (!kept) {
            return;
        }
        const auto query = view.shard.query(*compiled.condition, compiled.symbols);
        for (CustomerIndex c = from; c < to; ++c) {
            if (customers.merged_into(c).empty() && !customers.erased(c)) {
                ++count.of;
                count.customers += query->holds(c, count.now) ? 1U : 0U;
            }
        }
    });
    if (!kept) {
        count.diagnostics.push_back(property_not_kept(condition));
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
