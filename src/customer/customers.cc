#include "customer/customers.h"

#include <algorithm>

#include "base/check.h"
#include "base/hash.h"
#include "customer/impl.h"
#include "customer/limits.h"
#include "event/names.h"

namespace winback::customer {

void Customers::Impl::add_columns() {
    flags.push_back(0);
    seen.add_customer();
}

void Customers::Impl::fit() {
    ids.fit();
    flags.shrink_to_fit();
    seen.fit();
    orders.fit();
    traits_time.fit();
    context_time.fit();
    locale.fit();
    time_zone.fit();
    attributes.fit();
}

void Customers::Impl::forget_facts(CustomerIndex customer) {
    flags[customer] = 0;
    seen.forget(customer);
    orders.forget(customer);
    consents.forget(customer);
    attributes.forget(customer);
    traits_time.forget(customer);
    context_time.forget(customer);
    if (customer < locale.size()) {
        locale.put(customer, null_cell());
    }
    if (customer < time_zone.size()) {
        time_zone.put(customer, null_cell());
    }
    merged_into.erase(customer);
    absorbed.erase(customer);
    suppressions.erase(customer);
    history.remove(customer);
}

OrderTables Customers::Impl::order_tables() const {
    return {.completed = history.find(event::order_completed),
            .refunded = history.find(event::order_refunded)};
}

Customers::Customers() : impl_(std::make_unique<Impl>()) {}
Customers::Customers(Customers&&) noexcept = default;
Customers& Customers::operator=(Customers&&) noexcept = default;
Customers::~Customers() = default;

std::size_t Customers::size() const {
    return impl_->ids.size();
}

std::optional<CustomerIndex> Customers::find(std::string_view id) const {
    return impl_->ids.find(id);
}

CustomerIndex Customers::find_or_add(std::string_view id) {
    if (const std::optional<CustomerIndex> known = impl_->ids.find(id)) {
        return *known;
    }
    impl_->add_columns();
    return impl_->ids.add(id);
}

std::string_view Customers::id(CustomerIndex customer) const {
    return impl_->ids.id(customer);
}

void Customers::plan_fields(const FieldPlan& plan) {
    impl_->history.plan_fields(plan);
}

const FieldPlan& Customers::fields() const {
    return impl_->history.fields();
}

bool Customers::remember(std::string_view message_id, Timestamp arrival) {
    return impl_->message_ids.add(hash64(message_id), utc_day(arrival));
}

void Customers::load_remembered(std::uint64_t message_id_hash, std::int64_t arrival_day) {
    impl_->message_ids.load(message_id_hash, arrival_day);
}

bool Customers::identified(CustomerIndex customer) const {
    return impl_->has(customer, Identified);
}

void Customers::set_identified(CustomerIndex customer) {
    impl_->raise(customer, Identified);
}

bool Customers::has_events(CustomerIndex customer) const {
    return impl_->has(customer, HasEvents);
}

std::string_view Customers::merged_into(CustomerIndex customer) const {
    const auto into = impl_->merged_into.find(customer);
    return into == impl_->merged_into.end() ? std::string_view() : into->second;
}

const std::vector<std::string>& Customers::absorbed_ids(CustomerIndex customer) const {
    static const std::vector<std::string> none;
    const auto ids = impl_->absorbed.find(customer);
    return ids == impl_->absorbed.end() ? none : ids->second;
}

void Customers::erase(CustomerIndex customer) {
    impl_->forget_facts(customer);
    impl_->raise(customer, Erased);
    impl_->ids.forget(customer);
}

std::vector<std::uint64_t> Customers::present(CustomerIndex first, CustomerIndex end) const {
    std::vector<std::uint64_t> marks((std::size_t{end} - first + 63) / 64);
    for (CustomerIndex c = first; c < end; ++c) {
        const bool gone = (impl_->flags[c] & (Merged | Erased)) != 0;
        marks[(c - first) / 64] |= std::uint64_t{gone ? 0U : 1U} << ((c - first) % 64);
    }
    return marks;
}

std::uint64_t Customers::present_count() const {
    return static_cast<std::uint64_t>(
        std::count_if(impl_->flags.begin(), impl_->flags.end(),
                      [](auto flags) { return (flags & (Merged | Erased)) == 0; }));
}

bool Customers::erased(CustomerIndex customer) const {
    return impl_->has(customer, Erased);
}

const std::vector<std::string>& Customers::attribute_names() const {
    return impl_->attributes.names();
}

Value Customers::trait(CustomerIndex customer, std::string_view name) const {
    const std::optional<Derived> derived = find_derived(name);
    return derived ? impl_->trait(customer, *derived) : impl_->attributes.value(customer, name);
}

ValueMap Customers::attributes(CustomerIndex customer) const {
    ValueMap map;
    const std::vector<std::string>& names = impl_->attributes.names();
    for (std::uint32_t i = 0; i < names.size(); ++i) {
        Value value = impl_->attributes.value(customer, i);
        if (!value.is_null()) {
            map.append(names[i], std::move(value));
        }
    }
    return map;
}

Consent Customers::consent(CustomerIndex customer, Channel channel) const {
    return impl_->consents.state(customer, channel);
}

std::vector<expr::ConsentChange> Customers::consent_changes(CustomerIndex customer,
                                                            Channel channel) const {
    return impl_->consents.changes(customer, channel);
}

bool Customers::set_consent(CustomerIndex customer, Channel channel, const Consent& consent) {
    if (consent.state == expr::ConsentState::Unset) {
        return false;
    }
    return impl_->consents.add(customer, channel, consent);
}

std::string topic_attribute(Channel channel, std::string_view topic) {
    return std::string(topic_attribute_begin) + std::string(channel_name(channel)) + "_" +
           std::string(topic);
}

bool Customers::topic_denied(CustomerIndex customer,
                             Channel channel,
                             std::string_view topic) const {
    if (topic.empty()) {
        return false;
    }
    const Value said = impl_->attributes.value(customer, topic_attribute(channel, topic));
    return said.as_string() != nullptr && *said.as_string() == "denied";
}

bool Customers::set_topic_consent(CustomerIndex customer,
                                  Channel channel,
                                  std::string_view topic,
                                  const Consent& consent) {
    return impl_->set_topic_consent(customer, channel, topic, consent);
}

bool Customers::suppressed(CustomerIndex customer) const {
    return impl_->has(customer, Suppressed);
}

std::string_view Customers::suppression_reason(CustomerIndex customer) const {
    const auto found = impl_->suppressions.find(customer);
    return found == impl_->suppressions.end() ? std::string_view() : found->second.reason;
}

void Customers::suppress(CustomerIndex customer, std::string_view reason, Timestamp at) {
    impl_->suppress(customer, reason, at);
}

Timestamp Customers::suppressed_since(CustomerIndex customer) const {
    const auto found = impl_->suppressions.find(customer);
    return found == impl_->suppressions.end() ? timestamp_min : found->second.time;
}

void Customers::lift_suppression(CustomerIndex customer) {
    impl_->suppressions.erase(customer);
    impl_->lower(customer, Suppressed);
}

std::vector<std::string> Customers::labels(CustomerIndex customer,
                                           std::string_view attribute) const {
    const Value value = impl_->attributes.value(customer, attribute);
    std::vector<std::string> labels;
    if (const ValueList* list = value.as_list()) {
        for (const Value& label : *list) {
            if (label.as_string() != nullptr) {
                labels.push_back(*label.as_string());
            }
        }
    }
    return labels;
}

std::vector<CustomerIndex> Customers::labelled(CustomerIndex first,
                                               CustomerIndex end,
                                               std::string_view attribute) const {
    std::vector<CustomerIndex> found;
    if (const std::optional<std::uint32_t> known = impl_->attributes.find(attribute)) {
        for (CustomerIndex c = first; c < end; ++c) {
            if (impl_->attributes.has(c, *known)) {
                found.push_back(c);
            }
        }
    }
    return found;
}

bool Customers::set_label(CustomerIndex customer,
                          std::string_view attribute,
                          std::string_view label,
                          bool present) {
    std::vector<std::string> labels = this->labels(customer, attribute);
    const auto place = std::lower_bound(labels.begin(), labels.end(), label);
    const bool known = place != labels.end() && *place == label;
    const bool fits =
        !label.empty() && label.size() <= label_bytes_max && labels.size() < labels_max;
    if (known == present || (present && !fits)) {
        return false;
    }
    if (present) {
        labels.insert(place, std::string(label));
    } else {
        labels.erase(place);
    }
    return impl_->put_labels(customer, attribute, labels);
}

bool Customers::Impl::put_labels(CustomerIndex customer,
                                 std::string_view attribute,
                                 const std::vector<std::string>& labels) {
    ValueList list;
    for (const std::string& label : labels) {
        list.emplace_back(label);
    }
    std::vector<TypeConflict> conflicts;
    return attributes.set(customer, attribute, list.empty() ? Value() : Value(std::move(list)),
                          false, conflicts);
}

Orders Customers::orders(CustomerIndex customer) const {
    return impl_->orders.sums(customer).orders;
}

std::vector<Customers::OrderDay> Customers::order_days(CustomerIndex customer) const {
    return impl_->order_days(customer);
}

Rhythm Customers::rhythm(CustomerIndex customer) const {
    return impl_->rhythm(customer);
}

Timestamp Customers::first_seen(CustomerIndex customer) const {
    return impl_->seen.overall(customer).first;
}

Timestamp Customers::last_seen(CustomerIndex customer) const {
    return impl_->seen.overall(customer).last;
}

std::vector<Timestamp> Customers::event_times(CustomerIndex customer, std::string_view name) const {
    std::vector<Timestamp> times;
    const EventTable* table = impl_->history.find(name);
    if (table != nullptr) {
        std::vector<RowIndex> scratch;
        const Slice slice = table->slice(customer, scratch);
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            times.push_back(table->time(slice.row(i)));
        }
    }
    return times;
}

