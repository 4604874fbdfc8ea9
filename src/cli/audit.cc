// The audit trail on the command line. The folder is opened read-only: a server may run beside.
#include "host/audit.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/terminal.h"

namespace winback::cli {
namespace {

Result<std::unique_ptr<store::Store>> open_read_only(const std::string& folder) {
    store::StoreOptions options;
    options.folder = folder;
    options.create = false;
    options.read_only = true;
    return store::Store::open(options);
}

ValueMap entry_value(const host::AuditEntry& entry) {
    ValueMap map;
    map.set("sequence", static_cast<std::int64_t>(entry.sequence));
    map.set("at", entry.at);
    map.set("who_kind", host::actor_kind_name(entry.who.kind));
    map.set("who_id", entry.who.id);
    map.set("who", entry.who.name);
    map.set("what", entry.what);
    map.set("target", entry.target);
    map.set("before", entry.before);
    map.set("after", entry.after);
    map.set("hash", entry.hash);
    return map;
}

}  // namespace

int run_audit_verify(const AuditArguments& arguments) {
    const auto store = open_read_only(arguments.data);
    if (!store.has_value()) {
        return fail(store.error());
    }
    const auto check = host::verify_audit(**store);
    if (!check.has_value()) {
        return fail(check.error());
    }
    const bool whole = check->first_broken == 0;
    if (arguments.json) {
        ValueMap map;
        map.set("whole", whole);
        map.set("entries", static_cast<std::int64_t>(check->entries));
        map.set("first_broken", static_cast<std::int64_t>(check->first_broken));
        map.set("problem", check->problem);
        map.set("since", check->entries == 0 ? Value() : Value(check->since));
        map.set("head", check->head);
        fmt::print("{}\n", to_json(map));
    } else if (!whole) {
        fmt::print("the audit trail is broken: {}\n", check->problem);
    } else if (check->entries == 0) {
        fmt::print("the audit trail is empty\n");
    } else {
        fmt::print("the audit trail is whole: {} entries since {}\nlast hash: {}\n",
                   thousands(check->entries), format_iso8601(check->since), check->head);
    }
    return whole ? exit_ok : exit_no;
}

int run_audit_list(const AuditArguments& arguments) {
    const auto store = open_read_only(arguments.data);
    if (!store.has_value()) {
        return fail(store.error());
    }
    host::AuditFilter filter;
    filter.who = arguments.who;
    filter.what = arguments.what;
    filter.target = arguments.target;
    filter.limit = arguments.limit;
    if (!arguments.customer.empty()) {
        const auto target = host::audit_customer_target(**store, arguments.customer);
        if (!target.has_value()) {
            return fail(target.error());
        }
        filter.target = *target;
    }
    const auto page = host::list_audit(**store, filter);
    if (!page.has_value()) {
        return fail(page.error());
    }
    if (arguments.json) {
        ValueList list;
        for (const host::AuditEntry& entry : page->entries) {
            list.emplace_back(entry_value(entry));
        }
        fmt::print("{}\n", to_json(list));
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows{{"#", "when", "who", "what", "target", "change"}};
    for (const host::AuditEntry& entry : page->entries) {
        rows.push_back({std::to_string(entry.sequence), format_iso8601(entry.at), entry.who.name,
                        entry.what, entry.target,
                        to_json(entry.before) + " -> " + to_json(entry.after)});
    }
    fmt::print("{}", table(rows, "#"));
    return exit_ok;
}

}  // namespace winback::cli
