#include "expr/functions.h"

#include <array>
#include <vector>

#include "base/diagnostic.h"
#include "expr/types.h"

namespace winback::expr {
namespace {

using enum FunctionGroup;

constexpr std::array<FunctionInfo, 67> functions{{
    {"ev", Function::Ev, Global, 1,
     "ev(\"name\"), ev([\"a\", \"b\"]), ev(\"prefix.*\"), ev(\"*\")"},
    {"sent", Function::Sent, Global, 1, "sent(\"campaign\") or sent(\"*\")"},
    {"ago", Function::Ago, Global, 1, "ago(\"90d\")"},
    {"dur", Function::Dur, Global, 1, "dur(\"36h\")"},
    {"score", Function::Score, Global, 1, "score(\"name\")"},
    {"in_segment", Function::InSegment, Global, 1, "in_segment(\"id\")"},
    {"in_list", Function::InList, Global, 1, "in_list(\"id\")"},
    {"in_any", Function::InAny, Global, 1, "in_any([\"a\", \"b\"])"},
    {"consent", Function::Consent, Global, 1, "consent(\"email\") == \"granted\""},
    {"consent_changes", Function::ConsentChanges, Global, 1,
     "consent_changes(\"push\").exists(c, c.state == \"granted\")"},
    {"timestamp", Function::Timestamp, Global, 1, "timestamp(\"2026-01-31T00:00:00Z\")"},
    {"duration", Function::Duration, Global, 1, "duration(\"1h30m\")"},
    {"has", Function::Has, Global, 1, "has(user.plan)"},
    {"size", Function::Size, Global, 1, "size(user.tags)"},
    {"size", Function::Size, Method, 0, "user.tags.size()"},
    {"int", Function::ToInt, Global, 1, "int(user.age)"},
    {"uint", Function::ToUint, Global, 1, "uint(user.age)"},
    {"double", Function::ToDouble, Global, 1, "double(user.price)"},
    {"string", Function::ToString, Global, 1, "string(user.age)"},
    {"bytes", Function::ToBytes, Global, 1, "bytes(user.code)"},
    {"bool", Function::ToBool, Global, 1, "bool(user.newsletter)"},
    {"dyn", Function::Dyn, Global, 1, "dyn(user.age)"},
    {"day", Function::Day, Global, 1, "day(user.first_seen) or day(user.first_seen, \"UTC\")", 1},
    {"hour", Function::Hour, Global, 1, "hour(e.time) or hour(e.time, \"Europe/Berlin\")", 1},
    {"getFullYear", Function::Part, Method, 0, "user.first_seen.getFullYear()", 1},
    {"getMonth", Function::Part, Method, 0, "user.first_seen.getMonth()", 1},
    {"getDate", Function::Part, Method, 0, "user.first_seen.getDate()", 1},
    {"getDayOfMonth", Function::Part, Method, 0, "user.first_seen.getDayOfMonth()", 1},
    {"getDayOfWeek", Function::Part, Method, 0, "e.time.getDayOfWeek()", 1},
    {"getDayOfYear", Function::Part, Method, 0, "user.first_seen.getDayOfYear()", 1},
    {"getHours", Function::Part, Method, 0, "e.time.getHours(\"Europe/Berlin\")", 1},
    {"getMinutes", Function::Part, Method, 0, "e.time.getMinutes()", 1},
    {"getSeconds", Function::Part, Method, 0, "e.time.getSeconds()", 1},
    {"getMilliseconds", Function::Part, Method, 0, "e.time.getMilliseconds()", 1},
    {"contains", Function::Contains, Method, 1, "user.city.contains(\"x\")"},
    {"startsWith", Function::StartsWith, Method, 1, "user.city.startsWith(\"x\")"},
    {"endsWith", Function::EndsWith, Method, 1, "user.email.endsWith(\"x\")"},
    {"matches", Function::Matches, Method, 1, "user.sku.matches(r\"^A[0-9]+\")"},
    {"matches", Function::Matches, Global, 2, "matches(user.sku, r\"^A[0-9]+\")"},
    {"exists", Function::Exists, Macro, 2, "user.items.exists(i, i.price > 10)"},
    {"all", Function::All, Macro, 2, "user.items.all(i, i.price > 10)"},
    {"exists_one", Function::ExistsOne, Macro, 2, "user.items.exists_one(i, i.price > 10)"},
    {"filter", Function::Filter, Macro, 2, "user.items.filter(i, i.price > 10)"},
    {"map", Function::Map, Macro, 2, "user.items.map(i, i.price)", 1},
    {"within", Function::Within, Narrowing, 1, "within(\"90d\")"},
    {"between", Function::Between, Narrowing, 2, "between(ago(\"180d\"), ago(\"90d\"))"},
    {"since", Function::Since, Narrowing, 1, "since(user.trial_ended)"},
    {"before", Function::Before, Narrowing, 1, "before(ago(\"30d\"))"},
    {"where", Function::Where, Narrowing, 2, "where(e, e.total > 100)"},
    {"then", Function::Then, Narrowing, 2, "then(\"other\", \"3d\")"},
    {"count", Function::Count, Finish, 0, "count() >= 2"},
    {"any", Function::Any, Finish, 0, "any()"},
    {"none", Function::None, Finish, 0, "none()"},
    {"sum", Function::Sum, Finish, 1, "sum(\"total\")"},
    {"avg", Function::Avg, Finish, 1, "avg(\"total\")"},
    {"min", Function::Min, Finish, 1, "min(\"total\")"},
    {"max", Function::Max, Finish, 1, "max(\"total\")"},
    {"distinct", Function::Distinct, Finish, 1, "distinct(\"sku\")"},
    {"first_time", Function::FirstTime, Finish, 0, "first_time()"},
    {"last_time", Function::LastTime, Finish, 0, "last_time()"},
    {"last_time_or", Function::LastTimeOr, Finish, 1, "last_time_or(epoch)"},
    {"since_last", Function::SinceLast, Finish, 0, "since_last() > dur(\"30d\")"},
    {"first", Function::First, Finish, 1, "first(\"channel\")"},
    {"last", Function::Last, Finish, 1, "last(\"channel\")"},
    {"days_active", Function::DaysActive, Finish, 0, "days_active()"},
    {"median_gap", Function::MedianGap, Finish, 0, "median_gap()"},
    {"mean_gap", Function::MeanGap, Finish, 0, "mean_gap()"},
}};

const FunctionInfo* find(std::string_view name, bool global) {
    for (const FunctionInfo& info : functions) {
        if (info.name == name && (info.group == Global) == global) {
            return &info;
        }
    }
    return nullptr;
}

std::string suggest(std::string_view name, bool global) {
    std::vector<std::string> names;
    for (const FunctionInfo& info : functions) {
        if ((info.group == Global) == global) {
            names.emplace_back(info.name);
        }
    }
    const std::string_view near = nearest(name, names);
    return near.empty() ? "" : "; did you mean '" + std::string(near) + "'?";
}

}  // namespace

std::span<const FunctionInfo> all_functions() {
    return functions;
}

const FunctionInfo* find_global(std::string_view name) {
    return find(name, true);
}

const FunctionInfo* find_method(std::string_view name) {
    return find(name, false);
}

std::string suggest_global(std::string_view name) {
    return suggest(name, true);
}

std::string suggest_method(std::string_view name) {
    return suggest(name, false);
}

std::string_view kind_name(Kind kind) {
    constexpr std::array<std::string_view, 16> names{
        "error", "any",  "null",     "bool", "int", "uint",   "double", "string",
        "bytes", "time", "duration", "list", "map", "events", "event",  "type"};
    return names[static_cast<std::size_t>(kind)];
}

}  // namespace winback::expr
