#include "api/condition_draft.h"

#include <algorithm>
#include <set>

#include "api/playbook.h"
#include "api/segments.h"
#include "api/template_text.h"
#include "expr/tree.h"
#include "host/host.h"

namespace winback::api {
namespace {

// The segment and all that are made of it.
std::set<std::string, std::less<>> dependents_of(const engine::Definitions& definitions,
                                                 std::string_view segment) {
    std::set<std::string, std::less<>> found{std::string(segment)};
    // Each segment comes after those that it refers to.
    for (const segment::Segment& other : definitions.segments) {
        const auto& asked = other.condition.segments;
        if (std::any_of(asked.begin(), asked.end(), [&](expr::SegmentId id) {
                return found.contains(definitions.symbols.segments[id]);
            })) {
            found.insert(other.id);
        }
    }
    return found;
}

void refuse_circle(Desk& desk, std::string_view segment, ConditionDraft& draft) {
    const engine::DefinitionsPtr definitions = desk.host().definitions();
    if (!draft.compiled.condition || definitions == nullptr || segment.empty()) {
        return;
    }
    const auto dependents = dependents_of(*definitions, segment);
    const auto& asked = draft.compiled.condition->segments;
    const auto found = std::find_if(asked.begin(), asked.end(), [&](expr::SegmentId id) {
        return dependents.contains(draft.compiled.symbols.segments[id]);
    });
    if (found == asked.end()) {
        return;
    }
    const std::string& name = draft.compiled.symbols.segments[*found];
    const std::size_t place = std::min(draft.text.find(name), draft.text.size());
    std::string way(segment);
    way += name == segment ? " -> " : " -> " + name + " -> ";
    draft.compiled.diagnostics.push_back(
        {.code = "segment_cycle",
         .file = "",
         .position = position_at(draft.text, place == draft.text.size() ? 0 : place),
         .length = static_cast<int>(name.size()),
         .message =
             "segments may not refer to each other in a circle: " + way + std::string(segment)});
    draft.compiled.condition.reset();
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
    draft.compiled = compile_condition(desk, draft.text);
    refuse_circle(desk, segment, draft);
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