std::vector<std::string> Customers::event_names() const {
    std::vector<std::string> names;
    for (const auto& table : impl_->history.tables()) {
        names.push_back(table->name());
    }
    std::sort(names.begin(), names.end());
    return names;
}

void Customers::reload_event(CustomerIndex customer, const event::Event& event) {
    EventTable& table = impl_->history.table_for(event.name);
    if (!table.contains(customer, event.time, short_id_hash(event.message_id))) {
        impl_->history.add(table, customer, event);
    }
}

Status Customers::load_history(CustomerIndex customer, std::string_view record) {
    WINBACK_TRY(const event::RecordHead head, event::read_head(record));
    if (!impl_->history.load(customer, head)) {
        return Error{ErrorCode::Corrupt, "an event record is cut short or too long"};
    }
    return Ok{};
}

void Customers::finish_histories() {
    impl_->history.finish_load();
}

void Customers::finish_load() {
    impl_->message_ids.finish_load();
    impl_->fit();
}

void Customers::clear_histories() {
    impl_->history.clear();
}

Dropped Customers::dropped() const {
    return {.rolled_off = impl_->history.rolled_off(), .other_names = impl_->history.other_count()};
}

std::size_t Customers::memory_bytes() const {
    std::size_t sum = 0;
    for (const MemoryPart& part : memory_parts()) {
        sum += part.bytes;
    }
    return sum;
}

std::vector<MemoryPart> Customers::memory_parts() const {
    const Impl& i = *impl_;
    constexpr std::size_t map_entry = 96;
    const EventBytes events = i.history.memory_bytes();
    return {
        {"ids", i.ids.memory_bytes() + i.flags.capacity()},
        {"seen_times", i.seen.memory_bytes()},
        {"orders", i.orders.memory_bytes()},
        {"consents", i.consents.memory_bytes()},
        {"attributes", i.attributes.memory_bytes() + i.traits_time.memory_bytes() +
                           i.context_time.memory_bytes() + i.locale.memory_bytes() +
                           i.time_zone.memory_bytes()},
        {"merges", (i.merged_into.size() + i.absorbed.size() + i.suppressions.size()) * map_entry},
        {"event_times", events.times},
        {"event_places", events.places},
        {"event_ids", events.ids},
        {"event_properties", events.properties},
        {"message_ids", i.message_ids.memory_bytes()},
    };
}

}  // namespace winback::customer
