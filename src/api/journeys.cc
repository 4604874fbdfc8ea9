#include "api/journeys.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "api/messages.h"
#include "base/zone.h"
#include "host/host.h"
#include "playbook/playbook.h"

namespace winback::api {
namespace {

constexpr std::size_t versions_kept_max = 20;
constexpr double holdout_fallback = 0.1;

ValueMap arm_value(const experiment::Arm& arm) {
    ValueMap map;
    map.set("customers", static_cast<std::int64_t>(arm.customers));
    map.set("returned", static_cast<std::int64_t>(arm.returned));
    return map;
}

ValueMap lift_value(const experiment::Lift& lift) {
    ValueMap map;
    map.set("assigned_rate", lift.assigned_rate);
    map.set("holdout_rate", lift.holdout_rate);
    map.set("difference", lift.difference);
    map.set("low", lift.low);
    map.set("high", lift.high);
    map.set("split_p", lift.split_p);
    map.set("meaningful", lift.meaningful);
    map.set("covers_zero", lift.low <= 0 && lift.high >= 0);
    return map;
}

void add_arm(experiment::Arm& into, const experiment::Arm& from) {
    into.customers += from.customers;
    into.returned += from.returned;
}

report::MonthArms sum_of(const report::JourneyPassages& passages) {
    report::MonthArms sum;
    for (const auto& [month, arms] : passages.months) {
        add_arm(sum.assigned, arms.assigned);
        add_arm(sum.holdout, arms.holdout);
    }
    return sum;
}

// Everybody who had entered by the end of each month: the proof as it grew.
ValueList months_value(const report::JourneyPassages& passages, double share, const Zone& zone) {
    ValueList list;
    report::MonthArms sum;
    for (const auto& [month, arms] : passages.months) {
        add_arm(sum.assigned, arms.assigned);
        add_arm(sum.holdout, arms.holdout);
        std::array<char, 16> name{};
        std::snprintf(name.data(), name.size(), "%04d-%02d", month / 12, month % 12 + 1);
        ValueMap map;
        map.set("month", name.data());
        // Its last day, by which people of every calendar know it; at noon, whatever the zone.
        map.set(
            "until",
            timestamp_from_civil(
                {.year = (month + 1) / 12, .month = (month + 1) % 12 + 1, .day = 1, .hour = 12}) -
                days(1));
        const auto first_of = [&](int which) {
            return from_local(zone, {.year = which / 12, .month = which % 12 + 1, .day = 1});
        };
        map.set("from", first_of(month));
        map.set("to", first_of(month + 1));
        map.set("entered", static_cast<std::int64_t>(arms.customers));
        map.set("assigned", arm_value(sum.assigned));
        map.set("holdout", arm_value(sum.holdout));
        map.set("lift", lift_value(experiment::lift_of(sum.assigned, sum.holdout, share)));
        list.emplace_back(std::move(map));
    }
    const auto shown = static_cast<std::size_t>(journey_months_shown_max);
    if (list.size() > shown) {
        list.erase(list.begin(), list.end() - static_cast<std::ptrdiff_t>(shown));
    }
    return list;
}

// What it stands for until the playbook is asked: id, state, people and proof.
ValueMap summary_of(const std::string& id,
                    const report::JourneyPassages& passages,
                    Timestamp as_of,
                    const engine::Definitions* definitions) {
    const journey::Journey* journey = definitions == nullptr ? nullptr : definitions->journey(id);
    const double share = journey == nullptr ? holdout_fallback : journey->holdout;
    ValueMap map;
    map.set("id", id);
    add_names(map, id, journey);
    map.set("state", journey == nullptr ? "removed" : "running");
    map.set("segment", journey == nullptr ? "" : journey->segment);
    const segment::Segment* segment =
        journey == nullptr ? nullptr : definitions->segment(journey->segment);
    set_name(map, "segment_name", "", segment);
    map.set("holdout_share", share);
    map.set("inside", static_cast<std::int64_t>(passages.inside));
    map.set("inside_held_out", static_cast<std::int64_t>(passages.inside_held_out));
    ValueMap lately;
    lately.set("days", report::passages_days);
    lately.set("since", as_of - days(report::passages_days));
    lately.set("entered", static_cast<std::int64_t>(passages.entered));
    lately.set("goals", static_cast<std::int64_t>(passages.goals));
    lately.set("exited", static_cast<std::int64_t>(passages.exited));
    lately.set("finished", static_cast<std::int64_t>(passages.finished));
    map.set("lately", std::move(lately));
    const report::MonthArms arms = sum_of(passages);
    map.set("entered", static_cast<std::int64_t>(passages.customers));
    map.set("entered_held_out", static_cast<std::int64_t>(passages.customers_held_out));
    map.set("assigned", arm_value(arms.assigned));
    map.set("holdout", arm_value(arms.holdout));
    map.set("lift", lift_value(experiment::lift_of(arms.assigned, arms.holdout, share)));
    return map;
}

struct StepFigures {
    std::map<std::string, std::uint64_t, std::less<>> standing;
    std::uint64_t elsewhere = 0;  // At steps that the present version does not have.
};

StepFigures figures_of(Desk& desk,
                       const journey::Journey* journey,
                       std::string_view id,
                       const report::JourneyPassages& passages) {
    StepFigures figures;
    for (const auto& [place, count] : passages.standing) {
        const std::string name = desk.part<JourneySteps>().name(place.first, id, place.second);
        const bool here =
            journey != nullptr && std::any_of(journey->steps.begin(), journey->steps.end(),
                                              [&](const auto& step) { return step.id == name; });
        (here ? figures.standing[name] : figures.elsewhere) += count;
    }
    return figures;
}

ValueMap step_value(const journey::Step& step,
                    const StepFigures& figures,
                    const report::JourneyPassages& passages) {
    ValueMap map;
    map.set("id", step.id);
    const auto standing = figures.standing.find(step.id);
    map.set("standing",
            standing == figures.standing.end() ? 0 : static_cast<std::int64_t>(standing->second));
    switch (step.kind) {
        case journey::StepKind::Wait:
            map.set("kind", "wait");
            map.set("wait", format_calendar_step(step.wait));
            map.set("months", step.wait.months);
            map.set("days", step.wait.days);
            map.set("hours", static_cast<double>(step.wait.ms) / static_cast<double>(hours(1).ms));
            break;
        case journey::StepKind::Branch:
            map.set("kind", "branch");
            map.set("condition", step.condition.has_value() ? step.condition->text : "");
            break;
        case journey::StepKind::Message: {
            map.set("kind", "message");
            map.set("template", step.template_id);
            map.set("channel", customer::channel_name(step.channel));
            map.set("offer", step.offer_id);
            const auto counts = passages.steps.find(step.id);
            map.set("messages",
                    message_counts_value(counts == passages.steps.end() ? report::MessageCounts()
                                                                        : counts->second));
            break;
        }
        case journey::StepKind::Exit:
            map.set("kind", "exit");
            break;
    }
    return map;
}

// The flat list of steps as people read it: each at its depth, the two ways of a branch under
// headings of their own. Every jump goes forward, so the ways meet at the first step that both
// can reach.
class Outline {
public:
    Outline(const journey::Journey& journey,
            const StepFigures& figures,
            const report::JourneyPassages& passages)
        : journey_(journey), figures_(figures), passages_(passages) {}

