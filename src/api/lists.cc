#include "api/lists.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "api/access.h"
#include "api/audit.h"
#include "api/new_id.h"
#include "api/tree.h"
#include "base/strings.h"
#include "host/host.h"
#include "host/setting.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

constexpr std::string_view lists_setting = "lists";
// How many came on or off in an hour: what the four-eyes rule counts, and nobody is shown.
constexpr std::string_view moves_member = "moves";
constexpr std::int64_t hours_of_day = 24;

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

// One entry for each hour in which somebody was moved; those that ended 24 hours ago are gone.
ValueList recent_moves(const ValueMap& list, std::int64_t hour) {
    const Value* kept = list.find(moves_member);
    ValueList moves =
        kept == nullptr || kept->as_list() == nullptr ? ValueList{} : *kept->as_list();
    std::erase_if(moves, [&](const Value& move) {
        return whole_at(*move.as_map(), "hour") + hours_of_day < hour;
    });
    return moves;
}

ValueMap without_moves(ValueMap list) {
    list.erase(moves_member);
    return list;
}

Error no_list() {
    return {ErrorCode::NotFound, "there is no such list"};
}

// One question for each shard: of a shard only those who are on a list are looked at.
std::map<std::string, std::int64_t> count_members(Desk& desk) {
    std::mutex mutex;
    std::map<std::string, std::int64_t> counts;
    desk.host().query([&](const host::ShardView& view) {
        std::map<std::string, std::int64_t> some;
        const customer::Customers& customers = view.shard.customers();
        const auto size = static_cast<CustomerIndex>(customers.size());
        for (const CustomerIndex c : customers.labelled(0, size, customer::lists_attribute)) {
            if (customers.merged_into(c).empty() && !customers.erased(c)) {
                for (std::string& list : customers.labels(c, customer::lists_attribute)) {
                    ++some[std::move(list)];
                }
            }
        }
        const std::lock_guard lock(mutex);
        for (const auto& [list, customers_of_it] : some) {
            counts[list] += customers_of_it;
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
    return list == nullptr ? Result<ValueMap>(no_list()) : Result<ValueMap>(without_moves(*list));
}

Result<ValueMap> describe_lists(Desk& desk) {
    WINBACK_TRY(ValueList lists, list_names(desk));
    const std::map<std::string, std::int64_t> counts = count_members(desk);
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    for (Value& value : lists) {
        ValueMap& list = *value.as_map();
        list.erase(moves_member);
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
        id = new_id(name, "list",
                    [&](std::string_view one) { return find_list(lists, one) != nullptr; });
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

Result<Moves> count_moves(Desk& desk,
                          std::string_view id,
                          std::uint64_t people,
                          std::uint64_t above) {
    const auto lock = desk.lock_settings();
    WINBACK_TRY(ValueList lists, read_lists(desk));
    ValueMap* list = find_list(lists, id);
    if (list == nullptr) {
        return no_list();
    }
    const std::int64_t hour = desk.host().now().ms / hours(1).ms;
    ValueList moves = recent_moves(*list, hour);
    Moves sum;
    for (const Value& move : moves) {
        sum.before += static_cast<std::uint64_t>(whole_at(*move.as_map(), "people"));
    }
    sum.kept = sum.before + people <= above;
    if (!sum.kept) {
        return sum;
    }
    auto of_hour = std::find_if(moves.begin(), moves.end(), [&](const Value& move) {
        return whole_at(*move.as_map(), "hour") == hour;
    });
    if (of_hour == moves.end()) {
        ValueMap begun;
        begun.set("hour", hour);
        of_hour = moves.insert(moves.end(), Value(std::move(begun)));
    }
    ValueMap& now = *of_hour->as_map();
    now.set("people", number(static_cast<std::uint64_t>(whole_at(now, "people")) + people));
    list->set(std::string(moves_member), Value(std::move(moves)));
    WINBACK_TRY([[maybe_unused]] const Ok written,
                host::write_setting(desk.host().store(), lists_setting, Value(lists)));
    return sum;
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
