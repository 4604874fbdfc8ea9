#include "api/playbook_trail.h"

#include <optional>
#include <string>

#include "api/access.h"
#include "api/audit.h"
#include "api/playbook_versions.h"
#include "api/tree.h"
#include "host/host.h"
#include "host/playbook_log.h"
#include "host/setting.h"

namespace winback::api {
namespace {

constexpr std::string_view announced_setting = "announced_version";

Result<std::uint64_t> newest_entry(host::Host& host) {
    WINBACK_TRY(const host::AuditPage page, host.audit().list({.limit = 1}));
    return page.entries.empty() ? std::uint64_t{0} : page.entries.front().sequence;
}

Value member(const ValueMap& map, std::string_view key) {
    const Value* value = map.find(key);
    return value == nullptr ? Value() : *value;
}

host::Actor actor_at(const ValueMap& announced) {
    return {static_cast<host::ActorKind>(whole_at(announced, "by_kind")),
            text_at(announced, "by_id"), text_at(announced, "by_name")};
}

host::AuditEntry entry_of(const ValueMap& announced) {
    const std::int64_t version = whole_at(announced, "version");
    const std::string target = text_at(announced, "target");
    const Value kept = member(announced, "after");
    ValueMap after = kept.as_map() == nullptr ? ValueMap() : *kept.as_map();
    after.set("version", version);
    host::AuditEntry entry;
    entry.at = wall_clock();
    entry.who = actor_at(announced);
    entry.what = text_at(announced, "what");
    entry.target = target.empty() ? std::to_string(version) : target;
    entry.before = member(announced, "before");
    entry.after = std::move(after);
    return entry;
}

// Written by the process that ended before it could forget the announcement.
Result<bool> is_in_trail(host::Host& host, const host::AuditEntry& entry, std::uint64_t since) {
    host::AuditFilter filter{.what = entry.what, .target = entry.target};
    for (bool more = true; more;) {
        WINBACK_TRY(const host::AuditPage page, host.audit().list(filter));
        for (const host::AuditEntry& one : page.entries) {
            if (one.sequence <= since) {
                return false;
            }
            const ValueMap* after = one.after.as_map();
            if (after != nullptr &&
                whole_at(*after, "version") == whole_at(*entry.after.as_map(), "version")) {
                return true;
            }
        }
        more = page.next > since;
        filter.below = page.next;
    }
    return false;
}

Status write_down(host::Host& host, const ValueMap& announced) {
    WINBACK_TRY([[maybe_unused]] const Ok noted,
                host::note_playbook(host.store(),
                                    static_cast<std::uint64_t>(whole_at(announced, "version")),
                                    {.at = Timestamp{whole_at(announced, "at")},
                                     .by = text_at(announced, "by_name"),
                                     .how = text_at(announced, "how"),
                                     .of = static_cast<std::uint64_t>(whole_at(announced, "of"))}));
    const host::AuditEntry entry = entry_of(announced);
    WINBACK_TRY(
        const bool is_there,
        is_in_trail(host, entry, static_cast<std::uint64_t>(whole_at(announced, "newest_entry"))));
    if (is_there) {
        return Ok{};
    }
    WINBACK_TRY([[maybe_unused]] const std::uint64_t recorded, host.audit().record(entry));
    return Ok{};
}

}  // namespace

Status announce_version(host::Host& host, const PlaybookAct& act, const VersionToCome& made) {
    WINBACK_TRY(const std::uint64_t newest, newest_entry(host));
    const host::Actor by = actor_of(act.who);
    ValueMap map;
    map.set("version", number(made.version));
    map.set("print", print_of(made.files));
    map.set("at", wall_clock().ms);
    map.set("by_kind", static_cast<std::int64_t>(by.kind));
    map.set("by_id", by.id);
    map.set("by_name", by.name);
    map.set("how", act.how);
    map.set("of", number(act.of));
    map.set("what", act.what);
    map.set("target", act.target);
    map.set("before", act.before);
    map.set("after", act.after);
    map.set("newest_entry", number(newest));
    return host::write_setting(host.store(), announced_setting, Value(std::move(map)));
}

Status finish_trail(host::Host& host) {
    WINBACK_TRY(const Value value, host::read_setting(host.store(), announced_setting));
    const ValueMap* announced = value.as_map();
    if (announced == nullptr) {
        return Ok{};
    }
    // Another version of that number can be the folder's, which a start has read.
    const Result<playbook::Files> made =
        host.playbook_files(static_cast<std::uint64_t>(whole_at(*announced, "version")));
    if (made && print_of(*made) == text_at(*announced, "print")) {
        WINBACK_TRY([[maybe_unused]] const Ok written, write_down(host, *announced));
    }
    return host::write_setting(host.store(), announced_setting, Value());
}

}  // namespace winback::api
