// The names that a condition may use, for the editor's fields and its completion.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "api/lists.h"
#include "customer/channel.h"
#include "customer/traits.h"
#include "engine/scores.h"
#include "expr/functions.h"
#include "host/host.h"
#include "ui/name_order.h"
#include "ui/segment_data.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

void add_name(ValueList& list, std::string_view name, std::string_view label) {
    if (list.size() < names_max) {
        ValueMap map;
        map.set("name", name);
        map.set("label", label);
        list.emplace_back(std::move(map));
    }
}

ValueList listed(const std::set<std::string>& names) {
    ValueList list;
    for (const std::string& name : names) {
        add_name(list, name, name);
    }
    return list;
}

struct Seen {
    std::set<std::string> events;
    std::set<std::string> properties;
    std::set<std::string> traits;
};

// Of every shard: bounded by customer/limits.h.
Seen seen_names(api::Desk& desk) {
    std::vector<Seen> parts(desk.host().shard_count());
    desk.host().query([&](host::ShardView view) {
        Seen& part = parts[view.id];
        const customer::Customers& customers = view.shard.customers();
        for (const std::string& name : customers.event_names()) {
            part.events.insert(name);
        }
        for (const std::string& name : customers.attribute_names()) {
            part.traits.insert(name);
        }
        for (const expr::EventSet& set : customers.fields().sets) {
            part.properties.insert(set.fields.begin(), set.fields.end());
        }
    });
    Seen all;
    for (Seen& part : parts) {
        all.events.merge(part.events);
        all.properties.merge(part.properties);
        all.traits.merge(part.traits);
    }
    return all;
}

// What kind of value the editor offers to compare with.
const char* value_kind(ValueType type) {
    const bool number = type == ValueType::Int || type == ValueType::Double;
    return number                    ? "number"
           : type == ValueType::Bool ? "yes"
           : type == ValueType::Time ? "ago"
                                     : "text";
}

void add_typed(ValueList& list, std::string_view name, ValueType type) {
    add_name(list, name, name);
    ValueMap last = *list.back().as_map();
    last.set("type", value_kind(type));
    list.back() = std::move(last);
}

ValueList trait_names(std::set<std::string> seen) {
    ValueList list;
    for (const customer::DerivedTrait& trait : customer::derived_traits()) {
        add_typed(list, trait.name, trait.type);
        seen.erase(std::string(trait.name));
    }
    for (const std::string& name : seen) {
        add_name(list, name, name);
    }
    return list;
}

// Lists of events are not kept in memory: these are the names of the Segment spec.
void add_items(ValueMap& data) {
    ValueList lists;
    add_name(lists, "products", "products");
    data.set("item_lists", std::move(lists));
    ValueList properties;
    for (const char* name :
         {"sku", "product_id", "name", "category", "brand", "variant", "coupon"}) {
        add_name(properties, name, name);
    }
    for (const char* name : {"price", "quantity"}) {
        add_typed(properties, name, ValueType::Double);
    }
    data.set("item_properties", std::move(properties));
}

void add_calls(ValueMap& data) {
    ValueList functions;
    ValueList methods;  // Of values.
    ValueList steps;    // Of events: what narrows and finishes ev(..).
    for (const expr::FunctionInfo& info : expr::all_functions()) {
        const bool global = info.group == expr::FunctionGroup::Global;
        const bool step = info.group == expr::FunctionGroup::Narrowing ||
                          info.group == expr::FunctionGroup::Finish;
        add_name(global ? functions : step ? steps : methods, info.name, info.use);
    }
    add_name(functions, "user", "user.plan == \"gold\"");
    data.set("functions", std::move(functions));
    data.set("methods", std::move(methods));
    data.set("steps", std::move(steps));
}

}  // namespace

ValueMap names_data(api::Desk& desk, std::string_view own, std::string_view language) {
    Seen seen = seen_names(desk);
    ValueMap data;
    data.set("events", listed(seen.events));
    data.set("properties", listed(seen.properties));
    data.set("traits", trait_names(std::move(seen.traits)));
    ValueList segments;
    ValueList campaigns;
    add_name(campaigns, "*", "*");
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        for (const segment::Segment& segment : definitions->segments) {
            if (segment.id != own) {
                add_name(segments, segment.id, in_language(segment.names, language, segment.name));
            }
        }
        for (const journey::Journey& journey : definitions->journeys) {
            add_name(campaigns, journey.id, in_language(journey.names, language, journey.name));
        }
    }
    sort_by_name(segments, language, "label");
    data.set("segments", std::move(segments));
    data.set("campaigns", std::move(campaigns));
    ValueList lists;
    if (const Result<ValueList> entries = api::list_names(desk)) {
        for (const Value& entry : *entries) {
            add_name(lists, text_at(*entry.as_map(), "id"), text_at(*entry.as_map(), "name"));
        }
    }
    sort_by_name(lists, language, "label");
    data.set("lists", std::move(lists));
    ValueList scores;
    for (const std::string_view name : engine::score_names) {
        add_name(scores, name, name);
    }
    data.set("scores", std::move(scores));
    ValueList channels;
    for (const std::string_view name : customer::channel_names) {
        add_name(channels, name, name);
    }
    data.set("channels", std::move(channels));
    add_items(data);
    add_calls(data);
    return data;
}

}  // namespace winback::ui