    ValueList rows() {
        walk(0, end(), 0);
        return std::move(rows_);
    }

private:
    std::uint32_t end() const { return static_cast<std::uint32_t>(journey_.steps.size()); }

    std::set<std::uint32_t> reach(std::uint32_t from) const {
        std::set<std::uint32_t> seen;
        std::vector<std::uint32_t> open{from};
        while (!open.empty()) {
            const std::uint32_t at = std::min(open.back(), end());
            open.pop_back();
            if (!seen.insert(at).second || at == end()) {
                continue;
            }
            const journey::Step& step = journey_.steps[at];
            if (step.kind != journey::StepKind::Exit) {
                open.push_back(step.next);
            }
            if (step.kind == journey::StepKind::Branch) {
                open.push_back(step.otherwise);
            }
        }
        return seen;
    }
    std::uint32_t join_of(const journey::Step& branch, std::uint32_t stop) const {
        const std::set<std::uint32_t> yes = reach(branch.next);
        for (const std::uint32_t at : reach(branch.otherwise)) {
            if (yes.contains(at)) {
                return std::min(at, stop);
            }
        }
        return stop;
    }
    void heading(std::string_view kind, int depth) {
        ValueMap map;
        map.set("kind", kind);
        map.set("depth", depth);
        rows_.emplace_back(std::move(map));
    }
    // NOLINTNEXTLINE(misc-no-recursion): as deep as branches stand in branches, which is bounded.
    void walk(std::uint32_t at, std::uint32_t stop, int depth) {
        while (at < stop && at < end() && rows_.size() < 2 * journey::steps_max) {
            const journey::Step& step = journey_.steps[at];
            ValueMap row = step_value(step, figures_, passages_);
            row.set("depth", depth);
            rows_.emplace_back(std::move(row));
            if (step.kind == journey::StepKind::Exit) {
                return;
            }
            if (step.kind == journey::StepKind::Branch) {
                const std::uint32_t join = join_of(step, stop);
                heading("then", depth);
                walk(step.next, join, depth + 1);
                heading("else", depth);
                walk(step.otherwise, join, depth + 1);
                at = join;
            } else {
                at = step.next;
            }
        }
    }

