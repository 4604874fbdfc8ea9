#include "api/condition_draft.h"

#include <algorithm>
#include <deque>
#include <map>
#include <vector>

#include "api/playbook.h"
#include "api/segments.h"
#include "api/template_text.h"
#include "expr/mentions.h"
#include "expr/tree.h"
#include "host/host.h"

namespace winback::api {
namespace {

// Of each segment that is made of this one, by whatever way, the next on the shortest way to it.
std::map<std::string, std::string, std::less<>> ways_to(const engine::Definitions& definitions,
                                                        std::string_view segment) {
    std::map<std::string, std::vector<std::string>, std::less<>> askers;
    for (const segment::Segment& other : definitions.segments) {
        for (const expr::SegmentId id : other.condition.segments) {
            askers[definitions.symbols.segments[id]].push_back(other.id);
        }
    }
    std::map<std::string, std::string, std::less<>> next;
    std::deque<std::string> reached{std::string(segment)};
    while (!reached.empty()) {
        const std::string one = std::move(reached.front());
        reached.pop_front();
        for (const std::string& asker : askers[one]) {
            if (asker != segment && next.emplace(asker, one).second) {
                reached.push_back(asker);
            }
        }
    }
    return next;
}

// Says it of each name that leads back to the segment, at its place.
void refuse_circles(Desk& desk, std::string_view segment, ConditionDraft& draft) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    const auto mentions = expr::segment_mentions(draft.text);
    if (definitions == nullptr || segment.empty() || mentions.empty()) {
        return;
    }
    const auto next = ways_to(*definitions, segment);
    for (const expr::SegmentMention& mention : mentions) {
        std::string way(segment);
        auto step = next.find(mention.name);
        if (mention.name != segment && step == next.end()) {
            continue;
        }
        for (; step != next.end(); step = next.find(step->second)) {
            way += " -> " + step->first;
        }
        draft.compiled.diagnostics.push_back(
            {.code = "segment_cycle",
             .file = "",
             .position = mention.position,
             .length = mention.length,
             .message = "segments may not refer to each other in a circle: " + way + " -> " +
                        std::string(segment)});
        draft.compiled.condition.reset();
    }
    std::stable_sort(
        draft.compiled.diagnostics.begin(), draft.compiled.diagnostics.end(),
        [](const Diagnostic& a, const Diagnostic& b) { return a.position < b.position; });
}

ValueList diagnostics_of(const ConditionDraft& draft) {
    ValueList list = diagnostics_value(draft.compiled.diagnostics);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string shown = render(draft.compiled.diagnostics[i], draft.text);
        ValueMap& map = *list[i].as_map();
        map.set("shown", shown.substr(shown.find('\n') + 1));  // Its first line is `message`.
        map.set("pointer", Value());
    }
    return list;
}

}  // namespace

void ConditionDraft::warn(Diagnostic diagnostic) {
    diagnostic.is_warning = true;
    compiled.diagnostics.push_back(std::move(diagnostic));
    diagnostics = diagnostics_of(*this);
}

ConditionDraft draft_of_text(Desk& desk, std::string_view text, std::string_view segment) {
    ConditionDraft draft;
    draft.text = with_line_feeds(text);
    draft.tree = condition_tree(draft.text);
    draft.compiled = check_condition(desk, draft.text, segment);
    refuse_circles(desk, segment, draft);
    draft.diagnostics = diagnostics_of(draft);
    return draft;
}

ConditionDraft draft_of_tree(Desk& desk, const Value& tree, std::string_view segment) {
    const expr::TreeText printed = expr::from_tree(tree);
    if (printed.mistakes.empty()) {
        ConditionDraft draft = draft_of_text(desk, printed.text, segment);
        draft.tree = tree;
        return draft;
    }
    ConditionDraft draft;
    draft.tree = tree;
    for (const expr::TreeMistake& mistake : printed.mistakes) {
        ValueMap map;
        map.set("code", "bad_tree");
        map.set("message", mistake.message);
        map.set("line", 1);
        map.set("column", 1);
        map.set("length", 1);
        map.set("warning", false);
        map.set("shown", "");
        map.set("pointer", mistake.pointer);
        draft.diagnostics.emplace_back(std::move(map));
    }
    return draft;
}

ValueMap draft_value(const ConditionDraft& draft) {
    ValueMap map;
    map.set("condition", draft.text);
    map.set("tree", draft.tree);
    map.set("diagnostics", draft.diagnostics);
    return map;
}

}  // namespace winback::api
