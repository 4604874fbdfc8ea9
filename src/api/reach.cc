#include "api/reach.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "api/condition.h"
#include "api/template_draft.h"
#include "host/host.h"

namespace winback::api {
namespace {

// The customers of one journey: in its segment now, and not in the one that it had.
struct Way {
    std::string now;     // Conditions as texts.
    std::string before;  // Empty: all of them count.
};

bool sends(const journey::Journey& journey) {
    return std::any_of(journey.steps.begin(), journey.steps.end(),
                       [](const auto& step) { return step.kind == journey::StepKind::Message; });
}

std::string canonical_of(const std::optional<expr::Condition>& condition) {
    return condition ? condition->canonical : std::string();
}

bool same_step(const journey::Step& a, const journey::Step& b) {
    return a.id == b.id && a.kind == b.kind && a.next == b.next && a.otherwise == b.otherwise &&
           a.wait == b.wait && canonical_of(a.condition) == canonical_of(b.condition) &&
           a.template_id == b.template_id && a.channel == b.channel && a.offer_id == b.offer_id;
}

std::set<std::string> canonical_exits(const journey::Journey& journey) {
    std::set<std::string> exits;
    for (const expr::Condition& exit : journey.exits) {
        exits.insert(exit.canonical);
    }
    return exits;
}

bool lost_an_exit(const journey::Journey& before, const journey::Journey& after) {
    const std::set<std::string> old = canonical_exits(before);
    const std::set<std::string> now = canonical_exits(after);
    return !std::includes(now.begin(), now.end(), old.begin(), old.end());
}

bool same_goal(const journey::Goal& a, const journey::Goal& b) {
    return a.event == b.event && a.within == b.within &&
           canonical_of(a.where) == canonical_of(b.where);
}

// Whatever may let somebody get a message who is in the same segment and got none.
bool may_be_wider(const journey::Journey& before, const journey::Journey& after) {
    const bool enters_again =
        after.reentry.allowed &&
        (!before.reentry.allowed || after.reentry.after != before.reentry.after);
    const bool members = after.enter_members_at_start && !before.enter_members_at_start;
    const bool steps = !std::equal(before.steps.begin(), before.steps.end(), after.steps.begin(),
                                   after.steps.end(), same_step);
    return enters_again || members || steps || after.holdout < before.holdout ||
           after.salt != before.salt || lost_an_exit(before, after) ||
           !same_goal(before.goal, after.goal);
}

bool same_cap(const policy::FrequencyCap& a, const policy::FrequencyCap& b) {
    return a.channel == b.channel && a.limit == b.limit && a.window == b.window &&
           a.calendar == b.calendar && a.hold == b.hold;
}

bool may_be_wider(const policy::Policies& before, const policy::Policies& after) {
    return after.control_group < before.control_group ||
           (after.control_group > 0 && after.control_salt != before.control_salt) ||
           !std::equal(before.caps.begin(), before.caps.end(), after.caps.begin(), after.caps.end(),
                       same_cap);
}

// Of texts that could stop their message and read otherwise now: the templates that they are of,
// and "" for those that any template may have in it.
std::set<std::string> templates_that_may_stop_fewer(const PlaybookChange& change) {
    std::set<std::string> ids;
    for (const auto& [path, text] : change.files_before) {
        const auto now = change.files_after.find(path);
        const bool same = now != change.files_after.end() && now->second == text;
        if (!same && text.find("abort_message") != std::string::npos) {
            const auto name = template_file_name(path);
            ids.insert(name ? name->id : std::string());
        }
    }
    return ids;
}

// The templates whose text is new, gone or another in any language.
std::set<std::string> templates_that_read_otherwise(const PlaybookChange& change) {
    std::set<std::string> ids;
    const auto note = [&](const playbook::Files& files, const playbook::Files& others) {
        for (const auto& [path, text] : files) {
            const auto other = others.find(path);
            const auto name = template_file_name(path);
            if (name && (other == others.end() || other->second != text)) {
                ids.insert(name->id);
            }
        }
    };
    note(change.files_before, change.files_after);
    note(change.files_after, change.files_before);
    return ids;
}

class Comparison {
public:
    Comparison(const PlaybookChange& change, Counts counts)
        : change_(change),
          read_otherwise_(counts == Counts::WordsToo ? templates_that_read_otherwise(change)
                                                     : std::set<std::string>()),
          stop_fewer_(templates_that_may_stop_fewer(change)),
          all_wider_(may_be_wider(change.before.policies, change.after.policies) ||
                     stop_fewer_.contains("")) {
        // Each segment comes after those that it refers to.
        for (const segment::Segment& segment : change.after.segments) {
            const segment::Segment* old = change.before.segment(segment.id);
            if (old == nullptr || old->condition.canonical != segment.condition.canonical ||
                refers_to_moved(segment.condition)) {
                moved_.insert(segment.id);
            }
        }
    }

