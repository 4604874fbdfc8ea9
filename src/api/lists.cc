#include "api/lists.h"

#include <algorithm>
#include <map>

#include "api/access.h"
#include "api/audit.h"
#include "api/walk.h"
#include "base/strings.h"
#include "customer/limits.h"
#include "host/host.h"
#include "host/setting.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

constexpr std::string_view lists_setting = "lists";

std::string text_at(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
}

Result<ValueList> read_lists(Desk& desk) {
    WINBACK_TRY(const Value value, host::read_setting(desk.host().store(), lists_setting));
    return value.as_list() == nullptr ? ValueList{} : *value.as_list();
}

ValueMap* find_list(ValueList& lists, std::string_view id) {
    for (Value& value : lists) {
        if (text_at(*value.as_map(), "id") == id) {
            return value.as_map();
        }
    }
    return nullptr;
}

Error no_list() {
    return {ErrorCode::NotFound, "there is no such list"};
}

// "Summer fair 2026" -> "summer_fair_2026"; names without ASCII letters are numbered.
std::string id_of(std::string_view name, const ValueList& lists) {
    std::string id;
    for (const char c : to_lower_ascii(name)) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (good) {
            id += c;
        } else if (!id.empty() && id.back() != '_') {
            id += '_';
        }
    }
    while (!id.empty() && id.back() == '_') {
        id.pop_back();
    }
    id = id.substr(0, customer::label_bytes_max / 2);
    if (!id.empty()) {
        return id;
    }
    ValueList known = lists;
    for (std::size_t n = 1;; ++n) {
        id = "list_" + std::to_string(n);
        if (find_list(known, id) == nullptr) {
            return id;
        }
    }
}

std::map<std::string, std::int64_t> count_members(Desk& desk) {
    std::map<std::string, std::int64_t> counts;
    Walk(desk.host()).run([&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        const customer::Customers& customers = view.shard.customers();
        for (CustomerIndex c = from; c < to; ++c) {
            if (customers.merged_into(c).empty() && !customers.erased(c)) {
                for (std::string& list : customers.labels(c, customer::lists_attribute)) {
                    ++counts[std::move(list)];
                }
            }
        }
    });
    return counts;
}

// Segments and journeys that have a condition which asks for the list.
ValueList users_of(const engine::Definitions* definitions, std::string_view id) {
    ValueList list;
    if (definitions == nullptr) {
        return list;
    }
    const std::string asked = "in_list(\"" + std::string(id) + "\")";
    const auto add = [&](const char* kind, const auto& user) {
        ValueMap map;
        map.set("kind", kind);
        map.set("id", user.id);
        add_name(map, user.id, &user);
        list.emplace_back(std::move(map));
    };
    for (const segment::Segment& segment : definitions->segments) {
        if (segment.condition.canonical.find(asked) != std::string::npos) {
            add("segment", segment);
        }
    }
    for (const journey::Journey& journey : definitions->journeys) {
        const auto asks = [&](const expr::Condition& condition) {
            return condition.canonical.find(asked) != std::string::npos;
        };
        const bool steps = std::any_of(
            journey.steps.begin(), journey.steps.end(),
            [&](const journey::Step& step) { return step.condition && asks(*step.condition); });
        if (steps || std::any_of(journey.exits.begin(), journey.exits.end(), asks) ||
            (journey.goal.where && asks(*journey.goal.where))) {
            add("journey", journey);
        }
    }
    return list;
}

}  // namespace

Result<ValueList> list_names(Desk& desk) {
    const auto lock = desk.lock_settings();
    return read_lists(desk);
}

Result<ValueMap> list_entry(Desk& desk, std::string_view id) {
    WINBACK_TRY(ValueList lists, list_names(desk));
    const ValueMap* list = find_list(lists, id);
    return list == nullptr ? Result<ValueMap>(no_list()) : Result<ValueMap>(*list);
}

