#include "api/playbook.h"

#include <algorithm>
#include <vector>

#include "api/condition.h"
#include "host/host.h"

namespace winback::api {
namespace {

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
    struct Part {
        std::uint64_t customers = 0;
        std::uint64_t of = 0;
        bool kept = true;
    };
    std::vector<Part> parts(desk.host().shard_count());
    desk.host().query([&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        Part& part = parts[view.id];
        part.kept = is_kept(compiled, customers);
        if (!part.kept) {
            return;
        }
        const auto query = view.shard.query(*compiled.condition, compiled.symbols);
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
            count.diagnostics.push_back(property_not_kept(condition));
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
