// The thin list of customers: from the search tables, and from the shards what those do not have.
#include "api/customers.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "api/behind.h"
#include "api/condition.h"
#include "api/directory.h"
#include "api/past.h"
#include "engine/scores.h"
#include "host/host.h"
#include "report/state.h"

namespace winback::api {
namespace {

Value time_value(const std::optional<Timestamp>& time) {
    return time ? Value(*time) : Value();
}

Value number_value(const std::optional<double>& number) {
    return number ? Value(*number) : Value();
}

Value quintile_value(std::uint8_t quintile) {
    return quintile == 0 ? Value() : Value(std::int64_t{quintile});
}

// A column that the tables know; nothing for others.
std::optional<Value> column_of(const directory::Row& row, std::string_view name) {
    if (name == "tags") {
        ValueList tags;
        for (const std::string& tag : row.tags) {
            tags.emplace_back(tag);
        }
        return Value(std::move(tags));
    }
    return name == "id"        ? std::optional(Value(row.place.id))
           : name == "name"    ? std::optional(Value(row.name))
           : name == "email"   ? std::optional(row.email.empty() ? Value() : Value(row.email))
           : name == "state"   ? std::optional(Value(report::customer_state_name(row.state)))
           : name == "orders"  ? std::optional(Value(std::int64_t{row.orders}))
           : name == "revenue" ? std::optional(Value(row.revenue))
           : name == "currency"
               ? std::optional(row.currency.empty() ? Value() : Value(row.currency))
           : name == "last_order"    ? std::optional(time_value(row.last_order))
           : name == "p_order"       ? std::optional(number_value(row.p_order))
           : name == "value_at_risk" ? std::optional(number_value(row.value_at_risk))
           : name == "first_seen"    ? std::optional(time_value(row.first_seen))
           : name == "last_seen"     ? std::optional(time_value(row.last_seen))
           : name == "recency"       ? std::optional(quintile_value(row.recency))
           : name == "frequency"     ? std::optional(quintile_value(row.frequency))
           : name == "monetary"      ? std::optional(quintile_value(row.monetary))
           : name == "suppressed"    ? std::optional(Value(row.suppressed))
                                     : std::nullopt;
}

// Spans of time are days, as everywhere in the API.
Value plain(Value value) {
    if (const Duration* span = value.as_span()) {
        return static_cast<double>(span->ms) / static_cast<double>(days(1).ms);
    }
    return value;
}

Value asked_of_shard(const host::ShardView& view,
                     customer::CustomerIndex c,
                     std::string_view column) {
    if (column.starts_with("user.")) {
        return plain(view.shard.customers().trait(c, column.substr(5)));
    }
    if (column.starts_with("in.")) {
        const std::vector<std::string> segments = view.shard.segments_of(c);
        return std::find(segments.begin(), segments.end(), column.substr(3)) != segments.end();
    }
    return view.shard.score(c, column, view.now);
}

Directory::Behind behind(Desk& desk) {
    return [&desk](std::function<void()> work) {
        // Without threads the work would be done inside, where the answers are locked.
        return desk.options().threads > 0 && desk.part<Behind>().post(std::move(work));
    };
}

// The same where the condition reads what is not in memory. Fails with Unavailable.
Result<ChosenPtr> choose_from_histories(Desk& desk,
                                        const std::shared_ptr<const CompiledCondition>& compiled) {
    WINBACK_TRY(const PastPassPtr pass, desk.part<PastPasses>().get_current(compiled, ""));
    auto chosen = std::make_shared<Chosen>();
    chosen->as_of = pass->at;
    chosen->reading = !pass->ready;
    chosen->looked_at = pass->looked_at;
    chosen->of = chosen->reading ? std::max<std::uint64_t>(pass->all, chosen->looked_at + 1)
                                 : chosen->looked_at;
    chosen->members.resize(desk.host().shard_count());
    if (pass->ready) {
        for (const PastPass::Member& member : pass->members) {
            std::vector<bool>& own = chosen->members[member.shard];
            own.resize(std::max<std::size_t>(own.size(), member.index + std::size_t{1}));
            own[member.index] = true;
        }
    }
    return ChosenPtr(chosen);
}

// Who fulfils `where`; null without one. With errors in `diagnostics` nothing was looked at.
Result<ChosenPtr> choose(Desk& desk, const std::string& where, Diagnostics& diagnostics) {
    if (where.empty()) {
        return ChosenPtr();
    }
    auto compiled = std::make_shared<CompiledCondition>(compile_condition(desk, where));
    diagnostics = compiled->diagnostics;
    if (!compiled->condition) {
        return ChosenPtr();
    }
    if (!is_kept(desk, *compiled)) {
        return choose_from_histories(desk, compiled);
    }
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const std::string version = std::to_string(definitions == nullptr ? 0 : definitions->version);
    return desk.directory().choose(
        desk.host(), compiled->condition->canonical + "@" + version,
        [compiled](const host::ShardView& view, customer::CustomerIndex from,
                   customer::CustomerIndex to, expr::Interrupt& interrupt) {
            std::vector<std::uint64_t> marks = view.shard.customers().present(from, to);
            view.shard.query(*compiled->condition, compiled->symbols, &interrupt)
                ->narrow(from, marks, view.now);
            return marks;
        },
        behind(desk));
}

template <class Holds>
std::vector<std::uint64_t> marks_of(customer::CustomerIndex from,
                                    customer::CustomerIndex to,
                                    const Holds& holds) {
    std::vector<std::uint64_t> marks((to - from + std::size_t{63}) / 64);
    for (customer::CustomerIndex c = from; c < to; ++c) {
        marks[(c - from) / 64] |= std::uint64_t{holds(c) ? 1U : 0U} << ((c - from) % 64);
    }
    return marks;
}

// Who moved between states; null when nobody asks.
ChosenPtr choose_moved(Desk& desk, const CustomerFilter& filter) {
    const std::optional<report::Move> move = report::parse_move(filter.moved);
    const auto since = parse_iso8601(filter.since);
    if (!move || !since) {
        return nullptr;
    }
    const Duration shop_gap = desk.directory().shop_gap();
    return desk.directory().choose(
        desk.host(), "moved " + filter.moved + " " + filter.since,
        [move, since, shop_gap](const host::ShardView& view, customer::CustomerIndex from,
                                customer::CustomerIndex to, expr::Interrupt&) {
            return marks_of(from, to, [&](customer::CustomerIndex c) {
                return report::has_moved(view.shard.customers(), c, shop_gap, *move, *since,
                                         view.now);
            });
        },
        behind(desk));
}

// Whose passage through a journey is meant; null when nobody asks. Fails with NotFound.
Result<ChosenPtr> choose_passing(Desk& desk, const PassageChoice& choice) {
    if (choice.journey.empty()) {
        return ChosenPtr();
    }
    WINBACK_TRY(const report::PassageFilter filter, passage_filter_of(desk, choice));
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const std::string version = std::to_string(definitions == nullptr ? 0 : definitions->version);
    return desk.directory().choose(
        desk.host(), "passage " + http::format_query(choice.address()) + "@" + version,
        [filter](const host::ShardView& view, customer::CustomerIndex from,
                 customer::CustomerIndex to, expr::Interrupt&) {
            return marks_of(from, to, [&](customer::CustomerIndex c) {
                return report::has_passage(view.shard, c, filter);
            });
        },
        behind(desk));
}

// In both; either may be null for everybody.
ChosenPtr both(const ChosenPtr& a, const ChosenPtr& b) {
    if (a == nullptr || b == nullptr) {
        return a == nullptr ? b : a;
    }
    auto common = std::make_shared<Chosen>(*a);
    for (std::size_t s = 0; s < common->members.size(); ++s) {
        std::vector<bool>& members = common->members[s];
        members.resize(std::min(members.size(), b->members[s].size()));
        for (std::size_t c = 0; c < members.size(); ++c) {
            members[c] = members[c] && b->members[s][c];
        }
    }
    common->looked_at = std::min(a->looked_at, b->looked_at);
    common->reading = a->reading || b->reading;
    common->of = std::max(a->of, b->of);
    common->as_of = std::min(a->as_of, b->as_of);
    return common;
}

Result<Ok> check_segment(Desk& desk, const std::string& id) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const bool known = definitions != nullptr && definitions->segment(id) != nullptr;
    if (!id.empty() && !known) {
        return Error{ErrorCode::NotFound, "there is no such segment"};
    }
    return Ok{};
}

}  // namespace

