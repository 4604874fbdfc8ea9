// Decisions about what waits, and how requests look.
#include <algorithm>
#include <utility>

#include "api/access.h"
#include "api/approvals.h"
#include "api/audit.h"
#include "api/customer_actions.h"
#include "api/playbook_versions.h"
#include "base/strings.h"
#include "host/host.h"
#include "host/playbook_log.h"
#include "host/users.h"

namespace winback::api {
namespace {

using host::Approval;
using host::ApprovalState;

Value number(std::uint64_t value) {
    return {static_cast<std::int64_t>(value)};
}

void record_end(Desk& desk, const host::Actor& who, const Approval& ended, std::string_view what) {
    ValueMap after = approval_trail(ended);
    after.set("state", host::approval_state_name(ended.state));
    if (!ended.reason.empty()) {
        after.set("reason", ended.reason);
    }
    record_change(desk, who,
                  {.what = what,
                   .target = std::to_string(ended.id),
                   .before = host::approval_state_name(ApprovalState::Waiting),
                   .after = std::move(after)});
}

// Whoever decides is a person that we know, may send, and is not the one who asked.
Status is_second_person(Desk& desk, const host::Key& who, const Approval& asked) {
    const std::string& person = person_of(who);
    const std::optional<host::User> user =
        person.empty() ? std::nullopt : desk.host().users().find(person);
    if (!user || !user->active) {
        return Error{ErrorCode::PermissionDenied,
                     "only somebody with an account decides: a link or token of the command line "
                     "does not say who it is"};
    }
    if (person == asked.person) {
        return Error{ErrorCode::PermissionDenied,
                     "nobody decides what they asked for; a second person must"};
    }
    const std::vector<std::string> allowed = host::scopes_of(user->role, user->personal);
    if (!who.allows("send") || std::find(allowed.begin(), allowed.end(), "send") == allowed.end()) {
        return Error{ErrorCode::PermissionDenied, "deciding needs the scope 'send'"};
    }
    return Ok{};
}

bool is_by(const host::Key& who, const Approval& asked) {
    const std::string& person = person_of(who);
    return person.empty() ? asked.person.empty() && asked.asked_by.id == actor_id(who)
                          : person == asked.person;
}

PlaybookAct act_of(const Approval& asked) {
    return {.who = {},
            .what = asked.what,
            .target = asked.target,
            .how = asked.how,
            .of = asked.of,
            .before = asked.before,
            .after = asked.after,
            .note = asked.note,
            .approved = asked.id};
}

// The version of the playbook that it became. Conflict: what was asked has changed.
Result<std::uint64_t> carry_out_playbook(TemplateDesk& templates, const Approval& asked) {
    WINBACK_TRY(const playbook::Files files, templates.desk().host().approvals().files(asked.id));
    const bool from_folder = asked.how == "folder";
    if (from_folder) {
        WINBACK_TRY(const playbook::Files now, playbook::read_folder(templates.writer().folder()));
        if (now != files) {
            return Error{ErrorCode::Conflict,
                         "the folder holds other texts than those that were asked for; ask again"};
        }
    }
    WINBACK_TRY(const PlaybookSaved saved,
                templates.writer().replace(asked.base, files, from_folder, act_of(asked)));
    switch (saved.kind) {
        case PlaybookSaved::Kind::Saved:
            return saved.version;
        case PlaybookSaved::Kind::Mistakes:
            return Error{ErrorCode::InvalidArgument,
                         "the playbook has mistakes by now; nothing was changed"};
        case PlaybookSaved::Kind::FolderChanged:
            return Error{ErrorCode::Unavailable,
                         saved.file +
                             " was changed in the playbook's folder since the server read "
                             "it; read the folder first"};
        case PlaybookSaved::Kind::Conflict:
        case PlaybookSaved::Kind::Unchanged:
        case PlaybookSaved::Kind::Waits:
            break;
    }
    return Error{ErrorCode::Conflict, "the playbook became version " +
                                          std::to_string(saved.version) +
                                          " since it was asked on version " +
                                          std::to_string(asked.base) + "; ask again"};
}

// Who lost the right to ask since, by leaving or by another role, asks for nothing any more. Of
// tokens and links of the command line nobody knows whose they are.
bool may_asker(Desk& desk, const Approval& asked) {
    if (asked.person.empty()) {
        return true;
    }
    const std::optional<host::User> user = desk.host().users().find(asked.person);
    const std::vector<std::string> scopes = user && user->active
                                                ? host::scopes_of(user->role, user->personal)
                                                : std::vector<std::string>();
    const std::string_view needed = asked.what == rule_act      ? "admin"
                                    : asked.what == sending_act ? "send"
                                                                : "write";
    return std::any_of(scopes.begin(), scopes.end(), [&](const std::string& scope) {
        return scope == needed || scope == "admin";
    });
}

Result<std::uint64_t> carry_out(TemplateDesk& templates, const Approval& asked) {
    if (!may_asker(templates.desk(), asked)) {
        return Error{ErrorCode::Conflict,
                     "who asked may not do this any more: " + asked.asked_by.name +
                         " left or has another role; somebody else must ask again"};
    }
    if (asked.what == rule_act) {
        WINBACK_TRY(const Ok set, carry_out_rule(templates.desk(), asked));
        static_cast<void>(set);
        return std::uint64_t{0};
    }
    if (asked.what != sending_act) {
        return carry_out_playbook(templates, asked);
    }
    WINBACK_TRY(const Ok turned, templates.desk().part<Decisions>().turn_sending_on(asked));
    static_cast<void>(turned);
    return std::uint64_t{0};
}

// What was asked is written down as if it had been done at once, with who approved it beside.
void record_done(Desk& desk, const Approval& done) {
    Value after = done.after;
    ValueMap map = after.as_map() == nullptr ? ValueMap() : *after.as_map();
    if (after.as_map() == nullptr) {
        map.set("value", std::move(after));
    }
    if (done.version != 0) {
        map.set("version", number(done.version));
    }
    map.set("approval", number(done.id));
    map.set("approved_by", done.decided_by.name);
    record_change(desk, done.asked_by,
                  {.what = done.what,
                   .target = done.target.empty() ? std::to_string(done.version) : done.target,
                   .before = done.before,
                   .after = std::move(map)});
}

Value person_value(const host::Actor& actor) {
    ValueMap map;
    map.set("kind", host::actor_kind_name(actor.kind));
    map.set("id", actor.id);
    map.set("name", actor.name);
    return map;
}

ValueList journeys_value(Desk& desk, const Approval& approval) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    ValueList list;
    for (const std::string& id : approval.journeys) {
        const journey::Journey* known = definitions == nullptr ? nullptr : definitions->journey(id);
        ValueMap map;
        map.set("id", id);
        add_name(map, id, known);
        map.set("present", known != nullptr);
        list.emplace_back(std::move(map));
    }
    return list;
}

}  // namespace

