#include "customer/history.h"

#include <algorithm>

#include "base/hash.h"
#include "customer/limits.h"

namespace winback::customer {
namespace {

const Value* find_path(const ValueMap& map, std::string_view path) {
    if (const Value* value = map.find(path)) {
        return value;
    }
    const ValueMap* at = &map;
    for (;;) {
        const std::size_t dot = path.find('.');
        const Value* value = at->find(path.substr(0, dot));
        if (dot == std::string_view::npos || value == nullptr) {
            return value;
        }
        at = value->as_map();
        if (at == nullptr) {
            return nullptr;
        }
        path.remove_prefix(dot + 1);
    }
}

}  // namespace

bool selects(std::string_view pattern, std::string_view name) {
    if (pattern == "*") {
        return true;
    }
    if (pattern.ends_with(".*")) {
        return name.starts_with(pattern.substr(0, pattern.size() - 1));
    }
    return pattern == name;
}

Cell field_cell(const event::Event& event, std::string_view field, std::string& bytes) {
    constexpr std::string_view context = "context.";
    const Value* value = find_path(event.properties, field);
    if (value == nullptr && field.starts_with(context)) {
        value = find_path(event.context, field.substr(context.size()));
    }
    return value == nullptr ? null_cell() : cell_of(*value, bytes);
}

std::uint32_t short_id_hash(std::string_view message_id) {
    return static_cast<std::uint32_t>(hash64(message_id));
}

History::History() : plan_(builtin_fields()) {}

std::vector<std::string> History::fields_of(std::string_view name) const {
    std::vector<std::string> fields;
    for (const expr::EventSet& set : plan_.sets) {
        const bool selected =
            std::any_of(set.patterns.begin(), set.patterns.end(),
                        [&](const std::string& pattern) { return selects(pattern, name); });
        if (!selected) {
            continue;
        }
        for (const std::string& field : set.fields) {
            if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
                fields.push_back(field);
            }
        }
    }
    return fields;
}

void History::plan_fields(const FieldPlan& plan) {
    plan_ = merge(builtin_fields(), plan);
    for (const std::unique_ptr<EventTable>& table : tables_) {
        table->set_fields(fields_of(table->name()));
    }
    ++version_;
}

EventTable& History::make_table(std::string_view name) {
    tables_.push_back(std::make_unique<EventTable>(std::string(name), fields_of(name)));
    by_name_.emplace(std::string(name), tables_.back().get());
    const auto place =
        std::upper_bound(in_order_.begin(), in_order_.end(), name,
                         [](std::string_view a, const EventTable* b) { return a < b->name(); });
    in_order_.insert(place, tables_.back().get());
    ++version_;
    return *tables_.back();
}

EventTable& History::table_for(std::string_view name) {
    const auto known = by_name_.find(name);
    if (known != by_name_.end()) {
        return *known->second;
    }
    if (tables_.size() < event_names_max && name.size() <= event_name_bytes_max) {
        return make_table(name);
    }
    ++other_count_;
    const auto other = by_name_.find(other_events);
    return other != by_name_.end() ? *other->second : make_table(other_events);
}

const EventTable* History::find(std::string_view name) const {
    const auto known = by_name_.find(name);
    return known == by_name_.end() ? nullptr : known->second;
}

std::vector<const EventTable*> History::select(const std::vector<std::string>& patterns) const {
    std::vector<const EventTable*> selected;
    std::copy_if(in_order_.begin(), in_order_.end(), std::back_inserter(selected),
                 [&](const EventTable* table) {
                     return std::any_of(
                         patterns.begin(), patterns.end(),
                         [&](const std::string& p) { return selects(p, table->name()); });
                 });
    return selected;
}

void History::add(EventTable& table, std::uint32_t customer, const event::Event& event) {
    cells_.clear();
    const std::vector<std::string>& fields = table.fields();
    encoded_.resize(std::max(encoded_.size(), fields.size()));
    for (std::size_t i = 0; i < fields.size(); ++i) {
        cells_.push_back(field_cell(event, fields[i], encoded_[i]));
    }
    table.add(customer, event.time, short_id_hash(event.message_id), cells_);
}

History::Loader& History::loader_for(std::string_view name) {
    if (last_loader_ != nullptr && last_name_ == name) {
        return *last_loader_;
    }
    EventTable& table = table_for(name);
    std::unique_ptr<Loader>& loader = loaders_[table.name()];
    if (loader == nullptr) {
        loader = std::make_unique<Loader>(Loader{&table, event::FieldPicker(table.fields())});
    }
    if (table.name() == name) {  // Not for one that is kept under "(other)": each is counted.
        last_name_ = table.name();
        last_loader_ = loader.get();
    }
    return *loader;
}

bool History::load(std::uint32_t customer, const event::RecordHead& record) {
    Loader& loader = loader_for(record.name);
    EventTable& table = *loader.table;
    views_.resize(table.fields().size());
    if (!loader.picker.pick(record, views_)) {
        return false;
    }
    cells_.clear();
    for (const ValueView& view : views_) {
        cells_.push_back(cell_of(view));
    }
    table.load(customer, record.time, short_id_hash(record.message_id), cells_);
    return true;
}

void History::finish_load() {
    for (const std::unique_ptr<EventTable>& table : tables_) {
        table->finish_load();
    }
    loaders_ = {};
    last_loader_ = nullptr;
    last_name_ = {};
}

void History::remove(std::uint32_t customer) {
    for (const std::unique_ptr<EventTable>& table : tables_) {
        table->remove(customer);
    }
}

void History::clear() {
    for (const std::unique_ptr<EventTable>& table : tables_) {
        table->clear();
    }
}

std::uint64_t History::rolled_off() const {
    std::uint64_t count = 0;
    for (const std::unique_ptr<EventTable>& table : tables_) {
        count += table->rolled_off();
    }
    return count;
}

EventBytes History::memory_bytes() const {
    EventBytes bytes;
    for (const std::unique_ptr<EventTable>& table : tables_) {
        const EventBytes some = table->memory_bytes();
        bytes.times += some.times;
        bytes.places += some.places;
        bytes.ids += some.ids;
        bytes.properties += some.properties;
    }
    return bytes;
}

}  // namespace winback::customer
