#include "ui/import_data.h"

#include <algorithm>
#include <vector>

#include "base/strings.h"
#include "ingest/column_names.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

const ValueMap* child_map(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? nullptr : value->as_map();
}

const ValueList* list_in(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? nullptr : value->as_list();
}

// "a, b , c" -> three texts.
ValueList texts_of(std::string_view text) {
    ValueList list;
    for (const std::string_view part : split(text, '\n')) {
        if (!trim(part).empty()) {
            list.emplace_back(trim(part));
        }
    }
    return list;
}

std::string lines_of(const ValueList* list) {
    std::string out;
    for (const Value& item : list == nullptr ? ValueList() : *list) {
        out += (out.empty() ? "" : "\n") + (item.as_string() == nullptr ? "" : *item.as_string());
    }
    return out;
}

// "%d/%m/%Y" <-> "%m/%d/%Y" when the form says that the other stands first.
std::string with_order(std::string format, bool month_first) {
    const std::size_t day = format.find("%d");
    const std::size_t month = format.find("%m");
    if (day != std::string::npos && month != std::string::npos && (month < day) != month_first &&
        !format.starts_with("%Y") && !format.starts_with("jalali")) {
        format[day + 1] = 'm';
        format[month + 1] = 'd';
    }
    return format;
}

bool is_month_first(const ValueList* formats) {
    const std::string format =
        formats == nullptr || formats->empty() ? std::string() : *formats->front().as_string();
    return format.find("%m") < format.find("%d") && !format.starts_with("%Y") &&
           !format.starts_with("jalali");
}

void add_consent(const ValueMap& plan, const http::Pairs& form, ValueMap& changes) {
    const std::string consent = field_of(form, "consent");
    if (consent.empty()) {
        return;
    }
    changes.set("consent_for_all", consent == "all");
    changes.set("consent_source", field_of(form, "consent_source"));
    const ValueList* yes = list_in(plan, "consent_yes");
    ValueList words = consent == "column" ? texts_of(field_of(form, "consent_yes")) : ValueList();
    if (consent == "column" && words.empty() && yes != nullptr) {
        words = *yes;
    }
    changes.set("consent_yes", std::move(words));
}

bool has_role(const ValueMap& plan, std::string_view role) {
    const ValueList* roles = list_in(plan, "roles");
    return roles != nullptr && std::find(roles->begin(), roles->end(), Value(role)) != roles->end();
}

// Whether the plan answers a question of the guess. Nobody is written to without a yes, so that
// question stays until there is one; the others end when somebody has saved the plan.
bool is_answered(const ValueMap& plan, std::string_view code, bool confirmed) {
    if (code == "consent") {
        const Value* all = plan.find("consent_for_all");
        const ValueList* yes = list_in(plan, "consent_yes");
        const bool by_column = has_role(plan, "consent") && yes != nullptr && !yes->empty();
        return by_column || (all != nullptr && *all == Value(true));
    }
    return confirmed;
}

ValueList open_questions(const ValueMap& data) {
    const ValueMap* guess = child_map(data, "guess");
    const ValueMap* plan = child_map(data, "plan");
    const ValueList* questions = guess == nullptr ? nullptr : list_in(*guess, "questions");
    const Value* saved = data.find("confirmed");
    const bool confirmed =
        (saved != nullptr && *saved == Value(true)) || !text_at(data, "remembered").empty();
    ValueList open;
    for (const Value& question : questions == nullptr ? ValueList() : *questions) {
        if (plan == nullptr ||
            !is_answered(*plan, text_at(*question.as_map(), "code"), confirmed)) {
            open.push_back(question);
        }
    }
    return open;
}

}  // namespace

void add_import_choices(ValueMap& data) {
    ValueList roles;
    for (std::size_t i = 0; i < ingest::role_count; ++i) {
        roles.emplace_back(std::string(ingest::role_name(static_cast<ingest::Role>(i))));
    }
    data.set("role_names", std::move(roles));
    data.set("asked", open_questions(data));
    const ValueMap* guess = child_map(data, "guess");
    const ValueMap* plan = child_map(data, "plan");
    const ValueList* guessed = guess == nullptr ? nullptr : list_in(*guess, "columns");
    const ValueList* chosen = plan == nullptr ? nullptr : list_in(*plan, "roles");
    ValueList columns;
    for (std::size_t i = 0; guessed != nullptr && chosen != nullptr && i < guessed->size(); ++i) {
        ValueMap column = *guessed->at(i).as_map();
        column.set("index", static_cast<std::int64_t>(i));
        column.set("guessed", *column.find("role"));
        column.set("role", i < chosen->size() ? chosen->at(i) : Value("ignore"));
        columns.emplace_back(std::move(column));
    }
    bool asks_date = false;
    const ValueList* questions = guess == nullptr ? nullptr : list_in(*guess, "questions");
    for (const Value& question : questions == nullptr ? ValueList() : *questions) {
        asks_date = asks_date || text_at(*question.as_map(), "code") == "date_order";
    }
    const ValueList* formats = plan == nullptr ? nullptr : list_in(*plan, "date_formats");
    const ValueList* dead = plan == nullptr ? nullptr : list_in(*plan, "dead");
    const ValueList* yes = plan == nullptr ? nullptr : list_in(*plan, "consent_yes");
    const Value* all = plan == nullptr ? nullptr : plan->find("consent_for_all");
    const bool for_all = all != nullptr && all->as_bool() != nullptr && *all->as_bool();
    ValueMap form;
    form.set("dates", lines_of(formats));
    form.set("dead", lines_of(dead));
    form.set("consent_yes", lines_of(yes));
    form.set("month_first", is_month_first(formats));
    form.set("asks_date", asks_date);
    form.set("consent", for_all ? "all" : yes == nullptr || yes->empty() ? "nobody" : "column");
    data.set("form", std::move(form));
    data.set("columns", std::move(columns));
}

ValueMap plan_changes(const ValueMap& described, const http::Pairs& form) {
    ValueMap changes;
    const ValueMap* plan = child_map(described, "plan");
    const ValueList* present = plan == nullptr ? nullptr : list_in(*plan, "roles");
    ValueList roles;
    for (std::size_t i = 0; present != nullptr && i < present->size(); ++i) {
        const std::string role = field_of(form, "role_" + std::to_string(i));
        roles.push_back(role.empty() ? present->at(i) : Value(role));
    }
    changes.set("roles", std::move(roles));
    for (const char* name : {"shape", "zone", "currency", "delimiter", "encoding"}) {
        if (const std::string* value = http::find_pair(form, name)) {
            changes.set(name, *value);
        }
    }
    if (const std::string* decimal = http::find_pair(form, "decimal")) {
        changes.set("decimal_comma", *decimal == "comma");
    }
    if (const std::string* dead = http::find_pair(form, "dead")) {
        changes.set("dead", texts_of(*dead));
    }
    if (const std::string* dates = http::find_pair(form, "dates")) {
        const std::string order = field_of(form, "date_order");
        ValueList formats;
        for (const Value& format : texts_of(*dates)) {
            formats.emplace_back(order.empty() ? *format.as_string()
                                               : with_order(*format.as_string(), order == "month"));
        }
        changes.set("date_formats", std::move(formats));
    }
    if (plan != nullptr) {
        add_consent(*plan, form, changes);
    }
    return changes;
}

}  // namespace winback::ui