Result<ValueMap> describe_lists(Desk& desk) {
    WINBACK_TRY(ValueList lists, list_names(desk));
    const std::map<std::string, std::int64_t> counts = count_members(desk);
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    for (Value& value : lists) {
        ValueMap& list = *value.as_map();
        const auto count = counts.find(text_at(list, "id"));
        list.set("customers", count == counts.end() ? std::int64_t{0} : count->second);
        list.set("used_by", users_of(definitions.get(), text_at(list, "id")));
    }
    std::sort(lists.begin(), lists.end(), [](const Value& a, const Value& b) {
        return text_at(*a.as_map(), "name") < text_at(*b.as_map(), "name");
    });
    ValueMap tree;
    tree.set("lists", std::move(lists));
    return tree;
}

Result<ValueMap> describe_list(Desk& desk, std::string_view id) {
    WINBACK_TRY(ValueMap shown, list_entry(desk, id));
    shown.set("customers", static_cast<std::int64_t>(members_of_list(desk, id).size()));
    shown.set("used_by", users_of(desk.host().definitions().get(), id));
    if (shown.find("upload") == nullptr) {
        shown.set("upload", Value());
    }
    return shown;
}

Result<std::string> create_list(Desk& desk, const host::Key& who, std::string_view name) {
    name = trim(name);
    if (name.empty() || name.size() > list_name_bytes_max || !is_valid_utf8(name)) {
        return Error{ErrorCode::InvalidArgument, "'name' is a text of at most 80 bytes"};
    }
    std::string id;
    {
        const auto lock = desk.lock_settings();
        WINBACK_TRY(ValueList lists, read_lists(desk));
        if (lists.size() >= lists_max) {
            return Error{ErrorCode::Conflict, "there are 200 lists; delete one first"};
        }
        id = id_of(name, lists);
        if (find_list(lists, id) != nullptr) {
            return Error{ErrorCode::Conflict,
                         "there is a list '" + id + "' already; choose another name"};
        }
        ValueMap list;
        list.set("id", id);
        list.set("name", name);
        list.set("by", who.name);
        list.set("created", desk.host().now());
        lists.emplace_back(std::move(list));
        WINBACK_TRY([[maybe_unused]] const Ok written,
                    host::write_setting(desk.host().store(), lists_setting, Value(lists)));
    }
    record_change(desk, who,
                  {.what = "list.create", .target = id, .before = {}, .after = Value(name)});
    return id;
}

Status delete_list(Desk& desk, const host::Key& who, std::string_view id) {
    WINBACK_TRY([[maybe_unused]] const ValueMap known, list_entry(desk, id));
    const ValueList users = users_of(desk.host().definitions().get(), id);
    if (!users.empty()) {
        const ValueMap& user = *users.front().as_map();
        return Error{ErrorCode::Conflict, "the " + text_at(user, "kind") + " '" +
                                              text_at(user, "id") +
                                              "' asks for this list; change that first"};
    }
    const std::vector<std::string> members = members_of_list(desk, id);
    WINBACK_TRY([[maybe_unused]] const Ok emptied,
                order_for_all(desk, who, engine::Command::Kind::Delist, id, members));
    {
        const auto lock = desk.lock_settings();
        WINBACK_TRY(ValueList lists, read_lists(desk));
        std::erase_if(lists, [&](const Value& v) { return text_at(*v.as_map(), "id") == id; });
        WINBACK_TRY([[maybe_unused]] const Ok written,
                    host::write_setting(desk.host().store(), lists_setting, Value(lists)));
    }
    record_change(desk, who,
                  {.what = "list.delete",
                   .target = std::string(id),
                   .before = Value(static_cast<std::int64_t>(members.size())),
                   .after = {}});
    return Ok{};
}

Result<ListMode> parse_list_mode(std::string_view name) {
    if (name == "add" || name.empty()) {
        return ListMode::Add;
    }
    if (name == "remove") {
        return ListMode::Remove;
    }
    if (name == "replace") {
        return ListMode::Replace;
    }
    return Error{ErrorCode::InvalidArgument, "'mode' is add, remove or replace"};
}

Status keep_upload(Desk& desk, std::string_view id, const ValueMap& outcome) {
    const auto lock = desk.lock_settings();
    WINBACK_TRY(ValueList lists, read_lists(desk));
    if (ValueMap* list = find_list(lists, id)) {
        list->set("upload", outcome);
        return host::write_setting(desk.host().store(), lists_setting, Value(lists));
    }
    return no_list();
}

}  // namespace winback::api