Result<Approval> waiting_approval(Desk& desk, std::uint64_t id) {
    const std::optional<Approval> asked = desk.host().approvals().find(id, wall_clock());
    if (!asked) {
        return Error{ErrorCode::NotFound, "there is no such request for an approval"};
    }
    if (asked->state != ApprovalState::Waiting) {
        return Error{ErrorCode::Conflict,
                     "this request does not wait: it is " +
                         std::string(host::approval_state_name(asked->state)) +
                         (asked->state == ApprovalState::Expired ? "; ask again" : "")};
    }
    return *asked;
}

Result<Approval> end_approval(Desk& desk,
                              const host::Key& who,
                              std::uint64_t id,
                              ApprovalState state,
                              std::string_view reason) {
    WINBACK_TRY(const Approval ended,
                desk.host().approvals().end(id, {.state = state,
                                                 .by = actor_of(who),
                                                 .at = wall_clock(),
                                                 .reason = std::string(reason)}));
    const std::string what = state == ApprovalState::Declined    ? "approval.decline"
                             : state == ApprovalState::Withdrawn ? "approval.withdraw"
                                                                 : "approval.outdated";
    record_end(desk, actor_of(who), ended, what);
    return ended;
}

void Decisions::set_sending(TurnSendingOn turn) {
    const std::lock_guard lock(mutex_);
    turn_sending_on_ = std::move(turn);
}

Status Decisions::turn_sending_on(const host::Approval& asked) {
    const std::lock_guard lock(mutex_);
    if (!turn_sending_on_) {
        return Error{ErrorCode::Unavailable, "this server has no switch for sending"};
    }
    return turn_sending_on_(asked);
}

Result<Approval> approve(TemplateDesk& templates, const host::Key& who, std::uint64_t id) {
    Desk& desk = templates.desk();
    const std::lock_guard lock(desk.part<Decisions>().one_at_a_time());
    WINBACK_TRY(const Approval asked, waiting_approval(desk, id));
    WINBACK_TRY(const Ok second, is_second_person(desk, who, asked));
    static_cast<void>(second);
    const Result<std::uint64_t> version = carry_out(templates, asked);
    if (!version) {
        if (version.error().code == ErrorCode::Conflict) {
            WINBACK_TRY(const Approval over, end_approval(desk, who, id, ApprovalState::Outdated,
                                                          version.error().message));
            static_cast<void>(over);
        }
        return version.error();
    }
    const Timestamp now = wall_clock();
    if (*version != 0) {
        WINBACK_TRY(const Ok noted,
                    host::note_playbook(
                        desk.host().store(), *version,
                        {.at = now, .by = asked.asked_by.name, .how = asked.how, .of = asked.of}));
        static_cast<void>(noted);
    }
    // It is done: whoever approves at the very end of its time is not too late.
    WINBACK_TRY(
        const Approval done,
        desk.host().approvals().end(id, {.state = ApprovalState::Approved,
                                         .by = actor_of(who),
                                         .at = std::min(now, asked.expires_at - milliseconds(1)),
                                         .reason = {},
                                         .version = *version}));
    record_end(desk, actor_of(who), done, "approval.approve");
    record_done(desk, done);
    templates.log(done.what + " was carried out as " + done.asked_by.name + " asked (request " +
                  std::to_string(id) + ") by session or token " + who.id);
    return done;
}

