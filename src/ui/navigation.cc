#include "ui/navigation.h"

#include <algorithm>
#include <string_view>

namespace winback::ui {
namespace {

struct Entry {
    std::string_view name;
    std::string_view path;
    std::string_view scope;
    std::string_view group;  // The key `nav.group_<this>`.
};

constexpr Entry entries[] = {
    {"overview", "/", "read", "people"},
    {"customers", "/customers", "personal", "people"},
    {"segments", "/segments", "read", "people"},
    {"journeys", "/journeys", "read", "act"},
    {"templates", "/templates", "read", "act"},
    {"messages", "/messages", "personal", "act"},
    {"approvals", "/approvals", "read", "act"},
    {"events", "/events", "personal", "data"},
    {"import", "/import", "admin", "data"},
    {"models", "/models", "read", "data"},
    {"playbook", "/playbook", "read", "house"},
    {"settings", "/settings", "read", "house"},
    {"health", "/health", "read", "house"},
    {"audit", "/audit", "admin", "house"},
    {"api", "/api", "read", "house"},
};

}  // namespace

ValueList navigation_of(const http::Router& router) {
    ValueList list;
    for (const Entry& entry : entries) {
        const bool there = std::any_of(
            router.routes().begin(), router.routes().end(), [&](const http::Route& route) {
                return route.method == "GET" && route.pattern == entry.path;
            });
        if (there) {
            ValueMap map;
            map.set("name", entry.name);
            map.set("path", entry.path);
            map.set("scope", entry.scope);
            map.set("group", entry.group);
            list.emplace_back(std::move(map));
        }
    }
    return list;
}

}  // namespace winback::ui
