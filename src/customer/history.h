// All events of a shard in memory: one EventTable per name, and which fields they keep.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "customer/customers.h"
#include "customer/event_table.h"
#include "event/record.h"

namespace winback::customer {

// True when the pattern ("Order Completed", "cart.*", "*") selects the name.
bool selects(std::string_view pattern, std::string_view name);

// A property of an event as histories keep it: a name, a path into maps ("page.path") or, after
// "context.", a path into the event's context. Views the event, or for lists and maps `bytes`,
// which then encode it.
Cell field_cell(const event::Event& event, std::string_view field, std::string& bytes);

std::uint32_t short_id_hash(std::string_view message_id);

class History {
public:
    History();

    const FieldPlan& fields() const { return plan_; }
    void plan_fields(const FieldPlan& plan);

    // The table of the name, made at first sight; `other_events` beyond event_names_max.
    EventTable& table_for(std::string_view name);
    const EventTable* find(std::string_view name) const;
    // In order of first sight.
    const std::vector<std::unique_ptr<EventTable>>& tables() const { return tables_; }

    // Those that any of the patterns selects, in the order of their names.
    std::vector<const EventTable*> select(const std::vector<std::string>& patterns) const;

    void add(EventTable& table, std::uint32_t customer, const event::Event& event);
    // As EventTable::load, from a record of an event. False when the record is damaged.
    bool load(std::uint32_t customer, const event::RecordHead& record);
    void finish_load();
    void remove(std::uint32_t customer);
    void clear();

    // Changes whenever tables or their fields do: who resolved names must do it again.
    std::uint64_t version() const { return version_; }
    std::uint64_t rolled_off() const;
    std::uint64_t other_count() const { return other_count_; }
    EventBytes memory_bytes() const;

private:
    // Of a load: how to read the fields of a table.
    struct Loader {
        EventTable* table = nullptr;
        event::FieldPicker picker;
    };

    std::vector<std::string> fields_of(std::string_view name) const;
    EventTable& make_table(std::string_view name);
    Loader& loader_for(std::string_view name);

    FieldPlan plan_;
    std::vector<std::unique_ptr<EventTable>> tables_;
    std::vector<const EventTable*> in_order_;  // Of their names.
    absl::flat_hash_map<std::string, EventTable*, TextHash, std::equal_to<>> by_name_;
    std::vector<Cell> cells_;
    std::vector<std::string> encoded_;  // Lists and maps among them.
    // By name of event, while a load lasts, and the one that was used last.
    absl::flat_hash_map<std::string, std::unique_ptr<Loader>, TextHash, std::equal_to<>> loaders_;
    std::string_view last_name_;
    Loader* last_loader_ = nullptr;
    std::vector<ValueView> views_;
    std::uint64_t version_ = 1;
    std::uint64_t other_count_ = 0;
};

}  // namespace winback::customer
