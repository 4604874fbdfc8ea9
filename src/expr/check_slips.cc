#include <algorithm>
#include <array>

#include "base/diagnostic.h"
#include "expr/checking.h"
#include "expr/slips.h"

namespace winback::expr {
namespace {

bool holds(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

// "; did you mean 'x'?" or nothing.
std::string suggestion(std::string_view near) {
    return near.empty() ? "" : "; did you mean '" + std::string(near) + "'?";
}

// Whether a moment that lies one step before now is never earlier than one that lies the other.
bool is_never_earlier(const CalendarStep& a, const CalendarStep& b) {
    if (a.months <= b.months && a.days <= b.days && a.ms <= b.ms) {
        return true;
    }
    constexpr std::int64_t hour_ms = 3'600'000;
    const std::int64_t longest = (std::int64_t{a.months} * 31 + a.days) * 25 * hour_ms + a.ms;
    const std::int64_t shortest = (std::int64_t{b.months} * 28 + b.days) * 23 * hour_ms + b.ms;
    return longest <= shortest;
}

}  // namespace

void Checker::seen(NodeId id,
                   const std::string& name,
                   const std::vector<std::string>& names,
                   std::string_view what) {
    if (!holds(names, name)) {
        reporter_.warning("unknown_" + std::string(what), ast_.nodes[id].span,
                          "there is no " + std::string(what) + " '" + name.substr(0, 60) + "' yet" +
                              suggestion(nearest(name, names)));
    }
}

std::string Checker::name_hint(const std::string& name) const {
    const auto of_user = [](std::string_view trait) { return "user." + std::string(trait); };
    if (holds(trait_names_, name)) {
        const std::string property = property_hint(name);
        return property.empty() ? "write " + of_user(name)
                                : property + ", " + of_user(name) + " for the customer's trait";
    }
    if (is_word_null(name)) {
        return "did you mean 'null'?";
    }
    std::vector<std::string> names{"user", "now", "epoch", "true", "false", "null"};
    for (const Variable& known_variable : variables_) {
        names.push_back(known_variable.name);
    }
    const std::size_t values = names.size();
    for (const FunctionInfo& info : all_functions()) {
        if (info.group == FunctionGroup::Global) {
            names.emplace_back(info.name);
        }
    }
    const std::size_t others = names.size();
    names.insert(names.end(), trait_names_.begin(), trait_names_.end());
    const std::string near(nearest(name, names));
    const auto at =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), near) - names.begin());
    if (at < values) {
        return "did you mean '" + near + "'?";
    }
    if (at < others) {
        return (near == name ? "write " : "did you mean ") + std::string(find_global(near)->use) +
               (near == name ? "" : "?");
    }
    if (const std::string property = property_hint(name); !property.empty()) {
        return property + ", \"" + name.substr(0, 60) + "\" for a text";
    }
    return at < names.size() ? "did you mean " + of_user(near) + "?"
                             : "traits are written user.<trait>, texts in quotes";
}

// Within where(e, ..), and for the parts of an item of a list.
std::string Checker::property_hint(const std::string& name) const {
    if (variables_.empty()) {
        return "";
    }
    const auto& [variable, type] = variables_.back();
    const std::string path = variable + "." + name.substr(0, 60);
    if (type.kind == Kind::Event) {
        return type.sent ? "write " + variable + ".time for when the message was sent"
                         : "write " + path + " for the event's property";
    }
    const bool has_parts = type.kind == Kind::Any || type.kind == Kind::Map;
    return has_parts ? "write " + path + " for a part of the item" : "";
}

std::string Checker::bare_date(const Node& node) const {
    const bool joins = node.op == BinaryOp::Subtract || node.op == BinaryOp::Divide;
    const Node& months = ast_.nodes[node.children[0]];
    if (!joins || months.kind != NodeKind::Binary || months.op != node.op) {
        return "";
    }
    const std::array<const Node*, 3> parts{&ast_.nodes[months.children[0]],
                                           &ast_.nodes[months.children[1]],
                                           &ast_.nodes[node.children[1]]};
    std::string date;
    std::uint32_t next = parts[0]->span.begin;
    for (const Node* part : parts) {
        const std::size_t width = date.empty() ? 4 : 2;
        const std::string digits = std::to_string(part->integer);
        const std::uint32_t size = part->span.end - part->span.begin;
        if (part->kind != NodeKind::Int || part->integer < 0 || part->span.begin != next ||
            size != width || digits.size() > width) {
            return "";
        }
        date += (date.empty() ? "" : "-") + std::string(width - digits.size(), '0') + digits;
        next = part->span.end + 1;
    }
    return date;
}

bool Checker::comma_in_number(const Node& node, std::size_t first) {
    for (std::size_t i = first + 1; i < node.children.size(); ++i) {
        const Node& behind = ast_.nodes[node.children[i]];
        const Node* before = &ast_.nodes[node.children[i - 1]];
        while (!before->children.empty()) {
            before = &ast_.nodes[before->children.back()];
        }
        constexpr std::uint32_t group = 3;
        if (behind.kind != NodeKind::Int || behind.span.end - behind.span.begin != group ||
            before->kind != NodeKind::Int || before->span.end + 1 != behind.span.begin) {
            continue;
        }
        const std::string digits = std::to_string(behind.integer);
        const std::string rest =
            std::string(group - std::min<std::size_t>(group, digits.size()), '0') + digits;
        const std::string whole = std::to_string(before->integer);
        error("unexpected_token", {before->span.begin, behind.span.end},
              "'" + whole + "," + rest + "' has no meaning here; write " + whole + rest);
        return true;
    }
    return false;
}

