#include "api/approvals.h"

#include <algorithm>
#include <utility>

#include "api/access.h"
#include "api/audit.h"
#include "api/guide.h"
#include "api/playbook_versions.h"
#include "base/strings.h"
#include "host/host.h"
#include "host/playbook_log.h"

namespace winback::api {
namespace {

using host::Approval;
using host::ApprovalState;

Value number(std::uint64_t value) {
    return {static_cast<std::int64_t>(value)};
}

Value number(const std::optional<std::uint64_t>& value) {
    return value ? number(*value) : Value();
}

bool is_over(const std::optional<std::uint64_t>& above, const Reach& reach) {
    return above && !reach.journeys.empty() &&
           (!reach.people || *above == 0 || *reach.people > *above);
}

Status still_as_asked(const Approval& asked, const Reach& reach) {
    if (!asked.people || (reach.people && *reach.people * 10 <= *asked.people * 11)) {
        return Ok{};
    }
    return Error{ErrorCode::Conflict,
                 reach.people
                     ? "it would reach " + std::to_string(*reach.people) + " people by now, and " +
                           std::to_string(*asked.people) + " were counted; ask again"
                     : "whom it would reach cannot be counted any more; ask again"};
}

// Of the same act, whatever the rule says by now.
std::optional<Approval> same_request(Desk& desk, const Approval& wanted) {
    for (Approval& one : desk.host().approvals().waiting(wall_clock())) {
        const bool same = wanted.what == sending_act
                              ? one.what == sending_act
                              : one.what != sending_act && one.print == wanted.print;
        if (same) {
            return std::move(one);
        }
    }
    return std::nullopt;
}

struct Asking {
    const host::Key& who;
    Approval wanted;  // With what, target, how, of, base, print, note, before and after.
    std::function<Reach()> count;
    const playbook::Files& files;
    bool sending = true;  // False: nothing would leave now.
};
Result<std::uint64_t> ask(Desk& desk, Asking asking) {
    Approval& wanted = asking.wanted;
    const host::Key& who = asking.who;
    const std::optional<Approval> same = same_request(desk, wanted);
    if (same && same->base == wanted.base) {
        return same->id;
    }
    WINBACK_TRY(std::optional<std::uint64_t> above, approval_rule(desk.host()));
    if (!may(who, "send")) {
        above = 0;  // Who writes drafts lets nothing go, whatever the rule.
    }
    if (!same && (!above || !asking.sending)) {
        return std::uint64_t{0};
    }
    Reach reach = asking.count();
    if (!same && !is_over(above, reach)) {
        return std::uint64_t{0};
    }
    if (same) {
        WINBACK_TRY(const Approval over, end_approval(desk, who, same->id, ApprovalState::Outdated,
                                                      "it was asked again on a later playbook"));
        static_cast<void>(over);
    }
    wanted.people = reach.people;
    wanted.journeys = std::move(reach.journeys);
    wanted.above = above.value_or(same ? same->above : 0);
    return ask_for_approval(desk, who, std::move(wanted), asking.files);
}

}  // namespace

Result<std::uint64_t> ask_for_approval(Desk& desk,
                                       const host::Key& who,
                                       host::Approval wanted,
                                       const playbook::Files& files) {
    wanted.asked_by = actor_of(who);
    wanted.person = person_of(who);
    wanted.note = trim(wanted.note);
    WINBACK_TRY(const Approval asked,
                desk.host().approvals().add(std::move(wanted), files, wall_clock()));
    ValueMap after = approval_trail(asked);
    after.set("above", number(asked.above));
    after.set("expires_at", asked.expires_at);
    record_change(desk, who,
                  {.what = "approval.ask",
                   .target = std::to_string(asked.id),
                   .before = {},
                   .after = std::move(after)});
    return asked.id;
}

ValueMap approval_trail(const Approval& approval) {
    ValueMap map;
    map.set("what", approval.what);
    map.set("people", number(approval.people));
    map.set("print", approval.print);
    return map;
}

Result<std::uint64_t> consider_playbook(Desk& desk,
                                        const PlaybookAct& act,
                                        const PlaybookChange& change) {
    // A draft of who may not send must not be what people get next.
    const Counts counts = may(act.who, "send") ? Counts::People : Counts::WordsToo;
    const auto count = [&] { return reach_of_change(desk, change, counts); };
    if (act.approved != 0) {
        WINBACK_TRY(const Approval asked, waiting_approval(desk, act.approved));
        WINBACK_TRY(const Ok same, still_as_asked(asked, count()));
        static_cast<void>(same);
        return std::uint64_t{0};
    }
    Approval wanted;
    wanted.what = act.what;
    wanted.target = act.target;
    wanted.how = act.how;
    wanted.of = act.of;
    wanted.base = change.before.version;
    wanted.print = print_of(change.files_after);
    wanted.note = act.note;
    wanted.before = act.before;
    wanted.after = act.after;
    WINBACK_TRY(const bool sending, sending_allowed(desk.host()));
    // Nothing leaves while sending is off; turning it on counts all journeys.
    return ask(desk, {act.who, std::move(wanted), count, change.files_after, sending});
}

Result<std::uint64_t> consider_sending(Desk& desk, const SendingAct& act) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    if (definitions == nullptr) {
        return std::uint64_t{0};
    }
    const auto count = [&] { return reach_of_all(desk, *definitions); };
    if (act.approved != 0) {
        WINBACK_TRY(const Approval asked, waiting_approval(desk, act.approved));
        if (asked.base != definitions->version) {
            return Error{ErrorCode::Conflict, "the playbook became version " +
                                                  std::to_string(definitions->version) +
                                                  " since it was asked on version " +
                                                  std::to_string(asked.base) + "; ask again"};
        }
        WINBACK_TRY(const Ok same, still_as_asked(asked, count()));
        static_cast<void>(same);
        return std::uint64_t{0};
    }
    WINBACK_TRY(const playbook::Files files, desk.host().playbook_files(definitions->version));
    Approval wanted;
    wanted.what = sending_act;
    wanted.target = "workspace";
    wanted.base = definitions->version;
    wanted.print = print_of(files);
    wanted.note = act.note;
    wanted.before = false;
    wanted.after = true;
    return ask(desk, {act.who, std::move(wanted), count, {}});
}

Status note_act(Desk& desk, const PlaybookAct& act, std::uint64_t version) {
    WINBACK_TRY(
        const Ok noted,
        host::note_playbook(
            desk.host().store(), version,
            {.at = wall_clock(), .by = actor_of(act.who).name, .how = act.how, .of = act.of}));
    static_cast<void>(noted);
    ValueMap after = act.after.as_map() == nullptr ? ValueMap() : *act.after.as_map();
    after.set("version", number(version));
    record_change(desk, act.who,
                  {.what = act.what,
                   .target = act.target.empty() ? std::to_string(version) : act.target,
                   .before = act.before,
                   .after = std::move(after)});
    return Ok{};
}

}  // namespace winback::api
