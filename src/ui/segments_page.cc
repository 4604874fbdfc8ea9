// Segments: who is in them, by which conditions, and who uses them.
#include "api/customers.h"
#include "api/segments.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/charts.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

constexpr std::size_t members_shown = 50;

void add_bar(ValueMap& map) {
    map.set("bar", share_bar(map.find("share")->number_or(0)));
}

ValueList with_bars(const ValueList& list) {
    ValueList out;
    for (const Value& value : list) {
        ValueMap map = *value.as_map();
        add_bar(map);
        out.emplace_back(std::move(map));
    }
    return out;
}

}  // namespace

http::Response segments_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.title = pages.text(frame, "segments.title");
    frame.styles = {"desk_css"};
    ValueMap data = api::list_segments(desk);
    data.set("count", static_cast<std::int64_t>(list_at(data, "segments").size()));
    data.set("segments", with_bars(list_at(data, "segments")));
    return pages.render(200, "segments", frame, data);
}

http::Response segment_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.styles = {"desk_css"};
    const std::string_view id = request.param("id");
    Result<ValueMap> data = api::describe_segment(desk, id);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = text_at(spoken(*data, frame.language), "name");
    data->set("funnel", with_bars(list_at(*data, "funnel")));
    const Value* may = frame.may.find("personal");
    const bool personal = may != nullptr && *may == Value(true);
    data->set("personal", personal);
    if (personal) {
        api::CustomerFilter filter;
        filter.segment = id;
        filter.limit = members_shown;
        filter.order = directory::Order::ValueAtRisk;
        if (const auto members = api::list_customers(desk, filter)) {
            data->set("members", list_at(members->tree, "customers"));
        }
        const std::string customer = field_of(request.query, "customer");
        data->set("asked", customer);
        if (!customer.empty()) {
            Result<ValueMap> explanation = api::explain_segment(desk, id, customer);
            data->set("nobody", !explanation.has_value());
            if (explanation) {
                explanation->set("path", "/customers/" + http::percent_encode(
                                                             text_at(*explanation, "customer")));
                data->set("explanation", *std::move(explanation));
            }
        }
    }
    return pages.render(200, "segment", frame, *data);
}

}  // namespace winback::ui
