// One customer: who they are, what happened, what comes next, and what can be done.
#include "ui/customer_page.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "api/access.h"
#include "api/customer_actions.h"
#include "api/customers.h"
#include "host/host.h"
#include "http/url.h"
#include "ui/charts.h"
#include "ui/course_chart.h"
#include "ui/page_data.h"
#include "ui/tree.h"

namespace winback::ui {
namespace {

constexpr std::size_t timeline_rows = 50;
constexpr std::size_t details_max = 6;  // Properties shown of one event.
constexpr std::size_t facts_max = 100;

// Maps and lists as JSON; all else as the template shows it.
Value shown(const Value& value) {
    const bool nested = value.as_map() != nullptr || value.as_list() != nullptr;
    return nested ? Value(to_json(value)) : value;
}

ValueList pairs_list(const ValueMap& map, std::size_t most) {
    ValueList list;
    for (const auto& [name, value] : map) {
        if (list.size() < most && !value.is_null()) {
            ValueMap pair;
            pair.set("name", name);
            pair.set("value", shown(value));
            pair.set("is_time", value.as_time() != nullptr);
            list.emplace_back(std::move(pair));
        }
    }
    return list;
}

std::string order_chart_of(const ValueMap& tree, std::string_view label) {
    OrderHistory history;
    for (const Value& value : *tree.find("order_days")->as_list()) {
        const ValueMap& day = *value.as_map();
        history.days.push_back({std::llround(number_at(day, "day")), number_at(day, "revenue")});
    }
    history.today = tree.find("now")->as_time()->ms / days(1).ms;
    if (const ValueMap* rhythm = tree.find("rhythm")->as_map()) {
        history.gap_low = number_at(*rhythm, "low_days");
        history.gap_high = number_at(*rhythm, "high_days");
    }
    return order_chart(history, label);
}

// "Segment Entered" is the text timeline.segment_entered; names of others stay as they are.
std::string fact_key(const std::string& name) {
    constexpr std::array<std::string_view, 15> known{
        "segment_entered",  "segment_left",       "journey_entered",  "journey_exited",
        "journey_finished", "goal_reached",       "identity_merged",  "consent_changed",
        "suppressed",       "suppression_lifted", "tagged",           "untagged",
        "note_added",       "added_to_list",      "removed_from_list"};
    std::string key;
    for (const char c : name) {
        key += c == ' ' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const bool is_known = std::find(known.begin(), known.end(), key) != known.end();
    return is_known ? "timeline." + key : std::string();
}

// What a decision was about, in the words of the playbook.
void set_about(ValueMap& entry, const engine::Definitions* definitions, const ValueMap& details) {
    const std::string id = text_at(details, "segment");
    const std::string journey = text_at(details, "journey");
    if (!id.empty()) {
        set_name(entry, "about", id, definitions == nullptr ? nullptr : definitions->segment(id));
    } else if (!journey.empty()) {
        set_name(entry, "about", journey,
                 definitions == nullptr ? nullptr : definitions->journey(journey));
    } else {
        entry.set("about", text_at(details, "tag") + text_at(details, "list"));
    }
}

// What an event says besides its name: lists as counts, what is not so left out.
ValueMap plain_details(const ValueMap& entry) {
    const Value* source = entry.find("properties");
    ValueMap plain;
    if (source == nullptr || source->as_map() == nullptr) {
        return plain;
    }
    for (const auto& [name, value] : *source->as_map()) {
        if (const ValueList* list = value.as_list()) {
            plain.set(name, static_cast<std::int64_t>(list->size()));
        } else if (value.as_map() == nullptr && value != Value(false)) {
            plain.set(name, value);
        }
    }
    return plain;
}

void complete_entry(ValueMap& entry, const engine::Definitions* definitions, const host::Key& who) {
    entry.set("pairs", pairs_list(plain_details(entry), details_max));
    const Value* source = entry.find("details");
    if (source == nullptr || source->as_map() == nullptr) {
        return;
    }
    const ValueMap details = *source->as_map();
    entry.set("text_key", fact_key(text_at(entry, "name")));
    set_about(entry, definitions, details);
    for (const char* name :
         {"reason", "by", "channel", "state", "topic", "text", "note", "merged_into"}) {
        entry.set(name, text_at(details, name));
    }
    for (const char* name : {"facts", "definitions"}) {
        if (const Value* value = details.find(name)) {
            entry.set(name, *value);
        }
    }
    const std::string& me = api::actor_id(who);
    entry.set("mine", text_at(details, "by_id") == me || who.allows("admin"));
}

Result<ValueMap> timeline_of(api::Desk& desk,
                             const std::string& id,
                             const std::string& path,
                             const http::Request& request,
                             const host::Key& who) {
    WINBACK_TRY(api::TimelineFilter filter, api::timeline_filter_of(request));
    filter.limit = timeline_rows;
    WINBACK_TRY(ValueMap found, api::describe_timeline(desk, id, filter));
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    ValueList entries;
    for (const Value& value : *found.find("entries")->as_list()) {
        ValueMap entry = *value.as_map();
        complete_entry(entry, definitions.get(), who);
        entries.emplace_back(std::move(entry));
    }
    found.set("entries", std::move(entries));
    found.set("kind", filter.kind);
    http::Pairs older;
    if (!filter.kind.empty()) {
        older.emplace_back("kind", filter.kind);
    }
    const std::string after = text_at(found, "after");
    older.emplace_back("after", after);
    found.set("older",
              after.empty() ? std::string() : path + "?" + http::format_query(older) + "#timeline");
    found.set("later", !filter.after.empty());
    return found;
}

void add_chances(ValueMap& data) {
    const ValueMap& scores = *data.find("scores")->as_map();
    // People judge ten chances better than per cent; never "10 of 10" for what is not certain.
    const Value* p_order = scores.find("p_order");
    if (p_order != nullptr && p_order->is_number()) {
        const double chance = p_order->number_or(0);
        data.set("chance_in_ten", std::clamp<std::int64_t>(std::llround(chance * 10), 1, 9));
        data.set("chance_below_one_in_ten", chance < 0.05);
        data.set("chance_in_hundred", std::clamp<std::int64_t>(std::llround(chance * 100), 1, 99));
    }
}

void add_charts(const Pages& pages, const Frame& frame, ValueMap& data) {
    const Value kept = *data.find("course");  // `data` grows below.
    const ValueMap* course = kept.as_map();
    if (course == nullptr) {
        return;
    }
    const Timestamp now = *data.find("now")->as_time();
    data.set("orders_chart", order_chart_of(data, pages.text(frame, "customer.orders_chart")));
    data.set("course_chart",
             course_chart(*course, now, pages.text(frame, "customer.course_chart")));
    data.set("course_top", std::ceil(course_top(*course)));
    data.set("course_end", course_end(*course, now));
    const ValueList* typical = course->find("typical")->as_list();
    const bool modelled = typical != nullptr && !typical->empty();
    data.set("modelled", modelled);
    if (modelled) {
        data.set("typical_now", number_at(*typical->back().as_map(), "orders"));
        const ValueList& ahead = *course->find("ahead")->as_list();
        data.set("ahead_orders", number_at(*ahead.back().as_map(), "orders") -
                                     number_at(*ahead.front().as_map(), "orders"));
    }
}

Result<ValueMap> customer_data(api::Desk& desk,
                               const http::Request& request,
                               const host::Key& who) {
    WINBACK_TRY(ValueMap data, api::describe_customer(desk, request.param("id")));
    const std::string id = text_at(data, "id");
    const std::string path = "/customers/" + http::percent_encode(id);
    WINBACK_TRY(ValueMap timeline, timeline_of(desk, id, path, request, who));
    data.set("timeline", std::move(timeline));
    data.set("path", path);
    data.set("given", pairs_list(*data.find("attributes")->as_map(), facts_max));
    data.set("derived_list", pairs_list(*data.find("derived")->as_map(), facts_max));
    data.set("grave", api::is_grave(text_at(data, "suppression_reason")));
    add_chances(data);
    return data;
}

}  // namespace

http::Response show_customer(api::Desk& desk,
                             const Pages& pages,
                             const http::Request& request,
                             const Wrong& wrong) {
    Frame frame = frame_of(desk, request);
    frame.active = "customers";
    frame.styles = {"customers_css"};
    const auto who = api::key_of(request, desk.host().keys());
    Result<ValueMap> data = customer_data(desk, request, who.value_or(host::Key{}));
    if (!data) {
        return problem(pages, frame, http::error(data.error()).status);
    }
    add_charts(pages, frame, *data);
    data->set("problem", wrong.key);
    data->set("typed", wrong.typed);
    frame.title = text_at(*data, "id");
    return pages.render(wrong.key.empty() ? 200 : 422, "customer", frame, *data);
}

http::Response customer_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    return show_customer(desk, pages, request, {});
}

}  // namespace winback::ui
