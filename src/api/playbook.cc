#include "api/playbook.h"

#include "api/condition.h"
#include "api/walk.h"
#include "customer/marks.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

}  // namespace

Count count_condition(Desk& desk, std::string_view condition) {
    CompiledCondition compiled = check_condition(desk, condition);
    Count count;
    count.diagnostics = std::move(compiled.diagnostics);
    count.now = desk.host().now();
    if (!compiled.condition) {
        return count;
    }
    count.canonical = compiled.condition->canonical;
    count.kept = is_kept(desk, compiled);
    if (!count.kept) {
        return count;
    }
    std::uint64_t exhausted = 0;
    const auto ask = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to,
                         expr::Interrupt& interrupt) {
        std::vector<std::uint64_t> marks = view.shard.customers().present(from, to);
        const std::uint64_t present = customer::mark_count(marks);
        const auto query = view.shard.query(*compiled.condition, compiled.symbols, &interrupt);
        query->narrow(from, marks, count.now);
        if (interrupt.given_up()) {
            return;
        }
        count.of += present;
        count.customers += customer::mark_count(marks);
        exhausted += query->exhausted();
    };
    Walk(desk.host()).run(ask);
    if (exhausted > 0) {
        count.diagnostics.push_back(too_much_to_look_at(exhausted, condition));
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
