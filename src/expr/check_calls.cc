#include <algorithm>

#include "base/time.h"
#include "expr/checking.h"
#include "expr/exact_span.h"
#include "expr/limits.h"
#include "expr/pattern.h"

namespace winback::expr {
namespace {

bool takes_field(Function function) {
    switch (function) {
        case Function::Sum:
        case Function::Avg:
        case Function::Min:
        case Function::Max:
        case Function::Distinct:
        case Function::First:
        case Function::Last:
            return true;
        default:
            return false;
    }
}

// A name that no lambda may give to its variable.
bool is_taken(std::string_view name) {
    return name == "user" || name == "now" || name == "epoch";
}

}  // namespace

bool Checker::arguments_fit(const Node& node, const FunctionInfo& info, std::size_t first) {
    const std::size_t count = node.children.size() - first;
    const auto least = static_cast<std::size_t>(info.arguments);
    const std::size_t most = least + static_cast<std::size_t>(info.optional);
    if (count >= least && count <= most) {
        return true;
    }
    if (count > most && comma_in_number(node, first)) {
        return false;
    }
    error("wrong_argument_count", node.focus,
          "'" + std::string(info.name) + "' takes " + std::to_string(least) +
              (most > least ? " or " + std::to_string(most) : "") +
              (most == 1 ? " argument, " : " arguments, ") + "here are " + std::to_string(count) +
              "; write " + std::string(info.use));
    return false;
}

const std::string* Checker::literal(NodeId id, std::string_view what) {
    const Node& node = ast_.nodes[id];
    if (node.kind == NodeKind::String && !node.text.empty()) {
        out_.types[id] = of(Kind::String);
        return &node.text;
    }
    if (node.kind == NodeKind::String) {
        error("empty_text", node.span,
              "this text is empty; write " + std::string(what) + " between the quotes");
    } else if (node.kind == NodeKind::List && node.children.empty()) {
        error("empty_list", node.span,
              "this list is empty; write " + std::string(what) + " in quotes, or several");
    } else if (node.kind != NodeKind::Error) {
        error("literal_expected", node.span,
              "write " + std::string(what) + " in quotes: it must be known before evaluating");
    }
    return nullptr;
}

std::vector<std::string> Checker::literals(NodeId id, std::string_view what) {
    const Node& node = ast_.nodes[id];
    std::vector<std::string> texts;
    const bool is_list = node.kind == NodeKind::List && !node.children.empty();
    const std::vector<NodeId> items = is_list ? node.children : std::vector<NodeId>{id};
    for (const NodeId item : items) {
        if (const std::string* text = literal(item, what)) {
            texts.push_back(*text);
        }
    }
    return texts;
}

std::optional<CalendarStep> Checker::step(NodeId id) {
    const std::string* text = literal(id, "the span of time");
    if (text == nullptr) {
        return std::nullopt;
    }
    Result<CalendarStep> parsed = parse_calendar_step(*text);
    if (!parsed) {
        error("bad_span", ast_.nodes[id].span, parsed.error().message);
        return std::nullopt;
    }
    return *parsed;
}

void Checker::known(NodeId id,
                    const std::string& name,
                    const std::vector<std::string>& names,
                    std::string_view what) {
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end()) {
        return;
    }
    std::string message = "unknown " + std::string(what) + " '" + name.substr(0, 60) + "'";
    const std::string_view near = nearest(name, names);
    if (!near.empty()) {
        message += "; did you mean '" + std::string(near) + "'?";
    } else if (what != "segment") {  // Of these there are a few, which are always the same.
        message += "; there are";
        for (const std::string& one : names) {
            message += (&one == &names.front() ? " " : ", ") + one;
        }
    }
    error("unknown_" + std::string(what), ast_.nodes[id].span, std::move(message));
}

Type Checker::call(NodeId id) {
    const Node& node = ast_.nodes[id];
    const FunctionInfo* info = find_global(node.text);
    if (info == nullptr) {
        for (const NodeId child : node.children) {
            visit(child);
        }
        std::string hint = suggest_global(node.text);
        if (hint.empty() && find_method(node.text) != nullptr) {
            hint = "; it follows a value and a dot: " + std::string(find_method(node.text)->use);
        }
        return error("unknown_function", node.focus,
                     "unknown function '" + node.text.substr(0, 60) + "'" + hint);
    }
    out_.notes[id].meaning = Meaning::Function;
    out_.notes[id].function = info->function;
    if (!arguments_fit(node, *info, 0)) {
        return of(Kind::Error);
    }
    return global(id, *info);
}

