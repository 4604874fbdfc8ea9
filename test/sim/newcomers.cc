// Who enters journeys when a playbook is loaded: those who come into a segment because its
// condition was changed only if it says so (docs/design/engine.md "Versions of the playbook").
#include <algorithm>

#include "sim/auditor.h"

namespace winback::sim {

using namespace engine;

namespace {

const segment::Segment* segment_named(const Definitions* definitions, const std::string& id) {
    return definitions == nullptr ? nullptr : definitions->segment(id);
}

// Whether `test` says yes of the segment or of one that it refers to.
template <class Test>
bool any_part(const Definitions& definitions, const segment::Segment& segment, const Test& test) {
    const std::vector<expr::SegmentId>& others = segment.condition.segments;
    return test(segment) || std::any_of(others.begin(), others.end(), [&](expr::SegmentId id) {
               const auto* other = definitions.segment(definitions.symbols.segments[id]);
               return other != nullptr && any_part(definitions, *other, test);
           });
}

bool is_changed(const Definitions* before,
                const Definitions& now,
                const segment::Segment& segment) {
    return before == nullptr || before->workspace.zone != now.workspace.zone ||
           any_part(now, segment, [&](const segment::Segment& part) {
               const segment::Segment* old = segment_named(before, part.id);
               return old == nullptr || old->condition.text != part.condition.text;
           });
}

bool may_enter(const journey::Journey& journey,
               const std::vector<journey::Enrollment>& entries,
               const Zone& zone,
               Timestamp now) {
    return std::all_of(entries.begin(), entries.end(), [&](const journey::Enrollment& e) {
        const bool over = e.state != journey::EnrollmentState::Running;
        return e.journey != journey.id || (over && journey.reentry.allowed &&
                                           now >= add(zone, e.entered_at, journey.reentry.after));
    });
}

}  // namespace

void Auditor::begin_reload(const DefinitionsPtr& before) {
    reload_.emplace();
    reload_->before = before;
    for (const auto& [id, person] : people_) {
        const Shard& shard = cluster_.shard_of(id);
        const auto customer = shard.customers().find(id);
        if (person.has_events && customer.has_value()) {
            const auto members = shard.segments_of(*customer);
            const auto entries = shard.enrollments(*customer);
            reload_->people[id] = {
                {members.begin(), members.end()}, {entries.begin(), entries.end()}, {}, {}};
        }
    }
}

void Auditor::see_reload_fact(const Fact& fact) {
    const auto person = reload_->people.find(fact.customer);
    if (person == reload_->people.end()) {
        return;
    }
    if (fact.name == "Journey Entered") {
        person->second.entered.insert(*fact.details.find("journey")->as_string());
    } else if (fact.name == "Segment Entered" || fact.name == "Segment Left") {
        person->second.changes[*fact.details.find("segment")->as_string()].push_back(
            fact.name == "Segment Entered");
    }
}

void Auditor::audit_reload() {
    const Reload reload = *std::exchange(reload_, std::nullopt);
    for (const auto& [id, person] : reload.people) {
        for (const journey::Journey& journey : definitions_->journeys) {
            audit_newcomer(reload, id, person, journey);
        }
    }
}

void Auditor::audit_newcomer(const Reload& reload,
                             const std::string& id,
                             const Reload::Person& person,
                             const journey::Journey& journey) {
    const segment::Segment& segment = *definitions_->segment(journey.segment);
    const auto found = person.changes.find(segment.id);
    const std::vector<bool> changes =
        found == person.changes.end() ? std::vector<bool>{} : found->second;
    const bool sends = any_part(*definitions_, segment, [](const segment::Segment& part) {
        return part.condition.text.find("sent(") != std::string::npos;
    });
    if (sends || changes.size() > 1) {
        return;  // A later look of the same moment may have brought them in, alive.
    }
    const bool joined = !changes.empty() && changes.front();
    const bool holds = joined || (changes.empty() && person.members.contains(segment.id));
    const bool changed = is_changed(reload.before.get(), *definitions_, segment);
    const bool known = reload.before != nullptr && reload.before->journey(journey.id) != nullptr;
    const bool takes = (holds && !known && journey.enter_members_at_start) ||
                       (joined && !changed) || (joined && known && segment.newcomers_enter);
    const bool expected =
        takes && may_enter(journey, person.entries, *definitions_->workspace.zone, cluster_.now());
    if (expected != person.entered.contains(journey.id)) {
        fail("newcomers: " + id + (expected ? " must enter " : " must not enter ") + journey.id +
             " by the change of " + segment.id + ": " + segment.condition.text);
    }
}

}  // namespace winback::sim
