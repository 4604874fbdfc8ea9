// All messages: what waits, what left, what was kept back and why.
#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "api/messages.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/charts.h"
#include "ui/message_links.h"
#include "ui/routes.h"
#include "ui/template_data.h"

namespace winback::ui {
namespace {

constexpr std::array<std::string_view, 9> filter_names{
    "state", "reason", "journey", "step", "template", "channel", "language", "customer", "since"};

std::int64_t count_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_int() == nullptr ? 0 : *value->as_int();
}

// The tabs above the list: each a state or a few, with how many there are.
ValueList tabs_of(const http::Request& request, const ValueMap& counts) {
    const ValueMap& states = *counts.find("states")->as_map();
    const auto in_group = [&](std::string_view name) {
        std::int64_t sum = 0;
        for (const message::MessageState each : api::states_of(name)) {
            sum += count_at(states, message::message_state_name(each));
        }
        return sum;
    };
    const std::string* state = request.query_value("state");
    ValueList tabs;
    const auto add = [&](std::string_view name, std::string_view value, std::int64_t count) {
        const bool chosen = (state == nullptr ? std::string() : *state) == value;
        ValueMap map;
        map.set("name", name);
        map.set("count", count);
        map.set("chosen", chosen);
        map.set("path", messages_path(request, {{"state", std::string(value)}, {"reason", ""}}));
        if (count > 0 || chosen || value.empty()) {
            tabs.emplace_back(std::move(map));
        }
    };
    add("all", "", count_at(counts, "all"));
    add("outbox", "outbox", in_group("outbox"));
    // Numbers of other pages lead to these; by themselves the states say more.
    for (const std::string_view name : {"out", "gone", "not_sent"}) {
        if (state != nullptr && *state == name) {
            add(name, name, in_group(name));
        }
    }
    for (const std::string_view name :
         {"queued", "held", "sending", "sent", "previewed", "refused", "failed", "in_doubt"}) {
        const bool inside_outbox = name == "queued" || name == "held" || name == "sending";
        const bool chosen = state != nullptr && *state == name;
        if (!inside_outbox || chosen) {
            add(name, name, count_at(states, name));
        }
    }
    return tabs;
}

// The reasons by falling count, each with the address of its messages.
ValueList reasons_of(const http::Request& request, const ValueMap& refused) {
    std::vector<std::pair<std::int64_t, std::string>> sorted;
    std::int64_t all = 0;
    for (const auto& [name, count] : refused) {
        sorted.emplace_back(count.as_int() == nullptr ? 0 : *count.as_int(), name);
        all += sorted.back().first;
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    const std::string* chosen = request.query_value("reason");
    ValueList list;
    for (const auto& [count, name] : sorted) {
        const double share = all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
        ValueMap map;
        map.set("name", name);
        map.set("count", count);
        map.set("share", share);
        map.set("bar", share_bar(share));
        map.set("chosen", chosen != nullptr && *chosen == name);
        map.set("path", messages_path(request, {{"state", "refused"}, {"reason", name}}));
        list.emplace_back(std::move(map));
    }
    return list;
}

ValueList named(const std::vector<std::pair<std::string, std::string>>& pairs,
                const std::string& chosen) {
    ValueList list;
    bool found = chosen.empty();
    for (const auto& [id, name] : pairs) {
        ValueMap map;
        map.set("id", id);
        map.set("name", name);
        map.set("chosen", id == chosen);
        found = found || id == chosen;
        list.emplace_back(std::move(map));
    }
    if (!found) {
        // Of an earlier playbook, perhaps: the list still shows it.
        ValueMap map;
        map.set("id", chosen);
        map.set("name", chosen);
        map.set("chosen", true);
        list.emplace_back(std::move(map));
    }
    return list;
}

void add_choices(api::Desk& desk,
                 const http::Request& request,
                 std::string_view language,
                 ValueMap& data) {
    std::vector<std::pair<std::string, std::string>> journeys;
    std::vector<std::pair<std::string, std::string>> templates;
    std::set<std::string> tongues;
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        for (const journey::Journey& journey : definitions->journeys) {
            journeys.emplace_back(journey.id, in_language(journey.names, language, journey.name));
        }
        for (const auto& [id, one] : definitions->templates) {
            templates.emplace_back(id, spoken_id(id));
            for (const message::TemplateVariant& variant : one.variants) {
                tongues.insert(variant.language);
            }
        }
    }
    std::vector<std::pair<std::string, std::string>> languages;
    for (const std::string& tongue : tongues) {
        languages.emplace_back(tongue, tongue);
    }
    data.set("journeys", named(journeys, field_of(request.query, "journey")));
    data.set("templates", named(templates, field_of(request.query, "template")));
    data.set("languages", named(languages, field_of(request.query, "language")));
    ValueMap chosen;
    bool any = false;
    for (const std::string_view name : filter_names) {
        const std::string value = field_of(request.query, name);
        any = any || !value.empty();
        chosen.set(std::string(name), value);
    }
    const std::string until = field_of(request.query, "until");
    chosen.set("until", until);
    chosen.set("any", any || !until.empty());
    const bool more = !chosen.find("customer")->as_string()->empty() ||
                      !chosen.find("since")->as_string()->empty() || !until.empty() ||
                      !chosen.find("step")->as_string()->empty();
    chosen.set("more", more);
    chosen.set("later_page", request.query_value("after") != nullptr);
    data.set("chosen", std::move(chosen));
}

// What the first sentence, the tabs and the reasons speak of: all messages, or those of the journey
// and the step that are asked for. Nothing where only the list itself can tell.
std::optional<report::MessageCounts> counts_for(const http::Request& request,
                                                const report::Passages& passages) {
    for (const std::string_view name :
         {"template", "channel", "language", "customer", "since", "until"}) {
        if (request.query_value(name) != nullptr) {
            return std::nullopt;
        }
    }
    const std::string* journey = request.query_value("journey");
    const std::string* step = request.query_value("step");
    if (journey == nullptr) {
        return step == nullptr ? std::optional(passages.messages) : std::nullopt;
    }
    report::MessageCounts sum;
    const auto found = passages.journeys.find(*journey);
    if (found != passages.journeys.end()) {
        for (const auto& [id, counts] : found->second.steps) {
            if (step == nullptr || *step == id) {
                sum.add(counts);
            }
        }
    }
    return sum;
}

void add_paths(const http::Request& request, ValueMap& data) {
    std::string query = messages_path(request, {});
    query.erase(0, std::string_view("/messages").size());
    ValueList rows;
    for (const Value& value : list_at(data, "messages")) {
        ValueMap row = *value.as_map();
        row.set("path", "/messages/" + text_at(row, "key") + query);
        row.set("customer_path", "/customers/" + http::percent_encode(text_at(row, "customer")));
        rows.emplace_back(std::move(row));
    }
    data.set("messages", std::move(rows));
    const std::string after = text_at(data, "after");
    data.set("next", after.empty() ? std::string() : messages_path(request, {{"after", after}}));
    data.set("first", messages_path(request, {{"after", ""}}));
}

}  // namespace

