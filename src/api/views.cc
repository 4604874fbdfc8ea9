#include "api/views.h"

#include <algorithm>

#include "api/access.h"
#include "api/audit.h"
#include "api/customer_actions.h"
#include "api/tree.h"
#include "base/hash.h"
#include "base/strings.h"
#include "host/host.h"
#include "host/setting.h"

namespace winback::api {
namespace {

constexpr std::string_view views_setting = "customer_views";

bool is_shared(const ValueMap& view) {
    const Value* shared = view.find("shared");
    return shared != nullptr && *shared == Value(true);
}

const std::string& owner_of(const host::Key& who) {
    return actor_id(who);
}

Result<ValueList> read_views(Desk& desk) {
    WINBACK_TRY(const Value value, host::read_setting(desk.host().store(), views_setting));
    return value.as_list() == nullptr ? ValueList{} : *value.as_list();
}

bool is_mine(const ValueMap& view, const host::Key& who) {
    return text_at(view, "owner") == owner_of(who);
}

ValueMap trail_of(const ValueMap& view) {
    ValueMap map;
    map.set("name", text_at(view, "name"));
    map.set("shared", is_shared(view));
    return map;
}

}  // namespace

Result<ValueList> list_views(Desk& desk, const host::Key& who) {
    ValueList stored;
    {
        const auto lock = desk.lock_settings();
        WINBACK_TRY(stored, read_views(desk));
    }
    ValueList list;
    for (const Value& value : stored) {
        const ValueMap& view = *value.as_map();
        if (!is_shared(view) && !is_mine(view, who)) {
            continue;
        }
        ValueMap shown;
        for (const char* key : {"id", "name", "query", "by", "created"}) {
            const Value* part = view.find(key);
            shown.set(key, part == nullptr ? Value() : *part);
        }
        shown.set("shared", is_shared(view));
        shown.set("mine", is_mine(view, who));
        shown.set("address", "/customers?" + text_at(view, "query"));
        list.emplace_back(std::move(shown));
    }
    std::stable_sort(list.begin(), list.end(), [](const Value& a, const Value& b) {
        return directory::fold(text_at(*a.as_map(), "name")) <
               directory::fold(text_at(*b.as_map(), "name"));
    });
    return list;
}

Result<std::string> save_view(Desk& desk,
                              const host::Key& who,
                              std::string_view name,
                              const CustomerFilter& filter,
                              bool shared) {
    name = trim(name);
    if (name.empty() || name.size() > view_name_bytes_max || !is_valid_utf8(name)) {
        return Error{ErrorCode::InvalidArgument, "'name' is a text of at most 80 bytes"};
    }
    if (shared && !may(who, "write")) {
        return Error{ErrorCode::PermissionDenied,
                     "a view for everybody needs the scope 'write'; save it for yourself"};
    }
    const Timestamp now = wall_clock();
    const std::string id = to_hex(hash128(owner_of(who) + "/" + std::string(name))).substr(0, 16);
    ValueMap view;
    view.set("id", id);
    view.set("name", name);
    view.set("query", http::format_query(filter.address()));
    view.set("owner", owner_of(who));
    view.set("by", who.name);
    view.set("shared", shared);
    view.set("created", now);
    {
        const auto lock = desk.lock_settings();
        WINBACK_TRY(ValueList views, read_views(desk));
        std::erase_if(views, [&](const Value& v) { return text_at(*v.as_map(), "id") == id; });
        const auto mine = std::count_if(views.begin(), views.end(),
                                        [&](const Value& v) { return is_mine(*v.as_map(), who); });
        if (views.size() >= views_max || static_cast<std::size_t>(mine) >= views_of_one_max) {
            return Error{ErrorCode::InvalidArgument, "there are too many views; delete one first"};
        }
        views.emplace_back(view);
        WINBACK_TRY(const Ok written, host::write_setting(desk.host().store(), views_setting,
                                                          Value(std::move(views))));
        static_cast<void>(written);
    }
    record_change(desk, who,
                  {.what = "view.save", .target = id, .before = {}, .after = trail_of(view)});
    return id;
}

Status delete_view(Desk& desk, const host::Key& who, std::string_view id) {
    ValueMap gone;
    {
        const auto lock = desk.lock_settings();
        WINBACK_TRY(ValueList views, read_views(desk));
        const auto found = std::find_if(views.begin(), views.end(), [&](const Value& v) {
            const ValueMap& view = *v.as_map();
            return text_at(view, "id") == id &&
                   (is_mine(view, who) || (is_shared(view) && who.allows("admin")));
        });
        if (found == views.end()) {
            return Error{ErrorCode::NotFound, "you have no such view"};
        }
        gone = trail_of(*found->as_map());
        views.erase(found);
        WINBACK_TRY(const Ok written, host::write_setting(desk.host().store(), views_setting,
                                                          Value(std::move(views))));
        static_cast<void>(written);
    }
    record_change(desk, who,
                  {.what = "view.delete", .target = std::string(id), .before = gone, .after = {}});
    return Ok{};
}

}  // namespace winback::api
