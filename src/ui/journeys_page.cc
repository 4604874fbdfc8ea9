// Journeys: what each does, who stands where, and what it brings.
#include <algorithm>
#include <cmath>

#include "api/journeys.h"
#include "api/segments.h"
#include "base/zone.h"
#include "host/host.h"
#include "ui/charts.h"
#include "ui/line_charts.h"
#include "ui/passage_links.h"
#include "ui/routes.h"
#include "ui/template_data.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

constexpr double reach_min = 0.02;

bool meaningful(const ValueMap& lift) {
    return *lift.find("meaningful")->as_bool();
}

double reach_of(const ValueMap& lift) {
    return std::max(std::abs(number_at(lift, "low")), std::abs(number_at(lift, "high")));
}

// The furthest that an interval of the list reaches, within bounds in which it can be seen.
double reach_of(const ValueList& list) {
    double reach = reach_min;
    for (const Value& value : list) {
        const ValueMap& lift = *value.as_map()->find("lift")->as_map();
        if (meaningful(lift)) {
            reach = std::max(reach, reach_of(lift));
        }
    }
    return std::min(reach, 1.0);
}

std::string interval_of(const ValueMap& lift, double reach, const std::string& label) {
    return interval_chart({.low = number_at(lift, "low"),
                           .value = number_at(lift, "difference"),
                           .high = number_at(lift, "high")},
                          reach, label);
}

std::string growth_chart(const ValueList& months, const std::string& label) {
    std::vector<BandPoint> points;
    // The first months know so little that their bands would hide the rest.
    double reach = reach_min;
    for (const Value& value : months) {
        const ValueMap& lift = *value.as_map()->find("lift")->as_map();
        points.push_back({.low = number_at(lift, "low"),
                          .value = number_at(lift, "difference"),
                          .high = number_at(lift, "high"),
                          .known = meaningful(lift)});
    }
    for (const BandPoint& point : points) {
        if (point.known) {
            reach = std::max({reach, std::abs(point.value) * 1.2,
                              (point.high - point.low) / 2 < 0.5 ? std::abs(point.high) : 0.0});
        }
    }
    return band_chart(points, std::min(reach, 1.0), label);
}

ValueList step_rows(const ValueMap& data) {
    const double all = std::max(number_at(data, "inside"), 1.0);
    ValueList rows;
    for (const Value& value : list_at(data, "steps")) {
        ValueMap row = *value.as_map();
        if (row.find("standing") != nullptr) {
            row.set("share", number_at(row, "standing") / all);
        }
        if (const Value* condition = row.find("condition")) {
            row.set("pieces", api::condition_pieces(*condition->as_string()));
        }
        rows.emplace_back(std::move(row));
    }
    return rows;
}

ValueList pieces_of(const ValueList& conditions) {
    ValueList list;
    for (const Value& condition : conditions) {
        list.emplace_back(api::condition_pieces(*condition.as_string()));
    }
    return list;
}

}  // namespace

http::Response journeys_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "journeys";
    frame.title = pages.text(frame, "journeys.title");
    frame.styles = {"desk_css"};
    ValueMap data = api::list_journeys(desk);
    const double reach = reach_of(list_at(data, "journeys"));
    ValueList list;
    std::int64_t inside = 0;
    for (const Value& value : list_at(data, "journeys")) {
        ValueMap journey = *value.as_map();
        inside += *journey.find("inside")->as_int();
        const ValueMap& lift = *journey.find("lift")->as_map();
        if (meaningful(lift)) {
            journey.set("chart", interval_of(lift, reach, pages.text(frame, "journeys.chart")));
        }
        add_passage_links(journey);
        list.emplace_back(std::move(journey));
    }
    data.set("count", static_cast<std::int64_t>(list.size()));
    data.set("inside", inside);
    data.set("journeys", std::move(list));
    return pages.render(200, "journeys", frame, data);
}

http::Response journey_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "journeys";
    frame.styles = {"desk_css"};
    Result<ValueMap> data = api::describe_journey(desk, request.param("id"));
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    frame.title = spoken_text(*data, "name", frame.language);
    add_passage_links(*data);
    data->set("waiting", waiting_value(desk, {.journey = request.param("id"), .template_id = {}}));
    data->set("steps", step_rows(*data));
    data->set("entry_pieces", api::condition_pieces(text_at(*data, "condition")));
    data->set("exit_pieces", pieces_of(list_at(*data, "exits")));
    data->set("goal_pieces", api::condition_pieces(text_at(*data, "goal_where")));
    const ValueList& months = list_at(*data, "months");
    if (!months.empty()) {
        data->set("growth", growth_chart(months, pages.text(frame, "journey.growth_label")));
    }
    return pages.render(200, "journey", frame, *data);
}

}  // namespace winback::ui
