#include <algorithm>
#include <cmath>

#include "api/customers.h"
#include "http/url.h"
#include "ui/charts.h"
#include "ui/page_data.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

constexpr std::size_t page_rows = 50;
constexpr std::size_t timeline_rows = 200;
constexpr std::size_t details_max = 6;  // Properties shown of one event.

std::string query_of(const http::Request& request, std::string_view name) {
    const std::string* value = request.query_value(name);
    return value == nullptr ? std::string() : *value;
}

double number_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? 0 : value->number_or(0);
}

std::string text_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
}

// Maps and lists as JSON; all else as the template shows it.
Value shown(const Value& value) {
    const bool nested = value.as_map() != nullptr || value.as_list() != nullptr;
    return nested ? Value(to_json(value)) : value;
}

ValueList pairs_list(const ValueMap& map, std::size_t most) {
    ValueList list;
    for (const auto& [name, value] : map) {
        if (list.size() < most && !value.is_null()) {
            ValueMap pair;
            pair.set("name", name);
            pair.set("value", shown(value));
            pair.set("is_time", value.as_time() != nullptr);
            list.emplace_back(std::move(pair));
        }
    }
    return list;
}

std::string chart_of(const ValueMap& tree) {
    OrderHistory history;
    for (const Value& value : *tree.find("order_days")->as_list()) {
        const ValueMap& day = *value.as_map();
        history.days.push_back({std::llround(number_at(day, "day")), number_at(day, "revenue")});
    }
    history.today = tree.find("now")->as_time()->ms / days(1).ms;
    if (const ValueMap* rhythm = tree.find("rhythm")->as_map()) {
        history.gap_low = number_at(*rhythm, "low_days");
        history.gap_high = number_at(*rhythm, "high_days");
    }
    return order_chart(history, "Orders over time, each as high as its revenue");
}

// What the entry says besides its name: lists as counts, what is
// not so left out.
void add_details(ValueMap& entry) {
    const Value* source = entry.find("properties");
    source = source == nullptr ? entry.find("details") : source;
    ValueMap plain;
    if (source != nullptr && source->as_map() != nullptr) {
        for (const auto& [name, value] : *source->as_map()) {
            if (const ValueList* list = value.as_list()) {
                plain.set(name, static_cast<std::int64_t>(list->size()));
            } else if (value.as_map() == nullptr && value != Value(false)) {
                plain.set(name, value == Value(true) ? Value("yes") : value);
            }
        }
    }
    entry.set("pairs", pairs_list(plain, details_max));
}

Result<ValueList> timeline_of(api::Desk& desk, const ValueMap& tree, const std::string& kind) {
    WINBACK_TRY(const ValueList all,
                api::describe_timeline(desk, text_at(tree, "id"), timeline_rows));
    ValueList shown_entries;
    for (const Value& value : all) {
        ValueMap entry = *value.as_map();
        if (kind.empty() || text_at(entry, "kind") == kind) {
            add_details(entry);
            shown_entries.emplace_back(std::move(entry));
        }
    }
    return shown_entries;
}

std::string next_page(const api::CustomerFilter& filter, const std::string& after) {
    http::Pairs pairs;
    for (const auto& [name, value] :
         {std::pair("q", &filter.search), std::pair("state", &filter.state),
          std::pair("segment", &filter.segment), std::pair("after", &after)}) {
        if (!value->empty()) {
            pairs.emplace_back(name, *value);
        }
    }
    return "/customers?" + http::format_query(pairs);
}

}  // namespace

Result<ValueMap> customers_data(api::Desk& desk, const http::Request& request) {
    api::CustomerFilter filter;
    filter.segment = query_of(request, "segment");
    filter.state = query_of(request, "state");
    filter.search = query_of(request, "q").substr(0, api::search_bytes_max);
    filter.after = query_of(request, "after");
    filter.order = api::CustomerOrder::ByValueAtRisk;
    filter.limit = page_rows;
    WINBACK_TRY(ValueMap data, api::list_customers(desk, filter));
    const api::OverviewPtr overview = desk.overview();
    data.set("segments", *overview->tree.find("segments"));
    data.set("all", *overview->tree.find("customers"));
    ValueMap chosen;
    chosen.set("segment", filter.segment);
    chosen.set("state", filter.state);
    chosen.set("search", filter.search);
    chosen.set("any", !filter.segment.empty() || !filter.state.empty() || !filter.search.empty());
    chosen.set("later_page", !filter.after.empty());
    data.set("chosen", std::move(chosen));
    const std::string after = text_at(data, "after");
    data.set("next", after.empty() ? std::string() : next_page(filter, after));
    return data;
}

Result<ValueMap> customer_data(api::Desk& desk, const http::Request& request) {
    WINBACK_TRY(ValueMap data, api::describe_customer(desk, request.param("id")));
    const std::string show = query_of(request, "show");
    const bool known = show == "event" || show == "fact" || show == "message";
    WINBACK_TRY(ValueList entries, timeline_of(desk, data, known ? show : ""));
    data.set("show", known ? show : "");
    data.set("timeline", std::move(entries));
    data.set("timeline_max", static_cast<std::int64_t>(timeline_rows));
    data.set("path", "/customers/" + http::percent_encode(text_at(data, "id")));
    data.set("chart", chart_of(data));
    data.set("given", pairs_list(*data.find("attributes")->as_map(), 100));
    data.set("derived_list", pairs_list(*data.find("derived")->as_map(), 100));
    const ValueMap& scores = *data.find("scores")->as_map();
    // People judge ten chances better than per cent; never "10 of 10" for what is not certain.
    const Value* p_order = scores.find("p_order");
    if (p_order != nullptr && p_order->is_number()) {
        const double chance = p_order->number_or(0);
        data.set("chance_in_ten", std::clamp<std::int64_t>(std::llround(chance * 10), 0, 9));
        data.set("chance_below_one_in_ten", chance < 0.05);
        data.set("chance_in_hundred", static_cast<std::int64_t>(std::llround(chance * 100)));
    }
    return data;
}

http::Response customers_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "customers";
    frame.title = pages.text(frame, "customers.title");
    const Result<ValueMap> data = customers_data(desk, request);
    return data ? pages.render(200, "customers", frame, *data)
                : problem(pages, frame, http::error(data.error()).status);
}

http::Response customer_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "customers";
    const Result<ValueMap> data = customer_data(desk, request);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = text_at(*data, "id");
    return pages.render(200, "customer", frame, *data);
}

}  // namespace winback::ui