std::vector<ValueMap> customer_rows(Desk& desk,
                                    const std::vector<Directory::Hit>& hits,
                                    const std::vector<std::string>& columns) {
    std::vector<ValueMap> trees(hits.size());
    std::vector<std::string> others;
    for (const std::string& column : columns) {
        if (!column_of({}, column)) {
            others.push_back(column);
        }
    }
    for (std::size_t i = 0; i < hits.size(); ++i) {
        trees[i].set("id", hits[i].row.place.id);
        for (const std::string& column : columns) {
            if (std::optional<Value> value = column_of(hits[i].row, column)) {
                trees[i].set(column, *std::move(value));
            }
        }
    }
    if (others.empty() || hits.empty()) {
        return trees;
    }
    desk.host().query([&](host::ShardView view) {
        for (std::size_t i = 0; i < hits.size(); ++i) {
            // Somebody may have been erased since.
            const customer::CustomerIndex c = hits[i].row.customer;
            if (hits[i].shard == view.id && view.shard.customers().id(c) == hits[i].row.place.id) {
                for (const std::string& column : others) {
                    trees[i].set(column, asked_of_shard(view, c, column));
                }
            }
        }
    });
    return trees;
}

Result<CustomerQuestion> customer_question(Desk& desk, const CustomerFilter& filter) {
    WINBACK_TRY(const Ok known, check_segment(desk, filter.segment));
    static_cast<void>(known);
    CustomerQuestion asked;
    asked.question.filter = filter.filter;
    asked.question.filter.needle = directory::needle_of(filter.search);
    asked.question.order = filter.order;
    asked.question.rising = filter.rising;
    asked.question.limit = filter.limit;
    asked.question.now = desk.host().now();
    asked.question.shop_gap = desk.directory().shop_gap();
    if (!filter.after.empty()) {
        WINBACK_TRY(asked.question.after, place_of(filter.after));
    }
    asked.segment = filter.segment;
    WINBACK_TRY(const ChosenPtr passing, choose_passing(desk, filter.passage));
    WINBACK_TRY(const ChosenPtr fitting, choose(desk, filter.where, asked.diagnostics));
    asked.chosen = both(both(fitting, choose_moved(desk, filter)), passing);
    return asked;
}

