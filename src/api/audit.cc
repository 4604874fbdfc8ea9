#include "api/audit.h"

#include <atomic>
#include <charconv>
#include <cstdio>

#include "api/access.h"
#include "api/day.h"
#include "api/routes.h"
#include "api/walk.h"
#include "host/host.h"

namespace winback::api {
namespace {

using customer::CustomerIndex;

constexpr std::size_t filter_text_bytes_max = 400;

Result<std::string> text_of(const http::Request& request, std::string_view name) {
    const std::string* value = request.query_value(name);
    if (value != nullptr && value->size() > filter_text_bytes_max) {
        return Error{ErrorCode::InvalidArgument,
                     "'" + std::string(name) + "' is text of at most 400 bytes"};
    }
    return value == nullptr ? std::string() : *value;
}

// `to` a day is the whole day.
Result<Timestamp> time_of(Desk& desk,
                          const http::Request& request,
                          std::string_view name,
                          Timestamp absent) {
    WINBACK_TRY(const std::string text, text_of(request, name));
    if (text.empty()) {
        return absent;
    }
    const Result<Timestamp> time = moment_of(desk, text, name == "to");
    if (!time) {
        return Error{ErrorCode::InvalidArgument,
                     "'" + std::string(name) + "' is a day or a moment, such as 2026-11-25"};
    }
    return *time;
}

Result<std::uint64_t> number_of(const http::Request& request, std::string_view name) {
    const std::string* text = request.query_value(name);
    std::uint64_t number = 0;
    if (text == nullptr || text->empty()) {
        return number;
    }
    const char* end = text->data() + text->size();
    const auto [stopped, fault] = std::from_chars(text->data(), end, number);
    if (fault != std::errc() || stopped != end || number == 0) {
        return Error{ErrorCode::InvalidArgument, "'" + std::string(name) + "' is a whole number"};
    }
    return number;
}

ValueMap entry_value(const host::AuditEntry& entry) {
    ValueMap who;
    who.set("kind", host::actor_kind_name(entry.who.kind));
    who.set("id", entry.who.id);
    who.set("name", entry.who.name);
    ValueMap map;
    map.set("sequence", static_cast<std::int64_t>(entry.sequence));
    map.set("at", entry.at);
    map.set("who", std::move(who));
    map.set("what", entry.what);
    map.set("target", entry.target);
    map.set("before", entry.before);
    map.set("after", entry.after);
    map.set("hash", entry.hash);
    return map;
}

ValueMap chain_value(const host::AuditCheck& check) {
    ValueMap map;
    map.set("whole", check.first_broken == 0);
    map.set("entries", static_cast<std::int64_t>(check.entries));
    map.set("since", check.entries == 0 ? Value() : Value(check.since));
    map.set("first_broken", check.first_broken == 0
                                ? Value()
                                : Value(static_cast<std::int64_t>(check.first_broken)));
    map.set("problem", check.problem.empty() ? Value() : Value(check.problem));
    map.set("head", check.head);
    return map;
}

http::Response answer(Desk& desk, const http::Request& request) {
    const Result<host::AuditFilter> filter = audit_filter_of(desk, request);
    if (!filter) {
        return http::error(filter.error());
    }
    Result<ValueMap> tree = describe_audit(desk, *filter);
    return tree ? json_answer(*std::move(tree)) : http::error(tree.error());
}

// From the hash in an entry to the customer, while there is one.
http::Response customer_answer(Desk& desk, const http::Request& request) {
    const std::string id =
        customer_of_target(desk, "customer:" + std::string(request.param("hash")));
    if (id.empty()) {
        return http::error(Error{ErrorCode::NotFound,
                                 "no customer has this hash; after an erasure it leads to nobody"});
    }
    ValueMap tree;
    tree.set("id", id);
    return json_answer(std::move(tree));
}

}  // namespace

host::Actor actor_of(const host::Key& key) {
    if (!key.user.empty()) {
        return {host::ActorKind::User, key.user, key.name};
    }
    const bool program = key.kind == host::KeyKind::Api;
    return {program ? host::ActorKind::Token : host::ActorKind::Link, key.id, key.name};
}

void record_change(Desk& desk, const http::Request& request, const Change& change) {
    const std::optional<host::Key> key = key_of(request, desk.host().keys());
    record_change(desk, key ? actor_of(*key) : host::Actor{}, change);
}

void record_change(Desk& desk, const host::Key& who, const Change& change) {
    record_change(desk, actor_of(who), change);
}

void record_change(Desk& desk, const host::Actor& who, const Change& change) {
    host::Audit& audit = desk.host().audit();
    const bool of_customer = change.what.starts_with("customer.");
    const auto recorded =
        audit.record({.at = wall_clock(),
                      .who = who,
                      .what = std::string(change.what),
                      .target = of_customer ? audit.customer_target(change.target) : change.target,
                      .before = change.before,
                      .after = change.after});
    if (!recorded) {
        std::fprintf(stderr, "winback: a change (%s) is not in the audit trail: %s\n",
                     std::string(change.what).c_str(), recorded.error().message.c_str());
    }
}

Result<host::AuditFilter> audit_filter_of(Desk& desk, const http::Request& request) {
    host::AuditFilter filter;
    WINBACK_TRY(filter.who, text_of(request, "who"));
    WINBACK_TRY(filter.what, text_of(request, "what"));
    WINBACK_TRY(filter.target, text_of(request, "target"));
    WINBACK_TRY(const std::string customer, text_of(request, "customer"));
    if (!customer.empty()) {
        filter.target = desk.host().audit().customer_target(customer);
    }
    WINBACK_TRY(filter.from, time_of(desk, request, "from", timestamp_min));
    WINBACK_TRY(filter.to, time_of(desk, request, "to", timestamp_max));
    WINBACK_TRY(filter.below, number_of(request, "after"));
    WINBACK_TRY(filter.limit, limit_of(request, filter.limit, host::audit_list_max));
    return filter;
}

Result<ValueMap> describe_audit(Desk& desk, const host::AuditFilter& filter) {
    host::Audit& audit = desk.host().audit();
    WINBACK_TRY(const host::AuditPage page, audit.list(filter));
    WINBACK_TRY(const host::AuditCheck check, audit.check(wall_clock()));
    ValueList entries;
    for (const host::AuditEntry& entry : page.entries) {
        entries.emplace_back(entry_value(entry));
    }
    ValueMap tree;
    tree.set("entries", std::move(entries));
    tree.set("after", page.next == 0 ? Value() : Value(std::to_string(page.next)));
    tree.set("chain", chain_value(check));
    return tree;
}

std::string customer_of_target(Desk& desk, std::string_view target) {
    const host::Audit& audit = desk.host().audit();
    std::string found;
    std::atomic<bool> enough = false;
    const auto look = [&](const host::ShardView& view, CustomerIndex from, CustomerIndex to) {
        const customer::Customers& customers = view.shard.customers();
        for (CustomerIndex c = from; c < to; ++c) {
            if (!customers.erased(c) && audit.customer_target(customers.id(c)) == target) {
                found = customers.id(c);
                enough = true;
                return;
            }
        }
    };
    Walk(desk.host()).run(look, &enough);
    return found;
}

void add_audit_route(http::Router& router, const DeskPtr& desk) {
    add_guarded(router, desk, "/api/v1/audit", "admin", answer);
    add_guarded(router, desk, "/api/v1/audit/customer/:hash", "admin", customer_answer);
}

}  // namespace winback::api
