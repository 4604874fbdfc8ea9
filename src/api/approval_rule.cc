// The four-eyes rule itself, and who may loosen it.
#include <algorithm>

#include "api/access.h"
#include "api/approvals.h"
#include "api/audit.h"
#include "host/host.h"
#include "host/setting.h"
#include "host/users.h"

namespace winback::api {
namespace {

constexpr std::string_view rule_setting = "approval_rule";

Value value_of_rule(const std::optional<std::uint64_t>& above) {
    return above ? Value(static_cast<std::int64_t>(*above)) : Value();
}

std::optional<std::uint64_t> rule_of_value(const Value& value) {
    const std::int64_t* above = value.as_int();
    return above == nullptr ? std::optional<std::uint64_t>()
                            : std::optional(static_cast<std::uint64_t>(*above));
}

bool loosens(std::optional<std::uint64_t> before, std::optional<std::uint64_t> after) {
    return before && (!after || *after > *before);
}

// Whether somebody else could approve what this person asks for.
bool has_second_person(Desk& desk, const std::string& person) {
    const std::vector<host::User> users = desk.host().users().list();
    return std::any_of(users.begin(), users.end(), [&](const host::User& user) {
        const std::vector<std::string> scopes = host::scopes_of(user.role, user.personal);
        return user.active && user.has_password && user.id != person &&
               std::find(scopes.begin(), scopes.end(), "send") != scopes.end();
    });
}

// The same wish, asked for before by anybody.
std::optional<std::uint64_t> waiting_for_rule(Desk& desk, const Value& before, const Value& after) {
    for (const host::Approval& one : desk.host().approvals().waiting(wall_clock())) {
        if (one.what == rule_act && one.before == before && one.after == after) {
            return one.id;
        }
    }
    return std::nullopt;
}

Result<std::uint64_t> ask_to_loosen(Desk& desk,
                                    const host::Key& who,
                                    std::optional<std::uint64_t> before,
                                    std::optional<std::uint64_t> after) {
    host::Approval wanted;
    wanted.what = rule_act;
    wanted.target = "workspace";
    wanted.before = value_of_rule(before);
    wanted.after = value_of_rule(after);
    wanted.people = 0;
    wanted.above = before.value_or(0);
    if (const engine::DefinitionsPtr definitions = desk.host().definitions()) {
        wanted.base = definitions->version;
    }
    if (const auto same = waiting_for_rule(desk, wanted.before, wanted.after)) {
        return *same;
    }
    return ask_for_approval(desk, who, std::move(wanted), {});
}

}  // namespace

Result<std::optional<std::uint64_t>> approval_rule(host::Host& host) {
    WINBACK_TRY(const Value value, host::read_setting(host.store(), rule_setting));
    return rule_of_value(value);
}

Result<std::uint64_t> set_approval_rule(Desk& desk,
                                        const host::Key& who,
                                        std::optional<std::uint64_t> above) {
    if (above.value_or(0) > approval_above_max) {
        return Error{ErrorCode::InvalidArgument,
                     "'above' is a whole number from 0 to 100000000, or null to turn the rule off"};
    }
    const auto lock = desk.lock_settings();
    WINBACK_TRY(const std::optional<std::uint64_t> before, approval_rule(desk.host()));
    const bool looser = loosens(before, above);
    if (looser && has_second_person(desk, person_of(who))) {
        return ask_to_loosen(desk, who, before, above);
    }
    WINBACK_TRY(const Ok written,
                host::write_setting(desk.host().store(), rule_setting, value_of_rule(above)));
    static_cast<void>(written);
    if (before != above) {
        Value after = value_of_rule(above);
        if (looser) {  // Nobody else could have looked at it: whoever reads the trail shall see.
            ValueMap alone;
            alone.set("above", std::move(after));
            alone.set("alone", true);
            after = std::move(alone);
        }
        record_change(desk, who,
                      {.what = rule_act,
                       .target = "workspace",
                       .before = value_of_rule(before),
                       .after = std::move(after)});
    }
    return std::uint64_t{0};
}

Status carry_out_rule(Desk& desk, const host::Approval& asked) {
    const auto lock = desk.lock_settings();
    WINBACK_TRY(const std::optional<std::uint64_t> now, approval_rule(desk.host()));
    if (value_of_rule(now) != asked.before) {
        return Error{ErrorCode::Conflict, "the rule was changed since it was asked; ask again"};
    }
    return host::write_setting(desk.host().store(), rule_setting, asked.after);
}

}  // namespace winback::api