Type Checker::global(NodeId id, const FunctionInfo& info) {
    const NodeId argument = ast_.nodes[id].children[0];
    switch (info.function) {
        case Function::Ev:
        case Function::Sent:
            return event_source(id, info);
        case Function::Ago:
        case Function::Dur:
        case Function::Timestamp:
        case Function::Duration:
            return time_function(id, info);
        case Function::Has:
            return has(argument);
        case Function::ToInt:
        case Function::ToUint:
        case Function::ToDouble:
        case Function::ToString:
        case Function::ToBytes:
        case Function::ToBool:
        case Function::Dyn:
            return conversion(id, info);
        case Function::Day:
            return part(id, TimePart::Date, argument, visit(argument), 1);
        case Function::Hour:
            return part(id, TimePart::Hours, argument, visit(argument), 1);
        case Function::Size:
        case Function::Matches: {
            const Type type = still(argument);
            return text_method(id, info, type);
        }
        default:
            return membership(id, info);
    }
}

Type Checker::has(NodeId argument) {
    const NodeKind kind = ast_.nodes[argument].kind;
    if (kind != NodeKind::Select && kind != NodeKind::Index) {
        return error("type_mismatch", ast_.nodes[argument].span,
                     "has(..) asks for a trait or a property: has(user.plan)");
    }
    still(argument);
    return of(Kind::Bool);
}

Type Checker::event_source(NodeId id, const FunctionInfo& info) {
    const NodeId argument = ast_.nodes[id].children[0];
    if (!variables_.empty()) {
        return error("nested_events", ast_.nodes[id].span,
                     "events cannot be asked for inside where(..) or a list function");
    }
    Note& note = out_.notes[id];
    if (info.function == Function::Sent) {
        if (const std::string* name = literal(argument, "the campaign")) {
            note.names = {*name};
            if (*name != "*" && schema_.seen) {
                seen(argument, *name, schema_.seen->campaigns, "campaign");
            }
        }
        return of(Kind::Events);
    }
    note.names = event_names(argument);
    return of(Kind::Events);
}

std::vector<std::string> Checker::event_names(NodeId argument) {
    std::vector<std::string> names = literals(argument, "the event's name");
    const Node& node = ast_.nodes[argument];
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string& name = names[i];
        const std::size_t star = name.find('*');
        const bool good = star == std::string::npos || name == "*" ||
                          (star + 1 == name.size() && name.ends_with(".*"));
        const NodeId at = node.kind == NodeKind::List ? node.children[i] : argument;
        if (!good) {
            error("bad_event_pattern", ast_.nodes[at].span,
                  "a star may stand alone or after a dot at the end: \"*\", \"cart.*\"");
        } else {
            seen_event(at, name);
        }
    }
    // The same set of names is one set, however it is written.
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

Type Checker::time_function(NodeId id, const FunctionInfo& info) {
    const NodeId argument = ast_.nodes[id].children[0];
    Note& note = out_.notes[id];
    if (info.function == Function::Ago || info.function == Function::Dur) {
        const bool is_ago = info.function == Function::Ago;
        Type type = of(is_ago ? Kind::Time : Kind::Duration);
        const std::optional<CalendarStep> span = step(argument);
        note.meaning = is_ago ? Meaning::Ago : Meaning::Step;
        note.step = span.value_or(CalendarStep{});
        const bool calendar = note.step.months != 0 || note.step.days != 0;
        type.calendar = !is_ago && calendar;
        if (is_ago) {
            type.motion = calendar ? Motion::Calendar : Motion::Exact;
        }
        return type;
    }
    const bool is_time = info.function == Function::Timestamp;
    if (ast_.nodes[argument].kind != NodeKind::String) {
        return read_when_evaluated(id, is_time ? Kind::Time : Kind::Duration);
    }
    const std::string* text = literal(argument, is_time ? "the time" : "the duration");
    note.meaning = Meaning::Constant;
    if (text == nullptr) {
        return of(Kind::Error);
    }
    if (is_time) {
        Result<winback::Timestamp> parsed = parse_iso8601(*text);
        if (!parsed) {
            return error("bad_timestamp", ast_.nodes[argument].span, parsed.error().message);
        }
        note.constant = *parsed;
        return of(Kind::Time);
    }
    const Result<std::int64_t> span = parse_exact_span(*text);
    if (!span || *span % nanoseconds_per_millisecond != 0) {
        return error("bad_span", ast_.nodes[argument].span,
                     "duration(..) takes h, m, s and ms, such as \"1h30m\"; dur(..) takes days and "
                     "more");
    }
    note.constant = winback::Duration{*span / nanoseconds_per_millisecond};
    return of(Kind::Duration);
}

