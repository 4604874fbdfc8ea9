// The four-eyes rule: what would reach more than N people waits until a second person approves it
// (docs/design/people.md#four-eyes).
//
// Acts ask here before they begin: consider_playbook stands in the way of every new version of the
// playbook (PlaybookWriter), consider_sending in that of turning sending on (Guide). 0 lets them go
// on; otherwise it is the request that must be approved first.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "api/desk.h"
#include "api/playbook_writer.h"
#include "base/result.h"
#include "base/value.h"
#include "host/approvals.h"
#include "host/keys.h"

namespace winback::api {

class TemplateDesk;

// The acts that are no changes of the playbook.
constexpr std::string_view sending_act = "workspace.sending";
constexpr std::string_view rule_act = "approval.rule";
constexpr std::uint64_t approval_above_max = 100'000'000;
constexpr std::size_t approvals_limit_default = 50;
constexpr std::size_t approvals_limit_max = 200;

// Nothing: the rule is off. Fails with Corrupt.
Result<std::optional<std::uint64_t>> approval_rule(host::Host& host);
// 0: it is set. Otherwise the request that a second person must approve first: nobody loosens the
// rule alone while there is somebody else who may approve. Fails with InvalidArgument beyond
// approval_above_max, and as ask_for_approval.
Result<std::uint64_t> set_approval_rule(Desk& desk,
                                        const host::Key& who,
                                        std::optional<std::uint64_t> above);
// Does what a request about the rule asked for. Fails with Conflict when the rule has changed
// since.
Status carry_out_rule(Desk& desk, const host::Approval& asked);

// Fail with LimitExceeded when too many requests wait, and with Conflict when `approved` names a
// request and more people would be reached than were counted and a tenth more. Block: they count.
Result<std::uint64_t> consider_playbook(Desk& desk,
                                        const PlaybookAct& act,
                                        const PlaybookChange& change);
struct SendingAct {
    host::Key who;
    std::string note;
    std::uint64_t approved = 0;
};
Result<std::uint64_t> consider_sending(Desk& desk, const SendingAct& act);

// Writes down beside the version and in the trail who made it. Fails as note_playbook.
Status note_act(Desk& desk, const PlaybookAct& act, std::uint64_t version);

// Decisions are made one at a time.
class Decisions {
public:
    explicit Decisions(Desk& /*desk*/) {}

    // What turns sending on for a request; empty: this server has no such switch.
    using TurnSendingOn = std::function<Status(const host::Approval& asked)>;
    void set_sending(TurnSendingOn turn);
    Status turn_sending_on(const host::Approval& asked);

    std::mutex& one_at_a_time() { return deciding_; }

private:
    std::mutex deciding_;
    std::mutex mutex_;
    TurnSendingOn turn_sending_on_;
};

// All fail with NotFound, with Conflict when it does not wait (any more) or what was asked has
// changed, and with PermissionDenied for who must not.
Result<host::Approval> approve(TemplateDesk& templates, const host::Key& who, std::uint64_t id);
Result<host::Approval> decline(Desk& desk,
                               const host::Key& who,
                               std::uint64_t id,
                               std::string_view reason);
Result<host::Approval> withdraw(Desk& desk, const host::Key& who, std::uint64_t id);

// Writes down that somebody asks, here and in the trail: its id. Fails with LimitExceeded and
// InvalidArgument as Approvals::add.
Result<std::uint64_t> ask_for_approval(Desk& desk,
                                       const host::Key& who,
                                       host::Approval wanted,
                                       const playbook::Files& files);
// One that waits. Fails with NotFound and Conflict.
Result<host::Approval> waiting_approval(Desk& desk, std::uint64_t id);
// Ends it and writes that down. Fails as Approvals::end.
Result<host::Approval> end_approval(Desk& desk,
                                    const host::Key& who,
                                    std::uint64_t id,
                                    host::ApprovalState state,
                                    std::string_view reason);
// What the trail says of a request.
ValueMap approval_trail(const host::Approval& approval);

// {id, state, what, target, of, base_version, print, people, journeys, above, note, asked_by,
// asked_at, expires_at, decided_by, decided_at, reason, version, rule, asker_may, may_decide,
// may_withdraw}; the last two are of `reader`.
ValueMap approval_value(Desk& desk, const host::Approval& approval, const host::Key& reader);
// {approvals: [...], after}: newest first, those below `after` (0: from the newest), of one state
// or all.
ValueMap list_approvals(Desk& desk,
                        const host::Key& reader,
                        std::optional<host::ApprovalState> state,
                        std::uint64_t after,
                        std::size_t limit);
// With `difference`: what would change; empty once it has ended. Fails with NotFound.
Result<ValueMap> describe_approval(Desk& desk, const host::Key& reader, std::uint64_t id);

}  // namespace winback::api
