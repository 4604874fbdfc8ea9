#include "ui/customer_columns.h"

#include <algorithm>
#include <array>

#include "api/customer_filter.h"
#include "base/words.h"
#include "host/host.h"
#include "http/url.h"

namespace winback::ui {
namespace {

// They stand in the first column.
bool is_first(std::string_view name) {
    return name == "id" || name == "name" || name == "email";
}

const std::vector<std::string>& usual_columns() {
    static const std::vector<std::string> columns{"state", "orders", "last_order", "p_order",
                                                  "value_at_risk"};
    return columns;
}

// How a template writes a cell.
std::string_view kind_of(std::string_view column) {
    struct Kind {
        std::string_view column;
        std::string_view kind;
    };
    constexpr std::array<Kind, 18> kinds{{{"state", "state"},
                                          {"orders", "number"},
                                          {"revenue", "money"},
                                          {"last_order", "day"},
                                          {"p_order", "percent"},
                                          {"churn_30d", "percent"},
                                          {"p_alive", "percent"},
                                          {"value_at_risk", "money"},
                                          {"expected_value", "money"},
                                          {"expected_orders", "decimal"},
                                          {"overdue", "decimal"},
                                          {"first_seen", "day"},
                                          {"last_seen", "day"},
                                          {"recency", "number"},
                                          {"frequency", "number"},
                                          {"monetary", "number"},
                                          {"tags", "tags"},
                                          {"suppressed", "flag"}}};
    for (const Kind& kind : kinds) {
        if (kind.column == column) {
            return kind.kind;
        }
    }
    return column.starts_with("in.") ? "flag" : "any";
}

std::string_view kind_of_value(const Value& value) {
    return value.as_time() != nullptr   ? "day"
           : value.as_bool() != nullptr ? "flag"
           : value.is_number()          ? "decimal"
                                        : "text";
}

Value plain(const Value& value) {
    const bool nested = value.as_map() != nullptr || value.as_list() != nullptr;
    return nested ? Value(to_json(value)) : value;
}

const std::vector<std::string>& chosen_or_usual(const std::vector<std::string>& chosen) {
    return chosen.empty() ? usual_columns() : chosen;
}

bool is_number(std::string_view kind) {
    return kind == "number" || kind == "money" || kind == "percent" || kind == "decimal" ||
           kind == "day";
}

ValueMap row_data(const ValueMap& customer, const ValueList& columns) {
    ValueMap row;
    const std::string id = *customer.find("id")->as_string();
    row.set("id", id);
    row.set("path", "/customers/" + http::percent_encode(id));
    for (const char* name : {"name", "email", "currency"}) {
        const Value* value = customer.find(name);
        row.set(name, value == nullptr ? Value() : *value);
    }
    ValueList cells;
    for (const Value& value : columns) {
        const ValueMap& column = *value.as_map();
        const std::string& name = *column.find("name")->as_string();
        const Value* content = customer.find(name);
        ValueMap cell = column;
        const std::string_view kind = kind_of(name);
        cell.set("value", content == nullptr ? Value()
                          : kind == "tags"   ? *content
                                             : plain(*content));
        cell.set("kind", kind == "any" && content != nullptr ? kind_of_value(*content) : kind);
        cells.emplace_back(std::move(cell));
    }
    row.set("cells", std::move(cells));
    return row;
}

}  // namespace

void set_segment(api::Desk& desk, ValueMap& map, const std::string& key, std::string_view id) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    set_name(map, key, std::string(id),
             definitions == nullptr ? nullptr : definitions->segment(id));
}

std::vector<std::string> asked_columns(const std::vector<std::string>& chosen) {
    std::vector<std::string> columns = chosen_or_usual(chosen);
    for (const char* name : {"id", "name", "email", "currency"}) {
        columns.emplace_back(name);
    }
    return columns;
}

ValueList shown_columns(api::Desk& desk, const std::vector<std::string>& chosen) {
    ValueList list;
    for (const std::string& name : chosen_or_usual(chosen)) {
        if (is_first(name)) {
            continue;
        }
        ValueMap column;
        column.set("name", name);
        column.set("numeric", is_number(kind_of(name)));
        if (name.starts_with("user.")) {
            column.set("label", name.substr(5));
        } else if (name.starts_with("in.")) {
            set_segment(desk, column, "label", std::string_view(name).substr(3));
        }
        list.emplace_back(std::move(column));
    }
    return list;
}

ValueList rows_data(const ValueMap& answer, const ValueList& columns) {
    ValueList rows;
    if (const Value* customers = answer.find("customers")) {
        for (const Value& customer : *customers->as_list()) {
            rows.emplace_back(row_data(*customer.as_map(), columns));
        }
    }
    return rows;
}

void put_column_choice(const std::vector<std::string>& chosen, ValueMap& data) {
    const std::vector<std::string>& shown = chosen_or_usual(chosen);
    ValueList offered;
    for (const std::string& name : api::known_columns()) {
        if (!is_first(name)) {
            ValueMap column;
            column.set("name", name);
            column.set("shown", std::find(shown.begin(), shown.end(), name) != shown.end());
            offered.emplace_back(std::move(column));
        }
    }
    data.set("offered", std::move(offered));
    ValueList others;
    for (const std::string& name : shown) {
        if (name.starts_with("user.") || name.starts_with("in.")) {
            others.emplace_back(name);
        }
    }
    data.set("other_columns", std::move(others));
}

}  // namespace winback::ui