Type Checker::membership(NodeId id, const FunctionInfo& info) {
    const NodeId argument = ast_.nodes[id].children[0];
    Note& note = out_.notes[id];
    if (info.function == Function::InAny) {
        note.names = literals(argument, "the segment");
        const Node& listed = ast_.nodes[argument];
        const bool is_list = listed.kind == NodeKind::List && !listed.children.empty();
        for (const NodeId item : is_list ? listed.children : std::vector<NodeId>{argument}) {
            if (ast_.nodes[item].kind == NodeKind::String && !ast_.nodes[item].text.empty()) {
                known(item, ast_.nodes[item].text, schema_.segments, "segment");
            }
        }
        return of(Kind::Bool);
    }
    if (const std::string* name = literal(argument, "the name")) {
        note.name = *name;
    }
    if (note.name.empty()) {
        return of(Kind::Error);
    }
    Type changes = of(Kind::List);
    changes.element = Kind::Map;
    switch (info.function) {
        case Function::InSegment:
            known(argument, note.name, schema_.segments, "segment");
            return of(Kind::Bool);
        case Function::InList:
            if (schema_.seen) {
                seen(argument, note.name, schema_.seen->lists, "list");
            }
            return of(Kind::Bool);
        case Function::Score:
            known(argument, note.name, schema_.scores, "score");
            return of(Kind::Any);
        case Function::Consent:
            known(argument, note.name, schema_.channels, "channel");
            return of(Kind::String);
        default:
            known(argument, note.name, schema_.channels, "channel");
            return changes;
    }
}

Type Checker::method(NodeId id) {
    const Node& node = ast_.nodes[id];
    const NodeId target_id = node.children[0];
    const Type target = syntax(target_id);
    out_.types[target_id] = target;
    const FunctionInfo* info = find_method(node.text);
    if (info == nullptr) {
        return error(
            "unknown_function", node.focus,
            "unknown function '" + node.text.substr(0, 60) + "'" + suggest_method(node.text));
    }
    const bool of_events =
        info->group == FunctionGroup::Narrowing || info->group == FunctionGroup::Finish;
    if (target.kind == Kind::Error) {
        return of(Kind::Error);
    }
    if (of_events != (target.kind == Kind::Events)) {
        const std::string_view use = of_events ? "it follows ev(..) or sent(..)"
                                               : "finish the events first, such as .count()";
        return error("type_mismatch", node.focus,
                     "'" + node.text + "' does not apply to " +
                         std::string(kind_name(target.kind)) + "; " + std::string(use));
    }
    if (target.moves() && info->function != Function::Part) {
        refuse_movement(node.span, "compare the time itself");
        return of(Kind::Error);
    }
    out_.notes[id].meaning = Meaning::Function;
    out_.notes[id].function = info->function;
    if (!arguments_fit(node, *info, 1)) {
        return of(Kind::Error);
    }
    switch (info->group) {
        case FunctionGroup::Narrowing:
            return narrowing(id, *info);
        case FunctionGroup::Finish:
            return finish(id, *info);
        case FunctionGroup::Macro:
            return macro(id, *info, target);
        default:
            break;
    }
    return info->function == Function::Part
               ? part(id, part_named(node.text).value(), target_id, target, 1)
               : text_method(id, *info, target);
}

Type Checker::text_method(NodeId id, const FunctionInfo& info, Type target) {
    const Node& node = ast_.nodes[id];
    if (info.function == Function::Size) {
        const bool sized = target.kind == Kind::String || target.kind == Kind::Bytes ||
                           target.kind == Kind::List || target.kind == Kind::Map;
        if (!sized && !target.is_open()) {
            return error("type_mismatch", node.focus,
                         "a " + std::string(kind_name(target.kind)) + " has no size");
        }
        return of(Kind::Int);
    }
    if (target.kind != Kind::String && target.kind != Kind::Any) {
        return error(
            "type_mismatch", node.focus,
            "'" + node.text + "' applies to texts, not to " + std::string(kind_name(target.kind)));
    }
    if (info.function == Function::Matches) {
        const Node& argument = ast_.nodes[node.children[1]];
        // An empty pattern is one that every text matches.
        const std::string* pattern = argument.kind == NodeKind::String
                                         ? &argument.text
                                         : literal(node.children[1], "the pattern");
        const std::string problem = pattern == nullptr ? "" : pattern_problem(*pattern);
        if (!problem.empty()) {
            error("bad_pattern", ast_.nodes[node.children[1]].span, problem);
        }
        return of(Kind::Bool);
    }
    const Type argument = still(node.children[1]);
    if (argument.kind != Kind::String && !argument.is_open()) {
        error("type_mismatch", ast_.nodes[node.children[1]].span,
              "'" + node.text + "' takes a text, not " + std::string(kind_name(argument.kind)));
    }
    return of(Kind::Bool);
}

void Checker::time_argument(NodeId id) {
    const Type type = visit(id);
    if (type.kind != Kind::Time && !type.is_open()) {
        error("type_mismatch", ast_.nodes[id].span,
              "a time is needed here, such as ago(\"90d\"), not " +
                  std::string(kind_name(type.kind)));
    }
}