Result<CustomerList> list_customers(Desk& desk, const CustomerFilter& filter) {
    WINBACK_TRY(CustomerQuestion asked, customer_question(desk, filter));
    CustomerList list{.tree = {}, .diagnostics = std::move(asked.diagnostics)};
    if (has_errors(list.diagnostics)) {
        return list;
    }
    Directory::Answer answer =
        desk.directory().find(asked.question, asked.segment, asked.chosen.get());
    const bool more = answer.hits.size() > filter.limit;
    answer.hits.resize(std::min(answer.hits.size(), filter.limit));
    ValueMap& tree = list.tree;
    tree.set("matching", static_cast<std::int64_t>(answer.matching));
    tree.set("after", more ? Value(cursor_of(answer.hits.back().row.place)) : Value());
    const bool part = asked.chosen != nullptr && !asked.chosen->whole();
    const auto count = [&](std::uint64_t number) {
        return part ? Value(static_cast<std::int64_t>(number)) : Value();
    };
    tree.set("looked_at", count(part ? asked.chosen->looked_at : 0));
    tree.set("of", count(part ? asked.chosen->of : 0));
    list.reading = asked.chosen != nullptr && asked.chosen->reading;
    tree.set("as_of", asked.chosen == nullptr ? Value() : Value(asked.chosen->as_of));
    ValueList customers;
    for (ValueMap& customer : customer_rows(
             desk, answer.hits, filter.columns.empty() ? default_columns() : filter.columns)) {
        customers.emplace_back(std::move(customer));
    }
    tree.set("customers", std::move(customers));
    return list;
}

}  // namespace winback::api
