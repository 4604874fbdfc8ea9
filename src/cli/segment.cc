#include <algorithm>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/folder.h"
#include "cli/terminal.h"
#include "customer/marks.h"
#include "customer/traits.h"
#include "engine/scores.h"
#include "ingest/csv_writer.h"

namespace winback::cli {
namespace {

// What an export says of a customer.
struct Member {
    std::string id;
    std::string email;
    std::string first_name;
    std::string last_name;
    double p_order = 0;
    double value_at_risk = 0;
};

struct Found {
    std::uint64_t customers = 0;
    std::uint64_t of = 0;
    std::vector<Member> members;
};

Result<Timestamp> moment(const std::string& text, const host::Host& host) {
    return text.empty() ? Result<Timestamp>(host.now()) : parse_iso8601(text);
}

std::string text_trait(const customer::Customers& customers,
                       customer::CustomerIndex customer,
                       std::string_view name) {
    const Value value = customers.trait(customer, name);
    const std::string* text = value.as_string();
    return text == nullptr ? "" : *text;
}

Member member_of(const engine::Shard& shard, customer::CustomerIndex customer, Timestamp now) {
    const customer::Customers& customers = shard.customers();
    return {.id = std::string(customers.id(customer)),
            .email = text_trait(customers, customer, "email"),
            .first_name = text_trait(customers, customer, "first_name"),
            .last_name = text_trait(customers, customer, "last_name"),
            .p_order = shard.score(customer, "p_order", now).number_or(0),
            .value_at_risk = shard.score(customer, "value_at_risk", now).number_or(0)};
}

Result<Found> find(const SegmentArguments& arguments, host::Host& host) {
    WINBACK_TRY(const Timestamp now, moment(arguments.at, host));
    expr::Schema schema;
    schema.scores.assign(engine::score_names.begin(), engine::score_names.end());
    for (const customer::DerivedTrait& trait : customer::derived_traits()) {
        schema.traits.push_back({std::string(trait.name), trait.type});
    }
    schema.other_traits = true;
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
        const auto size = static_cast<customer::CustomerIndex>(customers.size());
        std::vector<std::uint64_t> marks = customers.present(0, size);
        Found& part = parts[view.id];
        part.of = customer::mark_count(marks);
        query->narrow(0, marks, now);
        part.customers = customer::mark_count(marks);
        for (customer::CustomerIndex c = 0; c < size; ++c) {
            if (customer::is_marked(marks, c)) {
                part.members.push_back(member_of(view.shard, c, now));
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
        std::move(part.members.begin(), part.members.end(), std::back_inserter(all.members));
    }
    std::sort(all.members.begin(), all.members.end(),
              [](const Member& a, const Member& b) { return a.id < b.id; });
    return all;
}

// Cells that a spreadsheet would run as a formula are made harmless.
std::string csv_of(const std::vector<Member>& members) {
    std::string csv = "customer_id,email,first_name,last_name,p_order,value_at_risk\n";
    for (const Member& m : members) {
        ingest::append_csv_row(
            csv, {m.id, m.email, m.first_name, m.last_name, fmt::format("{:.4f}", m.p_order),
                  fmt::format("{:.2f}", m.value_at_risk)});
    }
    return csv;
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
    found->members.resize(std::min(found->members.size(), arguments.limit));
    if (arguments.json) {
        ValueList ids;
        for (const Member& member : found->members) {
            ids.emplace_back(member.id);
        }
        ValueMap map;
        map.set("customers", static_cast<std::int64_t>(all));
        map.set("members", std::move(ids));
        fmt::print("{}\n", to_json(map));
        return exit_ok;
    }
    if (arguments.csv) {
        fmt::print("{}", csv_of(found->members));
    } else {
        for (const Member& member : found->members) {
            fmt::print("{}\n", member.id);
        }
    }
    if (all > found->members.size()) {
        fmt::print(stderr, "winback: {} more; ask with --limit {}\n",
                   thousands(all - found->members.size()), all);
    }
    return exit_ok;
}

}  // namespace winback::cli
