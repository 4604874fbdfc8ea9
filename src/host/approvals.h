// What waits until a second person approves it, and what became of it.
//
// Kept in the control family and in memory. What a request would do is kept beside it as whole
// texts, so that an approval does what was asked and nothing else. Who may decide is not decided
// here (api/approvals.h); docs/design/people.md says what the rule is.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/value.h"
#include "host/audit.h"
#include "store/store.h"

namespace winback::host {

constexpr std::size_t approvals_waiting_max = 100;
constexpr std::size_t approvals_ended_max = 1'000;    // The oldest go first.
constexpr std::size_t approval_text_bytes_max = 500;  // Of a note and of a reason, each.
constexpr std::size_t approval_files_bytes_max = std::size_t{16} * 1024 * 1024;
constexpr Duration approval_lifetime = days(7);

enum class ApprovalState : std::uint8_t {
    Waiting,
    Approved,
    Declined,
    Withdrawn,
    Outdated,  // What was asked for had changed when somebody approved it.
    Expired,   // Never written: follows from the time.
};
constexpr std::array<ApprovalState, 6> all_approval_states{
    ApprovalState::Waiting,   ApprovalState::Approved, ApprovalState::Declined,
    ApprovalState::Withdrawn, ApprovalState::Outdated, ApprovalState::Expired};
std::string_view approval_state_name(ApprovalState state);  // "waiting", …

using TextFiles = std::map<std::string, std::string>;

struct Approval {
    std::uint64_t id = 0;  // 1, 2, 3, …
    ApprovalState state = ApprovalState::Waiting;
    std::string what;                     // The act, as the audit trail names it: "playbook.load".
    std::string target;                   // As in the trail.
    std::string how;                      // Of a playbook: as PlaybookNote::how.
    std::uint64_t of = 0;                 // As PlaybookNote::of.
    std::uint64_t base = 0;               // The version of the playbook that it was asked on.
    std::string print;                    // Of the texts as they would be.
    std::optional<std::uint64_t> people;  // Nothing: they could not be counted.
    std::vector<std::string> journeys;    // By which the messages would go.
    std::uint64_t above = 0;              // The rule as it was.
    std::string note;
    Value before;  // For the trail, when it is done.
    Value after;
    Actor asked_by;
    std::string person;  // The user behind `asked_by`; empty: nobody knows.
    Timestamp asked_at;
    Timestamp expires_at;
    Actor decided_by;
    Timestamp decided_at;
    std::string reason;
    std::uint64_t version = 0;  // Of the playbook that came of it; 0: none.
};

// What came of a request.
struct ApprovalEnd {
    ApprovalState state = ApprovalState::Approved;
    Actor by;
    Timestamp at;
    std::string reason;
    std::uint64_t version = 0;
};

// Any thread. `now` is the wall clock.
class Approvals {
public:
    // The store must outlive this. Fails with Corrupt.
    static Result<std::unique_ptr<Approvals>> open(store::Store& store);

    // Gives id, moment and end to what is asked; durable when it returns. Fails with
    // LimitExceeded (requests that wait, bytes of files), InvalidArgument (note).
    Result<Approval> add(Approval asked, const TextFiles& files, Timestamp now);
    // Fails with NotFound, and with Conflict when it does not wait.
    Result<Approval> end(std::uint64_t id, const ApprovalEnd& end);

    std::optional<Approval> find(std::uint64_t id, Timestamp now) const;
    // Newest first.
    std::vector<Approval> list(Timestamp now) const;
    std::vector<Approval> waiting(Timestamp now) const;
    // The texts as they would be. Fails with NotFound once the request has ended.
    Result<TextFiles> files(std::uint64_t id) const;

private:
    explicit Approvals(store::Store& store) : store_(store) {}
    std::size_t waiting_count(Timestamp now) const;
    // Those that must go so that there is room.
    std::vector<std::uint64_t> oldest_ended(Timestamp now) const;

    store::Store& store_;
    mutable std::mutex mutex_;
    std::map<std::uint64_t, Approval> by_id_;
    std::uint64_t newest_ = 0;
};

}  // namespace winback::host
