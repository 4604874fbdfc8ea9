// Up to three sets of customers over each other, as circles with the number of each part.
#include <algorithm>
#include <iterator>
#include <utility>

#include "api/lists.h"
#include "api/overlap.h"
#include "host/host.h"
#include "http/url.h"
#include "template/locale.h"
#include "ui/name_order.h"
#include "ui/overlap_chart.h"
#include "ui/routes.h"
#include "ui/template_data.h"
#include "ui/texts.h"

namespace winback::ui {
namespace {

constexpr std::size_t set_bytes_max = 200;

std::vector<std::string> chosen_sets(const http::Request& request) {
    std::vector<std::string> keys;
    for (const auto& [name, value] : request.query) {
        const bool known = std::find(keys.begin(), keys.end(), value) != keys.end();
        if (name == "set" && !value.empty() && value.size() <= set_bytes_max && !known) {
            keys.push_back(value);
        }
    }
    return keys;
}

// All that can be chosen: segments of the playbook, then lists, each by name.
ValueList offered_sets(api::Desk& desk,
                       const std::vector<std::string>& keys,
                       std::string_view language) {
    ValueList segments;
    ValueList lists;
    const auto add = [&](ValueList& list, const char* kind, const std::string& id,
                         const std::string& name, const Words& names) {
        const std::string key = std::string(kind) + ":" + id;
        ValueMap map;
        map.set("key", key);
        map.set("id", id);
        map.set("kind", kind);
        set_words(map, "name", name, names);
        map.set("chosen", std::find(keys.begin(), keys.end(), key) != keys.end());
        list.emplace_back(std::move(map));
    };
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        for (const segment::Segment& segment : definitions->segments) {
            add(segments, "segment", segment.id, segment.name, segment.names);
        }
    }
    if (const Result<ValueList> entries = api::list_names(desk)) {
        for (const Value& value : *entries) {
            const ValueMap& entry = *value.as_map();
            add(lists, "list", text_at(entry, "id"), text_at(entry, "name"), {});
        }
    }
    sort_by_name(segments, language);
    sort_by_name(lists, language);
    std::move(lists.begin(), lists.end(), std::back_inserter(segments));
    return segments;
}

std::string address_of(const ValueMap& part) {
    return "/customers?where=" + http::percent_encode(text_at(part, "condition"));
}

// The rows of the table and the numbers of the picture.
struct Parts {
    ValueList rows;
    std::vector<OverlapPart> shown;
};

// `label`: as the picture's number is read out. `inside`: a bit for each set.
void add_part(const Frame& frame, ValueMap row, std::string label, unsigned inside, Parts& parts) {
    const Value* may = frame.may.find("personal");
    const std::string number = liquid::format_number(
        std::to_string(static_cast<std::int64_t>(row.find("customers")->number_or(0))),
        frame.locale);
    const std::string address = address_of(row);
    parts.shown.push_back({.inside = inside,
                           .number = number,
                           .address = may != nullptr && *may == Value(true) ? address : "",
                           .label = std::move(label) + ": " + number});
    row.set("address", address);
    parts.rows.emplace_back(std::move(row));
}

Parts parts_of(const Pages& pages, const Frame& frame, const ValueMap& overlap) {
    const ValueList& sets = list_at(overlap, "sets");
    Parts parts;
    unsigned bits = 0;
    ValueList all;
    for (const Value& set : sets) {
        all.push_back(spoken_text(*set.as_map(), "name", frame.language));
    }
    for (const Value& value : list_at(overlap, "parts")) {
        ++bits;
        ValueMap row = *value.as_map();
        ValueList in;
        ValueList out;
        std::string letters;
        for (std::size_t i = 0; i < all.size(); ++i) {
            const bool inside = (bits >> i & 1U) != 0;
            (inside ? in : out).push_back(all[i]);
            letters += inside ? std::string(letters.empty() ? "" : " ∩ ") + char('A' + i) : "";
        }
        row.set("in", std::move(in));
        row.set("out", std::move(out));
        add_part(frame, std::move(row), std::move(letters), bits, parts);
    }
    ValueMap outside = *overlap.find("outside")->as_map();
    outside.set("in", ValueList());
    outside.set("out", std::move(all));
    add_part(frame, std::move(outside), pages.text(frame, "overlap.outside"), 0, parts);
    return parts;
}

void add_overlap(const Pages& pages, const Frame& frame, const ValueMap& overlap, ValueMap& data) {
    Parts parts = parts_of(pages, frame, overlap);
    const ValueMap& together = *overlap.find("together")->as_map();
    ValueMap any = *together.find("union")->as_map();
    any.set("address", address_of(any));
    const Language* language = find_language(frame.language);
    data.set("picture", overlap_chart(static_cast<int>(list_at(overlap, "sets").size()),
                                      parts.shown, pages.text(frame, "overlap.picture"),
                                      language != nullptr && language->right_to_left));
    data.set("sets", *overlap.find("sets"));
    data.set("customers", *overlap.find("customers"));
    data.set("parts", std::move(parts.rows));
    data.set("any", std::move(any));
    data.set("all", *together.find("intersection"));
    data.set("outside", *overlap.find("outside"));
}

}  // namespace

http::Response overlap_page(api::Desk& desk, const Pages& pages, const http::Request& request) {
    Frame frame = frame_of(desk, request);
    frame.active = "segments";
    frame.title = pages.text(frame, "overlap.title");
    frame.styles = {"desk_css"};
    const std::vector<std::string> keys = chosen_sets(request);
    ValueMap data;
    data.set("offered", offered_sets(desk, keys, frame.language));
    data.set("chosen", static_cast<std::int64_t>(keys.size()));
    data.set("problem", keys.size() > api::overlap_sets_max ? "too_many" : "");
    if (keys.size() < api::overlap_sets_min || keys.size() > api::overlap_sets_max) {
        return pages.render(200, "overlap", frame, data);
    }
    const Result<ValueMap> overlap = api::overlap_of(desk, keys);
    if (overlap) {
        add_overlap(pages, frame, *overlap, data);
        return pages.render(200, "overlap", frame, data);
    }
    data.set("problem", overlap.error().code == ErrorCode::Unavailable ? "busy" : "gone");
    return pages.render(http::error(overlap.error()).status, "overlap", frame, data);
}

}  // namespace winback::ui
