#include "customer/facts.h"

#include <algorithm>

#include "customer/impl.h"

namespace winback::customer {
namespace {

// One table of an event set, with the column of each field (-1: not kept).
struct SetTable {
    const EventTable* table = nullptr;
    std::vector<int> columns;
};

struct Resolved {
    const void* shard = nullptr;  // Of which customers, and in which state of their names.
    std::uint64_t version = 0;
};

}  // namespace

struct Binding::Impl {
    struct Trait {
        std::size_t attribute_count = ~std::size_t{0};
        const void* shard = nullptr;
        TraitSource source;
    };
    struct Set {
        Resolved resolved;
        std::size_t field_count = 0;
        std::vector<SetTable> tables;  // By name.
    };
    // One event of several tables while they are put in order.
    struct Entry {
        Timestamp time;
        std::uint32_t table;
        RowIndex row;
    };

    explicit Impl(const expr::Symbols& names) : symbols(names) {}

    const TraitSource& source(const Customers::Impl& customers, expr::TraitId id);
    const Set& set(const Customers::Impl& customers, expr::EventSetId id);
    expr::EventView view_one(const SetTable& table, CustomerIndex customer);
    expr::EventView view_many(const Set& set, CustomerIndex customer);

    const expr::Symbols& symbols;
    std::vector<Trait> traits;
    std::vector<Set> sets;
    // Reused by every answer.
    std::vector<Timestamp> times;
    std::vector<Cell> cells;
    std::vector<RowIndex> rows;
    std::vector<Entry> entries;
};

Binding::Binding(const expr::Symbols& symbols) : impl_(std::make_unique<Impl>(symbols)) {}
Binding::~Binding() = default;
Binding::Binding(Binding&&) noexcept = default;
Binding& Binding::operator=(Binding&&) noexcept = default;

// A name that no attribute has yet is looked up again when attributes were added.
const TraitSource& Binding::Impl::source(const Customers::Impl& customers, expr::TraitId id) {
    if (id >= traits.size()) {
        traits.resize(id + std::size_t{1});
    }
    Trait& trait = traits[id];
    const std::size_t attribute_count = customers.attributes.names().size();
    if (trait.shard == &customers && trait.attribute_count == attribute_count) {
        return trait.source;
    }
    trait.shard = &customers;
    trait.attribute_count = attribute_count;
    trait.source = customers.trait_source(symbols.traits[id]);
    return trait.source;
}

const Binding::Impl::Set& Binding::Impl::set(const Customers::Impl& customers,
                                             expr::EventSetId id) {
    if (id >= sets.size()) {
        sets.resize(id + std::size_t{1});
    }
    Set& bound = sets[id];
    const expr::EventSet& wanted = symbols.event_sets[id];
    const std::uint64_t version = customers.history.version();
    if (bound.resolved.shard == &customers && bound.resolved.version == version &&
        bound.field_count == wanted.fields.size()) {
        return bound;
    }
    bound.resolved = {.shard = &customers, .version = version};
    bound.field_count = wanted.fields.size();
    bound.tables.clear();
    for (const EventTable* table : customers.history.select(wanted.patterns)) {
        SetTable& entry = bound.tables.emplace_back();
        entry.table = table;
        for (const std::string& field : wanted.fields) {
            entry.columns.push_back(table->field(field));
        }
    }
    return bound;
}

expr::EventView Binding::Impl::view_one(const SetTable& entry, CustomerIndex customer) {
    const EventTable& table = *entry.table;
    const Slice slice = table.slice(customer, rows);
    cells.clear();
    for (const int column : entry.columns) {
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            cells.push_back(column < 0 ? null_cell() : table.cell(column, slice.row(i)));
        }
    }
    if (slice.rows.empty()) {
        return {.times = table.times(slice.first, slice.count), .cells = cells};
    }
    times.clear();
    for (const RowIndex row : slice.rows) {
        times.push_back(table.time(row));
    }
    return {.times = times, .cells = cells};
}

// At the same time in the order of names, then of arrival.
expr::EventView Binding::Impl::view_many(const Set& set, CustomerIndex customer) {
    entries.clear();
    for (std::uint32_t t = 0; t < set.tables.size(); ++t) {
        const EventTable& table = *set.tables[t].table;
        const Slice slice = table.slice(customer, rows);
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            entries.push_back({table.time(slice.row(i)), t, slice.row(i)});
        }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.time < b.time; });
    times.clear();
    cells.clear();
    for (const Entry& entry : entries) {
        times.push_back(entry.time);
    }
    for (std::size_t f = 0; f < set.field_count; ++f) {
        for (const Entry& entry : entries) {
            const SetTable& from = set.tables[entry.table];
            cells.push_back(from.columns[f] < 0 ? null_cell()
                                                : from.table->cell(from.columns[f], entry.row));
        }
    }
    return {.times = times, .cells = cells};
}

CustomerFacts::CustomerFacts(const Customers& customers,
                             Binding& binding,
                             CustomerIndex customer,
                             Timestamp now,
                             const Zone& zone)
    : customers_(customers), binding_(binding), customer_(customer), now_(now), zone_(zone) {}

Value CustomerFacts::trait(expr::TraitId id) const {
    const Customers::Impl& shard = *customers_.impl_;
    const TraitSource& source = binding_.impl_->source(shard, id);
    return shard.trait(customer_, source, binding_.impl_->symbols.traits[id]);
}

expr::EventView CustomerFacts::events(expr::EventSetId id) const {
    const Binding::Impl::Set& set = binding_.impl_->set(*customers_.impl_, id);
    if (set.tables.empty()) {
        return {};
    }
    return set.tables.size() == 1 ? binding_.impl_->view_one(set.tables.front(), customer_)
                                  : binding_.impl_->view_many(set, customer_);
}

expr::ConsentState CustomerFacts::consent(std::string_view channel) const {
    const std::optional<Channel> known = parse_channel(channel);
    return known ? customers_.consent(customer_, *known).state : expr::ConsentState::Unset;
}

std::vector<expr::ConsentChange> CustomerFacts::consent_changes(std::string_view channel) const {
    const std::optional<Channel> known = parse_channel(channel);
    return known ? customers_.consent_changes(customer_, *known)
                 : std::vector<expr::ConsentChange>();
}

}  // namespace winback::customer
