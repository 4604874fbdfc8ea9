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

// Room for so many is kept for the next customer; few have more.
constexpr std::size_t room_kept_max = 65'536;

template <class T>
void empty(std::vector<T>& list) {
    if (list.capacity() > room_kept_max) {
        list = std::vector<T>();
    }
    list.clear();
}

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
        // What these facts were told last: many conditions ask for the same events.
        std::uint64_t facts = 0;
        expr::EventView view;
        std::vector<Timestamp> times;
        std::vector<Cell> cells;
    };
    // One event of several tables while they are put in order.
    struct Entry {
        Timestamp time;
        std::uint32_t table;
        RowIndex row;
    };

    explicit Impl(const expr::Symbols& names) : symbols(names) {}

    const TraitSource& source(const Customers::Impl& customers, expr::TraitId id);
    Set& set(const Customers::Impl& customers, expr::EventSetId id);
    expr::EventView view_one(Set& set, CustomerIndex customer);
    expr::EventView view_many(Set& set, CustomerIndex customer);

    const expr::Symbols& symbols;
    std::vector<Trait> traits;
    std::vector<Set> sets;
    std::uint64_t facts = 0;  // How many were made.
    // Reused by every answer.
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

Binding::Impl::Set& Binding::Impl::set(const Customers::Impl& customers, expr::EventSetId id) {
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
    bound.facts = 0;
    for (const EventTable* table : customers.history.select(wanted.patterns)) {
        SetTable& entry = bound.tables.emplace_back();
        entry.table = table;
        for (const std::string& field : wanted.fields) {
            entry.columns.push_back(table->field(field));
        }
    }
    return bound;
}

expr::EventView Binding::Impl::view_one(Set& set, CustomerIndex customer) {
    const EventTable& table = *set.tables.front().table;
    const Slice slice = table.slice(customer, rows);
    empty(set.cells);
    for (const int column : set.tables.front().columns) {
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            set.cells.push_back(column < 0 ? null_cell() : table.cell(column, slice.row(i)));
        }
    }
    if (slice.rows.empty()) {
        return {.times = table.times(slice.first, slice.count), .cells = set.cells};
    }
    empty(set.times);
    for (const RowIndex row : slice.rows) {
        set.times.push_back(table.time(row));
    }
    return {.times = set.times, .cells = set.cells};
}

// At the same time in the order of names, then of arrival.
expr::EventView Binding::Impl::view_many(Set& set, CustomerIndex customer) {
    for (const SetTable& entry : set.tables) {
        entry.table->prefetch(customer);
    }
    empty(entries);
    for (std::uint32_t t = 0; t < set.tables.size(); ++t) {
        const EventTable& table = *set.tables[t].table;
        const Slice slice = table.slice(customer, rows);
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            entries.push_back({table.time(slice.row(i)), t, slice.row(i)});
        }
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.time < b.time; });
    empty(set.times);
    empty(set.cells);
    for (const Entry& entry : entries) {
        set.times.push_back(entry.time);
    }
    for (std::size_t f = 0; f < set.field_count; ++f) {
        for (const Entry& entry : entries) {
            const SetTable& from = set.tables[entry.table];
            set.cells.push_back(from.columns[f] < 0 ? null_cell()
                                                    : from.table->cell(from.columns[f], entry.row));
        }
    }
    return {.times = set.times, .cells = set.cells};
}

CustomerFacts::CustomerFacts(const Customers& customers,
                             Binding& binding,
                             CustomerIndex customer,
                             Timestamp now,
                             const Zone& zone)
    : customers_(customers),
      binding_(binding),
      customer_(customer),
      now_(now),
      zone_(zone),
      number_(++binding.impl_->facts) {}

Value CustomerFacts::trait(expr::TraitId id) const {
    const Customers::Impl& shard = *customers_.impl_;
    const TraitSource& source = binding_.impl_->source(shard, id);
    return shard.trait(customer_, source, binding_.impl_->symbols.traits[id]);
}

expr::EventView CustomerFacts::events(expr::EventSetId id) const {
    Binding::Impl::Set& set = binding_.impl_->set(*customers_.impl_, id);
    if (set.tables.empty()) {
        return {};
    }
    if (set.facts != number_) {
        set.view = set.tables.size() == 1 ? binding_.impl_->view_one(set, customer_)
                                          : binding_.impl_->view_many(set, customer_);
        set.facts = number_;
    }
    return set.view;
}

std::size_t CustomerFacts::events_work(expr::EventSetId id) const {
    constexpr std::size_t of_table = 20;
    constexpr std::size_t of_event = 100;
    constexpr std::size_t of_cell = 20;
    const Binding::Impl::Set& set = binding_.impl_->set(*customers_.impl_, id);
    if (set.facts == number_) {
        return 0;  // Known already.
    }
    std::size_t work = set.tables.size() * of_table;
    for (const SetTable& entry : set.tables) {
        work += entry.table->count_at_most(customer_) * (of_event + set.field_count * of_cell);
    }
    return work;
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
