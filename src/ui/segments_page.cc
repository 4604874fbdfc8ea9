// Segments: who is in them, by which conditions, and who uses them.
#include "api/customers.h"
#include "api/past.h"
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
        const std::optional<Timestamp> at = add_past(desk, field_of(request.query, "at"), *data);
        const std::string customer = field_of(request.query, "customer");
        data->set("asked", customer);
        if (!customer.empty()) {
            Result<ValueMap> explanation = api::explain_segment(desk, id, customer, at);
            data->set("nobody", !explanation.has_value());
            if (explanation) {
                explanation->set("path", "/customers/" + http::percent_encode(
                                                             text_at(*explanation, "customer")));
                data->set("explanation", *std::move(explanation));
            }
        }
    }
    http::Response page = pages.render(200, "segment", frame, *data);
    const Value* past = data->find("past");
    if (past != nullptr && *past->as_map()->find("ready") == Value(false)) {
        page.set("Refresh", "2");  // The pass goes on; no script is needed to see its end.
    }
    return page;
}

}  // namespace winback::ui