std::string messages_path(const http::Request& request, const http::Pairs& changes) {
    http::Pairs pairs;
    const auto add = [&](std::string_view name) {
        const auto change = std::find_if(changes.begin(), changes.end(),
                                         [&](const auto& pair) { return pair.first == name; });
        std::string value =
            change != changes.end() ? change->second : field_of(request.query, name);
        // Another list begins at its own start.
        const bool stale = name == "after" && change == changes.end() && !changes.empty();
        if (!value.empty() && !stale) {
            pairs.emplace_back(name, std::move(value));
        }
    };
    for (const std::string_view name : filter_names) {
        add(name);
    }
    add("until");
    add("after");
    return pairs.empty() ? std::string("/messages") : "/messages?" + http::format_query(pairs);
}

http::Response messages_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "messages";
    frame.title = pages.text(frame, "messages.title");
    frame.styles = {"desk_css"};
    // What a form left empty is no filter; what is no filter of ours is passed over.
    http::Request asked = request;
    std::erase_if(asked.query, [](const auto& pair) { return pair.second.empty(); });
    Result<ValueMap> data = api::list_messages(desk, asked);
    if (!data) {
        const bool nobody = data.error().code == ErrorCode::NotFound;
        if (!nobody) {
            return problem(pages, frame, http::error(data.error()).status);
        }
        ValueMap none;
        none.set("messages", ValueList());
        none.set("nobody", true);
        data = std::move(none);
    }
    const api::PassageCache::Pointer passages = desk.part<api::PassageCache>().get();
    const std::optional<report::MessageCounts> counts = counts_for(asked, *passages);
    const ValueMap all = api::message_counts_value(passages->messages);
    const ValueMap counted = counts ? api::message_counts_value(*counts) : all;
    data->set("tabs", tabs_of(asked, counted));
    data->set("reasons",
              counts ? reasons_of(asked, *counted.find("refused")->as_map()) : ValueList());
    data->set("all", *all.find("all"));
    data->set("in_doubt", *all.find("states")->as_map()->find("in_doubt"));
    data->set("counts", counts ? Value(counted) : Value());
    data->set("rows", static_cast<std::int64_t>(list_at(*data, "messages").size()));
    add_choices(desk, asked, frame.language, *data);
    add_paths(asked, *data);
    return pages.render(200, "messages", frame, *data);
}

}  // namespace winback::ui