    const journey::Journey& journey_;
    const StepFigures& figures_;
    const report::JourneyPassages& passages_;
    ValueList rows_;
};

// Null when the step is not of whole days.
Value days_of(const CalendarStep& step) {
    return step.months == 0 && step.ms == 0 ? Value(step.days) : Value();
}

void add_definition(const journey::Journey& journey,
                    const engine::Definitions& definitions,
                    ValueMap& map) {
    const segment::Segment* segment = definitions.segment(journey.segment);
    map.set("condition", segment == nullptr ? "" : segment->condition.text);
    map.set("members_at_start", journey.enter_members_at_start);
    map.set("again_after",
            journey.reentry.allowed ? Value(format_calendar_step(journey.reentry.after)) : Value());
    map.set("again_days", journey.reentry.allowed ? days_of(journey.reentry.after) : Value());
    map.set("goal_days", days_of(journey.goal.within));
    map.set("goal_event", journey.goal.event);
    map.set("goal_within", format_calendar_step(journey.goal.within));
    map.set("goal_where",
            journey.goal.where.has_value() ? Value(journey.goal.where->text) : Value());
    ValueList exits;
    for (const expr::Condition& exit : journey.exits) {
        exits.emplace_back(exit.text);
    }
    map.set("exits", std::move(exits));
}

ValueList versions_value(const report::JourneyPassages& passages) {
    std::map<std::uint64_t, std::uint64_t> running;
    for (const auto& [place, count] : passages.standing) {
        running[place.first] += count;
    }
    ValueList list;
    for (const auto& [version, count] : running) {
        ValueMap map;
        map.set("version", static_cast<std::int64_t>(version));
        map.set("customers", static_cast<std::int64_t>(count));
        list.emplace_back(std::move(map));
    }
    std::reverse(list.begin(), list.end());
    return list;
}

report::MessageCounts messages_of(const report::JourneyPassages& passages) {
    report::MessageCounts sum;
    for (const auto& [step, counts] : passages.steps) {
        sum.add(counts);
    }
    return sum;
}

const report::JourneyPassages& passages_of(const report::Passages& all, std::string_view id) {
    static const report::JourneyPassages none;
    const auto found = all.journeys.find(std::string(id));
    return found == all.journeys.end() ? none : found->second;
}

}  // namespace

std::vector<std::string> JourneySteps::steps(std::uint64_t version, std::string_view journey) {
    const std::lock_guard lock(mutex_);
    auto known = versions_.find(version);
    if (known == versions_.end()) {
        ById steps;
        const Result<playbook::Files> files = desk_.host().playbook_files(version);
        if (files) {
            const playbook::LoadedPlaybook loaded = playbook::load(*files);
            if (loaded.definitions) {
                for (const journey::Journey& one : loaded.definitions->journeys) {
                    for (const journey::Step& each : one.steps) {
                        steps[one.id].push_back(each.id);
                    }
                }
            }
        }
        if (versions_.size() >= versions_kept_max) {
            versions_.erase(versions_.begin());
        }
        known = versions_.emplace(version, std::move(steps)).first;
    }
    const auto found = known->second.find(journey);
    return found == known->second.end() ? std::vector<std::string>() : found->second;
}

std::string JourneySteps::name(std::uint64_t version,
                               std::string_view journey,
                               std::uint32_t step) {
    const std::vector<std::string> ids = steps(version, journey);
    return step < ids.size() ? ids[step] : std::string();
}

ValueMap list_journeys(Desk& desk) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const PassageCache::Pointer passages = desk.part<PassageCache>().get();
    ValueList list;
    const auto add = [&](const std::string& id) {
        const report::JourneyPassages& own = passages_of(*passages, id);
        ValueMap map = summary_of(id, own, passages->as_of, definitions.get());
        map.set("messages", message_counts_value(messages_of(own)));
        list.emplace_back(std::move(map));
    };
    if (definitions != nullptr) {
        for (const journey::Journey& journey : definitions->journeys) {
            add(journey.id);
        }
    }
    for (const auto& [id, own] : passages->journeys) {
        if (definitions == nullptr || definitions->journey(id) == nullptr) {
            add(id);
        }
    }
    ValueMap tree;
    tree.set("now", desk.host().now());
    tree.set("version",
             definitions == nullptr ? 0 : static_cast<std::int64_t>(definitions->version));
    tree.set("journeys", std::move(list));
    return tree;
}

Result<ValueMap> describe_journey(Desk& desk, std::string_view id) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const PassageCache::Pointer passages = desk.part<PassageCache>().get();
    const journey::Journey* journey = definitions == nullptr ? nullptr : definitions->journey(id);
    if (journey == nullptr && !passages->journeys.contains(std::string(id))) {
        return Error{ErrorCode::NotFound, "there is no such journey"};
    }
    const report::JourneyPassages& own = passages_of(*passages, id);
    ValueMap map = summary_of(std::string(id), own, passages->as_of, definitions.get());
    map.set("now", desk.host().now());
    map.set("version",
            definitions == nullptr ? 0 : static_cast<std::int64_t>(definitions->version));
    const StepFigures figures = figures_of(desk, journey, id, own);
    map.set("elsewhere", static_cast<std::int64_t>(figures.elsewhere));
    map.set("steps", journey == nullptr ? ValueList() : Outline(*journey, figures, own).rows());
    if (journey != nullptr) {
        add_definition(*journey, *definitions, map);
    }
    map.set("messages", message_counts_value(messages_of(own)));
    const Zone& zone = definitions == nullptr ? utc_zone() : *definitions->workspace.zone;
    map.set("months", months_value(own, map.find("holdout_share")->number_or(0), zone));
    map.set("versions", versions_value(own));
    return map;
}

}  // namespace winback::api
