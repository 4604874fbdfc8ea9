// Segments: who is in them, how that went, by which conditions, and who uses them.
#include <memory>
#include <optional>
#include <utility>

#include "api/access.h"
#include "api/customers.h"
#include "api/past.h"
#include "api/segments.h"
#include "base/strings.h"
#include "base/words.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/charts.h"
#include "ui/customer_columns.h"
#include "ui/name_order.h"
#include "ui/routes.h"
#include "ui/segment_course.h"
#include "ui/segment_uses.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

constexpr std::size_t members_shown = 50;
constexpr std::size_t found_shown = 10;   // Customers whom a name or an address may mean.
constexpr std::size_t unsought_max = 12;  // Segments that are seen at a glance.
constexpr std::size_t sought_bytes_max = 200;

ValueList with_bars(const ValueList& list) {
    ValueList out;
    for (const Value& value : list) {
        ValueMap map = *value.as_map();
        map.set("bar", share_bar(map.find("share")->number_or(0)));
        out.emplace_back(std::move(map));
    }
    return out;
}

const Zone& zone_of(const Frame& frame) {
    return frame.zone == nullptr ? utc_zone() : *frame.zone;
}

// The first members with the columns that were chosen, and where they lead: all of them, and files.
void put_members(api::Desk& desk, const http::Request& request, ValueMap& data) {
    http::Request columns_alone;
    for (const auto& [name, value] : request.query) {
        if (name == "column" || name == "columns") {
            columns_alone.query.emplace_back(name, value);
        }
    }
    Result<api::CustomerFilter> filter =
        api::customer_filter_of(columns_alone, directory::Order::ValueAtRisk);
    data.set("columns_wrong", filter ? "" : filter.error().message);
    api::CustomerFilter asked = filter ? *std::move(filter) : api::CustomerFilter{};
    asked.segment = request.param("id");
    asked.order = directory::Order::ValueAtRisk;
    const std::string address = http::format_query(asked.address());
    data.set("members_path", "/customers?" + address);
    data.set("export", "/customers/export?" + address);
    data.set("columns_chosen", !asked.columns.empty());
    put_column_choice(asked.columns, data);
    const ValueList columns = shown_columns(desk, asked.columns);
    asked.columns = asked_columns(asked.columns);
    asked.limit = members_shown;
    if (const auto members = api::list_customers(desk, asked)) {
        data.set("members", rows_data(members->tree, columns));
        data.set("matching", *members->tree.find("matching"));
    }
    data.set("columns", columns);
}

// Whom a text that is no id may mean, by address, telephone or name: {customers, matching}.
ValueMap customers_found(api::Desk& desk, const std::string& text) {
    api::CustomerFilter filter;
    filter.search = text.substr(0, api::search_bytes_max);
    filter.limit = found_shown;
    const Result<api::CustomerList> list = api::list_customers(desk, filter);
    return list ? list->tree : ValueMap();
}

// The only one that was found, or the only one with this very address: ann@ stands in joann@, too.
std::string the_one_meant(const ValueList& customers, std::string_view text) {
    std::string only;
    for (const Value& value : customers) {
        const ValueMap& customer = *value.as_map();
        if (customers.size() == 1 || equals_ignoring_case(text_at(customer, "email"), text)) {
            if (!only.empty()) {
                return {};
            }
            only = text_at(customer, "id");
        }
    }
    return only;
}

void put_explanation(api::Desk& desk,
                     const http::Request& request,
                     std::optional<Timestamp> at,
                     ValueMap& data) {
    const std::string customer = field_of(request.query, "customer");
    data.set("asked", customer);
    if (customer.empty()) {
        return;
    }
    const std::string_view segment = request.param("id");
    Result<ValueMap> explanation = api::explain_segment(desk, segment, customer, at);
    if (!explanation && explanation.error().code == ErrorCode::NotFound) {
        const ValueMap found = customers_found(desk, customer);
        const ValueList& customers = list_at(found, "customers");
        if (const std::string one = the_one_meant(customers, customer); !one.empty()) {
            explanation = api::explain_segment(desk, segment, one, at);
        } else if (!customers.empty()) {
            data.set("found", customers);
            data.set("found_count", *found.find("matching"));
        }
    }
    data.set("nobody", !explanation.has_value() && data.find("found") == nullptr);
    if (explanation) {
        explanation->set("path",
                         "/customers/" + http::percent_encode(text_at(*explanation, "customer")));
        data.set("explanation", *std::move(explanation));
    }
}

