// The audit trail for people: who changed what, and whether the trail is whole.
#include <algorithm>
#include <string>

#include "api/access.h"
#include "api/audit.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

// The differences of two values, one line for each key: {key, before, after}.
ValueList differences(const Value& before, const Value& after) {
    ValueList list;
    const auto add = [&](const std::string& key, const Value* was, const Value* is) {
        if (was != nullptr && is != nullptr && *was == *is) {
            return;
        }
        const auto shown = [](const Value* value) {
            if (value == nullptr || value->is_null()) {
                return std::string();
            }
            return value->as_string() != nullptr ? *value->as_string() : to_json(*value);
        };
        ValueMap line;
        line.set("key", key);
        line.set("before", shown(was));
        line.set("after", shown(is));
        list.emplace_back(std::move(line));
    };
    const ValueMap* old_map = before.as_map();
    const ValueMap* new_map = after.as_map();
    if (old_map == nullptr && new_map == nullptr) {
        if (!before.is_null() || !after.is_null()) {
            add("", &before, &after);
        }
        return list;
    }
    for (const ValueMap* map : {new_map, old_map}) {
        if (map == nullptr) {
            continue;
        }
        for (const auto& [key, value] : *map) {
            if (map == old_map && new_map != nullptr && new_map->find(key) != nullptr) {
                continue;  // Shown already.
            }
            add(key, old_map == nullptr ? nullptr : old_map->find(key),
                new_map == nullptr ? nullptr : new_map->find(key));
        }
    }
    return list;
}

// The address of this list with another place to go on from.
std::string next_address(const http::Request& request, const std::string& after) {
    http::Pairs pairs;
    for (const auto& [name, value] : request.query) {
        if (name != "after" && !value.empty()) {
            pairs.emplace_back(name, value);
        }
    }
    pairs.emplace_back("after", after);
    return "/audit?" + http::format_query(pairs);
}

}  // namespace

http::Response audit_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "audit.title");
    frame.active = "audit";
    frame.styles = {"people_css"};
    const Result<host::AuditFilter> filter = api::audit_filter_of(desk, request);
    Result<ValueMap> tree =
        filter ? api::describe_audit(desk, *filter) : Result<ValueMap>(filter.error());
    if (!tree) {
        return problem(pages, frame, http::error(tree.error()).status);
    }
    ValueList entries;
    for (const Value& entry : *tree->find("entries")->as_list()) {
        ValueMap map = *entry.as_map();
        const std::string target = *map.find("target")->as_string();
        std::string what = *map.find("what")->as_string();
        std::replace(what.begin(), what.end(), '.', '_');
        map.set("what_name", std::move(what));
        map.set("is_customer", target.starts_with("customer:"));
        map.set("differences", differences(*map.find("before"), *map.find("after")));
        entries.emplace_back(std::move(map));
    }
    ValueMap data;
    data.set("entries", std::move(entries));
    data.set("chain", *tree->find("chain"));
    const Value& after = *tree->find("after");
    data.set("next", after.is_null() ? Value() : Value(next_address(request, *after.as_string())));
    ValueMap chosen;
    bool any = false;
    for (const std::string_view name : {"who", "what", "target", "customer", "from", "to"}) {
        const std::string value = field_of(request.query, name);
        any = any || !value.empty();
        chosen.set(std::string(name), value);
    }
    chosen.set("any", any);
    data.set("chosen", std::move(chosen));
    return pages.render(200, "audit", frame, data);
}

// From the hash in an entry to the customer, while there is one.
http::Response audit_customer(api::Desk& desk, const Pages& pages, const http::Request& request) {
    const std::string id =
        api::customer_of_target(desk, "customer:" + std::string(request.param("hash")));
    return id.empty() ? problem(pages, frame_of(desk, request), 404)
                      : see_other("/customers/" + http::percent_encode(id));
}

}  // namespace winback::ui
