#include "api/overlap.h"

#include <algorithm>
#include <array>
#include <bit>

#include "api/lists.h"
#include "api/tree.h"
#include "api/walk.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

constexpr std::size_t parts_max = std::size_t{1} << overlap_sets_max;

struct Set {
    std::string key;
    std::string kind;
    std::string id;
    std::string name;
    Words names;
    std::size_t position = 0;  // Of a segment, in the definitions.
};

using Counts = std::array<std::int64_t, parts_max>;

Result<Set> find_set(Desk& desk, const engine::Definitions& definitions, const std::string& key) {
    const std::size_t colon = key.find(':');
    Set set{.key = key,
            .kind = key.substr(0, colon),
            .id = colon == std::string::npos ? std::string() : key.substr(colon + 1),
            .name = {},
            .names = {},
            .position = 0};
    if (set.kind == "segment") {
        const auto& segments = definitions.segments;
        const auto found =
            std::find_if(segments.begin(), segments.end(),
                         [&](const segment::Segment& segment) { return segment.id == set.id; });
        if (found != segments.end()) {
            set.name = found->name;
            set.names = found->names;
            set.position = static_cast<std::size_t>(found - segments.begin());
            return set;
        }
        return Error{ErrorCode::NotFound, "there is no segment '" + set.id + "'"};
    }
    if (set.kind == "list") {
        WINBACK_TRY(const ValueMap list, list_entry(desk, set.id));
        set.name = text_at(list, "name");
        return set;
    }
    return Error{ErrorCode::InvalidArgument,
                 "a set is 'segment:ID' or 'list:ID', not '" + key + "'"};
}

void count_slice(const engine::Shard& shard,
                 CustomerIndex from,
                 CustomerIndex to,
                 const std::vector<Set>& sets,
                 Counts& counts) {
    const customer::Customers& customers = shard.customers();
    const bool asks_lists =
        std::any_of(sets.begin(), sets.end(), [](const Set& set) { return set.kind == "list"; });
    for (CustomerIndex c = from; c < to; ++c) {
        if (!customers.merged_into(c).empty() || customers.erased(c)) {
            continue;
        }
        const auto lists = asks_lists ? customers.labels(c, customer::lists_attribute)
                                      : std::vector<std::string>();
        const std::span<const std::uint64_t> membership = shard.membership(c);
        std::size_t part = 0;
        for (std::size_t i = 0; i < sets.size(); ++i) {
            const Set& set = sets[i];
            const bool inside =
                set.kind == "list"
                    ? std::binary_search(lists.begin(), lists.end(), set.id)
                    : set.position / 64 < membership.size() &&
                          (membership[set.position / 64] >> (set.position % 64) & 1U) != 0;
            part |= inside ? std::size_t{1} << i : 0;
        }
        ++counts[part];
    }
}

// in_segment("a") && !in_list("b"): who is in exactly these; in none of them with 0.
std::string condition_of(const std::vector<Set>& sets, std::size_t inside) {
    std::string text;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        text += i == 0 ? "" : " && ";
        text += (inside >> i & 1U) != 0 ? "" : "!";
        text += (sets[i].kind == "list" ? "in_list(\"" : "in_segment(\"") + sets[i].id + "\")";
    }
    return text;
}

std::string any_of(const std::vector<Set>& sets) {
    std::string text;
    for (const Set& set : sets) {
        text += text.empty() ? "" : " || ";
        text += (set.kind == "list" ? "in_list(\"" : "in_segment(\"") + set.id + "\")";
    }
    return text;
}

ValueMap counted(std::int64_t customers, std::string condition) {
    ValueMap map;
    map.set("customers", customers);
    map.set("condition", std::move(condition));
    return map;
}

ValueMap answer_of(const std::vector<Set>& sets, const Counts& counts) {
    const std::size_t whole = std::size_t{1} << sets.size();
    ValueMap tree;
    std::int64_t customers = 0;
    for (std::size_t part = 0; part < whole; ++part) {
        customers += counts[part];
    }
    tree.set("customers", customers);
    ValueList list;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        std::int64_t own = 0;
        for (std::size_t part = 0; part < whole; ++part) {
            own += (part >> i & 1U) != 0 ? counts[part] : 0;
        }
        ValueMap map;
        map.set("key", sets[i].key);
        map.set("kind", sets[i].kind);
        map.set("id", sets[i].id);
        add_name(map, sets[i].id, &sets[i]);
        map.set("customers", own);
        list.emplace_back(std::move(map));
    }
    tree.set("sets", std::move(list));
    ValueList parts;
    for (std::size_t part = 1; part < whole; ++part) {
        ValueMap map = counted(counts[part], condition_of(sets, part));
        ValueList inside;
        for (std::size_t i = 0; i < sets.size(); ++i) {
            inside.emplace_back((part >> i & 1U) != 0);
        }
        map.set("inside", std::move(inside));
        parts.emplace_back(std::move(map));
    }
    tree.set("parts", std::move(parts));
    tree.set("outside", counted(counts[0], condition_of(sets, 0)));
    ValueMap together;
    together.set("union", counted(customers - counts[0], any_of(sets)));
    together.set("intersection", counted(counts[whole - 1], condition_of(sets, whole - 1)));
    together.set("difference", counted(counts[1], condition_of(sets, 1)));
    tree.set("together", std::move(together));
    return tree;
}

}  // namespace

Result<ValueMap> overlap_of(Desk& desk, const std::vector<std::string>& keys) {
    if (keys.size() < overlap_sets_min || keys.size() > overlap_sets_max) {
        return Error{ErrorCode::InvalidArgument, "choose one, two or three sets"};
    }
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    if (definitions == nullptr) {
        return Error{ErrorCode::NotFound, "there is no playbook, so there are no segments"};
    }
    std::vector<Set> sets;
    for (const std::string& key : keys) {
        const bool twice =
            std::any_of(sets.begin(), sets.end(), [&](const Set& set) { return set.key == key; });
        if (twice) {
            return Error{ErrorCode::InvalidArgument, "'" + key + "' was chosen twice"};
        }
        WINBACK_TRY(Set set, find_set(desk, *definitions, key));
        sets.push_back(std::move(set));
    }
    Counts counts{};
    bool reloaded = false;
    Walk(desk.host()).run([&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        reloaded = reloaded || view.shard.definitions() != definitions;
        if (!reloaded) {
            count_slice(view.shard, from, to, sets, counts);
        }
    });
    if (reloaded) {
        return Error{ErrorCode::Unavailable, "the playbook is being loaded; ask again"};
    }
    return answer_of(sets, counts);
}

}  // namespace winback::api