// What the segment was at the moment that is asked for; the moment, when it can be read.
std::optional<Timestamp> add_past(api::Desk& desk, std::string_view at, ValueMap& data) {
    data.set("asked_at", std::string(at));
    if (at.empty()) {
        return std::nullopt;
    }
    const Result<Timestamp> moment = api::past_moment(desk.host().definitions(), at);
    if (!moment) {
        data.set("past_problem", "moment");
        return std::nullopt;
    }
    const auto compiled = std::make_shared<const api::CompiledCondition>(
        api::compile_condition(desk, text_at(data, "condition")));
    const Result<api::PastPassPtr> pass =
        compiled->condition ? desk.part<api::PastPasses>().get(compiled, *moment)
                            : Error{ErrorCode::Unavailable, "the definitions changed"};
    if (!pass) {
        data.set("past_problem", "busy");
        return *moment;
    }
    ValueMap past = api::past_value(desk, **pass);
    if ((*pass)->ready) {
        const auto of = static_cast<double>((*pass)->of);
        past.set("share", of > 0 ? static_cast<double>((*pass)->members.size()) / of : 0.0);
        past.set("members", api::past_members(desk, **pass, 0, members_shown));
    }
    data.set("past", std::move(past));
    return *moment;
}

// Those whose name, id or description has the text, by name; `text` may be empty.
ValueList segments_named(const ValueList& all, const std::string& text, const Frame& frame) {
    const NameOrder order(frame.language);
    ValueList found;
    for (const Value& value : all) {
        ValueMap segment = *value.as_map();
        const bool fits = text.empty() ||
                          order.finds(text, spoken_text(segment, "name", frame.language)) ||
                          order.finds(text, text_at(segment, "id")) ||
                          order.finds(text, spoken_text(segment, "description", frame.language));
        if (fits) {
            segment.set("course", course_data(segment, zone_of(frame)));
            found.emplace_back(std::move(segment));
        }
    }
    sort_by_name(found, frame.language);
    return found;
}

}  // namespace

http::Response segments_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.title = pages.text(frame, "segments.title");
    frame.styles = {"desk_css"};
    ValueMap data = api::list_segments(desk);
    const ValueList all = list_at(data, "segments");
    const std::string sought =
        std::string(trim(field_of(request.query, "q"))).substr(0, sought_bytes_max);
    data.set("count", static_cast<std::int64_t>(all.size()));
    data.set("sought", sought);
    data.set("searchable", all.size() > unsought_max || !sought.empty());
    data.set("segments", segments_named(all, sought, frame));
    data.set("webhooks", segment_webhooks(desk, api::key_of(request, desk.host().keys())));
    return pages.render(200, "segments", frame, data);
}

http::Response segment_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.styles = {"desk_css", "customers_css"};
    frame.scripts = {"customer_search_js"};
    const std::string_view id = request.param("id");
    Result<ValueMap> data = api::describe_segment(desk, id);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = spoken_text(*data, "name", frame.language);
    data->set("funnel", with_bars(list_at(*data, "funnel")));
    data->set("course", course_data(*data, zone_of(frame)));
    const auto who = api::key_of(request, desk.host().keys());
    data->set("views", segment_views(desk, who, id));
    data->set("webhooks", segment_webhooks(desk, who));
    const bool personal = who && api::may(*who, "personal");
    data->set("personal", personal);
    if (personal) {
        put_members(desk, request, *data);
        const std::optional<Timestamp> at = add_past(desk, field_of(request.query, "at"), *data);
        put_explanation(desk, request, at, *data);
    }
    http::Response page = pages.render(200, "segment", frame, *data);
    const Value* past = data->find("past");
    if (past != nullptr && *past->as_map()->find("ready") == Value(false)) {
        page.set("Refresh", "2");  // The pass goes on; no script is needed to see its end.
    }
    return page;
}

}  // namespace winback::ui
