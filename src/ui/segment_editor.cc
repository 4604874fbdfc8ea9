// What the editor of one segment shows.
#include <algorithm>
#include <atomic>

#include "api/access.h"
#include "api/condition_draft.h"
#include "api/customer_filter.h"
#include "api/form_token.h"
#include "api/segment_preview.h"
#include "api/segments.h"
#include "base/diagnostic.h"
#include "base/strings.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/charts.h"
#include "ui/frame.h"
#include "ui/routes.h"
#include "ui/segment_data.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

// What is saved; empty for a new one. Fails with NotFound.
Result<ValueMap> saved_segment(api::Desk& desk, const SegmentState& state) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    ValueMap map;
    map.set("version", definitions == nullptr ? std::int64_t{0}
                                              : static_cast<std::int64_t>(definitions->version));
    map.set("name", "");
    map.set("description", "");
    map.set("condition", "");
    map.set("used_by", ValueList{});
    map.set("enter", false);
    if (state.is_new) {
        return map;
    }
    WINBACK_TRY(const segment::Segment* found, api::find_segment(definitions, state.id));
    map.set("name", found->name);
    map.set("description", found->description);
    map.set("condition", found->condition.text);
    map.set("used_by", api::users_of(*definitions, found->id));
    map.set("enter", found->newcomers_enter);
    return map;
}

bool enters_a_journey(const ValueList& users) {
    return std::any_of(users.begin(), users.end(), [](const Value& user) {
        const Value* enters = user.as_map()->find("enters");
        return enters != nullptr && *enters == Value(true);
    });
}

double share_of_all(const ValueMap& part, double of) {
    return share_of(number_at(part, "customers"), of);
}

// What the list of customers can be asked for by an address; else empty: a number without a link.
std::string linked(std::string where) {
    return where.size() <= api::where_bytes_max ? std::move(where) : std::string();
}

// Each part with its bar and with the condition that leads to those who are left.
ValueList parts_data(const ValueList& parts, double of) {
    ValueList list;
    std::string where;
    for (const Value& value : parts) {
        ValueMap part = *value.as_map();
        where += (where.empty() ? "(" : " && (") + text_at(part, "text") + ")";
        part.set("where", linked(where));
        part.set("bar", share_bar(share_of_all(part, of)));
        list.emplace_back(std::move(part));
    }
    return list;
}

// In parentheses; a comment at its end must not swallow what follows.
std::string in_parentheses(std::string_view condition) {
    condition = trim(condition);
    const bool commented = condition.find("//") != std::string_view::npos;
    return "(" + std::string(condition) + (commented ? "\n)" : ")");
}

// Named as the pages name customers: by name, else by id. `where` finds them all.
Value movers_data(const ValueMap& preview, std::string_view which, std::string where) {
    const Value* value = preview.find(which);
    if (value == nullptr || value->as_map() == nullptr) {
        return {};
    }
    ValueMap movers = *value->as_map();
    ValueList sample;
    for (const Value& one : list_at(movers, "sample")) {
        ValueMap customer = *one.as_map();
        const std::string id = text_at(customer, "id");
        if (text_at(customer, "name").empty()) {
            customer.set("name", id);
        }
        customer.set("path", "/customers/" + http::percent_encode(id));
        sample.emplace_back(std::move(customer));
    }
    movers.set("sample", std::move(sample));
    movers.set("where", linked(std::move(where)));
    return movers;
}

// The key of the text that says why there is no number; empty: nothing is wrong.
std::string_view why_uncounted(const ValueList& diagnostics) {
    std::string_view why;
    for (const Value& value : diagnostics) {
        const ValueMap& mistake = *value.as_map();
        const std::string code = text_at(mistake, "code");
        if (*mistake.find("warning") == Value(false)) {
            why = code == "unexpected_end" || code == "unterminated_string" || why == "unfinished"
                      ? "unfinished"
                      : "mistaken";
        }
    }
    return why;
}

// Where each mistake stands, quoted so that the caret is seen on a telephone without a script.
ValueList quoted_narrowly(const ValueList& diagnostics, std::string_view condition) {
    constexpr std::size_t before_max = 24;
    ValueList list;
    for (const Value& value : diagnostics) {
        ValueMap mistake = *value.as_map();
        Diagnostic place;
        place.position = {.line = static_cast<int>(number_at(mistake, "line")),
                          .column = static_cast<int>(number_at(mistake, "column"))};
        place.length = static_cast<int>(number_at(mistake, "length"));
        mistake.set("shown", quote(place, condition, before_max));
        list.emplace_back(std::move(mistake));
    }
    return list;
}

