// The list of customers: search, filters, columns, views, and the pictures that lead into it.
#include <algorithm>
#include <array>
#include <cmath>

#include "api/access.h"
#include "api/customers.h"
#include "api/playbook.h"
#include "api/views.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/customer_columns.h"
#include "ui/page_data.h"
#include "ui/routes.h"

namespace winback::ui {
namespace {

using api::CustomerFilter;

constexpr std::size_t page_rows = 50;
constexpr std::size_t tags_offered_max = 100;
constexpr int heat_levels = 8;

std::string address_of(const CustomerFilter& filter) {
    CustomerFilter plain = filter;
    http::Pairs pairs = plain.address();
    // The page's own order needs no words.
    std::erase_if(pairs, [](const auto& pair) {
        return pair.first == "order" && pair.second == "value_at_risk";
    });
    return pairs.empty() ? "/customers" : "/customers?" + http::format_query(pairs);
}

template <class Change>
std::string changed(const CustomerFilter& filter, Change change) {
    CustomerFilter other = filter;
    change(other);
    return address_of(other);
}

// {name, label, numeric, sort, sorted, rising}
ValueList sorted_columns(api::Desk& desk, const CustomerFilter& filter) {
    ValueList list;
    for (const Value& value : shown_columns(desk, filter.columns)) {
        ValueMap column = *value.as_map();
        if (const auto order = directory::parse_order(*column.find("name")->as_string())) {
            const bool sorted = filter.order == *order;
            column.set("sorted", sorted);
            column.set("rising", sorted && filter.rising);
            column.set("sort", changed(filter, [&](CustomerFilter& other) {
                           other.rising = sorted && !filter.rising;
                           other.order = *order;
                       }));
        }
        list.emplace_back(std::move(column));
    }
    return list;
}

void add_chip(ValueList& chips, ValueMap chip, const char* kind, std::string without) {
    chip.set("kind", kind);
    chip.set("without", std::move(without));
    chips.emplace_back(std::move(chip));
}

void add_chip(ValueList& chips, const char* kind, Value value, std::string without) {
    ValueMap chip;
    chip.set("value", std::move(value));
    add_chip(chips, std::move(chip), kind, std::move(without));
}

// The parts of a passage through a journey; without the journey nothing is left of it.
void add_passage_chips(api::Desk& desk, const CustomerFilter& filter, ValueList& chips) {
    const api::PassageChoice& passage = filter.passage;
    if (passage.journey.empty()) {
        return;
    }
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const journey::Journey* journey =
        definitions == nullptr ? nullptr : definitions->journey(passage.journey);
    ValueMap chip;
    set_name(chip, "value", passage.journey, journey);
    add_chip(chips, std::move(chip), "journey",
             changed(filter, [](CustomerFilter& f) { f.passage = {}; }));
    const auto add = [&](const char* kind, std::string api::PassageChoice::*part) {
        const std::string& text = passage.*part;
        if (!text.empty()) {
            const auto moment = parse_iso8601(text);
            const bool timed = std::string_view(kind).starts_with("entered_") && moment;
            add_chip(chips, kind, timed ? Value(*moment) : Value(text),
                     changed(filter, [part](CustomerFilter& f) { (f.passage.*part).clear(); }));
        }
    };
    add(passage.step == api::step_elsewhere ? "step_elsewhere" : "step", &api::PassageChoice::step);
    add("clicked", &api::PassageChoice::clicked);
    add("arm", &api::PassageChoice::arm);
    add("done", &api::PassageChoice::done);
    add("entered_since", &api::PassageChoice::entered_since);
    add("entered_until", &api::PassageChoice::entered_until);
    add("version", &api::PassageChoice::entered_under);
}

// What the list is narrowed to, each with the address without it.
ValueList chips_data(api::Desk& desk, const CustomerFilter& filter) {
    ValueList chips;
    const directory::Filter& parts = filter.filter;
    const auto without = [&](auto change) { return changed(filter, change); };
    if (!filter.search.empty()) {
        add_chip(chips, "search", filter.search,
                 without([](CustomerFilter& f) { f.search.clear(); }));
    }
    if (parts.state) {
        add_chip(chips, "state", report::customer_state_name(*parts.state),
                 without([](CustomerFilter& f) { f.filter.state.reset(); }));
    }
    if (!filter.segment.empty()) {
        ValueMap chip;
        set_segment(desk, chip, "value", filter.segment);
        add_chip(chips, std::move(chip), "segment",
                 without([](CustomerFilter& f) { f.segment.clear(); }));
    }
    add_passage_chips(desk, filter, chips);
    if (!filter.where.empty()) {
        add_chip(chips, "where", filter.where, without([](CustomerFilter& f) { f.where.clear(); }));
    }
    if (!parts.tag.empty()) {
        add_chip(chips, "tag", parts.tag, without([](CustomerFilter& f) { f.filter.tag.clear(); }));
    }
    const auto quintile = [&](const char* kind, std::uint8_t value, auto change) {
        if (value != 0) {
            add_chip(chips, kind, std::int64_t{value}, without(change));
        }
    };
    quintile("recency", parts.recency, [](CustomerFilter& f) { f.filter.recency = 0; });
    quintile("frequency", parts.frequency, [](CustomerFilter& f) { f.filter.frequency = 0; });
    quintile("monetary", parts.monetary, [](CustomerFilter& f) { f.filter.monetary = 0; });
    if (parts.channel) {
        add_chip(chips,
                 parts.consent == expr::ConsentState::Granted  ? "consent_granted"
                 : parts.consent == expr::ConsentState::Denied ? "consent_denied"
                                                               : "consent_unset",
                 customer::channel_name(*parts.channel),
                 without([](CustomerFilter& f) { f.filter.channel.reset(); }));
    }
    if (parts.suppressed) {
        add_chip(chips, *parts.suppressed ? "suppressed" : "not_suppressed", "",
                 without([](CustomerFilter& f) { f.filter.suppressed.reset(); }));
    }
    return chips;
}

int heat_of(double value, double most) {
    return most <= 0 || value <= 0
               ? 0
               : std::clamp(static_cast<int>(std::ceil(value / most * heat_levels)), 1,
                            heat_levels);
}

struct GridKind {
    const char* name;
    const char* rows;
    const char* columns;
    directory::Grid directory::Summary::*grid;
    std::uint8_t directory::Filter::*row;
    std::uint8_t directory::Filter::*column;
};
constexpr std::array<GridKind, 3> grids{{
    {"rf", "recency", "frequency", &directory::Summary::recency_frequency,
     &directory::Filter::recency, &directory::Filter::frequency},
    {"rm", "recency", "monetary", &directory::Summary::recency_monetary,
     &directory::Filter::recency, &directory::Filter::monetary},
    {"fm", "frequency", "monetary", &directory::Summary::frequency_monetary,
     &directory::Filter::frequency, &directory::Filter::monetary},
}};

// The best stand at the top and at the end of a row.
ValueMap grid_data(const directory::Summary& summary, const GridKind& kind) {
    const directory::Grid& grid = summary.*kind.grid;
    double most = 0;
    for (const auto& row : grid) {
        for (const directory::Cell& cell : row) {
            most = std::max(most, cell.value_at_risk);
        }
    }
    ValueList rows;
    for (std::size_t r = grid.size(); r-- > 0;) {
        ValueList cells;
        for (std::size_t c = 0; c < grid[r].size(); ++c) {
            CustomerFilter filter;
            filter.order = directory::Order::ValueAtRisk;
            filter.filter.*kind.row = static_cast<std::uint8_t>(r + 1);
            filter.filter.*kind.column = static_cast<std::uint8_t>(c + 1);
            ValueMap cell;
            cell.set("customers", static_cast<std::int64_t>(grid[r][c].customers));
            cell.set("value", grid[r][c].value_at_risk);
            cell.set("heat", std::int64_t{heat_of(grid[r][c].value_at_risk, most)});
            cell.set("path", address_of(filter));
            cell.set("column", static_cast<std::int64_t>(c + 1));
            cells.emplace_back(std::move(cell));
        }
        ValueMap row;
        row.set("number", static_cast<std::int64_t>(r + 1));
        row.set("cells", std::move(cells));
        rows.emplace_back(std::move(row));
    }
    ValueMap data;
    data.set("name", kind.name);
    data.set("rows_name", kind.rows);
    data.set("columns_name", kind.columns);
    data.set("rows", std::move(rows));
    return data;
}

void add_entries(api::Desk& desk, ValueMap& data) {
    const auto summary = desk.directory().summary(desk.host().now(), desk.directory().shop_gap());
    data.set("all", static_cast<std::int64_t>(summary->customers));
    data.set("scored", static_cast<std::int64_t>(summary->scored));
    ValueList states;
    double at_stake = 0;
    for (std::size_t s = 0; s < summary->states.size(); ++s) {
        const auto state = static_cast<report::CustomerState>(s);
        CustomerFilter filter;
        filter.order = directory::Order::ValueAtRisk;
        filter.filter.state = state;
        ValueMap entry;
        entry.set("name", report::customer_state_name(state));
        entry.set("customers", static_cast<std::int64_t>(summary->states[s].customers));
        entry.set("value", summary->states[s].value_at_risk);
        entry.set("path", address_of(filter));
        states.emplace_back(std::move(entry));
        if (state == report::CustomerState::AtRisk || state == report::CustomerState::Lapsed) {
            at_stake += summary->states[s].value_at_risk;
        }
    }
    data.set("states", std::move(states));
    data.set("at_stake", at_stake);
    ValueList pictures;
    if (summary->scored > 0) {
        for (const GridKind& kind : grids) {
            pictures.emplace_back(grid_data(*summary, kind));
        }
    }
    data.set("grids", std::move(pictures));
    ValueList tags;
    for (const auto& [tag, count] : summary->tags) {
        if (tags.size() < tags_offered_max) {
            tags.emplace_back(tag);
        }
    }
    data.set("tags", std::move(tags));
}

void add_choices(api::Desk& desk, const CustomerFilter& filter, ValueMap& data) {
    ValueMap chosen;
    for (const auto& [name, value] : filter.address()) {
        chosen.set(name, value);
    }
    chosen.set("any", filter.chosen());
    chosen.set("later_page", !filter.after.empty());
    data.set("chosen", std::move(chosen));
    ValueList segments;
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        for (const segment::Segment& segment : definitions->segments) {
            ValueMap entry;
            entry.set("id", segment.id);
            add_name(entry, segment.id, &segment);
            segments.emplace_back(std::move(entry));
        }
    }
    data.set("segments", std::move(segments));
    put_column_choice(filter.columns, data);
}

Result<ValueMap> customers_data(api::Desk& desk, const http::Request& request) {
    WINBACK_TRY(CustomerFilter filter,
                api::customer_filter_of(request, directory::Order::ValueAtRisk));
    filter.limit = page_rows;
    CustomerFilter asked = filter;
    asked.columns = asked_columns(filter.columns);
    WINBACK_TRY(api::CustomerList list, api::list_customers(desk, asked));
    ValueMap data = std::move(list.tree);
    const ValueList columns = sorted_columns(desk, filter);
    data.set("customers", rows_data(data, columns));
    data.set("columns", columns);
    std::string problems;
    for (const Diagnostic& diagnostic : list.diagnostics) {
        problems += render(diagnostic, filter.where);
    }
    data.set("where_problems", problems);
    data.set("reading", list.reading);
    data.set("chips", chips_data(desk, filter));
    add_entries(desk, data);
    add_choices(desk, filter, data);
    const std::string address = address_of(filter);
    const std::string query = http::format_query(filter.address());
    data.set("address", address);
    data.set("query", query);
    data.set("export", "/customers/export?" + query);
    const Value* after = data.find("after");
    const bool more = after != nullptr && after->as_string() != nullptr;
    data.set("next", more ? Value(address + (address.find('?') == std::string::npos ? "?" : "&") +
                                  http::format_query({{"after", *after->as_string()}}))
                          : Value());
    return data;
}

}  // namespace

http::Response customers_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "customers";
    frame.title = pages.text(frame, "customers.title");
    frame.styles = {"customers_css"};
    frame.scripts = {"customers_js"};
    Result<ValueMap> data = customers_data(desk, request);
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    const auto who = api::key_of(request, desk.host().keys());
    Result<ValueList> views = who ? api::list_views(desk, *who) : Result<ValueList>(ValueList{});
    data->set("views", views ? *std::move(views) : ValueList{});
    const bool wrong = !data->find("where_problems")->as_string()->empty() &&
                       data->find("customers")->as_list()->empty();
    http::Response page = pages.render(wrong ? 422 : 200, "customers", frame, *data);
    if (*data->find("reading") == Value(true)) {
        page.set("Refresh", "2");  // The pass goes on; no script is needed to see its end.
    }
    return page;
}

}  // namespace winback::ui
