// The Overview: what the address chooses, and the heat map of cohorts.
#include <algorithm>
#include <cmath>

#include "api/customer_filter.h"
#include "api/customers.h"
#include "host/host.h"
#include "ui/cohort_links.h"
#include "ui/frame.h"
#include "ui/overview.h"
#include "ui/routes.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

constexpr double heat_levels = 8;

std::string chosen(const http::Request& request,
                   std::string_view name,
                   std::initializer_list<std::string_view> known,
                   std::string_view otherwise) {
    const std::string* given = request.query_value(name);
    const bool sound =
        given != nullptr && std::find(known.begin(), known.end(), *given) != known.end();
    return sound ? *given : std::string(otherwise);
}

OverviewChoice choice_of(const http::Request& request) {
    return {.period = chosen(request, "period", {"week", "month", "quarter"}, "month"),
            .cohort = chosen(request, "cohort", {"week", "month"}, "month"),
            .show = chosen(request, "show", {"share", "count", "revenue"}, "share")};
}

// Links of one switch: each changes one choice and keeps the others.
ValueList tabs(const OverviewChoice& choice,
               std::string OverviewChoice::*which,
               std::initializer_list<std::string_view> names) {
    ValueList list;
    for (const std::string_view name : names) {
        OverviewChoice other = choice;
        other.*which = std::string(name);
        ValueMap tab;
        tab.set("name", name);
        tab.set("chosen", choice.*which == name);
        tab.set("address",
                "/?period=" + other.period + "&cohort=" + other.cohort + "&show=" + other.show);
        list.emplace_back(std::move(tab));
    }
    return list;
}

// What a cell shows and how dark it is. Shares are darkest from one half: more is rare, and the
// differences below matter. Revenue is compared with the largest cell of the table.
ValueMap cell_of(const ValueMap& cell, double customers, double most, std::string_view show) {
    ValueMap out;
    const double count = number_at(cell, "customers");
    const double share = share_of(count, customers);
    const bool money = show == "revenue";
    const double depth = money ? share_of(number_at(cell, "revenue"), most) : share * 2;
    out.set("share", share);
    out.set("customers", whole(count));
    out.set("revenue", number_at(cell, "revenue"));
    out.set("level",
            static_cast<int>(std::clamp(std::ceil(depth * heat_levels), 0.0, heat_levels)));
    return out;
}

// A file that ends years ago makes everybody look lost: that is said before any number.
void add_age(api::Desk& desk, const ValueMap& tree, ValueMap& data) {
    constexpr double silent_days_max = 60;
    api::CustomerFilter newest;
    newest.order = directory::Order::LastOrder;
    newest.limit = 1;
    newest.columns = {"last_order"};
    const auto found = api::list_customers(desk, newest);
    const Value* customers = found ? found->tree.find("customers") : nullptr;
    if (customers == nullptr || customers->as_list()->empty()) {
        return;
    }
    const Timestamp* last = customers->as_list()->front().as_map()->find("last_order")->as_time();
    if (last == nullptr) {
        return;
    }
    const double silent =
        static_cast<double>((desk.host().now() - *last).ms) / static_cast<double>(days(1).ms);
    data.set("newest_order", *last);
    data.set("is_old", silent > silent_days_max && silent > 2 * number_at(tree, "shop_gap_days"));
}

// What waits for a second person comes first of what needs attention: it is somebody's turn now.
void add_waiting(api::Desk& desk, ValueMap& data) {
    const std::size_t count = waiting_value(desk).size();
    if (count == 0) {
        return;
    }
    ValueMap numbers;
    numbers.set("count", static_cast<std::int64_t>(count));
    ValueMap notice;
    notice.set("kind", "approvals");
    notice.set("urgency", "now");
    notice.set("numbers", std::move(numbers));
    notice.set("link", "/approvals");
    ValueList all = list_at(data, "attention");
    all.emplace(all.begin(), std::move(notice));
    data.set("attention", std::move(all));
}

}  // namespace

void add_cohorts(const ValueMap& tree,
                 const OverviewChoice& choice,
                 const Zone& zone,
                 ValueMap& data) {
    const ValueMap& cohorts = map_at(tree, "cohorts");
    const ValueList& list = list_at(cohorts, choice.cohort);
    double most = 0;
    for (const Value& value : list) {
        const ValueList& cells = list_at(*value.as_map(), "cells");
        for (std::size_t i = 1; i < cells.size(); ++i) {
            most = std::max(most, number_at(*cells[i].as_map(), "revenue"));
        }
    }
    ValueList rows;
    std::size_t columns = 0;
    for (const Value& value : list) {
        const ValueMap& cohort = *value.as_map();
        const ValueList& cells = list_at(cohort, "cells");
        ValueMap row;
        const std::string from = text_at(cohort, "from");
        const std::string by = text_at(cohorts, "by");
        const CohortRow place{.by = by, .unit = choice.cohort, .from = from};
        row.set("from", from);
        row.set("address", cohort_address(place, whole_cohort, zone));
        row.set("customers", whole(number_at(cohort, "customers")));
        ValueList shown;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            ValueMap cell =
                cell_of(*cells[i].as_map(), number_at(cohort, "customers"), most, choice.show);
            if (number_at(*cells[i].as_map(), "customers") > 0) {
                cell.set("address", cohort_address(place, static_cast<int>(i), zone));
            }
            if (i == 0) {
                row.set("first", std::move(cell));
            } else {
                shown.emplace_back(std::move(cell));
            }
        }
        columns = std::max(columns, shown.size());
        row.set("cells", std::move(shown));
        rows.emplace_back(std::move(row));
    }
    data.set("cohort_rows", std::move(rows));
    data.set("cohort_columns", static_cast<std::int64_t>(columns));
    data.set("cohort_by", text_at(cohorts, "by"));
    data.set("week_begins", text_at(cohorts, "week_begins"));
}

http::Response overview_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.title = pages.text(frame, "overview.title");
    frame.active = "overview";
    frame.styles = {"overview_css"};
    const api::OverviewPtr overview = desk.overview();
    const OverviewChoice choice = choice_of(request);
    ValueMap data = overview_data(overview->tree);
    data.set("ready", overview->ready);
    add_waiting(desk, data);
    if (overview->ready) {
        add_flows(pages, frame, overview->tree, choice.period, data);
        add_measures(overview->tree, choice.period, data);
        add_age(desk, overview->tree, data);
        add_cohorts(overview->tree, choice, *frame.zone, data);
    }
    data.set("period", choice.period);
    data.set("cohort", choice.cohort);
    data.set("show", choice.show);
    data.set("period_tabs", tabs(choice, &OverviewChoice::period, {"week", "month", "quarter"}));
    data.set("cohort_tabs", tabs(choice, &OverviewChoice::cohort, {"week", "month"}));
    data.set("show_tabs", tabs(choice, &OverviewChoice::show, {"share", "count", "revenue"}));
    return pages.render(200, "overview", frame, data);
}

}  // namespace winback::ui