// The page with the saved condition comes at once: a base this small is counted for it, a larger
// one is when its script, or whoever has none, asks.
bool is_small(api::Desk& desk) {
    constexpr std::uint64_t customers_max = 20'000;
    std::atomic<std::uint64_t> customers = 0;
    desk.host().query(
        [&](const host::ShardView& view) { customers += view.shard.customers().size(); });
    return customers <= customers_max;
}

ValueMap preview_data(api::Desk& desk,
                      const SegmentState& state,
                      const std::string& condition,
                      bool people) {
    if (condition.find_first_not_of(" \t\r\n") == std::string::npos) {
        return {};
    }
    const std::string own = state.is_new ? std::string() : state.id;
    const std::atomic<bool> stopping = false;
    Result<std::optional<ValueMap>> answer =
        api::preview_segment(desk, api::draft_of_text(desk, condition, own),
                             {.segment = own, .people = people, .asker = {}}, stopping);
    if (!answer || !*answer) {
        return {};  // Its script asks again.
    }
    ValueMap data = **std::move(answer);
    const std::string as_json = to_json(data);
    const double of = number_at(data, "of");
    data.set("answer", as_json);  // What the script would ask for first.
    const std::string drawn = in_parentheses(condition);
    const std::string member = "in_segment(\"" + own + "\")";
    data.set("where", linked(condition));
    const ValueList mistakes = list_at(data, "diagnostics");
    data.set("uncounted", why_uncounted(mistakes));
    data.set("diagnostics", quoted_narrowly(mistakes, condition));
    data.set("entering", movers_data(data, "entering", drawn + " && !" + member));
    data.set("leaving", movers_data(data, "leaving", member + " && !" + drawn));
    data.set("share", share_of_all(data, of));
    if (data.find("customers")->is_number()) {
        data.set("all_bar", share_bar(of > 0 ? 1 : 0));
        data.set("parts", parts_data(list_at(data, "parts"), of));
    } else {
        data.set("of", Value());
        data.set("parts", ValueList{});
    }
    return data;
}

}  // namespace

SegmentState segment_state(const http::Request& request, const http::Pairs& values) {
    SegmentState state;
    state.id = request.param("id");
    state.is_new = state.id.empty();
    if (state.is_new) {
        state.id = field_of(values, "id");
    }
    const auto typed = [&](std::string_view name) -> std::optional<std::string> {
        const std::string* value = http::find_pair(values, name);
        return value == nullptr ? std::nullopt : std::optional(*value);
    };
    state.name = typed("name");
    state.description = typed("description");
    state.condition = typed("condition");
    if (state.condition) {
        state.condition->erase(std::remove(state.condition->begin(), state.condition->end(), '\r'),
                               state.condition->end());
    }
    if (const std::string newcomers = field_of(values, "newcomers"); !newcomers.empty()) {
        state.newcomers_enter = newcomers == "enter";
    }
    // "Save mine over it" names the version that its writer has seen.
    const std::string over = field_of(values, "over");
    const std::string version = over.empty() ? field_of(values, "version") : over;
    const bool is_number = !version.empty() && version.size() < 19 &&
                           version.find_first_not_of("0123456789") == std::string::npos;
    state.version = is_number ? std::stoull(version) : 0;
    return state;
}

Result<ValueMap> segment_editor_data(api::Desk& desk,
                                     const http::Request& request,
                                     const SegmentState& state) {
    WINBACK_TRY(const ValueMap saved, saved_segment(desk, state));
    const auto who = api::key_of(request, desk.host().keys());
    const std::string condition = state.condition.value_or(text_at(saved, "condition"));
    ValueMap data;
    data.set("id", state.id);
    data.set("is_new", state.is_new);
    data.set("saved_name", text_at(saved, "name"));
    data.set("name", state.name.value_or(text_at(saved, "name")));
    data.set("description", state.description.value_or(text_at(saved, "description")));
    data.set("condition", condition);
    data.set("used_by", list_at(saved, "used_by"));
    data.set("enters", enters_a_journey(list_at(saved, "used_by")));
    data.set("newcomers_enter",
             state.newcomers_enter.value_or(*saved.find("enter") == Value(true)));
    data.set("base_version", state.version != 0 ? Value(static_cast<std::int64_t>(state.version))
                                                : *saved.find("version"));
    ValueMap preview;
    if (state.condition || is_small(desk)) {
        preview = preview_data(desk, state, condition, who && who->allows("personal"));
    }
    data.set("answer", preview.find("answer") == nullptr ? Value() : *preview.find("answer"));
    data.set("preview", preview);
    const Frame frame = frame_of(desk, request);
    data.set("names", names_data(desk, state.is_new ? std::string() : state.id, frame.language));
    data.set("zone", zone_name(frame.zone == nullptr ? utc_zone() : *frame.zone));
    data.set("token", api::form_token(request));
    data.set("may_write", who && who->allows("write"));
    return data;
}

}  // namespace winback::ui
