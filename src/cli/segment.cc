#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "engine/scores.h"

namespace winback::cli {
namespace {

struct Found {
    std::uint64_t customers = 0;
    std::uint64_t of = 0;
    std::vector<std::string> ids;
};

Result<Timestamp> moment(const std::string& text, const host::Host& host) {
    return text.empty() ? Result<Timestamp>(host.now()) : parse_iso8601(text);
}

Result<Found> find(const SegmentArguments& arguments, host::Host& host) {
    WINBACK_TRY(const Timestamp now, moment(arguments.at, host));
    expr::Schema schema;
    schema.scores.assign(engine::score_names.begin(), engine::score_names.end());
    if (const auto definitions = host.definitions()) {
        for (const segment::Segment& segment : definitions->segments) {
            schema.segments.push_back(segment.id);
        }
    }
    expr::Symbols symbols;
    const expr::Compiled compiled = expr::compile(arguments.condition, schema, symbols);
    for (const Diagnostic& diagnostic : compiled.diagnostics) {
        fmt::print(stderr, "{}", winback::render(diagnostic, arguments.condition));
    }
    if (!compiled.condition.has_value()) {
        return Error{ErrorCode::InvalidArgument, "the condition has mistakes"};
    }
    const customer::FieldPlan needed{.sets = symbols.event_sets};
    std::vector<Found> parts(host.shard_count());
    bool covered = true;
    host.query([&](const host::ShardView& view) {
        const customer::Customers& customers = view.shard.customers();
        covered = covered && customer::covers(customers.fields(), needed);
        const auto query = view.shard.query(*compiled.condition, symbols);
        for (customer::CustomerIndex c = 0; c < customers.size(); ++c) {
            if (!customers.merged_into(c).empty() || customers.erased(c)) {
                continue;
            }
            ++parts[view.id].of;
            if (query->holds(c, now)) {
                ++parts[view.id].customers;
                parts[view.id].ids.emplace_back(customers.id(c));
            }
        }
    });
    if (!covered) {
        return Error{ErrorCode::InvalidArgument,
                     "the condition reads a property of events that is not kept in memory; use it "
                     "in a segment of the playbook, load that, and ask again"};
    }
    Found all;
    for (Found& part : parts) {
        all.customers += part.customers;
        all.of += part.of;
        std::move(part.ids.begin(), part.ids.end(), std::back_inserter(all.ids));
    }
    std::sort(all.ids.begin(), all.ids.end());
    return all;
}

Result<Found> run(const SegmentArguments& arguments) {
    WINBACK_TRY(const auto host,
                open_folder(arguments.data, false, "GET /api/v1/segments/count?condition=…"));
    return find(arguments, *host);
}

}  // namespace

int run_segment_count(const SegmentArguments& arguments) {
    const auto found = run(arguments);
    if (!found.has_value()) {
        return fail(found.error());
    }
    if (arguments.json) {
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(found->customers));
        map.set("of", static_cast<std::int64_t>(found->of));
        fmt::print("{}\n", to_json(map));
    } else {
        fmt::print("{} of {} customers ({})\n", thousands(found->customers), thousands(found->of),
                   percent(found->of == 0 ? 0
                                          : static_cast<double>(found->customers) /
                                                static_cast<double>(found->of)));
    }
    return exit_ok;
}

int run_segment_members(const SegmentArguments& arguments) {
    auto found = run(arguments);
    if (!found.has_value()) {
        return fail(found.error());
    }
    const std::uint64_t all = found->customers;
    found->ids.resize(std::min(found->ids.size(), arguments.limit));
    if (arguments.json) {
        ValueList ids;
        for (const std::string& id : found->ids) {
            ids.emplace_back(id);
        }
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(all));
        map.set("members", std::move(ids));
        fmt::print("{}\n", to_json(map));
        return exit_ok;
    }
    for (const std::string& id : found->ids) {
        fmt::print("{}\n", id);
    }
    if (all > found->ids.size()) {
        fmt::print(stderr, "winback: {} more; ask with --limit {}\n",
                   thousands(all - found->ids.size()), all);
    }
    return exit_ok;
}

}  // namespace winback::cli