void Checker::more_than_kept(const Node& node) {
    const Node* asked = &ast_.nodes[node.children[0]];
    const Node& number = ast_.nodes[node.children[1]];
    const bool counts = asked->kind == NodeKind::Method && asked->text == "count";
    const bool more = node.op == BinaryOp::Greater ? number.integer >= schema_.events_kept
                      : node.op == BinaryOp::GreaterEqual || node.op == BinaryOp::Equal
                          ? number.integer > schema_.events_kept
                          : false;
    if (schema_.events_kept == 0 || !counts || number.kind != NodeKind::Int || !more) {
        return;
    }
    while (asked->kind == NodeKind::Method) {
        asked = &ast_.nodes[asked->children[0]];
    }
    if (asked->kind != NodeKind::Call || asked->text != "ev" || asked->children.empty()) {
        return;
    }
    const Node& name = ast_.nodes[asked->children[0]];
    if (name.kind == NodeKind::String && !name.text.ends_with("*")) {  // One name.
        reporter_.warning("more_than_kept", number.span,
                          "of one customer the newest " + std::to_string(schema_.events_kept) +
                              " events of a name are counted, so this holds for nobody");
    }
}

void Checker::seen_event(NodeId id, const std::string& name) {
    if (!schema_.seen || schema_.seen->events.empty()) {
        return;
    }
    const std::vector<std::string>& events = schema_.seen->events;
    if (!name.ends_with("*")) {
        seen(id, name, events, "event");
        return;
    }
    const std::string prefix = name.substr(0, name.size() - 1);
    if (std::none_of(events.begin(), events.end(),
                     [&](const std::string& event) { return event.starts_with(prefix); })) {
        reporter_.warning("unknown_event", ast_.nodes[id].span,
                          "no event begins with '" + prefix.substr(0, 60) + "' yet");
    }
}

void Checker::seen_trait(NodeId id, const std::string& name) {
    if (!schema_.seen || schema_.seen->attributes.empty()) {
        return;
    }
    const std::vector<std::string>& attributes = schema_.seen->attributes;
    const std::string root = name.substr(0, name.find('.'));
    if (holds(attributes, name) || holds(attributes, root)) {
        return;
    }
    std::vector<std::string> all = trait_names_;
    all.insert(all.end(), attributes.begin(), attributes.end());
    std::string near(nearest(name, all));
    if (near.empty() && root != name) {
        near = nearest(root, attributes);
        near += near.empty() ? "" : name.substr(root.size());
    }
    reporter_.warning("unknown_trait", ast_.nodes[id].span,
                      "nobody has a trait '" + name.substr(0, 60) + "' yet" +
                          (near.empty() ? "" : "; did you mean user." + near.substr(0, 60) + "?"));
}

void Checker::seen_window(const Node& narrowing) {
    const auto note = [&](std::size_t child) -> const Note& {
        return out_.notes[narrowing.children[child]];
    };
    if (narrowing.text == "within" && ast_.nodes[narrowing.children[1]].kind == NodeKind::String) {
        const auto span = parse_calendar_step(ast_.nodes[narrowing.children[1]].text);
        if (span && *span == CalendarStep{}) {
            reporter_.warning("empty_window", ast_.nodes[narrowing.children[1]].span,
                              "nothing lies in a window without length; write a span such as "
                              "\"90d\"");
        }
        return;
    }
    if (narrowing.text != "between") {
        return;
    }
    const auto is_past = [&](std::size_t child) {
        return note(child).meaning == Meaning::Ago || note(child).meaning == Meaning::Now;
    };
    const auto moment = [&](std::size_t child) {
        return note(child).meaning == Meaning::Constant ? note(child).constant.as_time() : nullptr;
    };
    const bool moving = is_past(1) && is_past(2) && is_never_earlier(note(1).step, note(2).step);
    const bool fixed = moment(1) != nullptr && moment(2) != nullptr && *moment(1) >= *moment(2);
    if (moving || fixed) {
        reporter_.warning("empty_window", narrowing.focus,
                          "nothing lies in this window: it ends before it begins; write the "
                          "earlier time first, such as between(ago(\"180d\"), ago(\"90d\"))");
    }
}

void Checker::consent_states(const Node& relation) {
    const auto is_consent = [&](NodeId id) {
        return out_.notes[id].meaning == Meaning::Function &&
               out_.notes[id].function == Function::Consent;
    };
    const std::vector<std::string> states{"granted", "denied", "unset"};
    const auto is_state = [&](NodeId id) {
        const Node& node = ast_.nodes[id];
        if (node.kind == NodeKind::String && !holds(states, node.text)) {
            error("unknown_consent", node.span,
                  "a consent is granted, denied or unset, never '" + node.text.substr(0, 60) + "'" +
                      suggestion(nearest(node.text, states)));
        }
    };
    const NodeId left = relation.children[0];
    const NodeId right = relation.children[1];
    if (is_consent(left)) {
        is_state(right);
        if (relation.op == BinaryOp::In && ast_.nodes[right].kind == NodeKind::List) {
            std::for_each(ast_.nodes[right].children.begin(), ast_.nodes[right].children.end(),
                          is_state);
        }
    } else if (is_consent(right)) {
        is_state(left);
    }
}

}  // namespace winback::expr
