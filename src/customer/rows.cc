// Customers to rows and back, and the merge of two customers.

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/hash.h"
#include "customer/impl.h"
#include "customer/limits.h"
#include "customer/row.h"

namespace winback::customer {

Row Customers::Impl::row_of(CustomerIndex customer) const {
    Row row;
    row.flags = flags[customer];
    if (has(customer, Erased)) {
        row.id_hash = ids.id_hash(customer);
        return row;
    }
    if (has(customer, Merged)) {
        row.merged_into = merged_into.at(customer);
        return row;
    }
    for (std::size_t i = 0; i < row.seen.size(); ++i) {
        row.seen[i] = seen.on(customer, static_cast<event::Surface>(i));
    }
    row.traits_time = traits_time.at(customer);
    row.context_time = context_time.at(customer);
    row.locale = locale.at(customer).text;
    row.time_zone = time_zone.at(customer).text;
    if (has(customer, Suppressed)) {
        const Suppression& suppression = suppressions.at(customer);
        row.suppression_reason = suppression.reason;
        row.suppression_time = suppression.time;
    }
    row.orders = orders.sums(customer);
    for (std::size_t i = 0; i < channel_count; ++i) {
        row.consents[i] = consents.statements(customer, static_cast<Channel>(i));
    }
    for (std::uint32_t i = 0; i < attributes.names().size(); ++i) {
        Value value = attributes.value(customer, i);
        if (!value.is_null()) {
            row.attributes.emplace_back(attributes.names()[i], std::move(value));
        }
    }
    std::sort(row.attributes.begin(), row.attributes.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto list = absorbed.find(customer);
    if (list != absorbed.end()) {
        row.absorbed = list->second;
    }
    return row;
}

// Adds what the row says to the customer: what is there wins, as `absorb` promises. For a new
// customer that is the row itself.
void Customers::Impl::add_row(CustomerIndex customer, const Row& row) {
    const auto additive = static_cast<std::uint8_t>(row.flags & (HasEvents | Identified));
    flags[customer] = static_cast<std::uint8_t>(flags[customer] | additive);
    for (std::size_t i = 0; i < row.seen.size(); ++i) {
        if (!row.seen[i].never()) {
            seen.see(customer, static_cast<event::Surface>(i), row.seen[i].first);
            seen.see(customer, static_cast<event::Surface>(i), row.seen[i].last);
        }
    }
    traits_time.raise(customer, row.traits_time);
    context_time.raise(customer, row.context_time);
    if (!row.locale.empty() && locale_of(customer).empty()) {
        locale.put(customer, text_cell(row.locale));
    }
    if (!row.time_zone.empty() && time_zone.at(customer).text.empty()) {
        time_zone.put(customer, text_cell(row.time_zone));
    }
    if ((row.flags & Suppressed) != 0) {
        suppress(customer, row.suppression_reason, row.suppression_time);
    }
    for (std::size_t i = 0; i < channel_count; ++i) {
        for (const Consent& statement : row.consents[i]) {
            consents.add(customer, static_cast<Channel>(i), statement);
        }
    }
    std::vector<TypeConflict> conflicts;
    for (const auto& [name, value] : row.attributes) {
        // A topic that either of two merged customers refused stays refused.
        const bool refuses = name.starts_with(topic_attribute_begin) && value == Value("denied");
        if (is_label(name)) {
            join_labels(customer, name, value);
            continue;
        }
        attributes.set(customer, name, value, !refuses, conflicts);
    }
}

// Two customers who are one have the tags and lists of both, as far as there is room.
void Customers::Impl::join_labels(CustomerIndex customer,
                                  std::string_view attribute,
                                  const Value& others) {
    std::set<std::string, std::less<>> labels;
    for (const Value& value : {attributes.value(customer, attribute), others}) {
        const ValueList* list = value.as_list();
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
            const std::string* label = (*list)[i].as_string();
            if (label != nullptr && labels.size() < labels_max) {
                labels.insert(*label);
            }
        }
    }
    put_labels(customer, attribute, {labels.begin(), labels.end()});
}

// Another's ids come once, and never the customer's own.
void Customers::Impl::add_absorbed(CustomerIndex customer, const std::string& id) {
    std::vector<std::string>& list = absorbed[customer];
    if (id != ids.id(customer) && std::find(list.begin(), list.end(), id) == list.end()) {
        list.push_back(id);
    }
}

EventRows Customers::Impl::events_of(CustomerIndex customer, const EventTable& table) const {
    EventRows events{.name = table.name(), .fields = table.fields(), .items = {}};
    std::vector<RowIndex> scratch;
    const Slice slice = table.slice(customer, scratch);
    for (std::uint32_t i = 0; i < slice.count; ++i) {
        const RowIndex at = slice.row(i);
        EventRows::Item item{.time = table.time(at), .id_hash = table.id_hash(at), .fields = {}};
        for (std::size_t f = 0; f < table.fields().size(); ++f) {
            item.fields.push_back(value_of(table.cell(static_cast<int>(f), at)));
        }
        events.items.push_back(std::move(item));
    }
    return events;
}

void Customers::Impl::add_events(CustomerIndex customer, const EventRows& events) {
    EventTable& table = history.table_for(events.name);
    std::vector<Cell> cells;
    std::vector<std::string> bytes(events.fields.size());
    for (const EventRows::Item& item : events.items) {
        if (table.contains(customer, item.time, item.id_hash)) {
            continue;
        }
        cells.assign(table.fields().size(), null_cell());
        for (std::size_t i = 0; i < events.fields.size(); ++i) {
            const int column = table.field(events.fields[i]);
            if (column >= 0) {
                cells[static_cast<std::size_t>(column)] = cell_of(item.fields[i], bytes[i]);
            }
        }
        table.add(customer, item.time, item.id_hash, cells);
    }
}

void Customers::encode_row(CustomerIndex customer, ByteWriter& out) const {
    encode(impl_->row_of(customer), out);
}

Result<CustomerIndex> Customers::load_row(std::string_view id, ByteReader& in) {
    WINBACK_TRY(const Row row, decode_row(in));
    const bool is_erased = (row.flags & Erased) != 0;
    WINBACK_CHECK(is_erased || !impl_->ids.find(id));
    impl_->add_columns();
    const CustomerIndex customer =
        is_erased ? impl_->ids.add_hashed(row.id_hash) : impl_->ids.add(id);
    impl_->flags[customer] = row.flags;
    if ((row.flags & Merged) != 0) {
        impl_->merged_into.emplace(customer, row.merged_into);
    }
    if ((row.flags & (Merged | Erased)) == 0) {
        impl_->add_row(customer, row);
        impl_->orders.put(customer, row.orders);
        if (!row.absorbed.empty()) {
            impl_->absorbed.emplace(customer, row.absorbed);
        }
    }
    return customer;
}

std::size_t Customers::table_count() const {
    return impl_->history.tables().size();
}

std::optional<std::uint32_t> Customers::copy_history(CustomerIndex customer,
                                                     std::size_t table,
                                                     std::uint32_t from,
                                                     std::size_t bytes,
                                                     Customers& to) const {
    const EventTable& source = *impl_->history.tables()[table];
    std::vector<RowIndex> scratch;
    const Slice slice = source.slice(customer, scratch);
    if (from >= slice.count) {
        return std::nullopt;
    }
    EventTable& target = to.impl_->history.table_for(source.name());
    WINBACK_CHECK(target.fields() == source.fields());
    std::vector<Cell> cells(source.fields().size());
    std::size_t copied = 0;
    for (; from < slice.count && copied < bytes; ++from) {
        const RowIndex row = slice.row(from);
        for (std::size_t f = 0; f < cells.size(); ++f) {
            cells[f] = source.cell(static_cast<int>(f), row);
            copied += sizeof(Cell) + cells[f].text.size();
        }
        target.load(0, source.time(row), source.id_hash(row), cells);
        copied += sizeof(Timestamp);
    }
    return from;
}

std::string Customers::take_out(CustomerIndex customer, std::string_view into_id) {
    Payload payload{.id = std::string(id(customer)), .row = impl_->row_of(customer), .events = {}};
    for (const auto& table : impl_->history.tables()) {
        EventRows events = impl_->events_of(customer, *table);
        if (!events.items.empty()) {
            payload.events.push_back(std::move(events));
        }
    }
    std::sort(payload.events.begin(), payload.events.end(),
              [](const EventRows& a, const EventRows& b) { return a.name < b.name; });
    impl_->forget_facts(customer);
    impl_->raise(customer, Merged);
    impl_->merged_into.emplace(customer, into_id);
    return encode(payload);
}

void Customers::repoint(CustomerIndex customer, std::string_view into_id) {
    WINBACK_CHECK(impl_->has(customer, Merged));
    impl_->merged_into.erase(customer);
    if (into_id.empty()) {
        impl_->flags[customer] = static_cast<std::uint8_t>(impl_->flags[customer] & ~Merged);
    } else {
        impl_->merged_into.emplace(customer, into_id);
    }
}

Status Customers::absorb(CustomerIndex customer, std::string_view bytes) {
    WINBACK_CHECK(!impl_->has(customer, Merged));
    WINBACK_TRY(const Payload payload, decode_payload(bytes));
    if (impl_->has(customer, Erased)) {
        return Ok{};
    }
    const bool nothing_moves = (payload.row.flags & (Merged | Erased)) != 0;
    impl_->add_absorbed(customer, payload.id);
    if (nothing_moves) {
        return Ok{};
    }
    for (const EventRows& events : payload.events) {
        impl_->add_events(customer, events);
    }
    impl_->add_row(customer, payload.row);
    for (const std::string& id : payload.row.absorbed) {
        impl_->add_absorbed(customer, id);
    }
    std::vector<RowIndex> scratch;
    const OrderTables tables = impl_->order_tables();
    const std::uint32_t orders_in_memory =
        tables.completed == nullptr ? 0 : tables.completed->slice(customer, scratch).count;
    if (orders_in_memory < events_per_name_max) {
        impl_->orders.recount(tables, customer);
    } else {
        impl_->orders.add(customer, payload.row.orders);
    }
    return Ok{};
}

std::uint64_t Customers::fingerprint() const {
    std::vector<CustomerIndex> order(size());
    for (CustomerIndex i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](CustomerIndex a, CustomerIndex b) {
        return id(a) != id(b) ? id(a) < id(b) : impl_->ids.id_hash(a) < impl_->ids.id_hash(b);
    });
    std::uint64_t print = 0;
    for (const CustomerIndex customer : order) {
        Payload all{.id = std::string(id(customer)), .row = impl_->row_of(customer), .events = {}};
        for (const std::string& name : event_names()) {
            EventRows events = impl_->events_of(customer, *impl_->history.find(name));
            if (!events.items.empty()) {
                all.events.push_back(std::move(events));
            }
        }
        print = hash64(encode(all), print);
    }
    return print;
}

}  // namespace winback::customer
