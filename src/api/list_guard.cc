// Who may change a list that a journey listens to.
#include <algorithm>
#include <set>

#include "api/access.h"
#include "api/approvals.h"
#include "api/guide.h"
#include "api/lists.h"
#include "host/host.h"

namespace winback::api {
namespace {

// Conditions that ask for a list, or for a segment whose members the list decides.
class Listeners {
public:
    Listeners(const engine::Definitions& definitions, std::string_view list)
        : definitions_(definitions), asked_("in_list(\"" + std::string(list) + "\")") {
        // Each segment comes after those that it refers to.
        for (const segment::Segment& segment : definitions.segments) {
            if (listens(segment.condition)) {
                segments_.insert(segment.id);
            }
        }
    }

    // Nothing when no journey that sends does.
    const journey::Journey* first_journey() const {
        const auto& journeys = definitions_.journeys;
        const auto found = std::find_if(journeys.begin(), journeys.end(),
                                        [&](const auto& journey) { return listens(journey); });
        return found == journeys.end() ? nullptr : &*found;
    }

private:
    bool listens(const expr::Condition& condition) const {
        const std::vector<std::string>& names = definitions_.symbols.segments;
        return condition.canonical.find(asked_) != std::string::npos ||
               std::any_of(condition.segments.begin(), condition.segments.end(), [&](auto id) {
                   return id < names.size() && segments_.contains(names[id]);
               });
    }
    bool listens(const journey::Journey& journey) const {
        const auto& steps = journey.steps;
        const bool sends = std::any_of(steps.begin(), steps.end(), [](const journey::Step& step) {
            return step.kind == journey::StepKind::Message;
        });
        return sends && (segments_.contains(journey.segment) ||
                         std::any_of(steps.begin(), steps.end(),
                                     [&](const journey::Step& step) {
                                         return step.condition && listens(*step.condition);
                                     }) ||
                         std::any_of(journey.exits.begin(), journey.exits.end(),
                                     [&](const expr::Condition& exit) { return listens(exit); }) ||
                         (journey.goal.where && listens(*journey.goal.where)));
    }

    const engine::Definitions& definitions_;
    std::string asked_;
    std::set<std::string, std::less<>> segments_;
};

}  // namespace

Status may_move_members(Desk& desk, const host::Key& who, std::string_view id, std::size_t people) {
    WINBACK_TRY(const bool sending, sending_allowed(desk.host()));
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    if (!sending || people == 0 || definitions == nullptr) {
        return Ok{};
    }
    const journey::Journey* journey = Listeners(*definitions, id).first_journey();
    if (journey == nullptr) {
        return Ok{};
    }
    if (!may(who, "send")) {
        return Error{ErrorCode::PermissionDenied,
                     "the journey '" + journey->id +
                         "' listens to this list and may send to them; somebody who may send "
                         "changes it"};
    }
    WINBACK_TRY(const std::optional<std::uint64_t> above, approval_rule(desk.host()));
    if (!above) {
        return Ok{};
    }
    WINBACK_TRY(const Moves moves, count_moves(desk, id, people, *above));
    if (moves.kept) {
        return Ok{};
    }
    const std::string with_those =
        moves.before == 0 ? ""
                          : ", with the " + std::to_string(moves.before) + " of the last 24 hours,";
    return Error{ErrorCode::PermissionDenied,
                 "the journey '" + journey->id + "' listens to this list, and " +
                     std::to_string(people) + " people" + with_those + " are more than the " +
                     std::to_string(*above) +
                     " that one person may reach; fill a new list and let the segment ask for it, "
                     "which a second person approves"};
}

}  // namespace winback::api