Result<Approval> decline(Desk& desk,
                         const host::Key& who,
                         std::uint64_t id,
                         std::string_view reason) {
    reason = trim(reason);
    if (reason.empty() || reason.size() > host::approval_text_bytes_max || !is_valid_utf8(reason)) {
        return Error{ErrorCode::InvalidArgument, "'reason' says why, in at most 500 bytes"};
    }
    const std::lock_guard lock(desk.part<Decisions>().one_at_a_time());
    WINBACK_TRY(const Approval asked, waiting_approval(desk, id));
    WINBACK_TRY(const Ok second, is_second_person(desk, who, asked));
    static_cast<void>(second);
    return end_approval(desk, who, id, ApprovalState::Declined, reason);
}

Result<Approval> withdraw(Desk& desk, const host::Key& who, std::uint64_t id) {
    const std::lock_guard lock(desk.part<Decisions>().one_at_a_time());
    WINBACK_TRY(const Approval asked, waiting_approval(desk, id));
    if (!is_by(who, asked)) {
        return Error{ErrorCode::PermissionDenied, "only who asked can withdraw it"};
    }
    return end_approval(desk, who, id, ApprovalState::Withdrawn, {});
}

ValueMap approval_value(Desk& desk, const Approval& approval, const host::Key& reader) {
    const bool waits = approval.state == ApprovalState::Waiting;
    const bool decided = !waits && approval.state != ApprovalState::Expired;
    ValueMap map;
    map.set("id", std::to_string(approval.id));
    map.set("state", host::approval_state_name(approval.state));
    map.set("what", approval.what);
    map.set("target", approval.target);
    map.set("of", approval.of == 0 ? Value() : number(approval.of));
    map.set("base_version", number(approval.base));
    map.set("print", approval.print);
    map.set("people", approval.people ? number(*approval.people) : Value());
    map.set("journeys", journeys_value(desk, approval));
    map.set("above", number(approval.above));
    map.set("note", approval.note);
    map.set("asked_by", person_value(approval.asked_by));
    map.set("asked_at", approval.asked_at);
    map.set("expires_at", approval.expires_at);
    map.set("decided_by", decided ? person_value(approval.decided_by) : Value());
    map.set("decided_at", decided ? Value(approval.decided_at) : Value());
    map.set("reason", approval.reason);
    map.set("version", approval.version == 0 ? Value() : number(approval.version));
    ValueMap rule;
    rule.set("before", approval.before);
    rule.set("after", approval.after);
    map.set("rule", approval.what == rule_act ? Value(std::move(rule)) : Value());
    map.set("asker_may", may_asker(desk, approval));
    map.set("may_decide", waits && is_second_person(desk, reader, approval).has_value());
    map.set("may_withdraw", waits && is_by(reader, approval));
    return map;
}

ValueMap list_approvals(Desk& desk,
                        const host::Key& reader,
                        std::optional<ApprovalState> state,
                        std::uint64_t after,
                        std::size_t limit) {
    ValueList list;
    std::uint64_t next = 0;
    std::uint64_t last = 0;
    for (const Approval& one : desk.host().approvals().list(wall_clock())) {
        if ((state && one.state != *state) || (after != 0 && one.id >= after)) {
            continue;
        }
        if (list.size() == limit) {
            next = last;
            break;
        }
        last = one.id;
        list.emplace_back(approval_value(desk, one, reader));
    }
    ValueMap tree;
    tree.set("approvals", std::move(list));
    tree.set("after", next == 0 ? Value() : Value(std::to_string(next)));
    return tree;
}

Result<ValueMap> describe_approval(Desk& desk, const host::Key& reader, std::uint64_t id) {
    const std::optional<Approval> approval = desk.host().approvals().find(id, wall_clock());
    if (!approval) {
        return Error{ErrorCode::NotFound, "there is no such request for an approval"};
    }
    ValueMap map = approval_value(desk, *approval, reader);
    ValueList difference;
    if (approval->what != sending_act && approval->what != rule_act &&
        approval->state == ApprovalState::Waiting) {
        WINBACK_TRY(const playbook::Files after, desk.host().approvals().files(id));
        WINBACK_TRY(const playbook::Files before, desk.host().playbook_files(approval->base));
        difference = difference_value(before, after, true);
    }
    map.set("difference", std::move(difference));
    return map;
}

}  // namespace winback::api