    // Nothing when the journey reaches nobody new.
    std::optional<Way> way(const journey::Journey& journey) const {
        const segment::Segment* segment = change_.after.segment(journey.segment);
        if (!sends(journey) || segment == nullptr) {
            return std::nullopt;
        }
        const journey::Journey* old = change_.before.journey(journey.id);
        const segment::Segment* old_segment =
            old == nullptr ? nullptr : change_.before.segment(old->segment);
        const bool whole = old == nullptr || old_segment == nullptr || !sends(*old) || all_wider_ ||
                           may_be_wider(*old, journey) || asks_moved_segments(journey) ||
                           has_other_templates(journey) ||
                           (segment->newcomers_enter && has_other_zone());
        if (whole) {
            return Way{segment->condition.text, {}};
        }
        if (old_segment->condition.canonical == segment->condition.canonical &&
            !moved_.contains(segment->id)) {
            return std::nullopt;
        }
        return Way{segment->condition.text, old_segment->condition.text};
    }
    // What the present memberships cannot answer.
    bool is_countable(const journey::Journey& journey) const {
        return !refers_to_moved(change_.after.segment(journey.segment)->condition);
    }

private:
    // Days begin elsewhere, so every segment counts as changed; the present base cannot be asked
    // who comes in by that.
    bool has_other_zone() const {
        return change_.before.workspace.zone != change_.after.workspace.zone;
    }
    bool refers_to_moved(const expr::Condition& condition) const {
        const std::vector<std::string>& names = change_.after.symbols.segments;
        return std::any_of(condition.segments.begin(), condition.segments.end(), [&](auto id) {
            return id >= names.size() || moved_.contains(names[id]);
        });
    }
    bool asks_moved_segments(const journey::Journey& journey) const {
        return std::any_of(journey.steps.begin(), journey.steps.end(),
                           [&](const journey::Step& step) {
                               return step.condition && refers_to_moved(*step.condition);
                           }) ||
               std::any_of(journey.exits.begin(), journey.exits.end(),
                           [&](const auto& exit) { return refers_to_moved(exit); }) ||
               (journey.goal.where && refers_to_moved(*journey.goal.where));
    }
    bool has_other_templates(const journey::Journey& journey) const {
        return std::any_of(journey.steps.begin(), journey.steps.end(),
                           [&](const journey::Step& step) {
                               const auto old = change_.before.templates.find(step.template_id);
                               const auto now = change_.after.templates.find(step.template_id);
                               return step.kind == journey::StepKind::Message &&
                                      (old == change_.before.templates.end() ||
                                       now == change_.after.templates.end() ||
                                       stop_fewer_.contains(step.template_id) ||
                                       read_otherwise_.contains(step.template_id) ||
                                       old->second.channel != now->second.channel ||
                                       old->second.topic != now->second.topic ||
                                       (now->second.transactional && !old->second.transactional));
                           });
    }

    const PlaybookChange& change_;
    std::set<std::string> read_otherwise_;  // Templates.
    std::set<std::string> stop_fewer_;      // Templates.
    bool all_wider_;
    std::set<std::string, std::less<>> moved_;  // Segments with other members than now.
};

struct CompiledWay {
    CompiledCondition now;
    std::optional<CompiledCondition> before;
};

std::optional<std::uint64_t> count(Desk& desk, const std::vector<Way>& ways) {
    std::vector<CompiledWay> compiled;
    for (const Way& way : ways) {
        CompiledWay& one = compiled.emplace_back();
        one.now = compile_condition(desk, way.now);
        if (!way.before.empty()) {
            one.before = compile_condition(desk, way.before);
        }
        if (!one.now.condition || (one.before && !one.before->condition)) {
            return std::nullopt;
        }
    }
    struct Part {
        std::uint64_t people = 0;
        bool kept = true;
    };
    std::vector<Part> parts(desk.host().shard_count());
    desk.host().query([&](host::ShardView view) {
        const customer::Customers& customers = view.shard.customers();
        Part& part = parts[view.id];
        using Query = decltype(view.shard.query(*compiled[0].now.condition, {}));
        std::vector<std::pair<Query, Query>> queries;
        for (const CompiledWay& one : compiled) {
            part.kept = part.kept && is_kept(one.now, customers) &&
                        (!one.before || is_kept(*one.before, customers));
            queries.emplace_back(view.shard.query(*one.now.condition, one.now.symbols),
                                 one.before
                                     ? view.shard.query(*one.before->condition, one.before->symbols)
                                     : nullptr);
        }
        for (customer::CustomerIndex c = 0; part.kept && c < customers.size(); ++c) {
            const bool there = customers.merged_into(c).empty() && !customers.erased(c);
            const bool reached =
                there && std::any_of(queries.begin(), queries.end(), [&](const auto& query) {
                    return query.first->holds(c, view.now) &&
                           (query.second == nullptr || !query.second->holds(c, view.now));
                });
            part.people += reached ? 1U : 0U;
        }
    });
    std::uint64_t people = 0;
    for (const Part& part : parts) {
        if (!part.kept) {
            return std::nullopt;
        }
        people += part.people;
    }
    return people;
}

}  // namespace

Reach reach_of_change(Desk& desk, const PlaybookChange& change, Counts counts) {
    const Comparison comparison(change, counts);
    Reach reach;
    std::vector<Way> ways;
    bool countable = true;
    for (const journey::Journey& journey : change.after.journeys) {
        if (std::optional<Way> way = comparison.way(journey)) {
            reach.journeys.push_back(journey.id);
            countable = countable && comparison.is_countable(journey);
            ways.push_back(*std::move(way));
        }
    }
    if (!ways.empty()) {
        reach.people = countable ? count(desk, ways) : std::nullopt;
    }
    return reach;
}

Reach reach_of_all(Desk& desk, const engine::Definitions& definitions) {
    Reach reach;
    std::vector<Way> ways;
    for (const journey::Journey& journey : definitions.journeys) {
        const segment::Segment* segment = definitions.segment(journey.segment);
        if (sends(journey) && segment != nullptr) {
            reach.journeys.push_back(journey.id);
            ways.push_back({segment->condition.text, {}});
        }
    }
    if (!ways.empty()) {
        reach.people = count(desk, ways);
    }
    return reach;
}

}  // namespace winback::api
