#include "ui/passage_links.h"

#include <functional>

#include "api/passage_choice.h"
#include "base/time.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

using api::PassageChoice;

std::string path_of(const PassageChoice& choice) {
    return "/customers?" + http::format_query(choice.address());
}

std::string moment_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_time() == nullptr ? std::string()
                                                           : format_iso8601(*value->as_time());
}

// Gives each row of the list a path of that name, where there is such a list.
void add_paths(ValueMap& journey,
               std::string_view list,
               std::string_view name,
               const std::function<PassageChoice(const ValueMap&)>& choice_of) {
    ValueList rows;
    for (const Value& value : list_at(journey, list)) {
        ValueMap row = *value.as_map();
        row.set(std::string(name), path_of(choice_of(row)));
        rows.emplace_back(std::move(row));
    }
    if (!rows.empty()) {
        journey.set(std::string(list), std::move(rows));
    }
}

}  // namespace

void add_passage_links(ValueMap& journey) {
    const std::string id = text_at(journey, "id");
    const std::string since = moment_at(map_at(journey, "lately"), "since");
    const auto lately = [&](std::string done) {
        return path_of({.journey = id, .done = std::move(done), .entered_since = since});
    };
    ValueMap paths;
    paths.set("inside", path_of({.journey = id, .done = "no"}));
    paths.set("entered", lately(""));
    paths.set("goals", lately("converted"));
    paths.set("exited", lately("left"));
    paths.set("finished", lately("finished"));
    paths.set("ever", path_of({.journey = id}));
    paths.set("held_out", path_of({.journey = id, .arm = "holdout"}));
    journey.set("paths", std::move(paths));
    journey.set("elsewhere_path",
                path_of({.journey = id, .step = std::string(api::step_elsewhere)}));
    add_paths(journey, "steps", "path", [&](const ValueMap& row) {
        return PassageChoice{.journey = id, .step = text_at(row, "id")};
    });
    add_paths(journey, "steps", "clicked_path", [&](const ValueMap& row) {
        return PassageChoice{.journey = id, .clicked = text_at(row, "id")};
    });
    add_paths(journey, "months", "path", [&](const ValueMap& row) {
        return PassageChoice{.journey = id,
                             .entered_since = moment_at(row, "from"),
                             .entered_until = moment_at(row, "to")};
    });
    add_paths(journey, "versions", "path", [&](const ValueMap& row) {
        return PassageChoice{.journey = id,
                             .entered_under = std::to_string(whole(number_at(row, "version")))};
    });
}

}  // namespace winback::ui