Type Checker::narrowing(NodeId id, const FunctionInfo& info) {
    const Node& node = ast_.nodes[id];
    Note& note = out_.notes[id];
    std::size_t count = 0;
    for (NodeId at = id; ast_.nodes[at].kind == NodeKind::Method; at = ast_.nodes[at].children[0]) {
        ++count;
    }
    if (count == narrowings_max + 1) {
        error("too_many_narrowings", node.focus,
              "events may be narrowed at most " + std::to_string(narrowings_max) + " times");
    }
    switch (info.function) {
        case Function::Within:
            note.step = step(node.children[1]).value_or(CalendarStep{});
            break;
        case Function::Where: {
            Type event = of(Kind::Event);
            event.sent = out_.notes[source_of(id)].function == Function::Sent;
            lambda(node.children[1], node.children[2], event, true);
            break;
        }
        case Function::Then: {
            note.names = event_names(node.children[1]);
            note.step = step(node.children[2]).value_or(CalendarStep{});
            break;
        }
        default:
            for (std::size_t i = 1; i < node.children.size(); ++i) {
                time_argument(node.children[i]);
            }
    }
    seen_window(node);
    return of(Kind::Events);
}

NodeId Checker::source_of(NodeId method) const {
    NodeId source = method;
    while (ast_.nodes[source].kind == NodeKind::Method) {
        source = ast_.nodes[source].children[0];
    }
    return source;
}

Type Checker::finish(NodeId id, const FunctionInfo& info) {
    const Node& node = ast_.nodes[id];
    if (takes_field(info.function)) {
        if (out_.notes[source_of(id)].function == Function::Sent) {
            return error("type_mismatch", node.focus,
                         "sent messages have no properties; use count(), any() or last_time()");
        }
        if (const std::string* field = literal(node.children[1], "the property")) {
            out_.notes[id].name = *field;
        }
    }
    Type type = of(Kind::Any);
    switch (info.function) {
        case Function::Count:
        case Function::Distinct:
        case Function::DaysActive:
            type.kind = Kind::Int;
            break;
        case Function::Any:
        case Function::None:
            type.kind = Kind::Bool;
            break;
        case Function::Sum:
        case Function::Avg:
            type.kind = Kind::Double;
            break;
        case Function::LastTimeOr: {
            const Type other = still(node.children[1]);
            if (other.kind != Kind::Time && !other.is_open()) {
                error("type_mismatch", ast_.nodes[node.children[1]].span,
                      "a time is needed here, such as epoch");
            }
            type.kind = Kind::Time;
            break;
        }
        case Function::FirstTime:
        case Function::LastTime:
            type.kind = Kind::Time;
            break;
        case Function::SinceLast:
            type.kind = Kind::Duration;
            type.motion = Motion::Now;
            break;
        case Function::MedianGap:
        case Function::MeanGap:
            type.kind = Kind::Duration;
            break;
        default:
            break;
    }
    return type;
}

void Checker::lambda(NodeId variable, NodeId body, Type type, bool is_condition) {
    const Node& node = ast_.nodes[variable];
    if (node.kind != NodeKind::Identifier || is_taken(node.text)) {
        error("variable_expected", node.span,
              "a name for the item is needed here, such as e in where(e, e.total > 100)");
        return;
    }
    if (variables_.size() >= static_cast<std::size_t>(lambda_depth_max)) {
        error("too_deep", node.span,
              "list functions may be nested at most " + std::to_string(lambda_depth_max) + " deep");
        return;
    }
    variables_.push_back({node.text, type});
    if (is_condition) {
        condition(body);
    } else {
        still(body);
    }
    variables_.pop_back();
}

Type Checker::macro(NodeId id, const FunctionInfo& info, Type target) {
    const Node& node = ast_.nodes[id];
    if (target.kind != Kind::List && target.kind != Kind::Map && target.kind != Kind::Any) {
        return error(
            "type_mismatch", node.focus,
            "'" + node.text + "' applies to lists, not to " + std::string(kind_name(target.kind)));
    }
    const bool is_map = info.function == Function::Map;
    Type item = of(target.kind == Kind::List ? target.element : Kind::Any);
    item.kind = item.kind == Kind::Null ? Kind::Any : item.kind;
    const NodeId body = node.children.back();
    if (body != node.children[2]) {
        lambda(node.children[1], node.children[2], item, true);
    }
    lambda(node.children[1], body, item, !is_map);
    if (info.function == Function::Filter) {
        Type type = of(Kind::List);
        type.element = item.kind;
        return type;
    }
    if (is_map) {
        Type type = of(Kind::List);
        holdable(body, out_.types[body]);
        type.element = out_.types[body].kind;
        return type;
    }
    return of(Kind::Bool);
}

}  // namespace winback::expr
