#include "ui/segment_uses.h"

#include <algorithm>
#include <string>

#include "api/access.h"
#include "api/views.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/tree.h"
#include "webhook/courier.h"

namespace winback::ui {
namespace {

void add_use(ValueList& list, std::string_view name, std::string path) {
    ValueMap map;
    map.set("name", name);
    map.set("path", std::move(path));
    list.emplace_back(std::move(map));
}

// As a filter, as a column, or in the condition of a list.
bool asks_for(const http::Pairs& query, std::string_view segment) {
    const std::string column = "in." + std::string(segment);
    const std::string condition = "in_segment(\"" + std::string(segment) + "\")";
    return std::any_of(query.begin(), query.end(), [&](const auto& pair) {
        const auto& [name, value] = pair;
        return (name == "segment" && value == segment) ||
               (name == "columns" &&
                ("," + value + ",").find("," + column + ",") != std::string::npos) ||
               (name == "where" && value.find(condition) != std::string::npos);
    });
}

}  // namespace

ValueList segment_views(api::Desk& desk,
                        const std::optional<host::Key>& who,
                        std::string_view segment) {
    ValueList list;
    if (!who || !api::may(*who, "personal")) {
        return list;
    }
    const Result<ValueList> views = api::list_views(desk, *who);
    for (const Value& value : views ? *views : ValueList{}) {
        const ValueMap& view = *value.as_map();
        const Result<http::Pairs> query = http::parse_query(text_at(view, "query"));
        if (query && asks_for(*query, segment)) {
            add_use(list, text_at(view, "name"), text_at(view, "address"));
        }
    }
    return list;
}

ValueList segment_webhooks(api::Desk& desk, const std::optional<host::Key>& who) {
    ValueList list;
    if (!who || !api::may(*who, "admin")) {
        return list;
    }
    const auto endpoints = webhook::read_endpoints(desk.host().store());
    for (const webhook::Endpoint& endpoint :
         endpoints ? *endpoints : std::vector<webhook::Endpoint>{}) {
        if (endpoint.wants("segment.entered") || endpoint.wants("segment.left")) {
            add_use(list, endpoint.description.empty() ? endpoint.url : endpoint.description,
                    "/settings/webhooks/" + http::percent_encode(endpoint.id));
        }
    }
    return list;
}

}  // namespace winback::ui
